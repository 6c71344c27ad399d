"""What somebody else did to an issue or a milestone between its listing and its writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sync.align import sight_key
from planbot.sync.body import boxes_of
from planbot.sync.state import is_closed_by_us
from planbot.tracker.marker import Managed, Unreadable, plain_newlines, split, split_milestone

if TYPE_CHECKING:
    from planbot.sync.changes import IssueChange, MilestoneChange
    from planbot.sync.merge import Merged
    from planbot.tracker.records import IssueRecord, MilestoneRecord


def is_taken(change: IssueChange, listed: IssueRecord, now: IssueRecord) -> bool:
    """Say whether somebody else wrote the block since it was listed, or a field that this change would write."""
    before, managed = split(listed.body), split(now.body)
    if _is_touched(change, listed, now):
        return True
    if not change.body:
        return False
    if isinstance(managed, Unreadable) or _stamp_of(managed) != _stamp_of(before):
        return True
    if not (isinstance(before, Managed) and isinstance(managed, Managed)):
        return False
    return _is_news(change.merged, before, managed)


def is_left_closed(change: IssueChange, now: IssueRecord) -> bool:
    """Say whether a person closed an issue last that is to be opened again, which lists need not tell."""
    base = change.merged.matched.base
    if change.state != "open" or base is None or (change.merged.own and not base.retired):
        return False
    return not is_closed_by_us(now, base)


def is_edited(listed: IssueRecord, now: IssueRecord) -> bool:
    """Say whether somebody ticked a box, or wrote anything else in the block, since the issue was listed."""
    before, managed = split(listed.body), split(now.body)
    if not (isinstance(before, Managed) and isinstance(managed, Managed)):
        return type(before) is not type(managed)
    return (before.marker, before.text) != (managed.marker, managed.text)


def is_milestone_taken(change: MilestoneChange, listed: MilestoneRecord, now: MilestoneRecord) -> bool:
    """Say whether somebody changed a field of a milestone since it was listed that this change would write over."""
    fields = (
        (change.new_title, listed.title, now.title),
        (change.description, _own_part(listed.description), _own_part(now.description)),
        (change.due, listed.due_on, now.due_on),
        (change.state, listed.state, now.state),
    )
    return any(wanted is not None and before != after for wanted, before, after in fields)


def _own_part(description: str) -> str:
    """Return planbot's part of a milestone's description, marker and all: what people wrote after it is kept anyway."""
    body = split_milestone(description)
    return plain_newlines(body.block) if isinstance(body, Managed) else description


def _is_touched(change: IssueChange, listed: IssueRecord, now: IssueRecord) -> bool:
    """Say whether a person changed a field since it was listed that this change would write over."""
    fields = (
        (change.new_title, listed.title, now.title),
        (change.labels, set(listed.labels), set(now.labels)),
        (change.assignees, set(listed.assignees), set(now.assignees)),
        (change.milestone, listed.milestone, now.milestone),
        (change.state, (listed.state, listed.state_reason), (now.state, now.state_reason)),
    )
    return any(wanted is not None and before != after for wanted, before, after in fields)


def _is_news(merged: Merged, before: Managed, now: Managed) -> bool:
    """Say whether a box that the item no longer has was ticked or unticked: the item that has it must hear of it."""
    has = {sight_key(box.text) for box in merged.boxes}
    has |= {sight_key(merged.bases[box.at].text) for box in merged.boxes if box.at is not None}
    then, there = (
        {name: box.ticked for box in boxes_of(body.text) if (name := sight_key(box.text)) not in has}
        for body in (before, now)
    )
    return any(there[name] != then[name] for name in then.keys() & there.keys())


def _stamp_of(body: Managed | Unreadable | None) -> str | None:
    return body.marker.stamp if isinstance(body, Managed) else None
