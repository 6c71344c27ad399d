"""What applying a change set costs: requests, minutes, notifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.report.lines import plural
from planbot.sync.changes import DuplicateChange, FarewellChange, IssueChange, LinkChange, RetireChange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.sync.changes import Change

# https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
CREATIONS_A_MINUTE = 80
CREATIONS_AN_HOUR = 500


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hold what a change set makes and costs; `notifications` is how often watchers hear of it.

    Of several issues that are made in one request, each counts among the `writes`.
    """

    issues: int
    milestones: int
    writes: int
    seconds: float
    notifications: int

    def __str__(self) -> str:
        minutes = plural(max(1, round(self.seconds / 60)), "minute")
        made = f"{plural(self.issues, 'new issue')}, {plural(self.milestones, 'new milestone')}"
        watchers = f"watchers notified {plural(self.notifications, 'time')}"
        return f"{made}, {plural(self.writes, 'write')}, about {minutes}, {watchers}"


def forecast(changes: Iterable[Change], pace: float) -> Forecast:
    """Return what changes cost when writes are `pace` seconds apart and GitHub's documented limits hold.

    Issues are taken to be made under their parents at once, as GitHub can; servers that cannot take a further write for
    each.
    """
    listed = list(changes)
    created = [change for change in listed if isinstance(change, IssueChange) and change.action == "create"]
    comments = sum(isinstance(change, RetireChange | DuplicateChange) for change in listed)
    closes = sum(change.action in ("close", "reopen") and change.kind != "milestone" for change in listed)
    fresh = {one.merged.matched.uid for one in created if one.merged.matched.base is None}
    linked = sum(isinstance(change, LinkChange) and change.uid in fresh for change in listed)
    writes = len(listed) - linked + comments + sum(change.state is not None for change in created)
    made = len(created) + comments + sum(isinstance(change, FarewellChange) for change in listed)
    seconds = max(writes * pace, 60 * made / CREATIONS_A_MINUTE)
    if made > CREATIONS_AN_HOUR:
        seconds = max(seconds, 3600 * made / CREATIONS_AN_HOUR)
    return Forecast(
        issues=len(created),
        milestones=sum(change.kind == "milestone" and change.action == "create" for change in listed),
        writes=writes,
        seconds=seconds,
        notifications=made + closes,
    )
