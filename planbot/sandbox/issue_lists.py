"""Which issues a list shows, and in which order.

https://docs.github.com/rest/issues/issues#list-repository-issues
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.clock import parse_timestamp
from planbot.sandbox.problems import invalid
from planbot.sandbox.store import label_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository
    from planbot.sandbox.paging import Position


def matching_issues(call: Call, repository: Repository) -> list[Issue]:
    """Return the issues that pass the filters of the query."""
    issues: Iterable[Issue] = call.services.faults.listed(repository)
    state = call.query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("Issue", "state", value=state)
    if state != "all":
        issues = [i for i in issues if i.state == state]
    issues = _labelled(call, repository, issues)
    issues = _milestoned(call, repository, issues)
    issues = _of_people(call, issues)
    since = call.query.get("since")
    if since:
        try:
            start = parse_timestamp(since.replace(" ", "+"))
        except ValueError:
            raise invalid("Issue", "since", value=since) from None
        issues = [i for i in issues if int(i.updated_at) >= start]
    return list(issues)


def sort_places(call: Call, issues: Iterable[Issue]) -> list[tuple[Position, Issue]]:
    """Return each issue with its place in the order that the query asks for."""
    by = call.query.get("sort", "created")
    if by == "updated":
        return [((int(issue.updated_at), issue.number), issue) for issue in issues]
    if by == "comments":
        return [((len(issue.comments), issue.number), issue) for issue in issues]
    return [((int(issue.created_at), issue.number), issue) for issue in issues]


def _labelled(call: Call, repository: Repository, issues: Iterable[Issue]) -> Iterable[Issue]:
    names = [name.strip() for name in call.query.get("labels", "").split(",") if name.strip()]
    labels = [label_named(repository, name) for name in names]
    if None in labels:
        return []
    wanted = {label.id for label in labels if label}
    return [i for i in issues if wanted <= set(i.labels)]


def _milestoned(call: Call, repository: Repository, issues: Iterable[Issue]) -> Iterable[Issue]:
    text = call.query.get("milestone", "")
    if text == "*":
        return [i for i in issues if i.milestone is not None]
    if text == "none":
        return [i for i in issues if i.milestone is None]
    if not text:
        return issues
    if not text.isdecimal() or int(text) not in repository.milestones:
        raise invalid("Issue", "milestone", value=text)
    return [i for i in issues if i.milestone == int(text)]


def _of_people(call: Call, issues: Iterable[Issue]) -> Iterable[Issue]:
    creator = call.query.get("creator", "").lower()
    if creator:
        issues = [i for i in issues if i.author.lower() == creator]
    assignee = call.query.get("assignee", "").lower()
    if assignee == "none":
        return [i for i in issues if not i.assignees]
    if assignee == "*":
        return [i for i in issues if i.assignees]
    if assignee:
        return [i for i in issues if assignee in (a.lower() for a in i.assignees)]
    return issues
