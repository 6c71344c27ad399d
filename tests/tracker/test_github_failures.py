from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

import pytest
from tracker.github_json import TOKEN
from tracker.scripted_server import DROP, Answer, ScriptedServer

from planbot.errors import (
    AuthenticationError,
    LostAnswerError,
    NotFoundError,
    PermissionDeniedError,
    PlanbotError,
    TrackerError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.github_tracker import GitHubTracker

REPOSITORY = "GET /repos/o/r"
ISSUES = "GET /repos/o/r/issues"
CREATE = "POST /repos/o/r/issues"


def test_a_token_that_is_not_accepted(connect: Callable[..., GitHubTracker], server: ScriptedServer) -> None:
    server.on(REPOSITORY, Answer(401, {"message": "Bad credentials"}))
    with pytest.raises(AuthenticationError, match=r"Bad credentials \(401\)") as caught:
        connect().repository()
    assert "token" in caught.value.hint


def test_a_repository_that_is_not_to_be_seen_is_named(
    connect: Callable[..., GitHubTracker], server: ScriptedServer
) -> None:
    server.on(REPOSITORY, Answer(404, {"message": "Not Found"}))
    with pytest.raises(NotFoundError, match="o/r") as caught:
        connect().repository()
    assert "the token has no access" in caught.value.hint


def test_issues_that_are_switched_off(tracker: GitHubTracker, server: ScriptedServer) -> None:
    server.on(ISSUES, Answer(410, {"message": "Issues are disabled for this repo"}))
    with pytest.raises(TrackerError, match="Issues are disabled") as caught:
        tracker.issues("planbot")
    assert not isinstance(caught.value, NotFoundError)
    assert "Switch issues on" in caught.value.hint


def test_issues_that_are_switched_off_do_not_make_an_issue_look_deleted(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on("GET /repos/o/r/issues/1", Answer(410, {"message": "Issues are disabled for this repo"}))
    with pytest.raises(TrackerError, match="Issues are disabled"):
        tracker.issue(1)


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ({"X-Accepted-GitHub-Permissions": "issues=write; contents=write"}, "issues: write; contents: write"),
        ({"X-GitHub-SSO": "required; url=https://example.test"}, "single sign-on"),
        ({}, "issues: write"),
    ],
)
def test_a_permission_that_is_missing_is_named(
    tracker: GitHubTracker, server: ScriptedServer, headers: dict[str, str], hint: str
) -> None:
    server.on(CREATE, Answer(403, {"message": "Resource not accessible by integration"}, headers))
    with pytest.raises(PermissionDeniedError, match="not accessible by integration") as caught:
        tracker.create_issue("t", "b")
    assert hint in caught.value.hint


def test_a_permission_to_read_is_asked_for_where_reading_failed(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(ISSUES, Answer(403, {"message": "Resource not accessible by personal access token"}))
    with pytest.raises(PermissionDeniedError) as caught:
        tracker.issues("planbot")
    assert "issues: read" in caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>log in first</html>"),
        Answer(200, b"{broken"),
        Answer(200, b""),
        Answer(200, {"message": "no list"}),
        Answer(200, [{"number": 1}]),
        Answer(200, ["issue"]),
        Answer(200, [], {"Link": '<http://elsewhere.test/issues>; rel="next"'}),
        Answer(200, [], {"Link": '<http://127.0.0.1:1/issues>; rel="next"'}),
        Answer(403, b"<html>blocked</html>"),
        Answer(418, {"message": "Teapot", "errors": "none to speak of"}),
        Answer(499, b"x"),
        Answer(302, {}),
        DROP,
    ],
)
def test_whatever_a_read_meets_is_a_tracker_error(
    tracker: GitHubTracker, server: ScriptedServer, answer: Answer
) -> None:
    server.on(ISSUES, answer)
    with pytest.raises(TrackerError) as caught:
        tracker.issues("planbot")
    assert not isinstance(caught.value, LostAnswerError)
    assert caught.value.message


def test_details_of_an_invalid_request_are_told(tracker: GitHubTracker, server: ScriptedServer) -> None:
    errors = [
        {"resource": "Issue", "field": "title", "code": "missing_field"},
        {"message": "too long"},
        "odd",
    ]
    server.on(CREATE, Answer(422, {"message": "Validation Failed", "errors": errors}))
    with pytest.raises(TrackerError, match=r"\(422: Issue title missing_field; too long; odd\)"):
        tracker.create_issue("", "")


def every_failure(tracker: GitHubTracker, server: ScriptedServer) -> list[PlanbotError]:
    found = []
    for answer in (
        Answer(401, {"message": "Bad credentials"}),
        Answer(403, {"message": "Forbidden"}),
        Answer(403, {"message": "secondary rate limit"}, {"Retry-After": "999"}),
        Answer(301, {}, {"Location": f"{server.url}/x"}),
        Answer(502, {}),
        Answer(200, b"{broken"),
        DROP,
    ):
        server.on(CREATE, answer)
        server.on(ISSUES, answer)
        for call in (lambda: tracker.create_issue("t", "b"), lambda: tracker.issues("planbot")):
            try:
                call()
            except PlanbotError as error:
                found.append(error)
    return found


def test_the_token_is_in_no_error_and_no_log(
    tracker: GitHubTracker, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        failures = every_failure(tracker, server)
    assert len(failures) == 14
    told = ["".join(traceback.format_exception(error)) + repr(error) + error.hint for error in failures]
    assert not any(TOKEN in text for text in told)
    assert caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(tracker)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "naïve", "\x00"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_quoted(
    connect: Callable[..., GitHubTracker], token: str
) -> None:
    with pytest.raises(UsageError) as caught:
        connect(token=token)
    assert not token or token not in "".join(traceback.format_exception(caught.value))
