"""Issues that were not listed because nobody touched them since they were: what the base tells of them.

A journal entry may say that the base tells all that an issue showed: its boxes, its state, and by a digest its text.
Such an issue can be put together again while plan files still want that very text. It stands for the real one only as
long as nothing is wanted of it; see `leaves_alone`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import Listed, ListedIssue
from planbot.sync.body import boxes_of, compose, emptied, set_boxes
from planbot.sync.desired import desire
from planbot.sync.locators import without_ordinal
from planbot.sync.options import MANAGED_LABEL
from planbot.sync.settle import Ticks, understood
from planbot.sync.state import is_done
from planbot.tracker.marker import Managed, Marker, digest, split, wrap
from planbot.tracker.records import IssueRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from planbot.plan.model import Plan
    from planbot.sync.agreed import Agreed, AgreedItem
    from planbot.sync.changes import ChangeSet
    from planbot.sync.inline import Place
    from planbot.sync.options import FileOptions


def listed(agreed: Agreed, issues: Mapping[int, IssueRecord], at: str) -> Listed | None:
    """Return what all issues showed at a time of the server's, or None where the base does not tell all of one.

    `issues` are all that there are: one that is in the base alone is gone.
    """
    told = []
    for path, item in agreed.entries():
        issue = issues.get(item.issue or 0)
        if issue is None and item.issue is not None:
            continue  # gone: it was asked for by itself, and not found
        one = None if issue is None else _told(path, item, issue)
        if one is None:
            return None
        told.append(one)
    is_sure = bool(at) and agreed.proposal is None and agreed.sub_issues
    return Listed(at, tuple(told)) if is_sure and not agreed.owes else None


def _told(path: str, item: AgreedItem, issue: IssueRecord) -> ListedIssue | None:
    body = split(issue.body)
    if not isinstance(body, Managed) or (body.marker.uid, body.marker.stamp) != (item.uid, item.stamp):
        return None
    if any(move.pending for move in item.moved):
        return None
    if item.retired and body.marker.retired:
        return ListedIssue(issue.number, issue.state, issue.state_reason, "")
    place = body.marker.plan, without_ordinal(body.marker.locator)
    is_same = [box.ticked for box in boxes_of(body.text)] == [check.ticked for check in item.checks]
    is_same = is_same and (item.box is None or item.box.ticked == is_done(issue))
    waits = any(check.waiting for check in (*item.checks, *((item.box,) if item.box else ())))
    odd = waits or item.retired or body.marker.retired or item.refused_by is not None
    if odd or not is_same or place != (path, without_ordinal(item.locator)):
        return None
    return ListedIssue(issue.number, issue.state, issue.state_reason, digest(emptied(body.text)))


def recalled(
    agreed: Agreed,
    plans: Iterable[tuple[Plan, FileOptions]],
    place: Place,
    there: Collection[int],
    since: str,
) -> dict[int, IssueRecord] | None:
    """Return the issues that are not `there` as the base tells them, or None where it does not tell all.

    `there` are those that were touched `since`, an ISO 8601 time; `place` gives the repository's page and branch.
    """
    if agreed.listed is None:
        return None
    told = {one.number: one for one in agreed.listed.issues}
    texts = dict(_texts(plans, place))
    memory = _Memory(agreed, place.repository)
    found = {}
    for path, item in agreed.entries():
        if item.issue in there:
            continue
        one = told.get(item.issue or 0)
        if one is None and item.issue is not None:
            continue  # it was gone when everything was listed, and stays so until everything is listed again
        text = None if one is None else "" if item.retired else texts.get(one.digest)
        # one that the base knows to be touched since should have been listed: the list lags, or the issue is gone
        if one is None or text is None or item.updated_at >= since:
            return None
        record = memory.record(path, item, one, text)
        if record is None:
            return None
        found[record.number] = record
    return found


def leaves_alone(changes: ChangeSet, unlisted: Collection[int]) -> bool:
    """Return whether nothing is wanted of the tracker, and nothing of the base of issues that were not listed."""
    if changes.changes or changes.held or changes.unmade or changes.unknown or changes.base.owes:
        return False
    if any(tick.issue in unlisted for tick in (*changes.ticks, *changes.waiting)):
        return False
    before = {item.issue: (path, item) for path, item in changes.base.entries()}
    after = understood(changes, Ticks(landed=True)).agreed()
    return all(
        before.get(item.issue) == (path, item) for path, item in after.entries() if item.issue in unlisted
    )


def _texts(plans: Iterable[tuple[Plan, FileOptions]], place: Place) -> Iterator[tuple[str, str]]:
    """Yield the text that each item wants in its issue, under its digest."""
    for plan, options in plans:
        here = replace(place, path=plan.path)
        for item in desire(plan, options, here).items:
            if item.issue:
                text = compose(item.content.text, here, None)
                yield digest(emptied(text)), text


class _Memory:
    """Put issues together from the base."""

    def __init__(self, agreed: Agreed, page: str) -> None:
        self._page = page
        self._numbers = {item.uid: item.issue for _, item in agreed.entries()}
        self._milestones = {stone.uid: stone.number for plan in agreed.plans for stone in plan.milestones}

    def record(self, path: str, item: AgreedItem, one: ListedIssue, text: str) -> IssueRecord | None:
        """Return an issue as the base tells it; None where its text has other boxes."""
        checks = () if item.retired else item.checks
        if len(boxes_of(text)) != len(checks):
            return None
        ticks = "".join("01"[check.ticked] for check in checks)
        marker = Marker(path, item.locator, item.uid, one.digest, ticks, item.stamp, item.retired)
        return IssueRecord(
            number=one.number,
            id=0,  # nothing is sent for it
            title=item.title,
            body=wrap(marker, set_boxes(text, [check.ticked for check in checks])),
            state=one.state,
            state_reason=one.reason,
            labels=(MANAGED_LABEL, *item.labels),
            milestone=self._milestones.get(item.milestone or ""),
            assignees=item.assignees,
            author="",
            created_at="",
            updated_at=item.updated_at,
            html_url=f"{self._page}/issues/{one.number}",
            parent=self._numbers.get(item.parent or ""),
        )
