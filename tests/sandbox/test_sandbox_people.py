"""What each role may do, and what bots and strangers see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY

if TYPE_CHECKING:
    from sandbox.people import People

    from planbot.sandbox import Sandbox

CREATE, UPDATE = "rest/issues/issues#create-an-issue", "rest/issues/issues#update-an-issue"


@pytest.mark.follows("POST …/issues", CREATE)
def test_without_the_triage_role_labels_milestone_and_assignees_are_dropped(people: People) -> None:
    people.client("alice").post(f"{REPOSITORY}/milestones", title="M")
    fields = {"title": "t", "labels": ["planbot"], "milestone": 1, "assignees": ["alice"]}
    for login, kept in (("rita", False), ("stranger", False), ("tina", True), ("alice", True), ("bot", True)):
        issue = people.client(login).post(ISSUES, **fields).json
        assert bool(issue["milestone"]) is kept, login
        assert bool(issue["assignees"]) is kept, login
    assert people.client("rita").post(ISSUES, **fields).json["labels"] == []


@pytest.mark.follows("POST …/issues", CREATE)
def test_who_triages_applies_labels_but_makes_none(people: People) -> None:
    people.client("alice").post(f"{REPOSITORY}/labels", name="known")
    issue = people.client("tina").post(ISSUES, title="t", labels=["known", "new"]).json
    assert [label["name"] for label in issue["labels"]] == ["known"]


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_an_issue_is_edited_by_its_author_and_by_who_triages(people: People) -> None:
    people.client("alice").post(ISSUES, title="hers")
    people.client("rita").post(ISSUES, title="rita's")
    refused = people.client("rita").patch(f"{ISSUES}/1", body="- [x] tick")
    assert (refused.status, refused.message) == (403, "Must have admin rights to Repository.")
    assert people.client("rita").patch(f"{ISSUES}/2", body="own", labels=["x"]).json["labels"] == []
    for login in ("tina", "alice", "bot"):
        assert people.client(login).patch(f"{ISSUES}/2", body=f"by {login}").status == 200


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_a_bot_without_rights_is_told_in_the_words_for_bots(sandbox: Sandbox, people: People) -> None:
    people.client("alice").post(ISSUES, title="t")
    with sandbox.edit("octo/plans") as repository:
        repository.roles["planbot[bot]"] = "read"
    refused = people.client("bot").patch(f"{ISSUES}/1", body="x")
    assert (refused.status, refused.message) == (403, "Resource not accessible by integration")


@pytest.mark.follows("GET /user", "rest/users/users#get-the-authenticated-user")
def test_a_bot_has_no_user_of_its_own(people: People) -> None:
    assert people.client("alice").get("/user").json["login"] == "alice"
    refused = people.client("bot").get("/user")
    assert (refused.status, refused.message) == (403, "Resource not accessible by integration")
    assert people.client().get("/user").status == 401


@pytest.mark.follows("GET /users/{login}", "rest/users/users#get-a-user")
def test_users_are_shown_with_their_type(people: People) -> None:
    alice = people.client("alice")
    assert alice.get("/users/planbot%5Bbot%5D").json["type"] == "Bot"
    assert alice.get("/users/octo").json["type"] == "Organization"
    assert alice.get("/users/nobody").status == 404


@pytest.mark.follows("GET …", "rest/repos/repos#get-a-repository")
@pytest.mark.parametrize(
    ("login", "granted"),
    [
        ("rita", {"pull"}),
        ("stranger", {"pull"}),
        ("tina", {"pull", "triage"}),
        ("alice", {"pull", "triage", "push"}),
        ("adam", {"pull", "triage", "push", "maintain", "admin"}),
    ],
)
def test_a_repository_tells_what_the_reader_may_do(people: People, login: str, granted: set[str]) -> None:
    permissions = people.client(login).get(REPOSITORY).json["permissions"]
    assert {name for name, given in permissions.items() if given} == granted


@pytest.mark.follows("GET …", "rest/repos/repos#get-a-repository")
def test_a_private_repository_is_404_for_who_has_no_role(sandbox: Sandbox, people: People) -> None:
    people.client("alice").post(ISSUES, title="t")
    with sandbox.edit("octo/plans") as repository:
        repository.private = True
    for reader in (people.client("stranger"), people.client()):
        for path in (REPOSITORY, ISSUES, f"{ISSUES}/1", f"{REPOSITORY}/labels", f"{REPOSITORY}/branches"):
            assert reader.get(path).status == 404
        assert reader.post(ISSUES, title="t").status == 404
    assert people.client("rita").get(REPOSITORY).json["visibility"] == "private"


@pytest.mark.follows("POST …/issues", "repositories/archiving-a-github-repository/archiving-repositories")
def test_an_archived_repository_is_read_only(sandbox: Sandbox, people: People) -> None:
    alice = people.client("alice")
    alice.post(ISSUES, title="t")
    with sandbox.edit("octo/plans") as repository:
        repository.archived = True
    assert alice.get(f"{ISSUES}/1").status == 200
    refused = alice.patch(f"{ISSUES}/1", title="u")
    assert (refused.status, refused.message) == (403, "Repository was archived so is read-only.")


@pytest.mark.follows("GET …/assignees", "rest/issues/assignees#list-assignees")
def test_assignable_are_people_who_triage_or_more(people: People) -> None:
    alice = people.client("alice")
    assert {u["login"] for u in alice.get(f"{REPOSITORY}/assignees").json} == {"alice", "tina", "adam"}
    assert alice.get(f"{REPOSITORY}/assignees/tina").status == 204
    for login in ("rita", "planbot[bot]", "nobody"):
        assert alice.get(f"{REPOSITORY}/assignees/{login}").status == 404


def test_a_login_and_a_repository_are_there_once(sandbox: Sandbox, people: People) -> None:
    assert people.tokens
    with pytest.raises(ValueError, match="the login Alice is taken"):
        sandbox.add_user("Alice")
    with pytest.raises(ValueError, match="Octo/Plans is there already"):
        sandbox.create_repository("Octo/Plans")
    with pytest.raises(LookupError, match="octo/nowhere"), sandbox.edit("octo/nowhere"):
        pass


def test_an_owner_is_admin_of_what_is_theirs(sandbox: Sandbox, people: People) -> None:
    sandbox.create_repository("rita/own", private=True)
    assert people.client("rita").get("/repos/rita/own").json["permissions"]["admin"]
    assert (
        people.client("rita").post("/repos/rita/own/issues", title="t").json["author_association"] == "OWNER"
    )
