"""The GraphQL API, as far as planbot asks it: who edited an issue's body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.clock import timestamp
from planbot.sandbox.graphql_query import Node, QueryError, parse, select
from planbot.sandbox.problems import ApiError
from planbot.sandbox.resources.issues import time_or_null
from planbot.sandbox.routing import Answer, Endpoints
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import BodyEdit, Issue, Repository

endpoints = Endpoints()
MAX_NODES = 100
_TYPES = {"user": "User", "bot": "Bot", "organization": "Organization"}


class _NotFoundError(QueryError):
    """Say that a query names something that is not there or may not be seen."""


@endpoints.add("POST", "/graphql", "../graphql/guides/forming-calls-with-graphql")
def query(call: Call) -> Answer:
    """Answer a query; what is wrong with it stands in `errors` of a 200, as GraphQL has it."""
    if call.viewer is None:
        raise ApiError(401, "This endpoint requires you to be authenticated.")
    try:
        document = parse(call.fields.required_text("query"))
        root = Node(
            "Query", {"viewer": lambda: _actor(call, call.actor().login), "repository": _repository(call)}
        )
        variables = call.fields.record("variables").values
        return Answer(body={"data": select(root, document.selections, document, variables)})
    except _NotFoundError as error:
        problem = {"type": "NOT_FOUND", "path": [error.code], "message": error.message}
        return Answer(body={"data": {error.code: None}, "errors": [problem]})
    except QueryError as error:
        extensions = {"extensions": {"code": error.code}} if error.code else {}
        return Answer(body={"errors": [{"message": error.message, **extensions}]})


def _repository(call: Call) -> Any:
    def find(owner: str, name: str) -> Node:
        repository = call.store.repository(owner, name)
        if repository is None or not call.store.can(call.viewer, repository, "read"):
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise _NotFoundError(message, "repository")
        fields = {
            "id": node_id("R", repository.id),
            "databaseId": repository.id,
            "nameWithOwner": repository.full_name,
            "issue": lambda number: _issue(call, repository, number),
        }
        return Node("Repository", fields)

    return find


def _issue(call: Call, repository: Repository, number: int) -> Node:
    issue = repository.issues.get(number)
    if issue is None or issue.pull is not None:
        raise _NotFoundError(f"Could not resolve to an Issue with the number of {number}.", "repository")
    last = issue.edits[-1] if issue.edits else None
    return Node(
        "Issue",
        {
            "id": node_id("I", issue.id),
            "databaseId": issue.id,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body or "",
            "author": _actor(call, issue.author),
            "editor": _actor(call, last.editor) if last else None,
            "lastEditedAt": time_or_null(last.edited_at if last else None),
            "userContentEdits": lambda first=None, last=None: _edits(call, issue, first, last),
        },
    )


def _edits(call: Call, issue: Issue, first: int | None, last: int | None) -> Node:
    """Return the edits, the newest first; the text it was opened with counts as the oldest once it has others."""
    if first is None and last is None:
        message = "You must provide a `first` or `last` value to properly paginate the `userContentEdits` connection."
        raise QueryError(message, "MISSING_PAGINATION_BOUNDARIES")
    nodes = [_edit(call, edit) for edit in reversed(issue.edits)]
    chosen = nodes[: min(first, MAX_NODES)] if first is not None else nodes[-min(last or 0, MAX_NODES) :]
    return Node("UserContentEditConnection", {"nodes": chosen, "totalCount": len(nodes)})


def _edit(call: Call, edit: BodyEdit) -> Node:
    fields = {"editedAt": timestamp(edit.edited_at), "editor": _actor(call, edit.editor), "diff": edit.body}
    return Node("UserContentEdit", fields)


def _actor(call: Call, login: str) -> Node:
    """Return a user; the API has no suffix on a bot's login here."""
    user = call.store.known_user(login)
    fields = {
        "__interfaces": ("Actor",),
        "id": node_id("U", user.id),
        "login": user.login.removesuffix("[bot]"),
        "databaseId": user.id,
    }
    return Node(_TYPES[user.kind], fields)
