"""What a person should know about items that planbot leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.diagnostics import (
    ADOPTION,
    HOMELESS,
    ISSUE_GONE,
    ISSUE_SEALED,
    MARKER,
    NOT_ASSIGNABLE,
    UNCLEAR,
)
from planbot.sync.body import emptied
from planbot.sync.changes import IssueChange
from planbot.tracker.marker import Managed, digest, plain_newlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.model import Diagnostic
    from planbot.sync.agreed import Agreed, AgreedMove
    from planbot.sync.changes import ChangeSet
    from planbot.sync.known import Known
    from planbot.sync.merge import Matched
    from planbot.sync.moves import Past

_CODES = {
    "newer": MARKER,
    "damaged": MARKER,
    "gone": ISSUE_GONE,
    "sealed": ISSUE_SEALED,
    "unclear": UNCLEAR,
    "absent": ADOPTION,
}


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


def homeless(past: Past, move: AgreedMove) -> tuple[str, Diagnostic]:
    """Return a diagnostic, with its plan file, for a tick whose check is in no item that surely has it now."""
    number = f"#{past.issue.number}" if past.issue else "an issue"
    was = "ticked" if move.ticked else "unticked"
    text = f'"{move.check.text}" was {was} in {number} while the plan took the check out of it: that counts nowhere'
    hint = f"where the plan still has it, it can be {was} there"
    return past.path, HOMELESS.at(max(past.line, 1), 1, text, hint)


def journal_remarks(changes: ChangeSet, *, there: bool) -> Iterator[str]:
    """Yield what is to be said of the journal; `there` is whether the repository has one, whosever it is."""
    if not changes.base.known and there:
        yield (
            "the journal is another repository's, which a copy or a fork brought along: it is not used, and one of "
            "this repository's own takes its place"
        )
    elif not changes.base.known and _was_managed(changes):
        yield (
            "the journal is lost: what it knew is taken from the issues' own markers; a box that somebody unticked "
            "since the last pass may be ticked again"
        )
    elif changes.base.known and changes.base.lease is None and changes.unknown:
        # while a lease stands, a pass is at work or died: what it wrote is no surprise
        issues = "1 issue was" if changes.unknown == 1 else f"{changes.unknown} issues were"
        yield (
            f"{issues} written by a pass that the journal does not know of: an answer was lost, or the journal was "
            "set back to an older state; what the issues' own markers say counts"
        )


def release_remarks(base: Agreed, journal: Agreed) -> Iterator[str]:
    """Yield what is to be said of the files that are no plan files any more, once: until `journal` has it in it."""
    counts = base.issues_a_plan()
    for path in base.released:
        if path not in journal.released:
            issues = "its issue is" if counts[path] == 1 else f"its {counts[path]} issues are"
            yield (
                f"{path} is no plan file any more, as the settings or the file itself say: {issues} left alone, "
                "and found again if it comes back"
            )


def put_back(changes: ChangeSet) -> Iterator[str]:
    """Yield what is to be said of issues in whose part of planbot's somebody wrote: the plan's text comes back."""
    for change in changes.changes:
        if not isinstance(change, IssueChange) or "body" not in change.fields:
            continue
        managed, base = change.merged.matched.managed, change.merged.matched.base
        if managed is None and base is not None and base.stamp and base.issue == change.issue is not None:
            yield (
                f"somebody took the marker lines out of #{change.issue}: planbot's part is put below, and what stands "
                "there is people's; a box ticked there since the last pass does not count: tick it in the new part"
            )
        elif managed is not None and digest(emptied(plain_newlines(managed.text))) != managed.marker.digest:
            yield (
                f"somebody wrote into planbot's part of #{change.issue}: the plan's text takes its place again, with "
                "the boxes as they were ticked; what stands above and below that part is people's"
            )


def lost_journal(changes: ChangeSet) -> bool:
    """Say that there must have been a journal, and that issues are to be made without it.

    Where lists show nothing that is marked yet, planbot's own label tells: it is made before the first issue.
    """
    making = any(isinstance(change, IssueChange) and change.action == "create" for change in changes.changes)
    return making and not changes.base.known and (_was_managed(changes) or changes.labelled)


def unknown_writes(items: Iterable[Matched], orphans: Iterable[Known]) -> int:
    """Return how many issues were last written by a pass that the journal does not know of, or made by one."""
    count = sum(
        item.managed is not None and (item.base is None or item.base.stamp != item.managed.marker.stamp)
        for item in items
        if not item.hands_off
    )
    return count + sum(_is_unknown(known) for known in orphans)


def _is_unknown(known: Known) -> bool:
    """Say whether the journal does not know that an issue was made, or that it was closed for its item was gone."""
    if not known.in_journal:
        return known.may_be_closed
    return (
        known.base.retired and isinstance(known.body, Managed) and known.body.marker.stamp != known.base.stamp
    )


def _was_managed(changes: ChangeSet) -> bool:
    return bool(changes.milestones) or bool(changes.unknown)


def _said(kind: str, issues: str) -> tuple[str, str]:
    match kind:
        case "gone":
            text = f"issue {issues} is gone: somebody deleted or moved it"
            hint = (
                "to get a new one, put `<!-- planbot: id=WORD -->` under the heading, with a word of your own"
            )
        case "sealed":
            text = f"issue {issues} is closed and locked, and refused a change: it is left alone"
            hint = (
                "unlock it, or if it was converted to a discussion put `<!-- planbot: id=WORD -->` under the heading, "
                "with a word of your own, for a new issue"
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
            hint = (
                "put the marker lines back as they were, or take out all between them too: it is written anew"
            )
    return text, hint
