"""Who an issue is assigned to: the owners that the plan names, three ways."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sync.changes import Change, IssueChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from planbot.sync.merge import Matched, Merged


def with_strangers(matched: Matched, strangers: Collection[str]) -> Matched:
    """Return an item whose wanted assignees are those that issues can be assigned to."""
    base, wanted = matched.base, matched.desired.assignees
    known = {login.casefold() for login in base.unassigned} if base else set()
    refused = tuple(login for login in wanted if login.casefold() in known or login.casefold() in strangers)
    if not refused:
        return matched
    assignees = tuple(login for login in wanted if login not in refused)
    return replace(matched, desired=replace(matched.desired, assignees=assignees, strangers=refused))


def assignees(merged: Merged) -> tuple[str, ...] | None:
    """Return the whole list of assignees to write: planbot's own three ways, everyone else's kept; None leaves it."""
    base, issue, wanted = merged.matched.base, merged.matched.issue, merged.matched.desired.assignees
    if base is None or issue is None:
        return None
    want = {login.casefold() for login in wanted}
    had = {login.casefold() for login in base.assignees}
    kept = [login for login in issue.assignees if login.casefold() not in had - want]
    there = {login.casefold() for login in kept}
    new = [login for login in wanted if login.casefold() not in had | there]
    return (*kept, *new) if new or len(kept) != len(issue.assignees) else None


def newly_assigned(changes: Iterable[Change]) -> dict[str, str]:
    """Return the logins that changes would assign and that were not yet, by their form without regard to case."""
    found: dict[str, str] = {}
    for change in changes:
        if isinstance(change, IssueChange) and change.assignees:
            issue = change.merged.matched.issue
            there = {login.casefold() for login in issue.assignees} if issue else set()
            found |= {login.casefold(): login for login in change.assignees if login.casefold() not in there}
    return found
