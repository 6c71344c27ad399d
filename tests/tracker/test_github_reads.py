from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tracker.github_json import edits_json, issue_json, label_json, milestone_json, repository_json
from tracker.scripted_server import DROP, Answer, ScriptedServer

from planbot.errors import RateLimitedError, TrackerError, UnreachableError
from planbot.tracker.convert import quota
from planbot.tracker.records import (
    IssueRecord,
    LabelRecord,
    MilestoneRecord,
    Quota,
    RepositoryRecord,
    UserRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.protocols import TrackerReader

ISSUES = "GET /repos/o/r/issues"
ISSUE = "GET /repos/o/r/issues/1"
GRAPHQL = "POST /graphql"


def linked(server: ScriptedServer, path: str, data: Any) -> Answer:
    link = f'<{server.url}{path}>; rel="next", <{server.url}/last>; rel="last"'
    return Answer(data=data, headers={"Link": link})


def test_the_tracker_is_a_reader(tracker: GitHubTracker) -> None:
    reader: TrackerReader = tracker
    assert reader.repository().id == 77


def test_every_request_names_the_api_version_the_token_and_the_program(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    tracker.repository()
    headers = server.asked[-1].headers
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["authorization"].endswith("ghp_do_not_tell")
    assert headers["user-agent"].startswith("planbot/")


def test_a_tracker_can_be_used_up_in_a_with_statement(
    connect: Callable[..., GitHubTracker], server: ScriptedServer
) -> None:
    with connect() as tracker:
        tracker.repository()
    assert len(server.asked) == 1


def test_a_repository_is_read(tracker: GitHubTracker) -> None:
    assert replace(tracker.repository(), at="") == RepositoryRecord(
        id=77, full_name="o/r", default_branch="main", html_url="https://example.test/o/r"
    )


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sun, 06 Nov 1994 10:49:37 +0200", "1994-11-06T08:49:37Z"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_the_time_is_the_servers(tracker: GitHubTracker, server: ScriptedServer, date: str, at: str) -> None:
    server.on("GET /repos/o/r", Answer(data=repository_json(), headers={"Date": date}))
    assert tracker.repository().at == at


@pytest.mark.parametrize(
    ("token", "pushes"), [("ghp_person", "no"), ("github_pat_person", "no"), ("ghs_installation", "maybe")]
)
def test_push_is_what_the_server_says_unless_the_token_is_no_persons(
    connect: Callable[..., GitHubTracker], server: ScriptedServer, token: str, pushes: str
) -> None:
    server.on("GET /repos/o/r", Answer(data=repository_json(permissions={"push": False})))
    assert connect(token=token).repository().push is (pushes == "maybe")


def test_a_renamed_repository_goes_on_under_its_new_name(
    connect: Callable[..., GitHubTracker], server: ScriptedServer
) -> None:
    moved = Answer(301, {"message": "Moved Permanently"}, {"Location": f"{server.url}/repositories/77"})
    server.on("GET /repos/o/r", moved)
    server.on("GET /repositories/77", Answer(data=repository_json(full_name="o/new")))
    server.on("GET /repos/o/new", Answer(data=repository_json(full_name="o/new")))
    server.on("GET /repos/o/new/issues", Answer(data=[issue_json(state="closed")]))
    tracker = connect()
    assert [issue.state for issue in tracker.issues("planbot")] == ["closed"]
    assert server.asked[-1].query["state"] == "all"
    assert tracker.repository().full_name == "o/new"


def test_a_list_or_a_write_checks_the_name_first_and_only_once(
    connect: Callable[..., GitHubTracker], server: ScriptedServer
) -> None:
    server.on("GET /repos/o/r/labels", Answer(data=[]))
    tracker = connect()
    tracker.labels()
    tracker.labels()
    assert server.requests() == ["GET /repos/o/r", "GET /repos/o/r/labels", "GET /repos/o/r/labels"]


@pytest.mark.parametrize(
    "since", ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00", "2026-01-31T13:00:00+01:00"]
)
def test_issues_are_asked_for_open_and_closed_oldest_first_a_hundred_at_a_time(
    tracker: GitHubTracker, server: ScriptedServer, since: str
) -> None:
    server.on(ISSUES, Answer(data=[]))
    assert tracker.issues("planbot", since=since) == ()
    assert server.asked[-1].query == {
        "state": "all",
        "labels": "planbot",
        "sort": "created",
        "direction": "asc",
        "since": "2026-01-31T12:00:00Z",
        "per_page": "100",
    }


def test_pages_are_followed_by_their_links_alone(tracker: GitHubTracker, server: ScriptedServer) -> None:
    second = "/repositories/77/issues"
    server.on(ISSUES, linked(server, f"{second}?state=all&after=abc%3D", [issue_json(1)]))
    server.on(f"GET {second}", Answer(data=[issue_json(2)]))
    reads = tracker.reads
    assert [issue.number for issue in tracker.issues("planbot")] == [1, 2]
    assert server.asked[-1].query == {"state": "all", "after": "abc="}
    assert tracker.reads == reads + 2


def test_pull_requests_are_left_out_of_the_issues(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(ISSUES, Answer(data=[issue_json(1), issue_json(2, pull_request={"url": "…"}), issue_json(3)]))
    assert [issue.number for issue in tracker.issues("planbot")] == [1, 3]
    assert len(server.asked) == 1  # nothing is fetched one by one


def test_an_issue_is_read_with_all_its_fields(tracker: GitHubTracker, server: ScriptedServer) -> None:
    full = issue_json(
        state="closed",
        state_reason="not_planned",
        labels=[{"name": "planbot"}, {"name": "high"}],
        milestone=milestone_json(4),
        assignees=[{"login": "bob", "id": 6}],
        closed_by={"login": "cy", "id": 7},
        parent_issue_url="https://api.example.test/repos/o/r/issues/12",
        locked=True,
    )
    server.on(ISSUE, Answer(data=full))
    assert tracker.issue(1) == IssueRecord(
        number=1,
        id=1001,
        title="Title",
        body="Body",
        state="closed",
        state_reason="not_planned",
        labels=("planbot", "high"),
        milestone=4,
        assignees=("bob",),
        author="ann",
        created_at="2026-01-01T00:00:00Z",
        updated_at="2026-01-02T00:00:00Z",
        html_url="https://example.test/o/r/issues/1",
        locked=True,
        closed_by="cy",
        parent=12,
    )


def test_an_issue_may_lack_what_github_leaves_out(tracker: GitHubTracker, server: ScriptedServer) -> None:
    bare = issue_json(body=None, user=None, state_reason="some_new_reason")
    del bare["closed_by"], bare["assignees"], bare["repository_url"]
    server.on(ISSUE, Answer(data=bare))
    issue = tracker.issue(1)
    assert issue is not None
    assert (issue.body, issue.author, issue.state_reason) == ("", "ghost", None)
    assert (issue.closed_by, issue.assignees, issue.parent) == (None, (), None)


def test_a_parent_in_another_repository_has_no_number_here(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    elsewhere = "https://api.example.test/repos/o/other/issues/12"
    server.on(ISSUE, Answer(data=issue_json(parent_issue_url=elsewhere)))
    issue = tracker.issue(1)
    assert issue is not None
    assert issue.parent is None


@pytest.mark.parametrize("status", [404, 410])
def test_an_issue_that_is_gone_is_none(tracker: GitHubTracker, server: ScriptedServer, status: int) -> None:
    server.on(ISSUE, Answer(status, {"message": "This issue was deleted"}))
    assert tracker.issue(1) is None


def test_an_issue_moved_to_another_repository_is_none(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(ISSUE, Answer(301, {}, {"Location": f"{server.url}/repositories/88/issues/5"}))
    assert tracker.issue(1) is None


def test_an_issue_of_a_repository_renamed_meanwhile_is_not_taken_for_gone(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("GET /repos/o/r", Answer(301, {}, {"Location": f"{server.url}/repositories/77"}))
    server.on("GET /repositories/77", Answer(data=repository_json(full_name="o/new")))
    server.on(ISSUE, Answer(301, {}, {"Location": f"{server.url}/repositories/77/issues/1"}))
    with pytest.raises(TrackerError, match="redirects"):
        tracker.issue(1)


def test_a_milestone_is_read_by_its_number_and_one_that_is_gone_is_none(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("GET /repos/o/r/milestones/2", Answer(data=milestone_json(2, state="closed")))
    server.on("GET /repos/o/r/milestones/3", Answer(404, {"message": "Not Found"}))
    found = tracker.milestone(2)
    assert found is not None
    assert (found.number, found.state) == (2, "closed")
    assert tracker.milestone(3) is None


def test_milestones_are_read_open_and_closed(tracker: GitHubTracker, server: ScriptedServer) -> None:
    closed = milestone_json(2, state="closed", description="Goal", due_on="2026-12-01T08:00:00Z")
    server.on("GET /repos/o/r/milestones", Answer(data=[milestone_json(1), closed]))
    assert tracker.milestones() == (
        MilestoneRecord(1, "Phase 1", "", "open"),
        MilestoneRecord(2, "Phase 1", "Goal", "closed", "2026-12-01"),
    )
    assert server.asked[-1].query == {"state": "all", "per_page": "100"}


def test_labels_are_read(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("GET /repos/o/r/labels", Answer(data=[label_json()]))
    assert tracker.labels() == (LabelRecord("planbot", "0e8a16", ""),)


def test_a_user_is_looked_up_by_login(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on("GET /users/dependabot%5Bbot%5D", Answer(data={"login": "dependabot[bot]", "id": 49}))
    assert tracker.user("dependabot[bot]") == UserRecord("dependabot[bot]", 49)
    assert tracker.user("nobody") is None


def edit(at: str, login: str, *, kind: str = "User", number: int | None = 9) -> dict[str, Any]:
    editor = {"__typename": kind, "login": login} | ({"databaseId": number} if number else {})
    return {"editedAt": at, "editor": editor}


EARLY = edit("2026-01-01T00:00:00Z", "early")
LATE = edit("2026-01-02T00:00:00Z", "late")


@pytest.mark.parametrize(("oldest", "newest"), [(EARLY, LATE), (LATE, EARLY)])
def test_the_ticker_is_the_latest_editor_in_whatever_order_edits_come(
    tracker: GitHubTracker, server: ScriptedServer, oldest: dict[str, Any], newest: dict[str, Any]
) -> None:
    server.on(GRAPHQL, Answer(data=edits_json(oldest=(oldest,), newest=(newest,))))
    reads = tracker.reads
    assert tracker.ticker(3) == UserRecord("late", 9)
    assert server.asked[-1].body["variables"] == {"owner": "o", "name": "r", "number": 3}
    assert (tracker.reads, tracker.writes) == (reads + 1, 0)


def test_a_bots_edit_and_our_own_are_passed_over(tracker: GitHubTracker, server: ScriptedServer) -> None:
    by_bot = edit("2026-01-03T00:00:00Z", "planner", kind="Bot")
    by_us = edit("2026-01-04T00:00:00Z", "planbot")
    server.on(GRAPHQL, Answer(data=edits_json(newest=(by_us, by_bot, LATE, EARLY))))
    assert tracker.ticker(3) == UserRecord("late", 9)
    server.on(GRAPHQL, Answer(data=edits_json(newest=(by_us, by_bot))))
    assert tracker.ticker(3) is None


def test_whose_token_it_is_is_asked_once(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(GRAPHQL, Answer(data={"data": {"viewer": {"login": "planbot"}}}))
    assert tracker.is_me(UserRecord("planbot[bot]", 5), bot=True)
    assert not tracker.is_me(UserRecord("maya", 7), bot=False)
    assert [asked.path for asked in server.asked if "graphql" in asked.path] == [GRAPHQL.split()[1]]


def test_a_server_that_does_not_tell_whose_token_it_is_makes_nobody_us(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(GRAPHQL, Answer(404, {"message": "Not Found"}))
    assert not tracker.is_me(UserRecord("planbot", 5), bot=False)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(data=edits_json()),
        Answer(data=edits_json(newest=({"editedAt": "2026-01-01T00:00:00Z", "editor": None},))),
        Answer(data=edits_json(newest=(edit("2026-01-01T00:00:00Z", "acme", number=None),))),
        Answer(data={"data": {"repository": {"issue": None}}}),
        Answer(data={"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]}),
        Answer(404, {"message": "Not Found"}),
        Answer(200, b"<html>"),
        Answer(200, b""),
        Answer(502, {}),
        DROP,
    ],
)
def test_a_server_that_cannot_tell_the_ticker_is_put_up_with(
    tracker: GitHubTracker, server: ScriptedServer, answer: Answer
) -> None:
    server.on(GRAPHQL, answer)
    assert tracker.ticker(3) is None


def test_histories_of_bodies_are_asked_for_at_once_and_only_whole_texts_are_told(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    told = {"nodes": [{"diff": "new"}, {"diff": None}, {"diff": "old"}]}
    data = {"data": {"repository": {"i3": {"front": told, "back": {"nodes": []}}, "i4": None}}}
    server.on(GRAPHQL, Answer(data=data))
    assert tracker.body_histories((3, 4)) == {3: (("new", "old"), ())}
    query = server.asked[-1].body["query"]
    assert "i3: issue(number: 3)" in query
    assert "i4: issue(number: 4)" in query


@pytest.mark.parametrize(
    "answer", [Answer(data={"data": None}), Answer(404, {"message": "Not Found"}), Answer(200, b"")]
)
def test_a_server_that_tells_no_histories_is_put_up_with(
    tracker: GitHubTracker, server: ScriptedServer, answer: Answer
) -> None:
    server.on(GRAPHQL, answer)
    assert tracker.body_histories((3,)) == {}


GRAPHQL_LIMIT = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (DROP, UnreachableError),
        (Answer(502, {}), UnreachableError),
        (Answer(429, {"message": "slow down"}, {"Retry-After": "999"}), RateLimitedError),
        (
            Answer(200, GRAPHQL_LIMIT, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2000000000"}),
            RateLimitedError,
        ),
    ],
)
def test_a_server_that_may_tell_histories_later_is_not_taken_for_one_that_does_not(
    tracker: GitHubTracker, server: ScriptedServer, answer: Answer, error: type[TrackerError]
) -> None:
    server.on(GRAPHQL, answer)
    with pytest.raises(error):
        tracker.body_histories((3,))


QUOTA = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4987", "X-RateLimit-Reset": "1767225600"}


def test_the_quota_is_what_the_newest_answer_tells(tracker: GitHubTracker, server: ScriptedServer) -> None:
    assert tracker.quota is None
    tracker.repository()
    assert tracker.quota is None
    server.on(ISSUE, Answer(data=issue_json(), headers=QUOTA), Answer(data=issue_json()))
    for _ in range(2):
        tracker.issue(1)
        assert tracker.quota == Quota(4987, 5000, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_quota_of_graphql_is_another_one(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(GRAPHQL, Answer(data={"data": {"viewer": {"login": "ada"}}}, headers=QUOTA))
    assert tracker.is_me(UserRecord("ada", 1), bot=False)
    assert tracker.quota is None


@pytest.mark.parametrize("reset", ["", "soon", "nan", "1e400", "9" * 30])
def test_a_quota_that_makes_no_sense_is_none(reset: str) -> None:
    headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "1", "x-ratelimit-reset": reset}
    assert quota(headers) is None
