"""One item with its checks on both sides, to merge and to settle."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.plan.reader import read_plan
from planbot.sync.agreed import AgreedCheck, AgreedItem
from planbot.sync.body import boxes_of, compose, emptied
from planbot.sync.desired import Desired, desire
from planbot.sync.inline import Place
from planbot.sync.merge import Matched
from planbot.sync.options import FileOptions, IssueOptions
from planbot.tracker.marker import Managed, Marker, digest, split, wrap
from planbot.tracker.records import IssueRecord, State, StateReason

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = Place("https://github.test/octo/plans", "main", "PLAN.md")
NOW = "2026-01-01T00:00:00Z"


def listed(checks: Sequence[tuple[str, bool]]) -> str:
    """Return checks as Markdown, a line each."""
    return "\n".join(f"- [{'x' if ticked else ' '}] {text}" for text, ticked in checks)


def item(*checks: tuple[str, bool]) -> Desired:
    """Return the phase of a plan that has these checks."""
    text = f"# A plan\n\n## Phase 1: One\n\n### Phase 1 Verification\n\n{listed(checks)}\n\n### 1.1 Task\n\nText.\n"
    plan = read_plan("PLAN.md", text.encode())
    made = desire(plan, FileOptions(issues=IssueOptions(finished="import")), PLACE)
    return next(one for one in made.items if one.kind == "phase")


def own_box(*, ticked: bool) -> Desired:
    """Return a task that is a checkbox itself."""
    text = f"# Tasks\n\n## 1. One\n\n{listed([('1.1 Store keys', ticked)])}\n"
    plan = read_plan("openspec/changes/x/tasks.md", text.encode())
    made = desire(plan, FileOptions(issues=IssueOptions(task="all", finished="import")), PLACE)
    return next(one for one in made.items if one.box is not None)


def body(
    *checks: tuple[str, bool],
    ticks: str | None = None,
    stamp: str = "s1",
    retired: bool = False,
    text: str | None = None,
) -> str:
    """Return an issue's body with these checks; `ticks` are the plan's when it was written."""
    block = compose(text if text is not None else listed(checks), PLACE, None)
    ticks = "0" * len(boxes_of(block)) if ticks is None else ticks
    marker = Marker("PLAN.md", "phase:1", "u1", digest(emptied(block)), ticks, stamp, retired)
    return wrap(marker, block)


def issue(text: str = "", *, state: State = "open", reason: StateReason | None = None) -> IssueRecord:
    """Return an issue, number 7, with this body."""
    return IssueRecord(
        number=7,
        id=1007,
        title="Phase 1: One",
        body=text,
        state=state,
        state_reason=reason,
        labels=("planbot",),
        milestone=None,
        assignees=(),
        author="planbot",
        created_at=NOW,
        updated_at=NOW,
        html_url="https://github.test/octo/plans/issues/7",
    )


def base(*checks: tuple[str, bool], stamp: str = "s1", box: bool | None = None) -> AgreedItem:
    """Return what was agreed on: checks of no group, or a task's own box."""
    return AgreedItem(
        "u1",
        "phase" if box is None else "task",
        "phase:1",
        "1",
        "One",
        issue=7,
        title="Phase 1: One",
        checks=tuple(AgreedCheck(None, text, ticked) for text, ticked in checks),
        box=None if box is None else AgreedCheck(None, "Store keys", box),
        stamp=stamp,
        updated_at=NOW,
    )


def matched(
    desired: Desired,
    agreed: AgreedItem | None = None,
    record: IssueRecord | None = None,
    *,
    trusted: bool = True,
) -> Matched:
    """Return an item with what is known of it."""
    managed = split(record.body) if record else None
    one = Matched("PLAN.md", desired, "u1", agreed, record, trusted=trusted)
    return replace(one, managed=managed) if isinstance(managed, Managed) else one
