"""Owners and dependencies in the model-based test: what the plan says reaches the issues, what people did stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.model_boxes import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.memory_tracker import MemoryTracker
    from support.model_world import Figures

    from planbot.sync.merge import Merged
    from planbot.tracker.records import IssueRecord

STRANGER = "ghost"  # cannot be assigned
OWNERS = ("lee", STRANGER)  # whom plans name
COLLEAGUE = "sam"  # whom people assign, and plans never name


class Relations:
    """Hold what people did to assignees and dependencies."""

    def __init__(self, tracker: MemoryTracker) -> None:
        self._tracker = tracker
        self._assigned: set[int] = set()
        self._unassigned: set[int] = set()
        self._unlinked: set[tuple[int, int]] = set()
        self._left: set[tuple[int, int]] = set()

    def person_changed(self, before: IssueRecord, after: IssueRecord) -> None:
        """Note whom a person assigned or not any more."""
        number = after.number
        if COLLEAGUE in after.assignees:
            self._assigned.add(number)
        elif COLLEAGUE in before.assignees:
            self._assigned.discard(number)
        if set(before.assignees) - set(after.assignees) - {COLLEAGUE}:
            self._unassigned.add(number)

    def unlink(self, number: int) -> None:
        """Take one of an issue's dependencies away, as a person does."""
        if blockers := sorted(self._tracker.blocked_by[number]):
            self._tracker.blocked_by[number].discard(blockers[0])
            self._unlinked.add((number, blockers[0]))

    def left_behind(self, numbers: Iterable[int]) -> None:
        """Take dependencies for people's own that a pass made which was killed before its journal could tell.

        Where the plan takes them out just then, nobody knows any more that they were planbot's.
        """
        self._left |= {
            (number, blocker) for number in numbers for blocker in self._tracker.blocked_by[number]
        }

    def require_kept(self, before: IssueRecord, after: IssueRecord, got: IssueRecord) -> None:
        """Require of a bot's change that whom a person assigned stays, but for what they did just now."""
        gone = set(before.assignees) - set(after.assignees)
        if COLLEAGUE in gone & set(got.assignees):
            fail(f"#{after.number} was assigned to {COLLEAGUE} by a person")

    def require(self, items: Sequence[Merged], figures: Figures) -> None:
        """Require that the issues of all items have the owners and blockers that the plan names."""
        numbers = {item.matched.uid: item.matched.issue.number for item in items if item.matched.issue}
        for item in items:
            if item.matched.issue is None or item.matched.hands_off:
                continue
            number = item.matched.issue.number
            issue = self._tracker.by_number[number]
            if number in self._assigned and COLLEAGUE not in issue.assignees:
                fail(f"#{number} was assigned to {COLLEAGUE} by a person")
            lacks = set(item.matched.desired.assignees) - set(issue.assignees)
            more = set(issue.assignees) - set(item.matched.desired.assignees) - {COLLEAGUE}
            if (lacks and number not in self._unassigned) or more:
                fail(f"#{number} is assigned to {issue.assignees}, not {item.matched.desired.assignees}")
            wanted = {numbers[uid] for uid in item.blocked_by if uid in numbers}
            there = self._tracker.blocked_by[number]
            missing = {(number, blocker) for blocker in wanted - there} - self._unlinked
            figures.counts["owners and blockers in step"] += len(wanted & there) + len(issue.assignees)
            theirs = {(number, blocker) for blocker in (there - wanted) & set(numbers.values())}
            if missing or theirs - self._left:
                fail(f"#{number} is blocked by {there}, not {wanted}")
