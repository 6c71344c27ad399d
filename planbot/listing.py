"""What a pass asks of the tracker: issues and milestones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planbot.sync.options import MANAGED_LABEL
from planbot.tracker.marker import stamp_of
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from planbot.sync.agreed import Agreed
    from planbot.tracker.protocols import TrackerReader
    from planbot.tracker.records import IssueRecord, MilestoneRecord

CLOCKS_APART = 600  # seconds by which the clocks of this machine and the server may differ


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold what the tracker told: issues by number, and milestones."""

    issues: Mapping[int, IssueRecord]
    milestones: tuple[MilestoneRecord, ...]


def list_all(tracker: TrackerReader, agreed: Agreed, named: Collection[int]) -> Listing:
    """Return all managed issues: those with the label, and, one by one, those that the list lacks or shows old.

    A list can lag behind: an issue older than the journal knows it is asked for by itself. An issue whose
    creation was begun and not confirmed is looked for among all recent ones, for its label may be lost as well.
    `named` are those that plan files name as their items'.
    """
    issues = {issue.number: issue for issue in tracker.issues(MANAGED_LABEL)}
    for _, item in agreed.entries():
        listed = issues.get(item.issue or 0)
        if item.issue is not None and (listed is None or listed.updated_at < item.updated_at):
            _ask(tracker, item.issue, issues)
    for number in named:
        if number not in issues:
            _ask(tracker, number, issues)
    return Listing(issues | _begun(tracker, agreed, issues), tracker.milestones())


def _ask(tracker: TrackerReader, number: int, issues: dict[int, IssueRecord]) -> None:
    issue = tracker.issue(number)
    if issue is not None:
        issues[number] = issue


def _begun(
    tracker: TrackerReader, agreed: Agreed, issues: Mapping[int, IssueRecord]
) -> dict[int, IssueRecord]:
    """Return issues that carry the very stamp under which the creation of an item was announced."""
    begun = {item.stamp: item.begun for _, item in agreed.entries() if item.issue is None and item.begun}
    for issue in issues.values():
        begun.pop(stamp_of(issue.body), None)
    if not begun:
        return {}
    since = datetime.fromtimestamp(min(begun.values()) - CLOCKS_APART, UTC).isoformat(timespec="seconds")
    first: dict[str, IssueRecord] = {}
    for issue in sorted(tracker.issues(None, since=since), key=lambda one: one.number):
        if stamp_of(issue.body) in begun and (MANAGED_LABEL in issue.labels or _is_ours(tracker, issue)):
            first.setdefault(stamp_of(issue.body), issue)
    return {issue.number: issue for issue in first.values()}


def _is_ours(tracker: TrackerReader, issue: IssueRecord) -> bool:
    """Return whether this account made an issue: anybody can copy an announced stamp out of the journal."""
    return tracker.is_me(UserRecord(issue.author, 0), bot=issue.author.endswith("[bot]"))
