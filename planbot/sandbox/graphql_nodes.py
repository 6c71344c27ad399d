"""People, issues and their edits as nodes of the GraphQL API.

https://docs.github.com/graphql/reference/objects
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.clock import timestamp
from planbot.sandbox.graphql_query import Node, QueryError
from planbot.sandbox.resources.issues import time_or_null
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planbot.sandbox.call import Call
    from planbot.sandbox.model import BodyEdit, Issue, Repository

MAX_NODES = 100
_TYPES = {"user": "User", "bot": "Bot", "organization": "Organization"}


def actor_node(call: Call, login: str) -> Node:
    """Return a user; the API has no suffix on a bot's login here."""
    user = call.store.known_user(login)
    fields = {
        "__interfaces": ("Actor",),
        "id": node_id("U", user.id),
        "login": user.login.removesuffix("[bot]"),
        "databaseId": user.id,
    }
    return Node(_TYPES[user.kind], fields)


def issue_node(call: Call, repository: Repository, issue: Issue) -> Node:
    """Return an issue."""
    last = issue.edits[-1] if issue.edits else None
    parent = None if issue.parent is None else call.store.issue_by_id(issue.parent)
    milestone = repository.milestones.get(issue.milestone) if issue.milestone is not None else None
    labels = [repository.labels[label] for label in issue.labels if label in repository.labels]
    return Node(
        "Issue",
        {
            "id": node_id("I", issue.id),
            "databaseId": issue.id,
            "fullDatabaseId": str(issue.id),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body or "",
            "state": issue.state.upper(),
            "locked": issue.locked,
            "url": call.view.issue_page(repository, issue),
            "createdAt": timestamp(issue.created_at),
            "updatedAt": timestamp(issue.updated_at),
            "author": actor_node(call, issue.author),
            "editor": actor_node(call, last.editor) if last else None,
            "lastEditedAt": time_or_null(last.edited_at if last else None),
            "milestone": Node("Milestone", {"number": milestone.number}) if milestone else None,
            "parent": issue_node(call, *parent) if parent else None,
            "labels": _connection("Label", [Node("Label", {"name": label.name}) for label in labels]),
            "assignees": _connection("User", [actor_node(call, login) for login in issue.assignees]),
            "userContentEdits": lambda first=None, last=None: _edits(call, issue, first, last),
        },
    )


def _connection(of: str, nodes: Sequence[Node]) -> Callable[..., Node]:
    def page(first: int = MAX_NODES) -> Node:
        return Node(f"{of}Connection", {"nodes": list(nodes[:first]), "totalCount": len(nodes)})

    return page


def _edits(call: Call, issue: Issue, first: int | None, last: int | None) -> Node:
    """Return the edits, the newest first; the text it was opened with counts as the oldest once it has others."""
    if first is None and last is None:
        message = "You must provide a `first` or `last` value to properly paginate the `userContentEdits` connection."
        raise QueryError(message, "MISSING_PAGINATION_BOUNDARIES")
    nodes = [_edit(call, edit) for edit in reversed(issue.edits)]
    chosen = nodes[: min(first, MAX_NODES)] if first is not None else nodes[-min(last or 0, MAX_NODES) :]
    return Node("UserContentEditConnection", {"nodes": chosen, "totalCount": len(nodes)})


def _edit(call: Call, edit: BodyEdit) -> Node:
    fields = {
        "editedAt": timestamp(edit.edited_at),
        "editor": actor_node(call, edit.editor),
        "diff": edit.body,
    }
    return Node("UserContentEdit", fields)
