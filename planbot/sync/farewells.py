"""Issues that planbot closes for they have no item, or another has it: the comments that are owed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sync.changes import DuplicateChange, FarewellChange, RetireChange
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planbot.sync.agreed import Agreed, Farewell
    from planbot.sync.known import Known
    from planbot.sync.merge import Merged
    from planbot.tracker.records import IssueRecord

DUPLICATE_COMMENT = (
    "Duplicate of #{number}: planbot made two issues of one item. What was ticked here is kept there."
)
RETIRED_COMMENT = (
    "This item is no longer in its plan file, so planbot closed the issue as not planned. "
    "If the item comes back, the issue is reopened."
)


def retirements(orphans: Iterable[Known]) -> Iterator[RetireChange]:
    """Yield the closing of every open issue whose item left its plan."""
    for known in orphans:
        if known.issue is None or not known.may_be_closed:
            continue
        yield RetireChange(
            action="close",
            kind=known.base.kind,
            path=known.path,
            locator=known.base.locator,
            title=known.issue.title,
            issue=known.issue.number,
            fields=("state",),
            base=known.base,
            listed=known.issue,
        )


def duplicates(known: Iterable[Known]) -> Iterator[DuplicateChange]:
    """Yield the closing of every twin; the ticks made in it are merged by then, for plan edits come first."""
    for one in known:
        for twin, _ in one.twins:
            if one.issue is not None:
                yield DuplicateChange(
                    action="close",
                    kind=one.base.kind,
                    path=one.path,
                    locator=one.base.locator,
                    title=twin.title,
                    issue=twin.number,
                    fields=("state",),
                    listed=twin,
                    twin_of=one.issue.number,
                )


def comment_of(farewell: Farewell) -> str:
    """Return the comment that is owed, with a mark that no other has."""
    text = RETIRED_COMMENT if farewell.twin_of is None else DUPLICATE_COMMENT.format(number=farewell.twin_of)
    return f"{text}\n\n{mark_of(farewell)}"


def mark_of(farewell: Farewell) -> str:
    """Return what is hidden in the comment, by which it is found again."""
    return f"<!-- planbot:farewell {farewell.stamp} -->"


def without_items(issues: Mapping[int, IssueRecord], items: Iterable[Merged]) -> dict[int, IssueRecord]:
    """Return the issues that are no item's: to one whose item is back nothing is owed."""
    claimed = {one.matched.issue.number for one in items if one.matched.issue}
    return {number: issue for number, issue in issues.items() if number not in claimed}


def owed(agreed: Agreed, issues: Mapping[int, IssueRecord]) -> tuple[Farewell, ...]:
    """Return the comments that are still owed: those on issues which planbot did close, and nobody reopened."""
    return tuple(
        one for one in agreed.farewells if (issue := issues.get(one.issue)) and _is_closed(one, issue)
    )


def farewell_changes(agreed: Agreed, issues: Mapping[int, IssueRecord]) -> Iterator[FarewellChange]:
    """Yield the comments that are still owed; the pass that owed them ended before it knew them made."""
    entries = {item.issue: (path, item) for path, item in agreed.entries()}
    for one in owed(agreed, issues):
        path, item = entries.get(one.twin_of or one.issue, ("", None))
        yield FarewellChange(
            action="comment",
            kind=item.kind if item else "task",
            path=path,
            locator=item.locator if item else "",
            title=issues[one.issue].title,
            issue=one.issue,
            number=one.issue,
            begun=one.at,
        )


def _is_closed(one: Farewell, issue: IssueRecord) -> bool:
    if issue.state != "closed":
        return False
    if one.twin_of is not None:
        return issue.state_reason == "duplicate"
    body = split(issue.body)
    return isinstance(body, Managed) and body.marker.retired and body.marker.stamp == one.stamp
