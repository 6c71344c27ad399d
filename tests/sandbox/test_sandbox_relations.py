"""Sub-issues and dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY

if TYPE_CHECKING:
    from sandbox.people import Client, People

    from planbot.sandbox import Sandbox

SUB = "rest/issues/sub-issues"
ADD = f"{SUB}#add-sub-issue"
BLOCKED = "rest/issues/issue-dependencies"
REFUSED = "An error occurred while adding the sub-issue to the parent issue. "


@pytest.fixture
def ids(alice: Client) -> list[int]:
    """Open twelve issues and return their ids; the first stands for number 0, which there is not."""
    return [0, *(alice.post(ISSUES, title=str(number)).json["id"] for number in range(1, 13))]


def add(client: Client, parent: int, child_id: int, **fields: object) -> tuple[int, str]:
    reply = client.post(f"{ISSUES}/{parent}/sub_issues", sub_issue_id=child_id, **fields)
    return reply.status, reply.json.get("message", "").removeprefix(REFUSED)


@pytest.mark.follows("POST …/sub_issues", ADD)
def test_a_sub_issue_is_added_by_id_and_known_from_both_sides(
    sandbox: Sandbox, alice: Client, ids: list[int]
) -> None:
    reply = alice.post(f"{ISSUES}/1/sub_issues", sub_issue_id=ids[2])
    assert (reply.status, reply.json["number"]) == (201, 1)
    assert [issue["number"] for issue in alice.get(f"{ISSUES}/1/sub_issues").json] == [2]
    assert alice.get(f"{ISSUES}/2/parent").json["number"] == 1
    assert alice.get(f"{ISSUES}/2").json["parent_issue_url"] == f"{sandbox.url}{ISSUES}/1"
    assert alice.get(f"{ISSUES}/1/parent").status == 404


@pytest.mark.follows("POST …/sub_issues", ADD)
def test_the_summary_counts_what_is_done(alice: Client, ids: list[int]) -> None:
    for child in (2, 3, 4):
        add(alice, 1, ids[child])
    alice.patch(f"{ISSUES}/2", state="closed")
    assert alice.get(f"{ISSUES}/1").json["sub_issues_summary"] == {
        "total": 3,
        "completed": 1,
        "percent_completed": 33,
    }


@pytest.mark.follows("POST …/sub_issues", ADD)
def test_an_issue_has_one_parent_unless_it_is_replaced(alice: Client, ids: list[int]) -> None:
    assert add(alice, 1, ids[3]) == (201, "")
    assert add(alice, 1, ids[3]) == (422, "Issue may not contain duplicate sub-issues")
    assert add(alice, 2, ids[3]) == (422, "Sub issue may only have one parent")
    assert add(alice, 2, ids[3], replace_parent=True) == (201, "")
    assert alice.get(f"{ISSUES}/1/sub_issues").json == []
    assert alice.get(f"{ISSUES}/3/parent").json["number"] == 2


@pytest.mark.follows("POST …/sub_issues", ADD)
def test_no_issue_is_its_own_ancestor(alice: Client, ids: list[int]) -> None:
    add(alice, 1, ids[2])
    add(alice, 2, ids[3])
    assert add(alice, 1, ids[1]) == (422, "Sub-issues cannot create a circular dependency")
    assert add(alice, 3, ids[1]) == (422, "Sub-issues cannot create a circular dependency")


@pytest.mark.follows(
    "POST …/sub_issues", "issues/tracking-your-work-with-issues/using-issues/adding-sub-issues"
)
def test_the_tree_has_eight_levels_at_most(alice: Client, ids: list[int]) -> None:
    for level in range(1, 8):
        assert add(alice, level, ids[level + 1]) == (201, "")
    assert add(alice, 8, ids[9])[0] == 422
    add(alice, 9, ids[10])
    assert add(alice, 7, ids[9])[0] == 422


@pytest.mark.follows(
    "POST …/sub_issues", "issues/tracking-your-work-with-issues/using-issues/adding-sub-issues"
)
def test_a_parent_has_a_hundred_sub_issues_at_most(sandbox: Sandbox, alice: Client, ids: list[int]) -> None:
    with sandbox.edit("octo/plans") as repository:
        repository.issues[1].sub_issues = list(range(100))
    assert add(alice, 1, ids[2]) == (422, "Parent cannot have more than 100 sub-issues")


@pytest.mark.follows("DELETE …/sub_issue", f"{SUB}#remove-sub-issue")
def test_a_sub_issue_is_removed(alice: Client, ids: list[int]) -> None:
    add(alice, 1, ids[2])
    assert alice.delete(f"{ISSUES}/1/sub_issue", sub_issue_id=ids[2]).status == 200
    assert alice.delete(f"{ISSUES}/1/sub_issue", sub_issue_id=ids[2]).status == 404
    assert alice.get(f"{ISSUES}/2").json["parent_issue_url"] is None


@pytest.mark.follows("POST …/sub_issues", ADD)
def test_an_id_that_is_none_is_404_and_a_missing_one_422(alice: Client, ids: list[int]) -> None:
    assert ids
    assert add(alice, 1, 5)[0] == 404
    assert alice.post(f"{ISSUES}/1/sub_issues").status == 422


@pytest.mark.follows("POST …/sub_issues", ADD)
def test_relations_take_the_triage_role(people: People, ids: list[int]) -> None:
    assert add(people.client("rita"), 1, ids[2])[0] == 403
    assert add(people.client("tina"), 1, ids[2])[0] == 201


@pytest.mark.follows("…/dependencies/blocked_by", BLOCKED)
def test_a_dependency_is_known_from_both_sides(alice: Client, ids: list[int]) -> None:
    path = f"{ISSUES}/1/dependencies/blocked_by"
    assert alice.post(path, issue_id=ids[2]).status == 201
    assert [issue["number"] for issue in alice.get(path).json] == [2]
    assert [issue["number"] for issue in alice.get(f"{ISSUES}/2/dependencies/blocking").json] == [1]
    blocked = {"blocked_by": 1, "total_blocked_by": 1, "blocking": 0, "total_blocking": 0}
    assert alice.get(f"{ISSUES}/1").json["issue_dependencies_summary"] == blocked
    alice.patch(f"{ISSUES}/2", state="closed")
    assert alice.get(f"{ISSUES}/1").json["issue_dependencies_summary"] == blocked | {"blocked_by": 0}
    assert alice.delete(f"{path}/{ids[2]}").status == 200
    assert alice.delete(f"{path}/{ids[2]}").status == 404
    assert alice.get(path).json == []


@pytest.mark.follows("…/dependencies/blocked_by", BLOCKED)
def test_a_dependency_is_there_once_and_not_both_ways(alice: Client, ids: list[int]) -> None:
    path = f"{ISSUES}/1/dependencies/blocked_by"
    alice.post(path, issue_id=ids[2])
    assert alice.post(path, issue_id=ids[2]).status == 422
    assert alice.post(path, issue_id=ids[1]).status == 422
    assert alice.post(f"{ISSUES}/2/dependencies/blocked_by", issue_id=ids[1]).status == 422


def test_a_deleted_issue_leaves_its_relations(sandbox: Sandbox, alice: Client, ids: list[int]) -> None:
    add(alice, 1, ids[2])
    add(alice, 2, ids[3])
    alice.post(f"{ISSUES}/4/dependencies/blocked_by", issue_id=ids[2])
    sandbox.delete_issue("octo/plans", 2)
    assert alice.get(f"{ISSUES}/1/sub_issues").json == []
    assert alice.get(f"{ISSUES}/1").json["sub_issues_summary"]["total"] == 0
    assert alice.get(f"{ISSUES}/3").json["parent_issue_url"] is None
    assert alice.get(f"{ISSUES}/4/dependencies/blocked_by").json == []
    assert add(alice, 1, ids[3]) == (201, "")


def test_a_pull_request_has_no_relations(alice: Client, ids: list[int], feature: None) -> None:
    assert feature is None
    pull = alice.post(f"{REPOSITORY}/pulls", title="p", head="feature", base="main").json
    pull_id = alice.get(f"{ISSUES}/{pull['number']}").json["id"]
    assert add(alice, 1, pull_id)[0] == 422
    refused = alice.post(f"{ISSUES}/1/dependencies/blocked_by", issue_id=pull_id)
    assert refused.message.endswith("Target issue may only be an issue")
    assert ids
