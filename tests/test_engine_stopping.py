"""A pass that is told to stop: it stops before the next change, records what it did, and the next one goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import PLAN, git

from planbot.engine import Engine, Means, Options
from planbot.guard import STOPPING
from planbot.repo.repository import JOURNAL_REF
from planbot.sync.reconcile import LAG

if TYPE_CHECKING:
    from support.world import World

    from planbot.report.result import PassResult


def stopped_after(world: World, changes: int) -> PassResult:
    """Run a pass that is told to stop once it has tried so many changes."""
    tried: list[str] = []
    means = Means(
        lambda: world.now,
        world.skip_time,
        lambda: f"stamp-{world.now}-{len(tried)}",
        lambda _: None,
        lambda _, __, text: tried.append(text),
        stopping=lambda: len(tried) >= changes,
    )
    with world.tracker(world.bot_token) as tracker:
        return Engine(world.repository(), tracker, Options(), means).sync()


@pytest.mark.parametrize("changes", [0, 1, 4, 6, 9])
def test_what_was_done_is_recorded_and_the_next_pass_does_the_rest(changes: int, world: World) -> None:
    world.commit({PLAN: SMALL})
    result = stopped_after(world, changes)
    assert result.out_of_time
    assert len(result.changes) <= changes
    assert all(STOPPING in one.why for one in result.undone)
    assert world.sync().complete
    assert len(world.issues()) == 6
    world.quiet()


def test_told_to_stop_while_lists_lag_it_writes_nothing_and_the_next_pass_waits(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    git(world.origin, "update-ref", "-d", JOURNAL_REF)
    world.sandbox.faults.lag_lists(3600)
    result = stopped_after(world, 0)
    assert result.out_of_time
    assert not result.complete
    assert result.problem == STOPPING
    assert JOURNAL_REF not in git(world.origin, "for-each-ref")
    world.on_sleep = world.sandbox.faults.clear
    world.sync()
    assert LAG in world.slept
    assert len(world.issues()) == 6
    world.quiet()
