"""What tests of the service may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from service.hooks import Fronted, fronted

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def served() -> Iterator[Fronted]:
    """Serve webhooks and pages."""
    with fronted() as serving:
        yield serving
