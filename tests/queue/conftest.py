"""What tests of the queue may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from planbot.queue.database import Database
from planbot.queue.schema import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def opened(database: str) -> Iterator[Database]:
    """Open a database that is set up."""
    made = Database(database)
    set_up(made)
    yield made
    made.close()
