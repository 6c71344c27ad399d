"""Comments on issues and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.model import Comment
from planbot.sandbox.paging import page
from planbot.sandbox.problems import forbidden, invalid, not_found, too_long
from planbot.sandbox.resources.issues import comment_resource
from planbot.sandbox.routes.issues import BODY_LIMIT
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository

endpoints = Endpoints()
_LIST = "/repos/<owner>/<repo>/issues/<number>/comments"
_ONE = "/repos/<owner>/<repo>/issues/comments/<id>"


@endpoints.add("GET", _LIST, "issues/comments#list-issue-comments")
def list_comments(call: Call) -> Answer:
    """List an issue's comments, the oldest first."""
    repository = call.repository()
    issue = call.issue(repository)
    return page(
        call,
        repository,
        issue.comments,
        lambda comment: comment_resource(call.view, repository, issue, comment),
    )


@endpoints.add("POST", _LIST, "issues/comments#create-an-issue-comment")
def create_comment(call: Call) -> Answer:
    """Comment on an issue; a locked one only takes comments of people who may triage."""
    repository = call.writable()
    issue = call.issue(repository)
    if issue.converted or (issue.locked and not call.store.can(call.viewer, repository, "triage")):
        raise forbidden("Unable to create comment because issue is locked.")
    comment = Comment(call.store.next_id(), call.actor().login, _text(call), call.now, call.now)
    issue.comments.append(comment)
    issue.updated_at = call.now
    resource = comment_resource(call.view, repository, issue, comment)
    return Answer(201, resource, {"Location": resource["url"]})


@endpoints.add("GET", _ONE, "issues/comments#get-an-issue-comment")
def read_comment(call: Call) -> Answer:
    """Show a comment."""
    repository = call.repository()
    issue, comment = _find(call, repository)
    return Answer(body=comment_resource(call.view, repository, issue, comment))


@endpoints.add("PATCH", _ONE, "issues/comments#update-an-issue-comment")
def update_comment(call: Call) -> Answer:
    """Change a comment's text."""
    repository = call.writable()
    issue, comment = _own(call, repository)
    text = _text(call)
    if text != comment.body:
        comment.body, comment.updated_at = text, call.now
    return Answer(body=comment_resource(call.view, repository, issue, comment))


@endpoints.add("DELETE", _ONE, "issues/comments#delete-an-issue-comment")
def delete_comment(call: Call) -> Answer:
    """Delete a comment."""
    repository = call.writable()
    issue, comment = _own(call, repository)
    issue.comments.remove(comment)
    return Answer(204)


def _text(call: Call) -> str:
    text = call.fields.required_text("body")
    if not text.strip():
        raise invalid("IssueComment", "body", "missing_field")
    if len(text) > BODY_LIMIT:
        raise too_long("IssueComment", "body", BODY_LIMIT)
    return text


def _find(call: Call, repository: Repository) -> tuple[Issue, Comment]:
    wanted = call.number("id")
    for issue in repository.issues.values():
        for comment in issue.comments:
            if comment.id == wanted:
                return issue, comment
    raise not_found()


def _own(call: Call, repository: Repository) -> tuple[Issue, Comment]:
    issue, comment = _find(call, repository)
    if comment.author != call.actor().login and not call.store.can(call.viewer, repository, "write"):
        call.refuse()
    return issue, comment
