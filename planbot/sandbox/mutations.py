"""What the GraphQL API can change: issues made under their parents, as the REST API makes them.

https://docs.github.com/graphql/reference/mutations#createissue
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from planbot.sandbox.fields import Fields
from planbot.sandbox.graphql_nodes import issue_node
from planbot.sandbox.graphql_query import Field, FieldError, Node, QueryError, value_of
from planbot.sandbox.problems import ApiError
from planbot.sandbox.routes.issues import open_issue
from planbot.sandbox.routes.relations import put_under
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planbot.sandbox.call import Call
    from planbot.sandbox.graphql_query import Document
    from planbot.sandbox.model import Repository

_T = TypeVar("_T")
_KNOWN = {
    "repositoryId",
    "title",
    "body",
    "assigneeIds",
    "labelIds",
    "milestoneId",
    "parentIssueId",
    "clientMutationId",
}
_REQUIRED = {"repositoryId", "title"}


def require_inputs(call: Call, document: Document, variables: Mapping[str, Any]) -> None:
    """Refuse, before anything is done, inputs that the schema has not or that lack what it needs."""
    known = _KNOWN - {"parentIssueId"} if call.services.faults.old_schema else _KNOWN
    for chosen in document.selections:
        for argument in chosen.arguments.values() if isinstance(chosen, Field) else ():
            given = value_of(argument, variables)
            odd = given.keys() - known | _REQUIRED - given.keys() if isinstance(given, dict) else {""}
            if odd:
                name = getattr(argument, "name", "input")
                message = f"Variable ${name} of type CreateIssueInput! was provided invalid value"
                problems = [{"path": [key] if key else [], "explanation": "invalid"} for key in sorted(odd)]
                raise QueryError(message, value=given, problems=problems)


def created(call: Call, given: Mapping[str, Any]) -> Node:
    """Open an issue and put it under its parent. Raises `FieldError`."""
    repository = _named(call.store.state.repositories.values(), "R", given["repositoryId"])
    within = replace(
        call,
        arguments={"owner": repository.owner, "repo": repository.name},
        fields=Fields(_as_rest(call, repository, given)),
    )
    parent = given.get("parentIssueId")
    above = None if parent is None else _named(repository.issues.values(), "I", parent)
    try:
        within.writable("read" if above is None else "triage")
        issue = open_issue(within)
        if above is not None:
            put_under(within, above, issue)
    except ApiError as error:
        raise FieldError(error.message, "UNPROCESSABLE") from None
    return Node("CreateIssuePayload", {"issue": issue_node(within, repository, issue)})


def _as_rest(call: Call, repository: Repository, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mutation's input as the REST API takes it."""
    fields = {"title": given["title"], "body": given.get("body")}
    if given.get("labelIds"):
        labels = repository.labels.values()
        fields["labels"] = [_named(labels, "LA", label).name for label in given["labelIds"]]
    if given.get("milestoneId"):
        fields["milestone"] = _named(repository.milestones.values(), "MI", given["milestoneId"]).number
    if given.get("assigneeIds"):
        users = call.store.state.users.values()
        fields["assignees"] = [_named(users, "U", user).login for user in given["assigneeIds"]]
    return fields


def _named(things: Iterable[_T], prefix: str, wanted: str) -> _T:
    for thing in things:
        if node_id(prefix, getattr(thing, "id")) == wanted:  # noqa: B009  # things of several types have one
            return thing
    raise FieldError(f"Could not resolve to a node with the global id of '{wanted}'")
