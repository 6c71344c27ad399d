"""What a pass asks of the tracker: issues and milestones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from planbot.sync.options import MANAGED_LABEL
from planbot.sync.reconcile import LAG
from planbot.sync.unlisted import recalled
from planbot.tracker.convert import utc
from planbot.tracker.marker import stamp_of
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from planbot.plan.model import Plan
    from planbot.sync.agreed import Agreed, AgreedItem
    from planbot.sync.inline import Place
    from planbot.sync.options import FileOptions
    from planbot.tracker.protocols import TrackerReader
    from planbot.tracker.records import IssueRecord, MilestoneRecord

CLOCKS_APART = 600  # seconds by which the clocks of this machine and the server may differ
# Seconds before the last listing from which on issues are listed again. Both times are the server's own; in between lie
# the seconds by which lists lag behind, LAG at most, and the time that a long listing takes.
OVERLAP = 10 * LAG


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold what the tracker told: issues by number, and milestones.

    `unlisted` are the issues that nobody touched since the last listing, as the base tells them.
    """

    issues: Mapping[int, IssueRecord]
    milestones: tuple[MilestoneRecord, ...]
    unlisted: frozenset[int] = frozenset()


def list_all(tracker: TrackerReader, agreed: Agreed, named: Collection[int]) -> Listing:
    """Return all managed issues: those with the label, and, one by one, those that the list lacks or shows old.

    A list can lag behind: an issue older than the journal knows it is asked for by itself. An issue whose
    creation was begun and not confirmed is looked for among all recent ones, for its label may be lost as well.
    `named` are those that plan files name as their items'.
    """
    issues = {issue.number: issue for issue in tracker.issues(MANAGED_LABEL)}
    for _, item in agreed.entries():
        if item.issue is not None and _is_old(issues.get(item.issue), item):
            _ask(tracker, item.issue, issues)
    for number in named:
        if number not in issues:
            _ask(tracker, number, issues)
    return Listing(issues | _begun(tracker, agreed, issues), tracker.milestones())


def list_recent(
    tracker: TrackerReader,
    agreed: Agreed,
    named: Collection[int],
    plans: Iterable[tuple[Plan, FileOptions]],
    place: Place,
) -> Listing | None:
    """Return the managed issues that somebody touched since the last listing, and the others as the base tells them.

    Returns None wherever that leaves the least doubt: then everything has to be listed. What else may have become of
    an issue (deleted, moved to another repository, its label taken off) shows only there.
    """
    if agreed.listed is None or agreed.lease is not None:
        return None
    start = datetime.fromisoformat(agreed.listed.at) - timedelta(seconds=OVERLAP)
    since = utc(start.isoformat())
    issues = {issue.number: issue for issue in tracker.issues(MANAGED_LABEL, since=since)}
    unlisted = recalled(agreed, plans, place, issues, since)
    if unlisted is None or not issues.keys() | unlisted.keys() >= {*named}:
        return None
    if any(_is_old(issues[item.issue], item) for _, item in agreed.entries() if item.issue in issues):
        return None
    return Listing(unlisted | issues, tracker.milestones(), frozenset(unlisted))


def _is_old(listed: IssueRecord | None, item: AgreedItem) -> bool:
    """Return whether the journal knows a newer state of an issue than the one listed."""
    return listed is None or listed.updated_at < item.updated_at


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
