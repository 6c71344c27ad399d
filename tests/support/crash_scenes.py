"""What a pass finds when it begins: three scenes, from nothing to a bit of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.plans import SMALL
from support.world import PLAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.world import World

NOTE = "Mind the old invoices.\n\n- [ ] a box of my own"


def first_sync(world: World) -> None:
    """Put a plan into the repository, beside things of people that look like planbot's."""
    world.person.create_issue("1.1 Store keys", "- [ ] mine", labels=("bug",))
    world.person.create_issue("Notes", "- [ ] mine as well", labels=("planbot",))
    world.person.create_milestone("Billing: Implementation Plan: Phase 1 – Foundation", "not planbot's")
    world.commit({PLAN: SMALL})


def write_back(world: World) -> None:
    """Tick boxes in issues, and nothing else."""
    _sync_and_annotate(world)
    world.set_box("Phase 1", "the linter is quiet")
    world.set_box("Billing", "Who answers the phone?")


def mixed(world: World) -> None:
    """Have a bit of everything to do on what was synced before."""
    _sync_and_annotate(world)
    mix(world)


def mix(world: World) -> None:
    """Tick on both sides, rename a task, remove one, add one, and complete a phase."""
    edited = SMALL
    for old, new in (
        ("[ ] the tests pass", "[x] the tests pass"),
        ("#### 1.1 Store keys", "#### 1.1 Store all keys"),
        (
            "#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).",
            "#### 1.3 Log refusals\n\nIn one line.",
        ),
    ):
        assert edited.count(old) == 1
        edited = edited.replace(old, new)
    world.commit({PLAN: edited})
    world.set_box("Phase 1", "the page opens")
    world.set_box("Phase 2", "paging shows each order once")
    world.person.update_issue(world.issue("2.1").number, state="closed", state_reason="completed")


SCENES: dict[str, Callable[[World], None]] = {
    "first sync": first_sync,
    "mixed": mixed,
    "write-back": write_back,
}


def _sync_and_annotate(world: World) -> None:
    first_sync(world)
    assert world.sync().complete
    for start in ("Phase 1", "1.2"):
        issue = world.issue(start)
        world.person.update_issue(
            issue.number, body=f"{NOTE}\n\n{issue.body}\n\n{NOTE}", labels=(*issue.labels, "ours")
        )
