"""What became of a change set: done, undone, and the base with all that is done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from planbot.sync.changes import Change, IssueChange, Undone
from planbot.sync.settle import announce_close

if TYPE_CHECKING:
    from planbot.sync.agreed import Agreed
    from planbot.sync.ledger import Ledger
    from planbot.tracker.records import IssueRecord


@dataclass(slots=True)
class Applied:
    """Hold what became of a change set so far: the base with all that is done, and what is left.

    `stopped` says why nothing further was tried, "" if everything was. `refused` are the words of each parent, by its
    number, that took no further sub-issue: the text of what was to go there has yet to name it. `unblocked` are the
    words of each issue, by its number, that took no further dependency. `restored` are issues in which a person's edit,
    made while they were written, was done again; `overwritten` says of others why that failed. `written` are the
    issues, by number, as the server had them after their last change.
    """

    ledger: Ledger
    done: list[Change] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    stopped: str = ""
    refused: dict[int, str] = field(default_factory=dict)
    unblocked: dict[int, str] = field(default_factory=dict)
    restored: list[int] = field(default_factory=list)
    overwritten: dict[int, str] = field(default_factory=dict)
    written: dict[int, IssueRecord] = field(default_factory=dict)


def notices(applied: Applied, base: Agreed) -> list[str]:
    """Return what the server could not do, and where it stands instead."""
    said = []
    if base.sub_issues and not applied.ledger.sub_issues:
        said.append("this server has no sub-issues: issues name their parent in their text instead")
    if base.dependencies and not applied.ledger.dependencies:
        said.append("this server has no dependencies between issues: they stand in the text alone")
    said += [
        f"{words}; what cannot go under #{number} names it in its text instead"
        for number, words in applied.refused.items()
    ]
    said += [
        f"{words}; what #{number} depends on stands in its text alone"
        for number, words in applied.unblocked.items()
    ]
    said += [
        f"somebody edited #{number} while it was written, and that was written over: {words}"
        for number, words in applied.overwritten.items()
    ]
    return said


def take_back(change: Change, outcome: Applied) -> None:
    """Take back what was announced and surely not done: an issue that is not made, a close."""
    if isinstance(change, IssueChange) and change.action == "create":
        uid = change.merged.matched.uid
        made = outcome.ledger.item(uid)
        if made is not None and made.issue is None:
            outcome.ledger.forget(uid)
    announce_close(outcome.ledger, change, closed=False)


def leave_open(change: Change, outcome: Applied, now: int) -> None:
    """Note when an issue may have been made whose answer was lost: lists need time from then on to show it."""
    if isinstance(change, IssueChange) and change.action == "create":
        item = outcome.ledger.item(change.merged.matched.uid)
        if item is not None and item.issue is None:
            outcome.ledger.put(change.path, replace(item, begun=now))


def dropped(change: IssueChange, issue: IssueRecord, outcome: Applied) -> str:
    """Note what a new issue really has; return what the server left out, for the next pass to set."""
    item = outcome.ledger.item(change.merged.matched.uid)
    if item is not None:
        there = {label.casefold() for label in issue.labels}
        labels = tuple(label for label in item.labels if label.casefold() in there)
        milestone = item.milestone if issue.milestone else None
        assigned = {login.casefold() for login in issue.assignees}
        assignees = tuple(login for login in item.assignees if login.casefold() in assigned)
        outcome.ledger.put(
            change.path, replace(item, labels=labels, milestone=milestone, assignees=assignees)
        )
    return f"the server made #{issue.number} without the labels it was to have: may the token set them?"
