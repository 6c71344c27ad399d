"""Answers that are kept: what has not changed is not told again, and costs nothing."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from tracker.github_json import issue_json, repository_json
from tracker.scripted_server import Answer as Told

from planbot.sandbox import Sandbox
from planbot.tracker import convert
from planbot.tracker.answers import Answer, AnswerCache
from planbot.tracker.github_tracker import GitHubTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.scripted_server import ScriptedServer

    Connect = Callable[[str, AnswerCache], GitHubTracker]

REPOSITORY = "octo/plans"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.create_repository(REPOSITORY)
        yield running


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Connect]:
    opened: list[GitHubTracker] = []

    def log_in(token: str, cache: AnswerCache) -> GitHubTracker:
        tracker = GitHubTracker.connect(sandbox.url, token, REPOSITORY, seconds_between_writes=0, cache=cache)
        opened.append(tracker)
        return tracker

    yield log_in
    for tracker in opened:
        tracker.close()


def statuses(sandbox: Sandbox) -> list[int]:
    """Return how the requests since the last look were answered."""
    found = [request.status for request in sandbox.requests]
    sandbox.clear_requests()
    return found


def remaining(tracker: GitHubTracker) -> int:
    assert tracker.quota is not None
    return tracker.quota.remaining


def test_what_has_not_changed_costs_nothing_and_is_what_it_was(sandbox: Sandbox, connect: Connect) -> None:
    token, cache = sandbox.add_user("planner", "write"), AnswerCache()
    bot = connect(token, cache)
    for number in range(130):
        bot.create_issue(f"one of many {number}", "text")
    first = bot.repository(), bot.issues(None), bot.milestones()
    quota = remaining(bot)
    statuses(sandbox)

    later = connect(token, cache)  # another connection, as every pass has its own
    sandbox.clock.advance(60)
    again = later.repository(), later.issues(None), later.milestones()
    assert statuses(sandbox) == [304] * 4
    assert (again[0].id, *again[1:]) == (first[0].id, *first[1:])
    assert again[0].at > first[0].at, "the time is the newest, whatever is kept"
    assert remaining(later) == quota
    assert later.reads == 4


def test_the_page_that_changed_is_told_anew_and_no_other(sandbox: Sandbox, connect: Connect) -> None:
    bot = connect(sandbox.add_user("planner", "write"), AnswerCache())
    for number in range(130):
        bot.create_issue(f"one of many {number}", "text")
    bot.issues(None)
    bot.update_issue(120, body="news")
    statuses(sandbox)
    listed = {issue.number: issue.body for issue in bot.issues(None)}
    assert statuses(sandbox) == [304, 200]
    assert listed[120] == "news"
    assert [bot.issue(120), bot.issue(120)][0] == bot.issue(120)
    assert statuses(sandbox) == [200, 304, 304]
    bot.update_issue(120, body="more")
    issue = bot.issue(120)
    assert issue is not None
    assert issue.body == "more"


def test_another_token_is_told_everything_itself(sandbox: Sandbox, connect: Connect) -> None:
    cache = AnswerCache()
    connect(sandbox.add_user("planner", "write"), cache).repository()
    stranger = connect(sandbox.add_user("reader", "read"), cache)
    statuses(sandbox)
    assert not stranger.repository().push
    assert statuses(sandbox) == [200]


def test_without_a_cache_nothing_is_asked_conditionally(sandbox: Sandbox) -> None:
    token = sandbox.add_user("planner", "write")
    with GitHubTracker.connect(sandbox.url, token, REPOSITORY) as tracker:
        assert tracker.issues(None) == tracker.issues(None)
    assert set(statuses(sandbox)) == {200}


def test_an_answer_without_a_tag_or_with_an_error_is_not_kept(server: ScriptedServer) -> None:
    server.on("GET /repos/o/r", Told(data=repository_json()))
    tagged = {"ETag": 'W/"1"'}
    issue = "GET /repos/o/r/issues/1"
    server.on(issue, Told(status=404, data={}, headers=tagged), Told(data=issue_json(), headers=tagged))
    with GitHubTracker.connect(server.url, "token", "o/r", cache=AnswerCache()) as tracker:
        assert tracker.issue(1) is None
        assert tracker.issue(1) is not None
        tracker.repository()
        tracker.issue(1)
    asked = [(one.path, one.headers.get("if-none-match")) for one in server.asked]
    assert asked[-2:] == [("/repos/o/r", None), ("/repos/o/r/issues/1", 'W/"1"')]
    assert all(tag is None for _, tag in asked[:-1])


def test_what_answers_take_is_what_python_takes_for_them() -> None:
    """Hold the figure of docs/service.md as well: 220 KB for a hundred issues of 1,500 characters."""
    told = [json.dumps(issue_json(number=number, body=f"{number:04}" + "x" * 1496)) for number in range(100)]
    convert.issue_record(json.loads(told[0]))  # what is made once for all
    cache = AnswerCache()
    tracemalloc.start()
    cache.put("issues", Answer("tag", tuple(convert.issue_record(json.loads(one)) for one in told)))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken == pytest.approx(220_000, rel=0.1)
    assert cache.size == pytest.approx(taken, rel=0.1)


def test_a_list_of_what_was_touched_lately_is_not_kept(sandbox: Sandbox, connect: Connect) -> None:
    cache = AnswerCache()
    bot = connect(sandbox.add_user("planner", "write"), cache)
    bot.repository()
    size = cache.size
    bot.issues(None, since="2026-01-01T00:00:00Z")
    assert cache.size == size


def test_the_answer_that_was_not_asked_for_longest_goes_first() -> None:
    cache = AnswerCache(most=2)
    for key in ("a", "b"):
        cache.put(key, Answer(key, key))
    assert cache.get("a") == Answer("a", "a")
    cache.put("c", Answer("c", "c"))
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]
