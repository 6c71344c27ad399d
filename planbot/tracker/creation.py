"""Several issues made in one request, each under its parent, as GitHub's GraphQL API can.

https://docs.github.com/graphql/reference/mutations#createissue
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from planbot.errors import LostAnswerError, RefusedError, TrackerError
from planbot.tracker import convert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from planbot.tracker.records import IssueDraft, IssueRecord

Node = tuple[str, str | int]  # what is asked for by its name or number, such as ("label", "planbot")

REPOSITORY: Node = ("repository", "")
# what a server says before it does anything, of a document or an input that its schema does not have
_NOT_TAKEN = frozenset({"undefinedField", "undefinedType", "argumentNotAccepted", "variableMismatch"})

_TYPES = {"label": "String!", "milestone": "Int!", "issue": "Int!", "user": "String!"}
_ARGUMENTS = {"label": "name", "milestone": "number", "issue": "number", "user": "login"}
_MADE = """fragment made on Issue {
  id fullDatabaseId number title body state locked url createdAt updatedAt
  author { __typename login }
  milestone { number }
  parent { number }
  labels(first: 100) { nodes { name } }
  assignees(first: 20) { nodes { login } }
}"""


def nodes_of(drafts: Iterable[IssueDraft]) -> tuple[Node, ...]:
    """Return everything that drafts name."""
    found: dict[Node, None] = {}
    for draft in drafts:
        found |= dict.fromkeys(("label", label) for label in draft.labels)
        found |= dict.fromkeys(("user", login) for login in draft.assignees)
        found |= {("milestone", draft.milestone): None} if draft.milestone is not None else {}
        found |= {("issue", draft.parent): None} if draft.parent is not None else {}
    return tuple(found)


def ids_query(nodes: Sequence[Node]) -> tuple[str, dict[str, Any]]:
    """Return the query for the ids of nodes and of their repository, and its variables but owner and name."""
    names = [f"n{place}" for place in range(len(nodes))]
    types = "".join(f", ${name}: {_TYPES[kind]}" for name, (kind, _) in zip(names, nodes, strict=True))
    fields = [
        f"{name}: {kind}({_ARGUMENTS[kind]}: ${name}) {{ id }}"
        for name, (kind, _) in zip(names, nodes, strict=True)
    ]
    outside = [field for field, (kind, _) in zip(fields, nodes, strict=True) if kind == "user"]
    inside = [field for field, (kind, _) in zip(fields, nodes, strict=True) if kind != "user"]
    query = f"query ($owner: String!, $name: String!{types}) {{\n"
    query += (
        f"  repository(owner: $owner, name: $name) {{ id {' '.join(inside)} }}\n  {' '.join(outside)}\n}}"
    )
    return query, {name: value for name, (_, value) in zip(names, nodes, strict=True)}


def ids_of(answer: Any, nodes: Sequence[Node]) -> dict[Node, str]:
    """Return ids by node, that of the repository as `REPOSITORY`, as far as the answer has them."""
    data = (answer.get("data") if isinstance(answer, dict) else None) or {}
    inside = data.get("repository") or {}
    found = {REPOSITORY: inside} | {
        node: (data if node[0] == "user" else inside).get(f"n{place}") for place, node in enumerate(nodes)
    }
    return {node: one["id"] for node, one in found.items() if isinstance(one, dict) and "id" in one}


def mutation(drafts: Sequence[IssueDraft], ids: Mapping[Node, str]) -> tuple[str, dict[str, Any]]:
    """Return the mutation that makes issues, and its variables. Raises `KeyError` for a node without an id."""
    names = [f"d{place}" for place in range(len(drafts))]
    types = ", ".join(f"${name}: CreateIssueInput!" for name in names)
    fields = "".join(f"  {name}: createIssue(input: ${name}) {{ issue {{ ...made }} }}\n" for name in names)
    inputs = {name: _input(draft, ids) for name, draft in zip(names, drafts, strict=True)}
    return f"mutation ({types}) {{\n{fields}}}\n{_MADE}", inputs


def _input(draft: IssueDraft, ids: Mapping[Node, str]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "repositoryId": ids[REPOSITORY],
        "title": draft.title,
        "body": draft.body,
        "labelIds": [ids["label", label] for label in draft.labels],
        "assigneeIds": [ids["user", login] for login in draft.assignees],
    }
    if draft.milestone is not None:
        given["milestoneId"] = ids["milestone", draft.milestone]
    if draft.parent is not None:
        given["parentIssueId"] = ids["issue", draft.parent]
    return given


def ids_of_made(answer: Any) -> dict[Node, str]:
    """Return the ids of the issues that an answer of `mutation`'s tells of."""
    issues = [payload["issue"] for payload in answer["data"].values() if payload and payload.get("issue")]
    return {("issue", issue["number"]): issue["id"] for issue in issues if "id" in issue}


def made(answer: Any, drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
    """Return what became of each draft.

    Whether an issue was made whose field failed is not documented, so its answer counts as lost.

    Raises:
        RefusedError: if the server's schema has not what was asked for: nothing was done.
        ValueError: if the answer is of another shape, or failed as a whole at an unknown point.
    """
    answer = answer if isinstance(answer, dict) else {}
    data = answer.get("data")
    errors = [error for error in _listed(answer.get("errors")) if isinstance(error, dict)]
    if not isinstance(data, dict):
        said = "; ".join(str(error.get("message")) for error in errors)
        sure = errors and "data" not in answer and all(map(_is_refused, errors))
        raise (
            RefusedError(f"the server cannot make several issues at once: {said}")
            if sure
            else ValueError(said)
        )
    said_of = {_field(error): error.get("message") for error in errors}
    return [
        _one(draft, data.get(f"d{place}"), said_of.get(f"d{place}")) for place, draft in enumerate(drafts)
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _field(error: Mapping[str, Any]) -> str:
    """Return which field of the mutation an error is about, "" where it does not tell."""
    path = error.get("path")
    return str(path[0]) if isinstance(path, list) and path else ""


def _one(draft: IssueDraft, payload: Any, said: str | None) -> IssueRecord | TrackerError:
    if isinstance(payload, dict) and payload.get("issue"):
        with suppress(ValueError):  # then it was made, and the next pass reads what it is
            return convert.issue_of_node(payload["issue"])
    return LostAnswerError(
        f"could not learn whether the issue “{draft.title}” was made: {said or 'the answer does not tell'}",
        hint="It is not sent again: the next pass looks for it.",
    )


def _is_refused(error: Mapping[str, Any]) -> bool:
    """Say whether an error comes from reading the document, before any of it is done."""
    extensions = error.get("extensions") or {}
    return extensions.get("code") in _NOT_TAKEN or "problems" in extensions
