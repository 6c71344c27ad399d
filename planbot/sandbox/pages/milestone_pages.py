"""Pages of milestones: how far each is, and its issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.pages.markdown import render
from planbot.sandbox.pages.rows import issue_row, milestone_row

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from planbot.sandbox.pages.visit import Visit


def milestone_list(visit: Visit) -> Response:
    """Show a repository's milestones, the open ones unless told otherwise, by what is due first."""
    repository = visit.repository()
    milestones = repository.milestones.values()
    state = "closed" if visit.http.args.get("state") == "closed" else "open"
    shown = sorted(
        (m for m in milestones if m.state == state), key=lambda m: (m.due_on is None, m.due_on or 0, m.number)
    )
    return visit.page(
        "milestones.html",
        repository=repository,
        tab="milestones",
        state=state,
        open=sum(m.state == "open" for m in milestones),
        closed=sum(m.state == "closed" for m in milestones),
        rows=[(milestone_row(repository, m), render(m.description or "").html) for m in shown],
    )


def milestone_page(visit: Visit) -> Response:
    """Show a milestone and its issues, the open ones first."""
    repository = visit.repository()
    milestone = visit.milestone(repository)
    inside = [issue for issue in repository.issues.values() if issue.milestone == milestone.number]
    inside.sort(key=lambda issue: (issue.state != "open", issue.number))
    return visit.page(
        "milestone.html",
        repository=repository,
        tab="milestones",
        row=milestone_row(repository, milestone),
        description=render(milestone.description or "").html,
        rows=[issue_row(visit, repository, issue) for issue in inside],
    )
