"""The GraphQL API, as far as planbot asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.people import ISSUES

from planbot.sandbox.graphql_query import Document, QueryError, parse

if TYPE_CHECKING:
    from sandbox.people import Client, People

    from planbot.sandbox import Sandbox

EDITS = """
query ($number: Int!) {
  repository(owner: "octo", name: "plans") {
    issue(number: $number) {
      oldest: userContentEdits(last: 1) { totalCount nodes { ...edit } }
      newest: userContentEdits(first: 1) { nodes { ...edit } }
      lastEditedAt, editor { login }
    }
  }
}
# who it was
fragment edit on UserContentEdit { editedAt editor { __typename login ... on Bot { databaseId } } }
"""


def ask(client: Client, query: str, path: str = "/graphql", **variables: object) -> Any:
    return client.post(path, query=query, variables=variables).json


@pytest.mark.follows("POST /graphql", "graphql/reference/objects#usercontentedit")
def test_who_edited_a_body_is_told(sandbox: Sandbox, people: People) -> None:
    alice = people.client("alice")
    alice.post(ISSUES, title="t", body="- [ ] a")
    sandbox.clock.advance(60)
    people.client("tina").patch(f"{ISSUES}/1", body="- [x] a")
    people.client("bot").patch(f"{ISSUES}/1", title="not the body")
    sandbox.clock.advance(60)
    people.client("bot").patch(f"{ISSUES}/1", body="- [x] a ")
    issue = ask(alice, EDITS, number=1)["data"]["repository"]["issue"]
    (oldest,), (newest,) = issue["oldest"]["nodes"], issue["newest"]["nodes"]
    assert issue["oldest"]["totalCount"] == 3
    assert oldest["editor"] == {"__typename": "User", "login": "alice"}
    bot = alice.get("/users/planbot%5Bbot%5D").json
    assert newest["editor"] == {"__typename": "Bot", "login": "planbot", "databaseId": bot["id"]}
    assert issue["lastEditedAt"] == newest["editedAt"] > oldest["editedAt"]


@pytest.mark.follows("POST /graphql", "graphql/reference/objects#usercontentedit")
def test_the_history_of_a_body_has_the_text_after_each_edit(people: People) -> None:
    alice = people.client("alice")
    alice.post(ISSUES, title="t", body="one")
    for body in ("two", "three"):
        alice.patch(f"{ISSUES}/1", body=body)
    query = """{ repository(owner: "octo", name: "plans") {
        i1: issue(number: 1) { userContentEdits(first: 9) { nodes { diff } } } } }"""
    edits = ask(alice, query)["data"]["repository"]["i1"]["userContentEdits"]["nodes"]
    assert [edit["diff"] for edit in edits] == ["three", "two", "one"]


@pytest.mark.follows("POST /graphql", "graphql/reference/objects#usercontentedit")
def test_a_body_as_it_was_opened_has_no_edits(alice: Client) -> None:
    alice.post(ISSUES, title="t", body="b")
    issue = ask(alice, EDITS, "/api/graphql", number=1)["data"]["repository"]["issue"]
    assert issue["newest"]["nodes"] == []
    assert issue["editor"] is issue["lastEditedAt"] is None


@pytest.mark.follows("POST /graphql", "graphql/guides/forming-calls-with-graphql")
def test_what_is_not_there_is_null_with_an_error(alice: Client) -> None:
    missing = ask(alice, '{ repository(owner: "octo", name: "x") { id } }')
    assert missing["data"] == {"repository": None}
    assert missing["errors"][0]["type"] == "NOT_FOUND"
    assert "number of 9" in ask(alice, EDITS, number=9)["errors"][0]["message"]


@pytest.mark.follows("POST /graphql", "graphql/guides/forming-calls-with-graphql")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { shoeSize } }", "undefinedField"),
        ("{ viewer }", "selectionMismatch"),
        ("{ viewer { login }", "parseError"),
        ("{ viewer % }", "parseError"),
        (
            '{ repository(owner: "octo", name: "plans") { issue(number: 1) { userContentEdits { nodes { diff } } } } }',
            "MISSING_PAGINATION_BOUNDARIES",
        ),
    ],
)
def test_a_query_that_is_wrong_is_told_in_errors(alice: Client, query: str, code: str) -> None:
    alice.post(ISSUES, title="t")
    reply = alice.post("/graphql", query=query)
    assert reply.status == 200
    assert reply.json["errors"][0]["extensions"]["code"] == code


@pytest.mark.follows("POST /graphql", "graphql/guides/forming-calls-with-graphql#authenticating-with-graphql")
def test_graphql_takes_a_token_and_a_query(people: People) -> None:
    assert people.client().post("/graphql", query="{ viewer { login } }").status == 401
    alice = people.client("alice")
    assert (
        ask(alice, "query Me { viewer { name: login ... on User { id } } }")["data"]["viewer"]["name"]
        == "alice"
    )
    assert "queries only" in ask(alice, "mutation { x }")["errors"][0]["message"]


@given(st.text(alphabet="{}()[]:.$\"'# \n,aq1!", max_size=60))
def test_any_text_is_a_document_or_refused(text: str) -> None:
    try:
        document = parse(text)
    except QueryError:
        return
    assert isinstance(document, Document)
