"""Labels and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sandbox.people import ISSUES, REPOSITORY

if TYPE_CHECKING:
    from sandbox.people import Client, People

LABELS, MILESTONES = f"{REPOSITORY}/labels", f"{REPOSITORY}/milestones"


@pytest.mark.follows("POST …/labels", "rest/issues/labels#create-a-label")
def test_a_label_is_made_once_whatever_its_case(alice: Client) -> None:
    made = alice.post(LABELS, name="Area: Häfen/1", color="FF00aa", description="d")
    assert (made.status, made.json["color"], made.json["description"]) == (201, "ff00aa", "d")
    assert alice.get(made.headers["Location"].partition("/repos")[2].join(["/repos", ""])).json == made.json
    again = alice.post(LABELS, name="AREA: häfen/1")
    assert again.json["errors"] == [{"resource": "Label", "code": "already_exists", "field": "name"}]


@pytest.mark.follows("POST …/labels", "rest/issues/labels#create-a-label")
@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"name": ""}, "name", "missing_field"),
        ({"name": "x" * 51}, "name", "custom"),
        ({"name": "x", "color": "red"}, "color", "invalid"),
        ({"name": "x", "description": "d" * 101}, "description", "custom"),
    ],
)
def test_a_label_that_does_not_fit_is_422(
    alice: Client, fields: dict[str, Any], field: str, code: str
) -> None:
    reply = alice.post(LABELS, **fields)
    assert reply.status == 422
    assert [(error["field"], error["code"]) for error in reply.json["errors"]] == [(field, code)]


@pytest.mark.follows("PATCH …/labels/{name}", "rest/issues/labels#update-a-label")
def test_a_label_is_renamed_on_its_issues_too(alice: Client) -> None:
    alice.post(ISSUES, title="t", labels=["old", "other"])
    assert alice.patch(f"{LABELS}/old", new_name="new", color="000000").json["name"] == "new"
    assert [label["name"] for label in alice.get(f"{ISSUES}/1").json["labels"]] == ["new", "other"]
    assert alice.patch(f"{LABELS}/new", new_name="Other").json["errors"][0]["code"] == "already_exists"
    assert alice.patch(f"{LABELS}/old", color="000000").status == 404


@pytest.mark.follows("DELETE …/labels/{name}", "rest/issues/labels#delete-a-label")
def test_a_deleted_label_leaves_its_issues(alice: Client) -> None:
    alice.post(ISSUES, title="t", labels=["x"])
    assert alice.delete(f"{LABELS}/x").status == 204
    assert alice.get(f"{ISSUES}/1").json["labels"] == []
    assert alice.delete(f"{LABELS}/x").status == 404


@pytest.mark.follows("…/issues/{number}/labels", "rest/issues/labels#add-labels-to-an-issue")
def test_labels_of_an_issue_are_added_set_and_removed(alice: Client) -> None:
    alice.post(ISSUES, title="t", labels=["a"])
    of_issue = f"{ISSUES}/1/labels"

    def names(reply: Any) -> list[str]:
        return [label["name"] for label in reply.json]

    assert names(alice.post(of_issue, labels=["b", "A"])) == ["a", "b"]
    assert names(alice.put(of_issue, labels=["c"])) == ["c"]
    assert names(alice.get(of_issue)) == ["c"]
    missing = alice.delete(f"{of_issue}/nowhere")
    assert (missing.status, missing.message) == (404, "Label does not exist")
    assert names(alice.delete(f"{of_issue}/c")) == []
    alice.put(of_issue, labels=["d"])
    assert alice.delete(of_issue).status == 204
    assert names(alice.get(of_issue)) == []


@pytest.mark.follows("POST …/milestones", "rest/issues/milestones#create-a-milestone")
def test_milestone_titles_are_unique_and_heed_the_case(alice: Client) -> None:
    assert alice.post(MILESTONES, title="M").status == 201
    again = alice.post(MILESTONES, title="M")
    assert again.status == 422
    assert again.json["errors"] == [{"resource": "Milestone", "code": "already_exists", "field": "title"}]
    assert alice.post(MILESTONES, title="m").json["number"] == 2


@pytest.mark.follows("POST …/milestones", "rest/issues/milestones#create-a-milestone")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-12-01T12:00:00Z", "2026-12-01T08:00:00Z"),
        ("2026-07-01T12:00:00Z", "2026-07-01T07:00:00Z"),
        ("2026-12-01T07:59:59Z", "2026-11-30T08:00:00Z"),
    ],
)
def test_a_due_date_becomes_midnight_in_california(alice: Client, sent: str, kept: str) -> None:
    assert alice.post(MILESTONES, title="M", due_on=sent).json["due_on"] == kept


@pytest.mark.follows("POST …/milestones", "rest/issues/milestones#create-a-milestone")
@pytest.mark.parametrize("fields", [{"title": ""}, {"title": "x" * 256}, {"title": "M", "due_on": "soon"}])
def test_a_milestone_that_does_not_fit_is_422(alice: Client, fields: dict[str, Any]) -> None:
    assert alice.post(MILESTONES, **fields).status == 422
    assert alice.get(MILESTONES).json == []


@pytest.mark.follows("PATCH …/milestones/{number}", "rest/issues/milestones#update-a-milestone")
def test_closing_a_milestone_leaves_its_issues_open(alice: Client) -> None:
    alice.post(MILESTONES, title="M", description="d")
    alice.post(ISSUES, title="t", milestone=1)
    closed = alice.patch(f"{MILESTONES}/1", state="closed").json
    assert (closed["state"], closed["open_issues"], closed["description"]) == ("closed", 1, "d")
    assert closed["closed_at"] is not None
    assert alice.get(f"{ISSUES}/1").json["state"] == "open"
    assert alice.get(MILESTONES).json == []
    assert len(alice.get(f"{MILESTONES}?state=all").json) == 1
    assert alice.patch(f"{MILESTONES}/1", state="open").json["closed_at"] is None


@pytest.mark.follows("GET …/milestones", "rest/issues/milestones#list-milestones")
def test_milestones_are_sorted_by_due_date_or_completeness(alice: Client) -> None:
    alice.post(MILESTONES, title="none")
    alice.post(MILESTONES, title="late", due_on="2027-01-01T12:00:00Z")
    alice.post(MILESTONES, title="soon", due_on="2026-01-01T12:00:00Z")
    alice.post(ISSUES, title="t", milestone=2)
    alice.patch(f"{ISSUES}/1", state="closed")

    def titles(query: str) -> list[str]:
        return [milestone["title"] for milestone in alice.get(f"{MILESTONES}?{query}").json]

    assert titles("") == ["soon", "late", "none"]
    assert titles("direction=desc") == ["none", "late", "soon"]
    assert titles("sort=completeness") == ["none", "soon", "late"]


@pytest.mark.follows("DELETE …/milestones/{number}", "rest/issues/milestones#delete-a-milestone")
def test_a_deleted_milestone_leaves_its_issues(alice: Client) -> None:
    alice.post(MILESTONES, title="M")
    alice.post(ISSUES, title="t", milestone=1)
    assert alice.delete(f"{MILESTONES}/1").status == 204
    assert alice.get(f"{ISSUES}/1").json["milestone"] is None
    assert alice.get(f"{MILESTONES}/1").status == 404
    assert alice.post(MILESTONES, title="M").json["number"] == 2


@pytest.mark.follows("POST …/labels", "rest/issues/labels#create-a-label")
def test_who_may_not_write_cannot_see_where_labels_and_milestones_are_made(people: People) -> None:
    for login in ("rita", "tina"):
        assert people.client(login).post(LABELS, name="x").status == 404
        assert people.client(login).post(MILESTONES, title="M").status == 404
