"""What state an issue is to have: a task's own box decides, or what is below it; never against a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planbot.sync.agreed import AgreedItem
    from planbot.sync.merge import Merged
    from planbot.tracker.records import IssueRecord, State, StateReason

Wanted = tuple["State | None", "StateReason | None"]

_NOT_DONE = ("not_planned", "duplicate")
_LEAVE: Wanted = None, None
_CLOSE: Wanted = "closed", "completed"
_REOPEN: Wanted = "open", "reopened"


def wanted_state(merged: Merged, *, complete: bool) -> Wanted:
    """Return the state to write, if any; `complete` says whether all below the item is done."""
    matched, own = merged.matched, merged.own
    issue, base = matched.issue, matched.base
    if base is not None and base.retired and issue is not None:
        return _returned(merged, complete=complete)
    if own is not None:
        wanted = _CLOSE if own.value else _REOPEN
        return _LEAVE if own.value == bool(own.issue) else wanted
    if matched.desired.kind == "task":
        return _LEAVE
    if complete:
        is_news = not base.complete if base else issue is None
        return _CLOSE if is_news and (issue is None or issue.state == "open") else _LEAVE
    # also where the close was only announced, and it is not known to have been done
    closed_by_us = base is not None and base.closed and issue is not None and is_closed_by_us(issue, base)
    return _REOPEN if closed_by_us else _LEAVE


def is_done(issue: IssueRecord) -> bool:
    """Return whether an issue's state says that it is done; closed for another reason is "not done, and leave it"."""
    return issue.state == "closed" and issue.state_reason not in _NOT_DONE


def is_closed_by_us(issue: IssueRecord, base: AgreedItem) -> bool:
    """Return whether an issue is closed, and nobody is known to have closed it but planbot.

    Somebody may have reopened and closed again what planbot closed. Where the journal does not know the account that
    did, it is taken for the one that opened the issue: then even planbot's own close of an adopted issue counts as a
    person's, and it stays closed where it might be reopened, never the other way round.
    """
    return issue.state == "closed" and issue.closed_by in (None, base.closed_by or issue.author)


def closer(item: AgreedItem, issue: IssueRecord, *, now: bool) -> str:
    """Return the account that planbot closed an item's issue with, "" if none is known; `now` says that it just did."""
    if not (item.closed or item.retired):
        return ""
    if now:
        return issue.closed_by or ""
    if item.closed_by or not is_closed_by_us(issue, item):
        return item.closed_by
    return issue.closed_by or ""  # the pass that closed it ended before it could say so


def will_be_closed(merged: Merged, *, complete: bool) -> bool:
    """Return whether an item's issue is closed once its wanted state is written."""
    issue = merged.matched.issue
    state = None if merged.matched.hands_off else wanted_state(merged, complete=complete)[0]
    return (state or (issue.state if issue else "open")) == "closed"


def _returned(merged: Merged, *, complete: bool) -> Wanted:
    """Return the state of an item that left the plan and is back: of closes only planbot's own is undone."""
    issue, managed, base = merged.matched.issue, merged.matched.managed, merged.matched.base
    is_task = merged.matched.desired.kind == "task"
    done = merged.own.value if merged.own else complete and not is_task
    if issue is None or issue.state == "open":
        return _CLOSE if merged.own and done else _LEAVE
    retired = managed is not None and managed.marker.retired and issue.state_reason == "not_planned"
    if base is None or not retired or not is_closed_by_us(issue, base):
        return _LEAVE
    return _CLOSE if done else _REOPEN
