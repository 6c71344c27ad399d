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
    missing = ask(alice, '{ repository(owner: "octo", name: "x") { id } viewer { login } }')
    assert missing["data"] == {"repository": None, "viewer": {"login": "alice"}}
    assert missing["errors"][0]["type"] == "NOT_FOUND"
    no_issue = ask(alice, EDITS, number=9)
    assert no_issue["data"] == {"repository": {"issue": None}}
    assert no_issue["errors"][0]["path"] == ["repository", "issue"]
    assert "number of 9" in no_issue["errors"][0]["message"]
    assert ask(alice, '{ user(login: "nobody") { id } }')["data"] == {"user": None}


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
    assert ask(alice, "mutation { x }")["errors"][0]["extensions"]["code"] == "undefinedField"


MAKE = """
mutation ($one: CreateIssueInput!, $two: CreateIssueInput!) {
  one: createIssue(input: $one) { issue { ...made } }
  two: createIssue(input: $two) { issue { ...made } }
}
fragment made on Issue {
  fullDatabaseId number title body state locked url author { __typename login }
  milestone { number } parent { number } labels(first: 9) { nodes { name } } assignees(first: 9) { nodes { login } }
}
"""
IDS = """{ repository(owner: "octo", name: "plans") {
    id label(name: "Bug") { id } milestone(number: 1) { id } issue(number: 1) { id } } user(login: "alice") { id } }"""


def ids(client: Client) -> tuple[dict[str, Any], str]:
    data = ask(client, IDS)["data"]
    return data["repository"], data["user"]["id"]


def prepared(client: Client) -> None:
    client.post(ISSUES, title="above")
    client.post("/repos/octo/plans/milestones", title="soon")
    client.post("/repos/octo/plans/labels", name="bug", color="ededed")


@pytest.mark.follows("POST /graphql", "graphql/reference/mutations#createissue")
def test_issues_are_made_under_their_parent(people: People) -> None:
    alice = people.client("alice")
    prepared(alice)
    found, user = ids(alice)
    whole = {
        "repositoryId": found["id"],
        "title": "below",
        "body": "b",
        "labelIds": [found["label"]["id"]],
        "milestoneId": found["milestone"]["id"],
        "assigneeIds": [user],
        "parentIssueId": found["issue"]["id"],
    }
    made = ask(alice, MAKE, one=whole, two={"repositoryId": found["id"], "title": "alone"})["data"]
    read = alice.get(f"{ISSUES}/2").json
    assert made["one"]["issue"] == {
        "fullDatabaseId": str(read["id"]),
        "number": 2,
        "title": "below",
        "body": "b",
        "state": "OPEN",
        "locked": False,
        "url": read["html_url"],
        "author": {"__typename": "User", "login": "alice"},
        "milestone": {"number": 1},
        "parent": {"number": 1},
        "labels": {"nodes": [{"name": "bug"}]},
        "assignees": {"nodes": [{"login": "alice"}]},
    }
    assert read["parent_issue_url"].endswith("/issues/1")
    assert made["two"]["issue"]["parent"] is made["two"]["issue"]["milestone"] is None


@pytest.mark.follows("POST /graphql", "graphql/reference/mutations#createissue")
def test_an_issue_that_cannot_be_made_is_null_and_stops_no_other(people: People) -> None:
    alice = people.client("alice")
    prepared(alice)
    found, _ = ids(alice)
    wrong = {"repositoryId": found["id"], "title": "t", "parentIssueId": "I_x"}
    answer = ask(alice, MAKE, one=wrong, two={"repositoryId": found["id"], "title": "alone"})
    assert answer["data"]["one"] is None
    assert answer["errors"][0]["path"] == ["one"]
    assert answer["data"]["two"]["issue"]["number"] == 2


@pytest.mark.follows("POST /graphql", "graphql/reference/mutations#createissue")
@pytest.mark.parametrize("given", [{"title": "t", "shoeSize": 9}, {}, "text", None])
def test_an_input_of_another_shape_is_refused_before_anything_is_made(people: People, given: Any) -> None:
    alice = people.client("alice")
    prepared(alice)
    found, _ = ids(alice)
    fine = {"repositoryId": found["id"], "title": "t"}
    two = given | {"repositoryId": found["id"]} if isinstance(given, dict) else given
    answer = ask(alice, MAKE, one=fine, two=two)
    assert "data" not in answer
    assert "CreateIssueInput" in answer["errors"][0]["message"]
    assert len(alice.get(ISSUES).json) == 1


@given(st.text(alphabet="{}()[]:.$\"'# \n,aq1!", max_size=60))
def test_any_text_is_a_document_or_refused(text: str) -> None:
    try:
        document = parse(text)
    except QueryError:
        return
    assert isinstance(document, Document)
