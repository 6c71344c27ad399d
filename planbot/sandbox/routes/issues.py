"""Issues: list, create, read, change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.issue_lists import matching_issues, sort_places
from planbot.sandbox.lifecycle import close_issue, edit_texts, reopen_issue
from planbot.sandbox.metadata import Metadata
from planbot.sandbox.model import Issue
from planbot.sandbox.paging import cursor_page
from planbot.sandbox.problems import ApiError, forbidden, invalid, too_long
from planbot.sandbox.reports import report
from planbot.sandbox.resources.issues import issue_resource
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Repository

endpoints = Endpoints()

TITLE_LIMIT = 256
BODY_LIMIT = 65_536
_REASONS = ("completed", "not_planned", "duplicate", "reopened")


@endpoints.add("GET", "/repos/<owner>/<repo>/issues", "issues/issues#list-repository-issues")
def list_issues(call: Call) -> Answer:
    """List issues and pull requests, the newest first unless told otherwise."""
    repository = call.repository()
    if not repository.has_issues:
        raise ApiError(404, "Not Found")
    places = sort_places(call, matching_issues(call, repository))
    return cursor_page(
        call,
        repository,
        places,
        lambda issue: issue_resource(call.view, repository, issue),
        descending=call.query.get("direction") != "asc",
    )


@endpoints.add("POST", "/repos/<owner>/<repo>/issues", "issues/issues#create-an-issue")
def create_issue(call: Call) -> Answer:
    """Open an issue, and show it."""
    resource = issue_resource(call.view, call.repository(), open_issue(call))
    return Answer(201, resource, {"Location": resource["url"]})


def open_issue(call: Call) -> Issue:
    """Open an issue; labels, milestone and assignees of someone without rights are dropped without a word."""
    repository = call.writable()
    if not repository.has_issues:
        raise ApiError(410, "Issues has been disabled in this repository.")
    title = _checked_title(call.fields.required_text("title"))
    body, metadata = checked_body(call, "Issue"), Metadata.read(call, repository)
    issue = new_issue(call, repository, title, body)
    metadata.apply(call, repository, issue)
    report(call.outbox, "opened", repository, issue)
    call.outbox.put_last_first()
    return issue


@endpoints.add("GET", "/repos/<owner>/<repo>/issues/<number>", "issues/issues#get-an-issue")
def read_issue(call: Call) -> Answer:
    """Show an issue or a pull request."""
    repository = call.repository()
    return Answer(body=issue_resource(call.view, repository, call.issue(repository)))


@endpoints.add("PATCH", "/repos/<owner>/<repo>/issues/<number>", "issues/issues#update-an-issue")
def update_issue(call: Call) -> Answer:
    """Change an issue; its author may, and whoever has the triage role."""
    repository = call.writable()
    issue = call.issue(repository)
    may_triage = call.store.can(call.viewer, repository, "triage")
    if not may_triage and issue.author != call.actor().login:
        call.refuse()
    if issue.converted:
        raise forbidden("Unable to change issue because it was converted to a discussion.")
    title, body = call.fields.text("title"), checked_body(call, "Issue")
    state = call.fields.choice("state", ("open", "closed"))
    reason = call.fields.choice("state_reason", _REASONS)
    metadata = Metadata.read(call, repository)
    edit_texts(
        call.outbox,
        repository,
        issue,
        title=None if title is None else _checked_title(title),
        body=(body or "") if "body" in call.fields else None,
    )
    metadata.apply(call, repository, issue)
    if state == "closed":
        close_issue(call.outbox, repository, issue, reason)
    elif state == "open":
        reopen_issue(call.outbox, repository, issue)
    return Answer(body=issue_resource(call.view, repository, issue))


def checked_body(call: Call, resource: str) -> str | None:
    """Return the body of the request; raises `ApiError` 422 if it is too long."""
    body = call.fields.text("body")
    if body is not None and len(body) > BODY_LIMIT:
        raise too_long(resource, "body", BODY_LIMIT)
    return body


def new_issue(call: Call, repository: Repository, title: str, body: str | None) -> Issue:
    """Add an issue, numbered in one row with the pull requests."""
    repository.last_number += 1
    author = call.actor().login
    issue = Issue(
        call.store.next_id(), repository.last_number, title, author, call.now, call.now, body or None
    )
    call.store.add_issue(repository, issue)
    return issue


def _checked_title(title: str) -> str:
    title = title.strip()
    if not title:
        raise invalid("Issue", "title", "missing_field")
    if len(title) > TITLE_LIMIT:
        raise too_long("Issue", "title", TITLE_LIMIT)
    return title
