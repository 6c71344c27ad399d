"""Sub-issues and dependencies between issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.paging import page
from planbot.sandbox.problems import ApiError, not_found
from planbot.sandbox.resources.issues import issue_resource
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository

endpoints = Endpoints()
MAX_SUB_ISSUES = 100
MAX_DEPTH = 8
MAX_DEPENDENCIES = 50
_ISSUE = "/repos/<owner>/<repo>/issues/<number>"
_BLOCKED_BY = f"{_ISSUE}/dependencies/blocked_by"


@endpoints.add("GET", f"{_ISSUE}/sub_issues", "issues/sub-issues#list-sub-issues")
def list_sub_issues(call: Call) -> Answer:
    """List an issue's sub-issues in their order."""
    repository = call.repository()
    return _list(call, repository, call.issue(repository).sub_issues)


@endpoints.add("POST", f"{_ISSUE}/sub_issues", "issues/sub-issues#add-sub-issue")
def add_sub_issue(call: Call) -> Answer:
    """Put an issue, named by id, under another; it has one parent at most."""
    repository = call.writable("triage")
    parent = call.issue(repository)
    _, child = _named(call, call.fields.required_integer("sub_issue_id"))
    replace = call.fields.flag("replace_parent")
    put_under(call, parent, child, replace=replace)
    resource = issue_resource(call.view, repository, parent)
    return Answer(201, resource, {"Location": resource["url"]})


def put_under(call: Call, parent: Issue, child: Issue, *, replace: bool = False) -> None:
    """Make one issue a sub-issue of another. Raises `ApiError` 422 where it cannot be."""
    _check_parent(call, parent, child, replace=replace)
    if child.parent is not None:
        _detach(call, child)
    parent.sub_issues.append(child.id)
    child.parent = parent.id
    parent.updated_at = child.updated_at = call.now


@endpoints.add("DELETE", f"{_ISSUE}/sub_issue", "issues/sub-issues#remove-sub-issue")
def remove_sub_issue(call: Call) -> Answer:
    """Take an issue out from under its parent."""
    repository = call.writable("triage")
    parent = call.issue(repository)
    _, child = _named(call, call.fields.required_integer("sub_issue_id"))
    if child.parent != parent.id:
        raise not_found()
    _detach(call, child)
    parent.updated_at = child.updated_at = call.now
    return Answer(body=issue_resource(call.view, repository, parent))


@endpoints.add("GET", f"{_ISSUE}/parent", "issues/sub-issues#get-parent-issue")
def read_parent(call: Call) -> Answer:
    """Show an issue's parent."""
    repository = call.repository()
    issue = call.issue(repository)
    found = None if issue.parent is None else call.store.issue_by_id(issue.parent)
    if found is None:
        raise not_found()
    return Answer(body=issue_resource(call.view, *found))


@endpoints.add("GET", _BLOCKED_BY, "issues/issue-dependencies#list-dependencies-an-issue-is-blocked-by")
def list_blocked_by(call: Call) -> Answer:
    """List the issues that block an issue."""
    repository = call.repository()
    return _list(call, repository, call.issue(repository).blocked_by)


@endpoints.add(
    "GET",
    f"{_ISSUE}/dependencies/blocking",
    "issues/issue-dependencies#list-dependencies-an-issue-is-blocking",
)
def list_blocking(call: Call) -> Answer:
    """List the issues that an issue blocks."""
    repository = call.repository()
    return _list(call, repository, call.issue(repository).blocking)


@endpoints.add("POST", _BLOCKED_BY, "issues/issue-dependencies#add-a-dependency-an-issue-is-blocked-by")
def add_blocked_by(call: Call) -> Answer:
    """Let an issue be blocked by another, named by id."""
    repository = call.writable("triage")
    issue = call.issue(repository)
    _, blocker = _named(call, call.fields.required_integer("issue_id"))
    problem = _blocker_problem(issue, blocker)
    if problem:
        raise ApiError(422, f"Validation Failed: {problem}")
    issue.blocked_by.append(blocker.id)
    blocker.blocking.append(issue.id)
    resource = issue_resource(call.view, repository, issue)
    return Answer(201, resource, {"Location": resource["url"]})


@endpoints.add(
    "DELETE", f"{_BLOCKED_BY}/<id>", "issues/issue-dependencies#remove-dependency-an-issue-is-blocked-by"
)
def remove_blocked_by(call: Call) -> Answer:
    """Let an issue no longer be blocked by another."""
    repository = call.writable("triage")
    issue = call.issue(repository)
    _, blocker = _named(call, call.number("id"))
    if blocker.id not in issue.blocked_by:
        raise not_found()
    issue.blocked_by.remove(blocker.id)
    blocker.blocking.remove(issue.id)
    return Answer(body=issue_resource(call.view, repository, issue))


def _blocker_problem(issue: Issue, blocker: Issue) -> str:
    """Tell why an issue cannot be blocked by another, '' if it can."""
    if issue.pull is not None or blocker.pull is not None:
        return "Target issue may only be an issue"
    if blocker is issue:
        return "Issue cannot be blocked by itself"
    if blocker.id in issue.blocked_by:
        return "Target issue has already been taken"
    if issue.id in blocker.blocked_by:
        return "Dependency would create a cycle"
    if len(issue.blocked_by) >= MAX_DEPENDENCIES:
        return f"Issue cannot be blocked by more than {MAX_DEPENDENCIES} issues"
    return ""


def _list(call: Call, repository: Repository, ids: Sequence[int]) -> Answer:
    places = [found for i in ids if (found := call.store.issue_by_id(i))]
    return page(call, repository, places, lambda place: issue_resource(call.view, *place))


def _named(call: Call, issue_id: int) -> tuple[Repository, Issue]:
    found = call.store.issue_by_id(issue_id)
    if found is None or not call.store.can(call.viewer, found[0], "read"):
        raise ApiError(404, "The provided sub-issue does not exist")
    return found


def _check_parent(call: Call, parent: Issue, child: Issue, *, replace: bool) -> None:
    problem = ""
    if child.pull is not None or parent.pull is not None:
        problem = "Pull requests cannot be part of a sub-issue hierarchy"
    elif child.id in parent.sub_issues:
        problem = "Issue may not contain duplicate sub-issues"
    elif child.parent is not None and not replace:
        problem = "Sub issue may only have one parent"
    elif child is parent or child.id in _ancestors(call, parent):
        problem = "Sub-issues cannot create a circular dependency"
    elif len(parent.sub_issues) >= MAX_SUB_ISSUES:
        problem = f"Parent cannot have more than {MAX_SUB_ISSUES} sub-issues"
    elif len(_ancestors(call, parent)) + 1 + _height(call, child) > MAX_DEPTH:
        problem = f"Sub-issue hierarchy cannot be deeper than {MAX_DEPTH} levels"
    if problem:
        raise ApiError(422, f"An error occurred while adding the sub-issue to the parent issue. {problem}")


def _ancestors(call: Call, issue: Issue) -> list[int]:
    ids = []
    while issue.parent is not None and (found := call.store.issue_by_id(issue.parent)):
        issue = found[1]
        ids.append(issue.id)
    return ids


def _height(call: Call, issue: Issue) -> int:
    children = [found[1] for i in issue.sub_issues if (found := call.store.issue_by_id(i))]
    return 1 + max((_height(call, child) for child in children), default=0)


def _detach(call: Call, child: Issue) -> None:
    found = None if child.parent is None else call.store.issue_by_id(child.parent)
    if found is not None:
        found[1].sub_issues.remove(child.id)
    child.parent = None
