"""Relate issues to each other: who is under whom, and what blocks what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import RefusedError
from planbot.sync.changes import DependencyChange

if TYPE_CHECKING:
    from planbot.sync.applied import Applied
    from planbot.sync.changes import LinkChange
    from planbot.sync.hands import Hands

MISSING = "one of the two issues is not there"


def link(change: LinkChange, hands: Hands, outcome: Applied) -> str:
    """Put an issue under its parent; return why that is left to the next pass, "" if it is not."""
    parent, child = hands.numbers.get(change.parent), hands.issue(change.uid)
    if parent is None or child is None:
        return MISSING
    if child.parent not in (change.listed, parent):
        return "the issue changed meanwhile"
    if child.parent == parent:
        outcome.ledger.link(change.uid, change.parent)
        return ""
    try:
        if outcome.ledger.sub_issues and hands.writer.add_sub_issue(parent, child):
            outcome.ledger.link(change.uid, change.parent)
        else:
            outcome.ledger.sub_issues = False  # the next round writes the parent into the text
    except RefusedError as error:
        outcome.ledger.refuse(change.uid, change.parent)
        outcome.refused[parent] = error.message
    return ""


def depend(change: DependencyChange, hands: Hands, outcome: Applied) -> str:
    """Let an issue be blocked by another, or no longer; return why that is left to the next pass."""
    number, blocker = hands.numbers.get(change.uid), hands.issue(change.blocker)
    blocked = change.action == "block"
    if number is None or (blocker is None and blocked):
        return MISSING
    try:
        if outcome.ledger.dependencies and blocker is not None:
            there = hands.writer.set_blocked_by(number, blocker, blocked=blocked)
            outcome.ledger.dependencies = there
    except RefusedError as error:
        if any(isinstance(one.change, DependencyChange) for one in outcome.undone):
            return error.message  # what could not be dropped before may be what closes a circle
        outcome.unblocked[number] = error.message
    outcome.ledger.block(change.uid, change.blocker, blocked=blocked)
    return ""
