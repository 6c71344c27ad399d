"""What a change set would cost, held against what it then costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from report.passes import change
from support.plans import SMALL
from support.world import PLAN

from planbot.report.forecast import forecast

if TYPE_CHECKING:
    from support.world import World


def test_a_first_pass_writes_as_often_as_was_foretold(world: World) -> None:
    world.commit({PLAN: SMALL})
    foretold = forecast(world.diff().changes, pace=2)
    assert (foretold.issues, foretold.milestones, foretold.notifications) == (6, 2, 6)
    done = world.sync()
    assert done.requests.write == foretold.writes
    assert foretold.seconds == 2 * foretold.writes


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
