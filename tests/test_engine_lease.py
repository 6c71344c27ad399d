"""The lease: one pass at a time writes to the tracker, and one that died is not waited for for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.engine import POLL, Options
from planbot.guard import OUT_OF_TIME, SLICE
from planbot.repo.lease import MARGIN, RENEWAL, SECONDS, Holder
from planbot.repo.logbook import Logbook
from planbot.repo.repository import Repository
from planbot.tracker.github_tracker import GitHubTracker

if TYPE_CHECKING:
    from planbot.sync.agreed import Agreed


@pytest.fixture
def planned(world: World) -> World:
    world.commit({PLAN: SMALL})
    return world


def hold(world: World, name: str, now: float) -> tuple[Logbook, Holder, Agreed]:
    """Take the lease as another pass would."""
    repository = Repository.open(world.work)
    logbook = Logbook(repository, lambda: now)
    journal = repository.fetch("main").journal
    agreed = logbook.read(journal, 0)
    holder = Holder(logbook, name, lambda: now)
    assert holder.take(journal, agreed, "Begin: somebody else")
    return logbook, holder, agreed


def test_a_pass_waits_for_another_and_then_leaves_it_all_to_it(planned: World) -> None:
    hold(planned, "other", planned.now + 1_000_000)
    result = planned.sync()
    assert result.skipped
    assert "another pass is running" in result.notices[0]
    assert planned.issues() == {}
    assert planned.slept
    assert set(planned.slept) == {POLL}


def test_a_pass_goes_on_when_the_other_one_ends(planned: World) -> None:
    _, holder, agreed = hold(planned, "other", planned.now + 1_000_000)
    planned.on_sleep = lambda: holder.end(agreed, "Finish: nothing")
    assert planned.sync().complete
    assert len(planned.issues()) == 6
    planned.quiet()


def test_a_lease_that_ran_out_is_taken_over(planned: World) -> None:
    hold(planned, "died", planned.now - SECONDS - 1)
    assert planned.sync().complete
    assert planned.slept == []
    planned.quiet()


def test_a_pass_that_only_reads_minds_no_lease(planned: World) -> None:
    hold(planned, "other", planned.now + 1_000_000)
    assert planned.diff().count("create") > 0


def test_the_lease_is_ended_by_the_closing_entry(planned: World) -> None:
    planned.sync()
    text = git(planned.origin, "cat-file", "blob", "refs/planbot/journal:repository.json")
    assert '"lease": null' in text
    begin = git(planned.origin, "cat-file", "blob", "refs/planbot/journal~1:repository.json")
    assert '"holder"' in begin


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_holder_renews_in_time_and_stops_when_it_is_too_late(planned: World) -> None:
    clock = Clock()
    repository = Repository.open(planned.work)
    logbook = Logbook(repository, clock)
    holder = Holder(logbook, "me", clock)
    agreed = logbook.read(None, 1)
    assert holder.take(None, agreed, "Begin")
    before = planned.refs()
    clock.now += RENEWAL - 1
    assert holder.keep(lambda: agreed)
    assert planned.refs() == before
    clock.now += 2
    assert holder.keep(lambda: agreed)
    assert planned.refs() != before
    clock.now += SECONDS - MARGIN
    assert not holder.keep(lambda: agreed)


def test_a_renewal_that_is_refused_stops_the_holder(planned: World) -> None:
    clock = Clock()
    logbook = Logbook(Repository.open(planned.work), clock)
    holder = Holder(logbook, "me", clock)
    agreed = logbook.read(None, 1)
    assert holder.take(None, agreed, "Begin")
    git(planned.origin, "update-ref", "-d", "refs/planbot/journal")
    clock.now += RENEWAL + 1
    assert not holder.keep(lambda: agreed)


def test_a_pass_that_loses_its_lease_writes_no_further_and_the_next_one_finishes(planned: World) -> None:
    made = 0

    def steal(text: str) -> None:
        nonlocal made
        made += text.startswith("create task")
        if made == 2:
            planned.skip_time(RENEWAL + 1)
            git(planned.origin, "update-ref", "-d", "refs/planbot/journal")

    planned.on_tell = steal
    result = planned.sync()
    assert not result.complete
    planned.on_tell = lambda _text: None
    planned.skip_time(SECONDS)
    planned.sync()
    assert len(planned.issues()) == 6
    planned.quiet()


def test_the_lease_is_kept_while_the_time_between_two_writes_passes(planned: World) -> None:
    asked = []
    planned.on_sleep = lambda: asked.append(planned.refs())
    with GitHubTracker.connect(
        planned.sandbox.url,
        planned.bot_token,
        NAME,
        seconds_between_writes=SECONDS,
        sleep=planned._sleep,
        clock=lambda: planned.now,
    ) as tracker:
        assert planned.engine(tracker).sync().complete
    assert max(planned.slept) <= SLICE
    assert sum(planned.slept) > SECONDS
    assert len(set(asked)) > sum(planned.slept) / SECONDS, "it was renewed"
    planned.on_sleep = lambda: None
    planned.quiet()


def test_a_time_budget_stops_clean_and_the_next_pass_goes_on(planned: World) -> None:
    planned.on_tell = lambda text: planned.skip_time(20 if text.startswith("create task") else 0)
    with planned.tracker(planned.bot_token) as tracker:
        result = planned.engine(tracker, options=Options(time_budget=30)).sync()
    assert result.out_of_time
    assert result.problem == OUT_OF_TIME
    made = len(planned.issues())
    assert 0 < made < 6
    planned.on_tell = lambda _text: None
    assert planned.sync().complete
    assert len(planned.issues()) == 6
    planned.quiet()
