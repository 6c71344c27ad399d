"""`planbot serve --queue` and `planbot worker` as processes, over a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from service.serving import started, write_settings
from support.plans import SMALL
from support.world import PLAN

if TYPE_CHECKING:
    from support.world import World


@pytest.fixture
def queue(database: str) -> str:
    """Return the address of a database that is set up."""
    subprocess.run(
        [sys.executable, "-m", "planbot", "queue", "setup", "--quiet", "--queue", database], check=True
    )
    return database


def test_what_serve_asks_for_a_worker_does(world: World, queue: str) -> None:
    world.commit({PLAN: SMALL})
    settings = write_settings(world)
    with (
        started(world, "serve", "--settings", settings, PLANBOT_QUEUE=queue) as serve,
        started(world, "worker", "--settings", settings, PLANBOT_QUEUE=queue) as worker,
    ):
        worker.until_passes(1)
        serve.end()
        worker.end()
    assert worker.passes() == ["changed"]
    assert serve.passes() == []
