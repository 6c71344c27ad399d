from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from tracker.github_json import issue_json
from tracker.scripted_server import DROP, Answer, ScriptedServer
from urllib3 import PoolManager
from urllib3.exceptions import ReadTimeoutError

from planbot.errors import LostAnswerError, PermissionDeniedError, RateLimitedError, TrackerError
from planbot.tracker.retry import SafeRetry, rate_limit, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.manual_time import ManualTime

    from planbot.tracker.github_tracker import GitHubTracker

    Call = Callable[[GitHubTracker], object]

NOW = 1_700_000_000.0
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait."}
PRIMARY = {"message": "API rate limit exceeded for user ID 1."}
OK = Answer(data=issue_json())
CREATED = Answer(201, issue_json())
BAD_GATEWAY = Answer(502, {"message": "Server Error"})


def get(tracker: GitHubTracker) -> object:
    return tracker.issue(1)


def post(tracker: GitHubTracker) -> object:
    return tracker.create_issue("t", "b")


def patch(tracker: GitHubTracker) -> object:
    return tracker.update_issue(1, title="t")


def delete(tracker: GitHubTracker) -> object:
    tracker.comments.remove(1)
    return True


GET = ("GET /repos/o/r/issues/1", get)
POST = ("POST /repos/o/r/issues", post)
PATCH = ("PATCH /repos/o/r/issues/1", patch)
DELETE = ("DELETE /repos/o/r/issues/comments/1", delete)
every_verb = pytest.mark.parametrize(("request_", "call"), [GET, POST, PATCH, DELETE])
every_write = pytest.mark.parametrize(("request_", "call"), [POST, PATCH, DELETE])


@every_write
@pytest.mark.parametrize("lost", [DROP, BAD_GATEWAY, Answer(500, {}), Answer(503, {}, {"Retry-After": "1"})])
def test_a_write_whose_answer_is_lost_is_never_sent_again(
    tracker: GitHubTracker,
    server: ScriptedServer,
    request_: str,
    call: Call,
    lost: Answer,
) -> None:
    server.on(request_, lost, CREATED)
    with pytest.raises(LostAnswerError):
        call(tracker)
    assert server.requests() == [request_]
    assert tracker.writes == 1


@every_write
def test_a_write_whose_answer_breaks_off_is_lost(
    tracker: GitHubTracker, server: ScriptedServer, request_: str, call: Call
) -> None:
    server.on(request_, Answer(201, b'{"number": 1', {"Content-Length": "4000", "Connection": "close"}))
    with pytest.raises(LostAnswerError):
        call(tracker)
    assert server.requests() == [request_]


@pytest.mark.parametrize("passing", [DROP, BAD_GATEWAY, Answer(500, b"<html>"), Answer(503, {})])
def test_a_read_is_sent_again_after_a_pause(
    tracker: GitHubTracker, server: ScriptedServer, time: ManualTime, passing: Answer
) -> None:
    server.on(GET[0], passing, passing, OK)
    assert tracker.issue(1) is not None
    assert time.slept == [0.5, 1.0]
    assert tracker.reads == 1 + 3  # the repository, and three tries


@pytest.mark.parametrize("broken", [DROP, BAD_GATEWAY])
def test_a_read_that_keeps_failing_is_given_up(
    tracker: GitHubTracker, server: ScriptedServer, broken: Answer
) -> None:
    server.on(GET[0], broken)
    with pytest.raises(TrackerError, match="could not read issue #1 in o/r"):
        tracker.issue(1)
    assert server.requests() == [GET[0]] * 4


def test_the_status_of_a_server_that_keeps_failing_is_told(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    server.on(GET[0], BAD_GATEWAY)
    with pytest.raises(TrackerError, match=r"Server Error \(502\)"):
        tracker.issue(1)


LIMITS = pytest.mark.parametrize(
    ("limit", "wait"),
    [
        (Answer(403, SECONDARY, {"Retry-After": "7"}), 7.0),
        (Answer(429, SECONDARY, {"Retry-After": "7"}), 7.0),
        (Answer(403, SECONDARY), 60.0),
        (Answer(429, SECONDARY), 60.0),
        (Answer(403, PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW + 30:.0f}"}), 31.0),
        (Answer(429, PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW + 30:.0f}"}), 31.0),
    ],
)


@LIMITS
def test_a_read_waits_for_a_rate_limit_by_itself(
    tracker: GitHubTracker, server: ScriptedServer, time: ManualTime, limit: Answer, wait: float
) -> None:
    server.on(GET[0], limit, OK)
    assert get(tracker) is not None
    assert time.slept == [wait]
    assert server.requests() == [GET[0]] * 2


@LIMITS
@every_write
def test_a_write_that_a_rate_limit_refuses_is_not_sent_again_with_what_is_old_by_then(
    tracker: GitHubTracker,
    server: ScriptedServer,
    time: ManualTime,
    request_: str,
    call: Call,
    limit: Answer,
    wait: float,
) -> None:
    server.on(request_, limit, CREATED)
    with pytest.raises(RateLimitedError, match=f"asks to wait {wait:.0f} s") as caught:
        call(tracker)
    assert (caught.value.seconds, caught.value.final) == (wait, False)
    assert time.slept == []
    assert server.requests() == [request_]


@LIMITS
@every_write
def test_what_is_done_patiently_is_done_again_from_its_read(
    tracker: GitHubTracker,
    server: ScriptedServer,
    time: ManualTime,
    request_: str,
    call: Call,
    limit: Answer,
    wait: float,
) -> None:
    server.on(GET[0], OK)
    server.on(request_, limit, CREATED)
    assert tracker.patiently(lambda: (get(tracker), call(tracker)))
    assert time.slept == [wait]
    assert server.requests() == [GET[0], request_] * 2


@pytest.mark.parametrize(("request_", "call"), [GET, POST])
def test_within_an_impatient_block_nothing_waits_by_itself(
    tracker: GitHubTracker, server: ScriptedServer, time: ManualTime, request_: str, call: Call
) -> None:
    server.on(request_, Answer(429, SECONDARY), CREATED)
    with tracker.impatient(), pytest.raises(RateLimitedError) as caught:
        tracker.patiently(lambda: call(tracker))
    assert not caught.value.final
    assert time.slept == []
    assert tracker.patiently(lambda: call(tracker)) is not None


@every_verb
@pytest.mark.parametrize(
    ("limit", "wait"),
    [
        (Answer(403, SECONDARY, {"Retry-After": "61"}), 61.0),
        (Answer(429, PRIMARY, {"X-RateLimit-Reset": f"{NOW + 3600:.0f}"}), 3601.0),
    ],
)
def test_a_wait_longer_than_the_cap_is_refused_at_once(
    tracker: GitHubTracker,
    server: ScriptedServer,
    time: ManualTime,
    request_: str,
    call: Call,
    limit: Answer,
    wait: float,
) -> None:
    server.on(request_, limit, CREATED)
    with pytest.raises(RateLimitedError, match=f"asks to wait {wait:.0f} s; a pass waits 60 s") as caught:
        tracker.patiently(lambda: call(tracker))
    assert (caught.value.seconds, caught.value.final) == (wait, True)
    assert time.slept == []
    assert server.requests() == [request_]


@every_verb
def test_a_secondary_limit_that_stays_is_waited_for_twice_as_long_each_time(
    connect: Callable[..., GitHubTracker], server: ScriptedServer, time: ManualTime, request_: str, call: Call
) -> None:
    server.on(request_, Answer(403, SECONDARY))
    tracker = connect(max_wait=1000)
    with pytest.raises(RateLimitedError) as caught:
        tracker.patiently(lambda: call(tracker))
    assert [seconds for seconds in time.slept if seconds > 1] == [60.0, 120.0, 240.0]
    assert caught.value.seconds == 480.0
    assert server.requests().count(request_) == 4


def test_the_cap_holds_for_doubled_waits_too(
    connect: Callable[..., GitHubTracker], server: ScriptedServer, time: ManualTime
) -> None:
    server.on(POST[0], Answer(403, SECONDARY))
    tracker = connect(max_wait=60)
    with pytest.raises(RateLimitedError):
        tracker.patiently(lambda: post(tracker))
    assert time.slept == [60.0]


@every_verb
def test_a_refusal_that_is_no_rate_limit_is_final(
    tracker: GitHubTracker,
    server: ScriptedServer,
    time: ManualTime,
    request_: str,
    call: Call,
) -> None:
    server.on(request_, Answer(403, {"message": "Resource not accessible by integration"}))
    with pytest.raises(PermissionDeniedError):
        call(tracker)
    assert time.slept == []
    assert server.requests() == [request_]


@every_verb
def test_a_connection_that_cannot_be_made_is_tried_again_and_is_no_lost_answer(
    connect: Callable[..., GitHubTracker],
    server: ScriptedServer,
    time: ManualTime,
    request_: str,
    call: Call,
) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        tracker = connect(api_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        tracker._name_is_checked = True
        with pytest.raises(TrackerError, match="Connection refused") as caught:
            call(tracker)
    assert not isinstance(caught.value, LostAnswerError)
    assert time.slept == [0.5, 1.0, 2.0]
    assert (tracker.reads, tracker.writes) == (0, 0)
    assert (server.requests(), request_) == ([], request_)


def test_a_server_that_speaks_no_tls_is_not_tried_again(
    connect: Callable[..., GitHubTracker], server: ScriptedServer, time: ManualTime
) -> None:
    tracker = connect(api_url=server.url.replace("http:", "https:"))
    with pytest.raises(TrackerError, match="SSL"):
        tracker.repository()
    assert time.slept == []


@pytest.mark.parametrize(("verb", "tries"), [("GET", 4), ("POST", 1), ("PATCH", 1), ("DELETE", 1)])
def test_an_answer_that_takes_too_long_is_asked_for_again_only_by_a_read(
    time: ManualTime, verb: str, tries: int
) -> None:
    sent: list[None] = []
    retry = SafeRetry(sent=lambda: sent.append(None), sleep=time.sleep, clock=time.clock)
    with socket.create_server(("127.0.0.1", 0)) as silent, PoolManager(retries=retry) as pool:
        with pytest.raises(Exception, match="timed out") as caught:
            pool.request(verb, f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.01)
        pool.clear()
    assert len(sent) == tries
    assert isinstance(getattr(caught.value, "reason", caught.value), ReadTimeoutError)


@every_verb
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed_unseen(
    tracker: GitHubTracker,
    server: ScriptedServer,
    request_: str,
    call: Call,
    status: int,
) -> None:
    elsewhere = Answer(status, {"message": "Moved"}, {"Location": f"{server.url}/repositories/77/issues"})
    server.on(request_, elsewhere)
    if call is get:
        assert call(tracker) is None  # an issue that was transferred
    else:
        with pytest.raises(TrackerError, match="redirects to"):
            call(tracker)
    assert not any("repositories" in asked.path for asked in server.asked)


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (403, {}, "Must have admin rights to Repository.", None),
        (403, {"X-RateLimit-Remaining": "0"}, "Must have admin rights to Repository.", None),
        (403, {}, "You have triggered an abuse detection mechanism.", (60.0, True)),
        (403, {"Retry-After": "0"}, "", (0.0, False)),
        (429, {}, "", (60.0, True)),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "990"}, "", (1.0, False)),
        (403, {"X-RateLimit-Reset": "soon"}, "API rate limit exceeded", (60.0, True)),
        (503, {"Retry-After": "9"}, "", (9.0, False)),
        (503, {}, "rate limit", None),
    ],
)
def test_what_a_refusal_asks_to_wait(
    status: int, headers: dict[str, str], message: str, wait: tuple[float, bool] | None
) -> None:
    limit = rate_limit(status, headers, message, 1000.0)
    assert (limit and (limit.seconds, limit.guessed)) == wait


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12.0),
        (" 12 ", 12.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0.0),
        ("in a while", None),
        ("-5", None),
        ("", None),
    ],
)
def test_a_retry_after_header_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds
