from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tracker.github_json import issue_json, label_json, milestone_json
from tracker.scripted_server import DROP, Answer, ScriptedServer

from planbot.errors import LostAnswerError, NotFoundError, RefusedError, TrackerError
from planbot.tracker.convert import issue_record
from planbot.tracker.records import LabelRecord, MilestoneRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.manual_time import ManualTime

    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.protocols import TrackerWriter

SUB_ISSUES = "/repos/o/r/issues/1/sub_issues"
BLOCKED_BY = "/repos/o/r/issues/1/dependencies/blocked_by"
CHILD = issue_record(issue_json(5))


def invalid(**error: str) -> Answer:
    return Answer(422, {"message": "Validation Failed", "errors": [error]})


def test_the_tracker_is_a_writer(tracker: GitHubTracker) -> None:
    writer: TrackerWriter = tracker
    assert writer.writes == 0


def test_writes_go_out_a_second_apart_and_reads_at_once(
    tracker: GitHubTracker, server: ScriptedServer, time: ManualTime
) -> None:
    server.on("POST /repos/o/r/issues", Answer(201, issue_json()))
    server.on("GET /repos/o/r/issues/1", Answer(data=issue_json()))
    tracker.create_issue("one", "")
    tracker.issue(1)
    tracker.issue(1)
    assert time.slept == []
    tracker.create_issue("two", "")
    assert time.slept == [1.0]


def test_an_issue_is_created_in_one_request_and_returned_as_the_server_has_it(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("POST /repos/o/r/issues", Answer(201, issue_json(8, labels=[])))
    made = tracker.create_issue("Title", "Body", labels=("planbot", "high"), milestone=4)
    assert server.asked[-1].body == {
        "title": "Title",
        "body": "Body",
        "labels": ["planbot", "high"],
        "milestone": 4,
    }
    assert (made.number, made.id) == (8, 1008)
    assert made.labels == ()  # the server dropped them, and the record tells
    assert (len(server.asked), tracker.writes) == (1, 1)


def test_an_issue_without_labels_and_milestone_does_not_mention_them(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("POST /repos/o/r/issues", Answer(201, issue_json()))
    tracker.create_issue("Title", "Body")
    assert server.asked[-1].body == {"title": "Title", "body": "Body"}


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "new"},
        {"milestone": None},
        {"labels": []},
        {"title": "t", "state": "closed", "state_reason": "not_planned", "milestone": 2},
    ],
)
def test_an_update_sends_the_given_fields_in_one_request(
    tracker: GitHubTracker, server: ScriptedServer, changes: dict[str, Any]
) -> None:
    server.on("PATCH /repos/o/r/issues/1", Answer(data=issue_json()))
    tracker.update_issue(1, **changes)
    assert [asked.body for asked in server.asked] == [changes]


def test_a_create_that_answers_nonsense_is_a_lost_answer(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("POST /repos/o/r/issues", Answer(201, {"number": None}))
    with pytest.raises(LostAnswerError, match="create the issue “Title” in o/r"):
        tracker.create_issue("Title", "Body")


def test_milestones_are_created_and_changed(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("POST /repos/o/r/milestones", Answer(201, milestone_json(3)))
    server.on("PATCH /repos/o/r/milestones/3", Answer(data=milestone_json(3, state="closed")))
    assert tracker.create_milestone("Phase 1", "Goal") == MilestoneRecord(3, "Phase 1", "", "open")
    assert tracker.update_milestone(3, state="closed").state == "closed"
    bodies = [asked.body for asked in server.asked]
    assert bodies == [{"title": "Phase 1", "description": "Goal"}, {"state": "closed"}]


def test_a_milestone_title_that_is_taken_is_told(tracker: GitHubTracker, server: ScriptedServer) -> None:
    taken = invalid(resource="Milestone", code="already_exists", field="title")
    server.on("POST /repos/o/r/milestones", taken)
    with pytest.raises(TrackerError, match=r"Validation Failed.*Milestone title already_exists"):
        tracker.create_milestone("Phase 1", "Goal")


def test_a_label_is_created(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("POST /repos/o/r/labels", Answer(201, label_json()))
    tracker.create_label(LabelRecord("planbot", "0e8a16", "Managed"))
    assert server.asked[-1].body == {"name": "planbot", "color": "0e8a16", "description": "Managed"}


def test_a_label_that_is_there_already_is_left_as_it_is(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("POST /repos/o/r/labels", invalid(resource="Label", code="already_exists", field="name"))
    tracker.create_label(LabelRecord("planbot"))
    assert len(server.asked) == 1


def test_a_label_that_is_invalid_is_an_error(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("POST /repos/o/r/labels", invalid(resource="Label", code="invalid", field="color"))
    with pytest.raises(TrackerError, match="Label color invalid"):
        tracker.create_label(LabelRecord("planbot", "red"))


def test_a_sub_issue_is_named_by_id_and_taken_from_another_parent(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(f"POST {SUB_ISSUES}", Answer(201, issue_json(1)))
    assert tracker.add_sub_issue(1, CHILD)
    assert server.asked[-1].body == {"sub_issue_id": 1005, "replace_parent": True}


@pytest.mark.parametrize("status", [404, 410])
def test_a_server_without_sub_issues_is_asked_only_once(
    tracker: GitHubTracker, server: ScriptedServer, status: int
) -> None:
    server.on(f"POST {SUB_ISSUES}", Answer(status, {"message": "Not Found"}))
    server.on(f"GET {SUB_ISSUES}", Answer(status, {"message": "Not Found"}))
    server.on("GET /repos/o/r/issues/1", Answer(data=issue_json()))
    assert not tracker.add_sub_issue(1, CHILD)
    asked = len(server.asked)
    assert not tracker.add_sub_issue(1, CHILD)
    assert len(server.asked) == asked


def test_a_parent_that_is_gone_is_not_taken_for_a_missing_feature(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    with pytest.raises(NotFoundError, match="put issue #5 under #1"):
        tracker.add_sub_issue(1, CHILD)
    server.on(f"POST {SUB_ISSUES}", Answer(201, issue_json(1)))
    assert tracker.add_sub_issue(1, CHILD)


def test_a_child_that_is_gone_is_not_taken_for_a_missing_feature(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(f"GET {SUB_ISSUES}", Answer(data=[]))
    with pytest.raises(NotFoundError):
        tracker.add_sub_issue(1, CHILD)


def test_a_sub_issue_that_is_there_already_is_fine(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"POST {SUB_ISSUES}", Answer(422, {"message": "Issue may not contain duplicate sub-issues"}))
    server.on(f"GET {SUB_ISSUES}", Answer(data=[issue_json(4), issue_json(5)]))
    assert tracker.add_sub_issue(1, CHILD)


def test_a_sub_issue_that_is_refused_is_an_error(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"POST {SUB_ISSUES}", Answer(422, {"message": "Parent cannot have more than 100 sub-issues"}))
    server.on(f"GET {SUB_ISSUES}", Answer(data=[issue_json(4)]))
    with pytest.raises(TrackerError, match="more than 100"):
        tracker.add_sub_issue(1, CHILD)


def test_a_blocker_is_named_by_id_and_taken_off_by_id(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"POST {BLOCKED_BY}", Answer(201, issue_json(1)))
    assert tracker.set_blocked_by(1, CHILD, blocked=True)
    assert server.asked[-1].body == {"issue_id": 1005}
    server.on(f"DELETE {BLOCKED_BY}/1005", Answer(200, issue_json(1)))
    assert tracker.set_blocked_by(1, CHILD, blocked=False)


def test_a_server_without_dependencies_is_asked_only_once(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("GET /repos/o/r/issues/1", Answer(data=issue_json()))
    assert not tracker.set_blocked_by(1, CHILD, blocked=True)
    asked = len(server.asked)
    assert not tracker.set_blocked_by(1, CHILD, blocked=False)
    assert len(server.asked) == asked


def test_an_issue_that_is_gone_is_not_taken_for_a_server_without_dependencies(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    with pytest.raises(NotFoundError, match="let issue #1 be blocked by #5"):
        tracker.set_blocked_by(1, CHILD, blocked=True)
    server.on(f"GET {BLOCKED_BY}", Answer(data=[]))
    with pytest.raises(NotFoundError):
        tracker.set_blocked_by(1, CHILD, blocked=True)


def test_a_blocker_that_is_there_or_gone_already_is_fine(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(f"POST {BLOCKED_BY}", Answer(422, {"message": "Target issue has already been taken"}))
    server.on(f"GET {BLOCKED_BY}", Answer(data=[issue_json(5)]))
    assert tracker.set_blocked_by(1, CHILD, blocked=True)
    server.on(f"GET {BLOCKED_BY}", Answer(data=[]))
    assert tracker.set_blocked_by(1, CHILD, blocked=False)


def test_a_dependency_that_is_refused_is_an_error(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"POST {BLOCKED_BY}", Answer(422, {"message": "Dependency would create a cycle"}))
    server.on(f"GET {BLOCKED_BY}", Answer(data=[]))
    with pytest.raises(RefusedError, match="cycle"):
        tracker.set_blocked_by(1, CHILD, blocked=True)


def test_a_dependency_that_cannot_be_dropped_is_an_error(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(f"DELETE {BLOCKED_BY}/1005", Answer(422, {"message": "Validation Failed"}))
    server.on(f"GET {BLOCKED_BY}", Answer(data=[issue_json(5)]))
    with pytest.raises(RefusedError, match="Validation Failed"):
        tracker.set_blocked_by(1, CHILD, blocked=False)


def test_owners_and_days_are_sent_as_github_takes_them(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("POST /repos/o/r/issues", Answer(201, issue_json(1)))
    tracker.create_issue("t", "b", assignees=("alice",))
    assert server.asked[-1].body == {"title": "t", "body": "b", "assignees": ["alice"]}
    server.on("PATCH /repos/o/r/milestones/1", Answer(data=milestone_json()))
    tracker.update_milestone(1, due_on="2026-12-01")
    assert server.asked[-1].body == {"due_on": "2026-12-01T12:00:00Z"}
    tracker.update_milestone(1, due_on=None)
    assert server.asked[-1].body == {"due_on": None}


def test_who_can_be_assigned_is_asked_by_login(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("GET /repos/o/r/assignees/alice", Answer(204))
    assert tracker.assignable("alice")
    assert not tracker.assignable("zoe")


def test_a_comment_is_added(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("POST /repos/o/r/issues/1/comments", Answer(201, {"id": 3, "body": "Hello"}))
    tracker.comment(1, "Hello")
    assert server.asked[-1].body == {"body": "Hello"}


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        ("POST /repos/o/r/milestones", lambda tracker: tracker.create_milestone("t", "")),
        ("PATCH /repos/o/r/milestones/1", lambda tracker: tracker.update_milestone(1, title="t")),
        ("POST /repos/o/r/labels", lambda tracker: tracker.create_label(LabelRecord("l"))),
        ("POST /repos/o/r/issues/1/sub_issues", lambda tracker: tracker.add_sub_issue(1, CHILD)),
        (f"POST {BLOCKED_BY}", lambda tracker: tracker.set_blocked_by(1, CHILD, blocked=True)),
        (f"DELETE {BLOCKED_BY}/1005", lambda tracker: tracker.set_blocked_by(1, CHILD, blocked=False)),
        ("POST /repos/o/r/issues/1/comments", lambda tracker: tracker.comment(1, "c")),
    ],
)
def test_no_write_of_any_kind_is_repeated_when_its_answer_is_lost(
    tracker: GitHubTracker,
    server: ScriptedServer,
    request_: str,
    call: Callable[[GitHubTracker], object],
) -> None:
    server.on(request_, DROP)
    with pytest.raises(LostAnswerError):
        call(tracker)
    assert server.requests() == [request_]
