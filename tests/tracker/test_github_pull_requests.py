from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tracker.scripted_server import DROP, Answer, ScriptedServer

from planbot.errors import LostAnswerError, PermissionDeniedError, RefusedError, TrackerError
from planbot.tracker.records import PullRequestRecord

if TYPE_CHECKING:
    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.protocols import PullRequests

PULLS = "/repos/o/r/pulls"
PAGE = "https://example.test/o/r/pull/9"


def pull_json(**changes: Any) -> dict[str, Any]:
    return {
        "number": 9,
        "title": "Title",
        "body": "Body",
        "state": "open",
        "head": {"ref": "planbot/progress", "sha": "c0ffee"},
        "base": {"ref": "main", "sha": "beef"},
        "html_url": PAGE,
        "merged_at": None,
        "merge_commit_sha": "a test merge of GitHub's own",
    } | changes


def test_the_tracker_has_pull_requests(tracker: GitHubTracker) -> None:
    pulls: PullRequests = tracker.pulls
    assert pulls is tracker.pulls


def test_a_pull_request_is_read_as_it_is(tracker: GitHubTracker, server: ScriptedServer) -> None:
    merged = {"state": "closed", "merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": "d00d"}
    server.on(f"GET {PULLS}/9", Answer(data=pull_json()), Answer(data=pull_json(body=None, **merged)))
    assert tracker.pulls.pull_request(9) == PullRequestRecord(9, "Body", "open", "c0ffee", "main", PAGE)
    assert tracker.pulls.pull_request(9) == PullRequestRecord(9, "", "closed", "c0ffee", "main", PAGE, "d00d")
    assert tracker.pulls.pull_request(10) is None


@pytest.mark.parametrize("field", ["number", "state", "head", "base", "html_url"])
def test_an_answer_of_another_shape_is_told(
    tracker: GitHubTracker, server: ScriptedServer, field: str
) -> None:
    server.on(f"GET {PULLS}/9", Answer(data=pull_json(**{field: None})))
    with pytest.raises(TrackerError, match=f"the answer has no {field}"):
        tracker.pulls.pull_request(9)


def test_pull_requests_are_asked_for_by_both_branches_in_any_state(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(f"GET {PULLS}", Answer(data=[pull_json(number=12), pull_json()]))
    assert [one.number for one in tracker.pulls.pull_requests("planbot/progress", "main")] == [12, 9]
    assert server.asked[-1].query == {
        "state": "all",
        "head": "o:planbot/progress",
        "base": "main",
        "sort": "created",
        "direction": "desc",
        "per_page": "100",
    }


def test_a_pull_request_is_opened_in_one_request(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"POST {PULLS}", Answer(201, pull_json()))
    made = tracker.pulls.create_pull_request("Title", "Body", head="planbot/progress", base="main")
    assert made.number == 9
    sent = {"title": "Title", "body": "Body", "head": "planbot/progress", "base": "main"}
    assert [asked.body for asked in server.asked] == [sent]
    assert tracker.writes == 1


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (
            403,
            "GitHub Actions is not permitted to create or approve pull requests.",
            "Settings → Actions → General → Workflow permissions",
        ),
        (403, "Resource not accessible by integration", "`pull-requests: write`"),
        (404, "Not Found", "`pull-requests: write`"),
    ],
)
def test_who_may_not_open_one_is_told_what_to_change(
    tracker: GitHubTracker, server: ScriptedServer, status: int, message: str, hint: str
) -> None:
    server.on(f"POST {PULLS}", Answer(status, {"message": message}))
    with pytest.raises(PermissionDeniedError, match=message) as caught:
        tracker.pulls.create_pull_request("Title", "Body", head="planbot/progress", base="main")
    assert hint in caught.value.hint
    assert len(server.asked) == 1


def test_a_second_one_is_refused(tracker: GitHubTracker, server: ScriptedServer) -> None:
    error = {"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for o:x."}
    server.on(f"POST {PULLS}", Answer(422, {"message": "Validation Failed", "errors": [error]}))
    with pytest.raises(RefusedError, match="already exists"):
        tracker.pulls.create_pull_request("Title", "Body", head="x", base="main")


def test_a_write_whose_answer_is_lost_is_sent_once(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"POST {PULLS}", DROP)
    server.on(f"PATCH {PULLS}/9", DROP)
    with pytest.raises(LostAnswerError):
        tracker.pulls.create_pull_request("Title", "Body", head="x", base="main")
    with pytest.raises(LostAnswerError):
        tracker.pulls.update_pull_request(9, state="closed")
    assert server.requests() == [f"POST {PULLS}", f"PATCH {PULLS}/9"]


def test_a_change_sends_what_is_given_alone(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(f"PATCH {PULLS}/9", Answer(data=pull_json(state="closed")))
    assert tracker.pulls.update_pull_request(9, state="closed").state == "closed"
    tracker.pulls.update_pull_request(9, body="")
    assert [asked.body for asked in server.asked] == [{"state": "closed"}, {"body": ""}]
