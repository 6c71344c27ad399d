"""The base after the whole of a pass, or after a part of it: what both sides now have is agreed, the rest stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import AgreedCheck, AgreedItem, Farewell, Rewrite
from planbot.sync.changes import DuplicateChange, IssueChange, MilestoneChange, RetireChange
from planbot.sync.dependencies import agreed_blockers
from planbot.sync.ledger import Ledger
from planbot.sync.restore import signature
from planbot.sync.state import closer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planbot.sync.agreed import Waiting
    from planbot.sync.changes import Change, ChangeSet
    from planbot.sync.merge import Merged, MergedBox
    from planbot.tracker.records import IssueRecord


@dataclass(frozen=True, slots=True)
class Ticks:
    """Say what became of the ticks that go to the plan: `landed`, or why they wait, or neither yet."""

    landed: bool = False
    waiting: Waiting = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Hold what came of a write: the issue as the server has it now, and the stamp of a body that was written."""

    issue: IssueRecord
    stamp: str | None


def understood(changes: ChangeSet, ticks: Ticks) -> Ledger:
    """Return the base as read, before any tracker write: what the tracker has yet to be told is not in it."""
    ledger = Ledger(changes.base)
    ledger.refused = (changes.base.refused and not ticks.landed) or ticks.waiting == "refused"
    pending = {
        change.merged.matched.uid: change for change in changes.changes if isinstance(change, IssueChange)
    }
    numbers = {one.matched.uid: one.matched.issue.number for one in changes.items if one.matched.issue}
    for merged in changes.items:
        if item := settle(merged, pending.get(merged.matched.uid), None, ticks):
            ledger.put(merged.matched.path, item)
        _link(ledger, merged, numbers)
    for path, item in changes.gone:
        moved = tuple(move.held(ticks.waiting) for move in item.moved)
        ledger.put(path, replace(item, moved=moved))
    for uid in changes.unmade:
        ledger.drop(uid)
    for path, stone in changes.milestones:
        ledger.put_milestone(path, stone)
    return ledger


def _link(ledger: Ledger, merged: Merged, numbers: Mapping[str, int]) -> None:
    """Note an issue's parent where it is the wanted one already, whoever put it there."""
    issue = merged.matched.issue
    if merged.parent is None or issue is None or issue.parent is None or merged.matched.hands_off:
        return
    if issue.parent == numbers.get(merged.parent):
        ledger.link(merged.matched.uid, merged.parent)


def begin(ledger: Ledger, changes: ChangeSet, stamp: Callable[[], str], now: int) -> dict[str, str]:
    """Note every body that is about to be written, with the stamp that its marker will have; return these by uid.

    A pass that finds an item without a number knows by the stamp which issue is its, and what it was made from; one
    that finds a body announced looks for what it was written over. What is about to be closed is noted too: neither
    an issue nor a milestone tells for what it was closed, and a comment may be owed to it.
    """
    stamps = {}
    for change in changes.changes:
        match change:
            case IssueChange(action="create", merged=merged):
                stamps[merged.matched.uid] = word = stamp()
                ledger.put(change.path, _promised(merged, word, now))
            case IssueChange(body=True, merged=merged) if merged.matched.issue is not None:
                stamps[merged.matched.uid] = word = stamp()
                _announce(ledger, merged.matched.issue, word)
            case RetireChange(base=base, listed=listed):
                stamps[base.uid] = word = stamp()
                _announce(ledger, listed, word)
                ledger.farewells[listed.number] = Farewell(listed.number, word, now)
            case DuplicateChange(listed=listed, twin_of=twin_of):
                ledger.farewells[listed.number] = Farewell(listed.number, stamp(), now, twin_of)
        announce_close(ledger, change)
    return stamps


def _announce(ledger: Ledger, listed: IssueRecord, stamp: str) -> None:
    ledger.rewrites[stamp] = Rewrite(listed.number, stamp, signature(listed.body))


def announce_close(ledger: Ledger, change: Change, *, closed: bool = True) -> None:
    """Note that an issue or a milestone is about to be closed because all in it is done, or that it was not."""
    match change:
        case IssueChange(state="closed", merged=merged) if merged.own is None:
            item = ledger.item(merged.matched.uid)
            if item is not None:
                ledger.put(change.path, replace(item, closed=closed))
        case MilestoneChange(state="closed", base=base):
            stone = ledger.milestone(base.uid)
            if stone is not None:
                ledger.put_milestone(change.path, replace(stone, closed=closed))


def _promised(merged: Merged, stamp: str, now: int) -> AgreedItem:
    desired = merged.matched.desired
    return replace(
        _blank(merged),
        title=desired.title,
        labels=desired.labels,
        assignees=desired.assignees,
        unassigned=desired.strangers,
        milestone=merged.phase,
        box=AgreedCheck(None, merged.own.text, ticked=False) if merged.own else None,
        checks=tuple(AgreedCheck(box.group, box.text, box.plan) for box in merged.boxes),
        stamp=stamp,
        begun=now,
    )


def settle(
    merged: Merged, pending: IssueChange | None, written: Written | None, ticks: Ticks
) -> AgreedItem | None:
    """Return an item's base; None if it has no issue.

    `pending` is what its issue was to be told, `written` the outcome of telling it, None if that is not done.
    """
    matched = merged.matched
    issue = written.issue if written else matched.issue
    if issue is None or matched.hands_off:
        return matched.base
    done = pending is None or written is not None
    base = matched.base or _blank(merged)
    stamp = written.stamp if written else None
    item = replace(
        base,
        kind=matched.desired.kind,
        locator=matched.desired.locator,
        number=matched.desired.number,
        name=matched.desired.name,
        issue=issue.number,
        begun=0,
        checks=_checks(
            merged, ticks, shown=stamp is not None, kept=not done and bool(pending and pending.body)
        ),
        box=_own(merged, pending, ticks, written=written is not None),
        blocked_by=agreed_blockers(merged),
        moved=tuple(move.held(ticks.waiting) for move in merged.moved),
        sealed=False,
        stamp=stamp or (matched.managed.marker.stamp if matched.managed else base.stamp),
    )
    if done or matched.base is None:
        # what was never agreed on is a person's: with no base there is nothing else to tell
        item = _fields(item, merged, pending if done else None)
    closed_now = written is not None and pending is not None and pending.state == "closed"
    item = replace(item, closed_by=closer(item, issue, now=closed_now))
    # the time moves only with the base: a comment under an issue is no news for the journal
    return item if item == matched.base else replace(item, updated_at=issue.updated_at)


def _fields(item: AgreedItem, merged: Merged, change: IssueChange | None) -> AgreedItem:
    """Return the item with the fields that are now as the plan wants them, or were left to a person."""
    desired = merged.matched.desired
    complete, closed = item.complete, item.closed
    if merged.own is None and desired.kind != "task":
        complete = merged.complete
        if change and change.state is not None:
            closed = change.state == "closed"
        elif not complete:
            closed = False
    return replace(
        item,
        title=desired.title,
        labels=desired.labels,
        assignees=desired.assignees,
        unassigned=desired.strangers,
        milestone=merged.phase,
        complete=complete,
        closed=closed,
        retired=False,
    )


def _checks(merged: Merged, ticks: Ticks, *, shown: bool, kept: bool) -> tuple[AgreedCheck, ...]:
    """Return the bases of the boxes; while a wanted text is not written, they stay those of the text that stands."""
    new = [_agree(box, ticks, shown=shown) for box in merged.boxes]
    if not kept:
        return tuple(new)
    if not merged.bases:
        return tuple(check for box, check in zip(merged.boxes, new, strict=True) if box.issue is not None)
    old = list(merged.bases)
    for box, check in zip(merged.boxes, new, strict=True):
        if box.at is not None:
            old[box.at] = replace(old[box.at], ticked=check.ticked, waiting=check.waiting)
    return tuple(old)


def _own(merged: Merged, change: IssueChange | None, ticks: Ticks, *, written: bool) -> AgreedCheck | None:
    if merged.own is None:
        return None
    if merged.matched.issue is None and not (written and change and change.state):
        return AgreedCheck(
            None, merged.own.text, ticked=False
        )  # a fresh issue is open, whatever the plan says
    return _agree(merged.own, ticks, shown=written and change is not None and change.state is not None)


def _agree(box: MergedBox, ticks: Ticks, *, shown: bool) -> AgreedCheck:
    waiting = box.waiting or (ticks.waiting if box.value != box.plan else "")
    return box.agreed(shown=shown, landed=ticks.landed and not box.waiting, waiting=waiting)


def _blank(merged: Merged) -> AgreedItem:
    desired = merged.matched.desired
    return AgreedItem(merged.matched.uid, desired.kind, desired.locator, desired.number, desired.name)
