"""What a pass finds when it begins and its branch takes pull requests alone: seven scenes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.plans import SMALL
from support.world import PLAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.protected import Protected

FIRST, SECOND = "the tests pass", "the linter is quiet"


def opens(world: Protected) -> None:
    """Have a tick that the branch will not take."""
    world.commit({PLAN: SMALL})
    assert world.sync().complete
    world.set_box("Phase 1", FIRST)


def proposed(world: Protected) -> None:
    opens(world)
    assert world.sync().write_back.action == "opened"


def updates(world: Protected) -> None:
    """Have a further tick, and one of the plan's that goes to an issue."""
    proposed(world)
    world.set_box("Phase 1", SECOND)
    world.edit("[ ] the page opens", "[x] the page opens")


def merged(world: Protected) -> None:
    """Have the pull request merged, its box unticked since, and another one ticked."""
    proposed(world)
    world.merge("squash")
    world.set_box("Phase 1", FIRST, ticked=False)
    world.set_box("Phase 1", SECOND)


def closed(world: Protected) -> None:
    """Have the pull request closed, and a new tick."""
    proposed(world)
    world.close_pull()
    world.set_box("Phase 1", SECOND)


def withdraws(world: Protected) -> None:
    """Have the only tick taken back."""
    proposed(world)
    world.set_box("Phase 1", FIRST, ticked=False)


def taken_out(world: Protected) -> None:
    """Have a box set back on the branch by a person, and a new tick to put on top."""
    proposed(world)
    world.edit_proposal(f"[x] {FIRST}", f"[ ] {FIRST}")
    world.set_box("Phase 1", SECOND)


def forbidden(world: Protected) -> None:
    """Have a tick that neither the branch nor a pull request will take."""
    world.act_for_a_workflow()
    world.allow_pull_requests(allowed=False)
    opens(world)


PROTECTED: dict[str, Callable[[Protected], None]] = {
    "opens": opens,
    "updates": updates,
    "merged": merged,
    "closed": closed,
    "withdraws": withdraws,
    "taken out": taken_out,
    "forbidden": forbidden,
}
