"""Which issues block which: what a plan's parts depend on, three ways."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from planbot.plan.dependencies import circles, dependencies
from planbot.sync.changes import DependencyChange, about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from planbot.plan.model import Phase, Plan, Task
    from planbot.sync.merge import Merged

MOST_BLOCKERS = 50  # https://docs.github.com/rest/issues/issue-dependencies


def blocked_by(plan: Plan, locator: Callable[[Phase | Task], str]) -> Mapping[str, tuple[str, ...]]:
    """Return, by locator, the locators of what each part depends on; what would close a circle is left out."""
    found = tuple(dependencies(plan))
    closing = {id(circle.closing) for circle in circles(found)}
    blockers: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for dependency in found:
        if dependency.known is not None and id(dependency) not in closing:
            blockers[locator(dependency.dependent)][locator(dependency.known)] = None
    return {dependent: tuple(known)[:MOST_BLOCKERS] for dependent, known in blockers.items()}


def dependency_changes(merged: Merged) -> Iterator[DependencyChange]:
    """Yield what is to be said of an issue's blockers.

    What a person linked or unlinked is left as it is: only what the plan says anew is passed on.
    """
    had = agreed_blockers(merged)
    yield from (_change(merged, uid, "block") for uid in merged.blocked_by if uid not in had)
    yield from (_change(merged, uid, "unblock") for uid in had if uid not in merged.blocked_by)


def agreed_blockers(merged: Merged) -> tuple[str, ...]:
    """Return the uids of the agreed blockers; with no journal, nobody knows what a person has unlinked since."""
    matched = merged.matched
    if matched.base is not None:
        return matched.base.blocked_by
    return () if matched.issue is None or matched.trusted else merged.blocked_by


def _change(merged: Merged, blocker: str, action: Literal["block", "unblock"]) -> DependencyChange:
    matched = merged.matched
    return DependencyChange(
        action=action,
        **about(matched),
        fields=("blocked by",),
        uid=matched.uid,
        blocker=blocker,
    )
