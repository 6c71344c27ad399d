"""The GraphQL API, as far as planbot asks it: who edited an issue's body, and issues made under their parents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.graphql_nodes import actor_node, issue_node
from planbot.sandbox.graphql_query import FieldError, Node, QueryError, execute, parse
from planbot.sandbox.mutations import created, require_inputs
from planbot.sandbox.problems import ApiError
from planbot.sandbox.routing import Answer, Endpoints
from planbot.sandbox.store import label_named
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Repository

endpoints = Endpoints()


@endpoints.add("POST", "/graphql", "../graphql/guides/forming-calls-with-graphql")
def answer(call: Call) -> Answer:
    """Answer a document; what is wrong with it stands in `errors` of a 200, as GraphQL has it."""
    if call.viewer is None:
        raise ApiError(401, "This endpoint requires you to be authenticated.")
    try:
        document = parse(call.fields.required_text("query"))
        variables = call.fields.record("variables").values
        if document.mutation:
            require_inputs(call, document, variables)
        return Answer(body=execute((_mutation if document.mutation else _query)(call), document, variables))
    except QueryError as error:
        extensions = {"extensions": error.extensions} if error.extensions else {}
        return Answer(body={"errors": [{"message": error.message, **extensions}]})


def _query(call: Call) -> Node:
    return Node(
        "Query",
        {
            "viewer": lambda: actor_node(call, call.actor().login),
            "user": lambda login: _user(call, login),
            "repository": lambda owner, name: _repository(call, owner, name),
        },
    )


def _mutation(call: Call) -> Node:
    return Node("Mutation", {"createIssue": lambda **arguments: created(call, arguments["input"])})


def _user(call: Call, login: str) -> Node:
    if call.store.user(login) is None:
        raise FieldError(f"Could not resolve to a User with the login of '{login}'.")
    return actor_node(call, login)


def _repository(call: Call, owner: str, name: str) -> Node:
    repository = call.store.repository(owner, name)
    if repository is None or not call.store.can(call.viewer, repository, "read"):
        message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
        raise FieldError(message)
    fields = {
        "id": node_id("R", repository.id),
        "databaseId": repository.id,
        "nameWithOwner": repository.full_name,
        "issue": lambda number: _issue(call, repository, number),
        "label": lambda name: _label(repository, name),
        "milestone": lambda number: _milestone(repository, number),
    }
    return Node("Repository", fields)


def _issue(call: Call, repository: Repository, number: int) -> Node:
    issue = repository.issues.get(number)
    if issue is None or issue.pull is not None:
        raise FieldError(f"Could not resolve to an Issue with the number of {number}.")
    return issue_node(call, repository, issue)


def _label(repository: Repository, name: str) -> Node | None:
    label = label_named(repository, name)
    return Node("Label", {"id": node_id("LA", label.id), "name": label.name}) if label else None


def _milestone(repository: Repository, number: int) -> Node | None:
    milestone = repository.milestones.get(number)
    return Node("Milestone", {"id": node_id("MI", milestone.id), "number": number}) if milestone else None
