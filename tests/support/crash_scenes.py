"""What a pass finds when it begins: three scenes, from nothing to a bit of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.plans import SMALL
from support.world import PLAN

from planbot.tracker.event import Event
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.world import World

TIED = (
    ("Nothing to add.", "Nothing to add.\n\n**Depends on**: 1.1\n**Owner**: @maya"),
    ("**Goal**: Lists are short.", "**Goal**: Lists are short.\n**Due**: 2031-01-31"),
)
NOTE = "Mind the old invoices.\n\n- [ ] a box of my own"


def first_sync(world: World) -> None:
    """Put a plan into the repository, beside things of people that look like planbot's."""
    world.person.create_issue("1.1 Store keys", "- [ ] mine", labels=("bug",))
    world.person.create_issue("Notes", "- [ ] mine as well", labels=("planbot",))
    world.person.create_milestone("Billing: Implementation Plan: Phase 1 – Foundation", "not planbot's")
    world.commit({PLAN: edited(SMALL, *TIED)})


def write_back(world: World) -> None:
    """Tick boxes in issues, and nothing else."""
    _sync_and_annotate(world)
    world.set_box("Phase 1", "the linter is quiet")
    world.set_box("Billing", "Who answers the phone?")


def ticked_by_event(world: World) -> None:
    """Tick boxes in issues, and let that start every pass: each looks at what was touched lately."""
    write_back(world)
    world.sync()
    world.sandbox.clock.advance(3600)
    world.set_box("Phase 2", "paging shows each order once")
    world.sync()
    world.sandbox.clock.advance(3600)
    world.set_box("Phase 1", "the page opens")
    world.set_box("Billing", "Who answers the phone?", ticked=False)
    world.event = Event("issues", "edited", UserRecord("maya", 2), issue=1)


def mixed(world: World) -> None:
    """Have a bit of everything to do on what was synced before."""
    _sync_and_annotate(world)
    mix(world)


def mix(world: World) -> None:
    """Tick on both sides, rename a task, remove one, add one, and complete a phase; change owner, day and ties."""
    plan = edited(
        SMALL,
        ("[ ] the tests pass", "[x] the tests pass"),
        ("#### 1.1 Store keys", "#### 1.1 Store all keys"),
        (
            "#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).",
            "#### 1.3 Log refusals\n\nIn one line.",
        ),
        ("Nothing to add.", "Nothing to add.\n\n**Depends on**: 1.3\n**Owner**: @planbot"),
        ("**Goal**: Lists are short.", "**Goal**: Lists are short.\n**Due**: 2031-02-28"),
    )
    world.commit({PLAN: plan})
    world.set_box("Phase 1", "the page opens")
    world.set_box("Phase 2", "paging shows each order once")
    world.person.update_issue(world.issue("2.1").number, state="closed", state_reason="completed")


def twin(world: World) -> None:
    """Have two issues of one item, ticked in both."""
    _sync_and_annotate(world)
    first = world.issue("Phase 1")
    body = first.body.replace("[ ] the page opens", "[x] the page opens")
    world.person.create_issue("Phase 1 again", body, labels=("planbot",))
    world.set_box("Phase 1: Foundation", "the tests pass")


SCENES: dict[str, Callable[[World], None]] = {
    "first sync": first_sync,
    "mixed": mixed,
    "twin": twin,
    "ticked, by event": ticked_by_event,
    "write-back": write_back,
}


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Return a plan with some of its texts replaced, each of which is there once."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _sync_and_annotate(world: World) -> None:
    first_sync(world)
    assert world.sync().complete
    for start in ("Phase 1", "1.2"):
        issue = world.issue(start)
        world.person.update_issue(
            issue.number, body=f"{NOTE}\n\n{issue.body}\n\n{NOTE}", labels=(*issue.labels, "ours")
        )
