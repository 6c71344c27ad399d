"""Pages of issues and pull requests: lists, and one with all that was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.pages.boxes import version
from planbot.sandbox.pages.markdown import render
from planbot.sandbox.pages.rows import issue_row, milestone_row, related_rows
from planbot.sandbox.store import label_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from planbot.sandbox.model import Issue, Repository
    from planbot.sandbox.pages.visit import Visit

A_PAGE = 50


def issue_list(visit: Visit) -> Response:
    """Show a repository's issues, the open ones unless told otherwise."""
    return _list(visit, "issues")


def pull_list(visit: Visit) -> Response:
    """Show a repository's pull requests."""
    return _list(visit, "pulls")


def issue_page(visit: Visit) -> Response:
    """Show an issue."""
    repository = visit.repository()
    return show_issue(visit, repository, visit.issue(repository))


def show_issue(
    visit: Visit,
    repository: Repository,
    issue: Issue,
    *,
    problem: str = "",
    draft: str = "",
    status: int = 200,
) -> Response:
    """Show an issue or a pull request, with what went wrong and the words that somebody was about to send."""
    row = issue_row(visit, repository, issue)
    may_triage = visit.store.can(visit.person, repository, "triage")
    may_edit = visit.person is not None and (may_triage or issue.author == visit.person.login)
    return visit.page(
        "issue.html",
        status=status,
        own_address=issue_address(visit, repository, issue),
        repository=repository,
        row=row,
        tab="issues" if issue.pull is None else "pulls",
        body=render(issue.body or "", clickable=may_edit and not repository.archived),
        version=version(issue.body or ""),
        comments=[(comment, render(comment.body).html) for comment in issue.comments],
        children=related_rows(visit, issue.sub_issues),
        parents=related_rows(visit, [issue.parent] if issue.parent else []),
        blockers=related_rows(visit, issue.blocked_by),
        milestone=None if row.milestone is None else milestone_row(repository, row.milestone),
        may_edit=may_edit and not repository.archived,
        may_comment=visit.person is not None and not repository.archived,
        problem=problem,
        draft=draft,
    )


def issue_address(visit: Visit, repository: Repository, issue: Issue) -> str:
    """Return the page of an issue or a pull request."""
    kind = "issues" if issue.pull is None else "pull"
    return f"{visit.pages_of(repository)}/{kind}/{issue.number}"


def _list(visit: Visit, tab: str) -> Response:
    repository = visit.repository()
    state = "closed" if visit.http.args.get("state") == "closed" else "open"
    found = _filtered(visit, repository, pulls=tab == "pulls")
    shown = sorted((i for i in found if i.state == state), key=lambda issue: -issue.number)
    page = max(1, visit.http.args.get("page", 1, int))
    return visit.page(
        "issues.html",
        repository=repository,
        tab=tab,
        state=state,
        open=sum(issue.state == "open" for issue in found),
        closed=sum(issue.state == "closed" for issue in found),
        rows=[issue_row(visit, repository, issue) for issue in shown[(page - 1) * A_PAGE : page * A_PAGE]],
        page=page,
        more=len(shown) > page * A_PAGE,
        label=visit.http.args.get("label", ""),
    )


def _filtered(visit: Visit, repository: Repository, *, pulls: bool) -> Sequence[Issue]:
    """Return the issues with the label that is asked for, or all."""
    issues = [issue for issue in repository.issues.values() if (issue.pull is not None) == pulls]
    name = visit.http.args.get("label", "")
    label = label_named(repository, name)
    return [i for i in issues if label is not None and label.id in i.labels] if name else issues
