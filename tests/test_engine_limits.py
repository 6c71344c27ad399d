"""Rate limits: every write waits for them, keeps its lease meanwhile, and begins anew from what is there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.protected import Protected
from support.world import NAME, PLAN, World, git

from planbot.engine import Options
from planbot.guard import LEASE_LOST, OUT_OF_TIME, SLICE
from planbot.repo.lease import SECONDS
from planbot.repo.repository import JOURNAL_REF
from planbot.sandbox import Fault
from planbot.tracker.github_tracker import GitHubTracker
from planbot.upkeep import withdraw_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

REPOSITORY = f"/repos/{NAME}"
ISSUES = f"{REPOSITORY}/issues"
FINISHED = """\
---
planbot: {issues: {finished: import}}
---
# Plan

## Phase 1: Done long ago

### Phase 1 Verification

- [x] it works
"""


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: SMALL})
    world.sync()
    world.slept.clear()
    world.sandbox.clear_requests()
    return world


def limit(world: World, method: str, path: str, seconds: int | None = 60, times: int = 1) -> None:
    """Let the next such requests be refused by a secondary limit, which names a time or none."""
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    words = "You have exceeded a secondary rate limit."
    world.sandbox.faults.add(Fault(method, path, status=403, message=words, headers=headers, times=times))


def asked(world: World, path: str) -> list[str]:
    return [one.method for one in world.sandbox.requests if one.path == path]


def messages(world: World) -> list[str]:
    return git(world.origin, "log", "--format=%s", JOURNAL_REF).splitlines()


@pytest.mark.parametrize(("seconds", "slices"), [(60, [SLICE] * 4), (None, [SLICE] * 4), (7, [7])])
def test_a_tick_made_while_a_limit_is_waited_for_is_kept(
    synced: World, seconds: int | None, slices: list[float]
) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    number = synced.issue("Phase 1").number
    limit(synced, "PATCH", f"{ISSUES}/{number}", seconds)
    synced.sandbox.clear_requests()
    synced.on_sleep = _once(lambda: synced.set_box("Phase 1", "the page opens"))
    assert synced.sync().complete
    assert synced.slept == slices
    path = f"{ISSUES}/{number}"
    assert asked(synced, path) == ["GET", "PATCH", "PATCH", "GET", "PATCH"], "the person's is the second"
    body = synced.issue("Phase 1").body
    assert "- [x] the tests pass" in body
    assert "- [x] the page opens" in body
    synced.on_sleep = lambda: None
    synced.sync()
    assert b"- [x] the page opens" in synced.plan()
    synced.quiet()


def test_the_lease_is_kept_while_a_limit_is_waited_for(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    limit(synced, "PATCH", f"{ISSUES}/*", 60, times=3)
    held: list[bool] = []

    def look() -> None:
        lease = synced.agreed().lease
        held.append(lease is not None and lease.until > synced.now)

    synced.on_sleep = look
    assert synced.sync().complete
    assert sum(synced.slept) == 3 * 60 > SECONDS
    assert held == [True] * 12
    assert messages(synced).count("Go on") >= 4
    synced.quiet()


def test_a_lease_that_is_lost_during_the_wait_ends_the_pass(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    before = synced.issue("Phase 1").body
    limit(synced, "PATCH", f"{ISSUES}/*")
    synced.on_sleep = _once(lambda: synced.skip_time(SECONDS))
    result = synced.sync()
    assert result.problem == LEASE_LOST
    assert synced.issue("Phase 1").body == before
    synced.skip_time(SECONDS)
    assert synced.sync().complete
    synced.quiet()


def test_a_wait_that_would_outlast_the_time_budget_is_not_begun(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    limit(synced, "PATCH", f"{ISSUES}/*", 50)
    with synced.tracker(synced.bot_token) as tracker:
        result = synced.engine(tracker, options=Options(time_budget=40)).sync()
    assert result.out_of_time
    assert result.problem == f"{OUT_OF_TIME}: the tracker asks to wait 50 s"
    assert synced.slept == []
    assert synced.sync().complete
    synced.quiet()


def test_a_limit_that_asks_for_too_long_ends_the_pass_at_once(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    limit(synced, "PATCH", f"{ISSUES}/*", 3600)
    result = synced.sync()
    assert "asks to wait 3600 s; a pass waits 60 s" in result.problem
    assert synced.slept == []
    assert synced.sync().complete
    synced.quiet()


def test_a_read_within_a_change_waits_with_the_lease_kept(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    limit(synced, "GET", f"{ISSUES}/{synced.issue('Phase 1').number}")
    assert synced.sync().complete
    assert synced.slept == [SLICE] * 4
    assert "Go on" in messages(synced)
    synced.quiet()


@pytest.mark.parametrize("path", [f"{ISSUES}/*", f"{REPOSITORY}/milestones/*"])
def test_what_is_made_and_then_closed_is_made_once_if_a_limit_comes_between(world: World, path: str) -> None:
    world.commit({PLAN: FINISHED})
    limit(world, "PATCH", path)
    assert world.sync().complete
    assert sum(world.slept) == 60
    assert len(world.person.issues(None)) == len(world.issues()) == 2
    assert [stone.state for stone in world.person.milestones()] == ["closed"]
    assert world.issue("Phase 1").state == "closed"
    world.quiet()


def test_a_farewell_that_a_limit_refuses_is_said_after_the_wait(synced: World) -> None:
    number = synced.issue("1.2").number
    synced.edit("#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).\n\n", "")
    limit(synced, "POST", f"{ISSUES}/{number}/comments")
    assert synced.sync().complete
    assert len(synced.person.comments.of(number)) == 1
    synced.quiet()


def test_a_comment_that_is_kept_up_to_date_waits_for_a_limit(synced: World) -> None:
    number = synced.issue("Billing").number
    with GitHubTracker.connect(
        synced.sandbox.url, synced.bot_token, NAME, seconds_between_writes=0, sleep=synced._sleep
    ) as bot:
        bot.comments.add(number, "<!-- planbot:refusal -->\nA pass was refused.")
        limit(synced, "DELETE", f"{ISSUES}/comments/*", 20)
        withdraw_refusal(bot, number)
    assert synced.slept == [20]
    assert synced.person.comments.of(number) == ()


@pytest.fixture
def protected(tmp_path: Path, sandbox: Sandbox) -> Iterator[Protected]:
    made = Protected(tmp_path, sandbox)
    made.commit({PLAN: SMALL})
    made.sync()
    made.set_box("Phase 1", "the tests pass")
    yield made
    made.close()


def test_a_pull_request_is_opened_once_a_limit_is_over(protected: Protected) -> None:
    limit(protected, "POST", f"{REPOSITORY}/pulls")
    assert protected.sync().write_back.action == "opened"
    assert sum(protected.slept) == 60
    assert len(protected.pulls()) == 1
    protected.quiet()


def test_what_a_person_writes_into_the_pull_request_during_the_wait_stays(protected: Protected) -> None:
    protected.sync()
    protected.set_box("Phase 1", "the page opens")
    limit(protected, "PATCH", f"{REPOSITORY}/pulls/*")
    protected.on_sleep = _once(lambda: protected.describe(f"Mind me.\n\n{protected.pull()['body']}"))
    assert protected.sync().write_back.action == "updated"
    assert protected.pull()["body"].startswith("Mind me.")
    assert protected.boxes() == ["- [x] the tests pass", "- [x] the page opens"]
    protected.on_sleep = lambda: None
    protected.quiet()


def test_a_pull_request_in_which_nothing_is_left_is_closed_after_the_wait(protected: Protected) -> None:
    protected.sync()
    protected.set_box("Phase 1", "the tests pass", ticked=False)
    limit(protected, "PATCH", f"{REPOSITORY}/pulls/*")
    assert protected.sync().write_back.action == "closed"
    assert protected.pulls("open") == []
    protected.quiet()


def test_a_long_pass_tells_what_it_will_cost_before_its_first_change(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.pace = 6
    assert world.sync().complete
    cost = "6 new issues, 2 new milestones, 11 writes, about 1 minute, watchers notified 6 times"
    assert world.told[:2] == [f"to do: {cost}", "create label: impact: High"]


def test_a_short_pass_tells_no_cost(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.pace = 5
    assert world.sync().complete
    assert world.told[0] == "create label: impact: High"
    assert not any("to do" in text for text in world.told)


def _once(deed: Callable[[], object]) -> Callable[[], object]:
    """Return a function that does something the first time it is called."""
    left = [deed]
    return lambda: left.pop()() if left else None
