"""What a person should know about items that planbot leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.diagnostics import ADOPTION, ISSUE_GONE, MARKER, NOT_ASSIGNABLE, UNCLEAR
from planbot.sync.changes import IssueChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.model import Diagnostic
    from planbot.sync.changes import ChangeSet
    from planbot.sync.merge import Matched

_CODES = {"newer": MARKER, "damaged": MARKER, "gone": ISSUE_GONE, "unclear": UNCLEAR, "absent": ADOPTION}


def left_alone(items: Iterable[Matched]) -> Iterator[tuple[str, Diagnostic]]:
    """Yield a diagnostic, with its plan file, for every item whose issue must not be touched or made."""
    for item in items:
        if item.hands_off:
            kind, _, rest = item.hands_off.partition(": ")
            text, hint = _said(kind, rest or f"#{item.issue.number if item.issue else '?'}")
            yield item.path, _CODES[kind].at(item.desired.line, 1, text, hint)


def not_assignable(items: Iterable[Matched]) -> Iterator[tuple[str, Diagnostic]]:
    """Yield a diagnostic, with its plan file, for every owner that an issue cannot be assigned to."""
    for item in items:
        for login in item.desired.strangers:
            text = f"issues cannot be assigned to @{login}: the text names them, and no more"
            hint = "give them a role in the repository, then take the name out of the plan and put it back"
            yield item.path, NOT_ASSIGNABLE.at(item.desired.line, 1, text, hint)


def unknown_writes(changes: ChangeSet) -> str:
    """Return what is to be said of issues whose last write the journal does not know, "" if there are none.

    While a lease stands, a pass is at work or died: what it wrote is no surprise.
    """
    if not changes.base.known or changes.base.lease is not None:
        return ""
    count = sum(_is_news(item.matched) for item in changes.items)
    if not count:
        return ""
    issues = "1 issue was" if count == 1 else f"{count} issues were"
    return (
        f"{issues} written by a pass that the journal does not know of: an answer was lost, or the journal was set "
        "back to an older state; what the issues' own markers say counts"
    )


def lost_journal(changes: ChangeSet) -> bool:
    """Say that issues or milestones are there which a journal must have known, and that issues are to be made."""
    marked = bool(changes.milestones) or any(item.matched.managed is not None for item in changes.items)
    making = any(isinstance(change, IssueChange) and change.action == "create" for change in changes.changes)
    return not changes.base.known and marked and making


def _is_news(item: Matched) -> bool:
    known, managed = item.base, item.managed
    return (
        known is not None
        and bool(known.stamp)
        and managed is not None
        and managed.marker.stamp != known.stamp
    )


def _said(kind: str, issues: str) -> tuple[str, str]:
    match kind:
        case "gone":
            text = f"issue {issues} is gone: somebody deleted or moved it"
            hint = (
                "to get a new one, put `<!-- planbot: id=WORD -->` under the heading, with a word of your own"
            )
        case "unclear":
            text = (
                f"this item may be any of {issues}, and too close to call: nothing is made, renamed or closed"
            )
            hint = "put `<!-- planbot: #NUMBER -->` under the heading, or `<!-- planbot: id=WORD -->` for a new one"
        case "absent":
            text = f"there is no issue {issues} that could be this item's"
            hint = "name an issue of this repository, no pull request, that no other item has"
        case "newer":
            text = f"issue {issues} is left alone: a newer planbot wrote its marker"
            hint = "use the same version of planbot everywhere"
        case _:
            text = f"issue {issues} is left alone: its planbot marker is damaged"
            hint = "put the marker lines back as they were, or remove both"
    return text, hint
