"""Issues and their comments."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sandbox.people import ISSUES, REPOSITORY

if TYPE_CHECKING:
    from sandbox.people import Client, People

    from planbot.sandbox import Sandbox

LIST, CREATE, GET, UPDATE = (
    f"rest/issues/issues#{anchor}"
    for anchor in ("list-repository-issues", "create-an-issue", "get-an-issue", "update-an-issue")
)
COMMENTS = "rest/issues/comments"


def numbers(client: Client, query: str = "") -> list[int]:
    return [issue["number"] for issue in client.get(f"{ISSUES}?{query}").json]


@pytest.mark.follows("POST …/issues", CREATE)
def test_a_fresh_issue_is_open_and_says_where_it_is(sandbox: Sandbox, alice: Client) -> None:
    reply = alice.post(ISSUES, title="  Title ", body="Body")
    issue = reply.json
    assert reply.status == 201
    assert reply.headers["Location"] == issue["url"] == f"{sandbox.url}{ISSUES}/1"
    assert (issue["title"], issue["body"], issue["state"], issue["state_reason"]) == (
        "Title",
        "Body",
        "open",
        None,
    )
    assert (issue["user"]["login"], issue["author_association"]) == ("alice", "COLLABORATOR")
    assert issue["id"] > 2**31
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", issue["created_at"])


@pytest.mark.follows("POST …/issues", CREATE)
def test_an_issue_without_a_body_has_none(alice: Client) -> None:
    assert alice.post(ISSUES, title="t").json["body"] is None


@pytest.mark.follows("POST …/issues", CREATE)
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"title": " "}, {"resource": "Issue", "code": "missing_field", "field": "title"}),
        (
            {"title": "x" * 257},
            {
                "resource": "Issue",
                "code": "custom",
                "field": "title",
                "message": "title is too long (maximum is 256 characters)",
            },
        ),
        (
            {"title": "t", "body": "x" * 65_537},
            {
                "resource": "Issue",
                "code": "custom",
                "field": "body",
                "message": "body is too long (maximum is 65536 characters)",
            },
        ),
        (
            {"title": "t", "milestone": 7},
            {"resource": "Issue", "code": "invalid", "field": "milestone", "value": 7},
        ),
        (
            {"title": "t", "assignees": ["nobody"]},
            {"resource": "Issue", "code": "invalid", "field": "assignees", "value": "nobody"},
        ),
        (
            {"title": "t", "assignees": ["rita"]},
            {"resource": "Issue", "code": "invalid", "field": "assignees", "value": "rita"},
        ),
    ],
)
def test_what_does_not_fit_is_422_and_makes_nothing(
    alice: Client, fields: dict[str, Any], error: dict[str, Any]
) -> None:
    reply = alice.post(ISSUES, **fields)
    assert (reply.status, reply.message) == (422, "Validation Failed")
    assert reply.json["errors"] == [error]
    assert numbers(alice, "state=all") == []
    assert alice.post(ISSUES, title="t").json["number"] == 1


@pytest.mark.follows("POST …/issues", CREATE)
def test_the_longest_title_and_body_are_taken(alice: Client) -> None:
    assert alice.post(ISSUES, title="x" * 256, body="ü" * 65_536).status == 201


@pytest.mark.follows("POST …/issues", CREATE)
def test_labels_that_are_not_there_are_made(alice: Client) -> None:
    issue = alice.post(ISSUES, title="t", labels=["new", {"name": "other"}, "NEW"]).json
    assert [(label["name"], label["color"]) for label in issue["labels"]] == [
        ("new", "ededed"),
        ("other", "ededed"),
    ]
    assert [label["name"] for label in alice.get(f"{REPOSITORY}/labels").json] == ["new", "other"]


@pytest.mark.follows("POST …/issues", CREATE)
def test_where_issues_are_switched_off_they_are_gone(sandbox: Sandbox, alice: Client) -> None:
    with sandbox.edit("octo/plans") as repository:
        repository.has_issues = False
    reply = alice.post(ISSUES, title="t")
    assert (reply.status, reply.message) == (410, "Issues has been disabled in this repository.")
    assert alice.get(f"{ISSUES}/1").status == 410


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
@pytest.mark.parametrize("reason", ["completed", "not_planned", "duplicate"])
def test_closing_keeps_the_reason_and_reopening_says_so(alice: Client, reason: str) -> None:
    alice.post(ISSUES, title="t")
    closed = alice.patch(f"{ISSUES}/1", state="closed", state_reason=reason).json
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["login"]) == (
        "closed",
        reason,
        "alice",
    )
    assert closed["closed_at"] is not None
    opened = alice.patch(f"{ISSUES}/1", state="open").json
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_closing_without_a_reason_is_completing(alice: Client) -> None:
    alice.post(ISSUES, title="t")
    assert alice.patch(f"{ISSUES}/1", state="closed").json["state_reason"] == "completed"
    assert (
        alice.patch(f"{ISSUES}/1", state="closed", state_reason="not_planned").json["state_reason"]
        == "not_planned"
    )


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_a_state_that_there_is_not_is_422(alice: Client) -> None:
    alice.post(ISSUES, title="t")
    reply = alice.patch(f"{ISSUES}/1", state="done")
    assert (reply.status, reply.message.splitlines()[-1]) == (
        422,
        'For \'properties/state\', "done" is not a member of ["open", "closed"].',
    )


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_a_patch_changes_only_what_it_names(sandbox: Sandbox, alice: Client) -> None:
    before = alice.post(ISSUES, title="t", body="b", labels=["x"], assignees=["alice"]).json
    sandbox.clock.advance(60)
    after = alice.patch(f"{ISSUES}/1", title="u").json
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"title", "updated_at"}


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_null_clears_body_and_milestone(alice: Client) -> None:
    alice.post(f"{REPOSITORY}/milestones", title="M")
    alice.post(ISSUES, title="t", body="b", milestone=1)
    after = alice.patch(f"{ISSUES}/1", body=None, milestone=None).json
    assert (after["body"], after["milestone"]) == (None, None)


@pytest.mark.follows("PATCH …/issues/{number}", UPDATE)
def test_labels_and_assignees_are_set_whole(alice: Client) -> None:
    alice.post(ISSUES, title="t", labels=["a", "b"], assignees=["alice"])
    after = alice.patch(f"{ISSUES}/1", labels=["b", "c"], assignees=["tina"]).json
    assert [label["name"] for label in after["labels"]] == ["b", "c"]
    assert [user["login"] for user in after["assignees"]] == ["tina"]


def test_the_same_again_changes_nothing(sandbox: Sandbox, alice: Client) -> None:
    before = alice.post(ISSUES, title="t", body="b", labels=["x"]).json
    sandbox.clock.advance(60)
    assert alice.patch(f"{ISSUES}/1", title="t", body="b", labels=["x"], state="open").json == before


@pytest.mark.follows("GET …/issues/{number}", GET)
def test_a_deleted_issue_is_gone_and_its_number_is_not_given_again(sandbox: Sandbox, alice: Client) -> None:
    alice.post(ISSUES, title="t")
    sandbox.delete_issue("octo/plans", 1)
    reply = alice.get(f"{ISSUES}/1")
    assert (reply.status, reply.message) == (410, "This issue was deleted")
    assert alice.patch(f"{ISSUES}/1", title="u").status == 410
    assert alice.post(ISSUES, title="t").json["number"] == 2


@pytest.mark.follows("GET …/issues/{number}", GET)
def test_a_transferred_issue_leads_on_unless_the_reader_may_not_see_where(
    sandbox: Sandbox, people: People
) -> None:
    alice = people.client("alice")
    issue_id = alice.post(ISSUES, title="t").json["id"]
    sandbox.create_repository("octo/other", private=True)
    assert sandbox.transfer_issue("octo/plans", 1, "octo/other") == 1
    reply = alice.get(f"{ISSUES}/1")
    assert reply.status == 301
    moved = alice.get(reply.headers["Location"].removeprefix(sandbox.url)).json
    assert (moved["id"], moved["html_url"]) == (issue_id, f"{sandbox.url}/octo/other/issues/1")
    assert people.client("stranger").get(f"{ISSUES}/1").status == 404


def test_a_converted_issue_stays_closed_and_locked_and_takes_no_change(
    sandbox: Sandbox, alice: Client
) -> None:
    alice.post(ISSUES, title="t")
    sandbox.convert_issue("octo/plans", 1)
    issue = alice.get(f"{ISSUES}/1").json
    assert (issue["state"], issue["locked"]) == ("closed", True)
    assert numbers(alice, "state=all") == [1]
    assert alice.patch(f"{ISSUES}/1", title="u", state="open").status == 403
    assert alice.post(f"{ISSUES}/1/comments", body="Hello").status == 403
    assert alice.get(f"{ISSUES}/1").json == issue


@pytest.mark.follows("GET …/issues", LIST)
def test_lists_show_open_issues_newest_first(sandbox: Sandbox, alice: Client) -> None:
    for title in "abc":
        alice.post(ISSUES, title=title)
        sandbox.clock.advance(1)
    alice.patch(f"{ISSUES}/2", state="closed")
    assert numbers(alice) == [3, 1]
    assert numbers(alice, "state=closed") == [2]
    assert numbers(alice, "state=all&direction=asc") == [1, 2, 3]
    assert numbers(alice, "state=all&sort=updated") == [2, 3, 1]


@pytest.mark.follows("GET …/issues", LIST)
def test_lists_are_filtered_by_label_milestone_and_people(people: People) -> None:
    alice, tina = people.client("alice"), people.client("tina")
    alice.post(f"{REPOSITORY}/milestones", title="M")
    alice.post(ISSUES, title="1", labels=["planbot", "high"], milestone=1)
    alice.post(ISSUES, title="2", labels=["planbot"], assignees=["tina"])
    tina.post(ISSUES, title="3")
    assert numbers(alice, "labels=PLANBOT") == [2, 1]
    assert numbers(alice, "labels=planbot,high") == [1]
    assert numbers(alice, "labels=planbot,nowhere") == []
    assert numbers(alice, "milestone=1") == [1]
    assert numbers(alice, "milestone=*") == [1]
    assert numbers(alice, "milestone=none") == [3, 2]
    assert numbers(alice, "creator=tina") == [3]
    assert numbers(alice, "assignee=tina") == [2]
    assert numbers(alice, "assignee=none") == [3, 1]
    assert numbers(alice, "assignee=*") == [2]
    assert alice.get(f"{ISSUES}?milestone=9").status == 422
    assert alice.get(f"{ISSUES}?state=done").status == 422


@pytest.mark.follows("GET …/issues", LIST)
def test_since_means_updated_since_to_the_second(sandbox: Sandbox, alice: Client) -> None:
    sandbox.clock.hold()
    sandbox.clock.set(datetime(2026, 5, 1, 12, 0, 0, 900_000, tzinfo=UTC))
    alice.post(ISSUES, title="t")
    assert numbers(alice, "since=2026-05-01T12:00:00Z") == [1]
    assert numbers(alice, "since=2026-05-01T14:00:00%2B02:00") == [1]
    assert numbers(alice, "since=2026-05-01T12:00:01Z") == []
    sandbox.clock.advance(60)
    alice.patch(f"{ISSUES}/1", body="edited")
    assert numbers(alice, "since=2026-05-01T12:00:01Z") == [1]


@pytest.mark.follows(
    "PATCH …/issues/{number}",
    "get-started/writing-on-github/working-with-advanced-formatting/about-tasklists",
)
def test_closing_an_issue_ticks_the_boxes_that_name_it(alice: Client) -> None:
    alice.post(ISSUES, title="named")
    alice.post(
        ISSUES,
        title="list",
        body="- [ ] #1\r\n* [ ] #1 and more\n1. [ ] #1\n- [ ] #12\n- [ ] see #1\n`- [ ] #1`\n",
    )
    alice.patch(f"{ISSUES}/1", state="closed")
    assert alice.get(f"{ISSUES}/2").json["body"] == (
        "- [x] #1\r\n* [x] #1 and more\n1. [x] #1\n- [ ] #12\n- [ ] see #1\n`- [ ] #1`\n"
    )


@pytest.mark.follows("…/issues/{number}/comments", COMMENTS)
def test_comments_are_written_changed_and_deleted(people: People) -> None:
    alice = people.client("alice")
    alice.post(ISSUES, title="t")
    made = alice.post(f"{ISSUES}/1/comments", body="first")
    comment = f"{ISSUES}/comments/{made.json['id']}"
    assert made.status == 201
    assert alice.get(f"{ISSUES}/1").json["comments"] == 1
    assert alice.patch(comment, body="second").json["body"] == "second"
    assert people.client("rita").patch(comment, body="mine").status == 403
    assert [c["body"] for c in alice.get(f"{ISSUES}/1/comments").json] == ["second"]
    assert alice.delete(comment).status == 204
    assert alice.get(comment).status == 404


@pytest.mark.follows("…/issues/{number}/comments", COMMENTS)
def test_a_comment_needs_text_within_the_limit(alice: Client) -> None:
    alice.post(ISSUES, title="t")
    assert alice.post(f"{ISSUES}/1/comments", body=" ").json["errors"][0]["code"] == "missing_field"
    assert alice.post(f"{ISSUES}/1/comments", body="x" * 65_537).status == 422


@pytest.mark.follows("…/issues/{number}/comments", COMMENTS)
def test_a_locked_issue_takes_comments_of_collaborators_only(sandbox: Sandbox, people: People) -> None:
    people.client("alice").post(ISSUES, title="t")
    with sandbox.edit("octo/plans") as repository:
        repository.issues[1].locked = True
    reply = people.client("rita").post(f"{ISSUES}/1/comments", body="hi")
    assert (reply.status, reply.message) == (403, "Unable to create comment because issue is locked.")
    assert people.client("tina").post(f"{ISSUES}/1/comments", body="hi").status == 201
