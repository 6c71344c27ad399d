"""What a change set would cost, held against what it then costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from report.passes import change
from support.memory_world import MemoryWorld
from support.plans import SMALL
from support.world import PLAN

from planbot.report.forecast import forecast
from planbot.sandbox.graphql_query import creations
from planbot.sync.changes import LinkChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.world import World

    from planbot.sandbox.record import Request


def test_a_first_pass_writes_as_often_as_was_foretold(world: World) -> None:
    world.commit({PLAN: SMALL})
    foretold = forecast(world.diff().changes, pace=2)
    assert (foretold.issues, foretold.milestones, foretold.notifications) == (6, 2, 6)
    world.sandbox.clear_requests()
    world.sync()
    assert sum(map(written, world.sandbox.requests)) == foretold.writes
    assert foretold.seconds == 2 * foretold.writes


def written(sent: Request) -> int:
    """Return how much a request writes."""
    return creations(sent.body) if sent.path == "/graphql" else int(sent.method != "GET")


@pytest.mark.parametrize(
    ("phases", "tasks", "minutes"), [(22, 477, (17, 9)), (20, 500, (63, 63)), (10, 240, (9, 4))]
)
def test_what_a_first_sync_takes_in_minutes(phases: int, tasks: int, minutes: tuple[int, int]) -> None:
    world = MemoryWorld()
    world.write("\n".join(large(phases, tasks)))
    changes = world.reconcile().changes
    after = forecast(changes, pace=1)
    assert after.issues == 1 + phases + tasks
    assert after.writes <= 1.1 * tasks
    links = sum(isinstance(one, LinkChange) for one in changes)
    before = max(after.seconds, after.writes + links)
    print(
        f"{tasks} tasks in {phases} phases: {before / 60:.1f} min one by one, {after.seconds / 60:.1f} min together"
    )
    assert (round(before / 60), round(after.seconds / 60)) == minutes


def large(phases: int, tasks: int) -> Iterator[str]:
    yield "# Big: Implementation Plan\n"
    for phase in range(1, phases + 1):
        yield f"### Phase {phase}: Part {phase}\n\n**Goal**: All of part {phase}.\n"
        for task in range(phase, tasks + 1, phases):
            yield f"#### {phase}.{task} Build {task}\n\nText of {task}.\n"


def test_an_edited_and_a_removed_task_write_as_often_as_was_foretold(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    removed = SMALL.replace("#### 2.1 Page by cursor\n\nNothing to add.\n\n", "")
    world.commit({PLAN: removed.replace("Keys are forgotten", "Keys are lost")})
    foretold = forecast(world.diff().changes, pace=0)
    assert (foretold.issues, foretold.milestones) == (0, 0)
    assert foretold.notifications == 2, "a comment, and that the issue is closed"
    assert world.sync().requests.write == foretold.writes


def test_nothing_costs_nothing() -> None:
    nothing = forecast((), pace=1)
    assert (nothing.issues, nothing.writes, nothing.seconds, nothing.notifications) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("writes", "said"), [(1, "about 1 minute"), (90, "about 2 minutes"), (600, "about 10 min")]
)
def test_minutes_follow_from_the_pace(writes: int, said: str) -> None:
    changes = [change("update", "task", str(number)) for number in range(writes)]
    assert said in str(forecast(changes, pace=1))
