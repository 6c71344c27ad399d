"""What lists and boxes of the pages show of an issue, a milestone or a relation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sandbox.pages.boxes import Progress, progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.sandbox.model import Issue, Label, Milestone, Repository
    from planbot.sandbox.pages.visit import Visit

_NOT_PLANNED = ("not_planned", "duplicate")


@dataclass(frozen=True, slots=True)
class IssueRow:
    """Hold an issue with what belongs to it."""

    repository: Repository
    issue: Issue
    labels: tuple[Label, ...]
    milestone: Milestone | None
    boxes: Progress
    children: Progress

    @property
    def icon(self) -> str:
        """Return which sign stands for the issue's state."""
        issue = self.issue
        if issue.pull is not None:
            return "merged" if issue.pull.merged_at else f"pull-{issue.state}"
        return "skipped" if issue.state == "closed" and issue.state_reason in _NOT_PLANNED else issue.state

    @property
    def state(self) -> str:
        """Return the issue's state in words."""
        issue = self.issue
        if issue.pull is not None:
            return "Merged" if issue.pull.merged_at else issue.state.capitalize()
        if issue.state == "open":
            return "Open"
        reason = "not planned" if self.icon == "skipped" else "completed"
        return f"Closed as {reason}"


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """Hold a milestone and how many of its issues are closed."""

    milestone: Milestone
    issues: Progress


def issue_row(visit: Visit, repository: Repository, issue: Issue) -> IssueRow:
    """Return what a list shows of an issue."""
    labels = tuple(repository.labels[i] for i in issue.labels if i in repository.labels)
    milestone = None if issue.milestone is None else repository.milestones.get(issue.milestone)
    children = closed_of(child for _, child in related(visit, issue.sub_issues))
    return IssueRow(repository, issue, labels, milestone, progress(issue.body or ""), children)


def related_rows(visit: Visit, ids: Iterable[int]) -> list[IssueRow]:
    """Return the issues with these ids, as far as the person may see them."""
    return [issue_row(visit, *found) for found in related(visit, ids)]


def related(visit: Visit, ids: Iterable[int]) -> list[tuple[Repository, Issue]]:
    """Return the issues with these ids and their repositories, as far as the person may see them."""
    places = [found for i in ids if (found := visit.store.issue_by_id(i))]
    return [found for found in places if visit.store.can(visit.person, found[0], "read")]


def milestone_row(repository: Repository, milestone: Milestone) -> MilestoneRow:
    """Return what a list shows of a milestone."""
    inside = (issue for issue in repository.issues.values() if issue.milestone == milestone.number)
    return MilestoneRow(milestone, closed_of(inside))


def closed_of(issues: Iterable[Issue]) -> Progress:
    """Return how many of some issues are closed."""
    states = [issue.state for issue in issues]
    return Progress(states.count("closed"), len(states))
