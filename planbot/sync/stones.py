"""Make and change milestones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sync.taken import is_milestone_taken
from planbot.tracker.marker import Marker, digest, replace_milestone, wrap_milestone
from planbot.tracker.protocols import UNSET

if TYPE_CHECKING:
    from planbot.sync.applied import Applied
    from planbot.sync.changes import MilestoneChange
    from planbot.sync.hands import Hands


def write_milestone(change: MilestoneChange, hands: Hands, outcome: Applied, stamp: str) -> str:
    """Make or change a milestone, with a marker of this stamp; return why that is left to the next pass, if it is."""
    if change.listed is None:
        return _make(change, hands, outcome, stamp)
    now = hands.reader.milestone(change.listed.number)
    if now is None or is_milestone_taken(change, change.listed, now):
        return "the milestone changed meanwhile"
    new = change.description
    hands.writer.update_milestone(
        now.number,
        title=UNSET if change.new_title is None else change.new_title,
        description=UNSET if new is None else replace_milestone(now.description, _marker(change, stamp), new),
        due_on=UNSET if change.due is None else change.due or None,
        state=UNSET if change.state is None else change.state,
    )
    outcome.ledger.put_milestone(change.path, replace(change.base, number=now.number))
    return ""


def _make(change: MilestoneChange, hands: Hands, outcome: Applied, stamp: str) -> str:
    base = change.base
    if base.uid not in hands.milestones:
        text = wrap_milestone(_marker(change, stamp), base.description)
        hands.milestones[base.uid] = hands.writer.create_milestone(base.title, text, due_on=base.due).number
    base = replace(base, number=hands.milestones[base.uid])
    outcome.ledger.put_milestone(change.path, replace(base, complete=False))
    if change.state is not None:
        hands.writer.update_milestone(base.number, state=change.state)
    outcome.ledger.put_milestone(change.path, base)
    return ""


def _marker(change: MilestoneChange, stamp: str) -> Marker:
    base = change.base
    return Marker(change.path, change.locator, base.uid, digest(base.description), "", stamp)
