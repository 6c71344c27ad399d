"""A pass that an issue's event started lists what was touched lately, and misses nothing by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.crash_scenes import mix
from support.plans import SMALL
from support.world import PLAN, World, git

from planbot.engine import BY_ISSUE, Options
from planbot.sandbox.clock import timestamp
from planbot.tracker.event import Event
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from planbot.report.result import PassResult

MAYA = UserRecord("maya", 2)
HOUR = 3600


@pytest.fixture
def synced(world: World) -> World:
    """Return a world whose journal knows what all issues showed, an hour ago."""
    world.commit({PLAN: SMALL})
    world.sync()
    world.sandbox.clock.advance(HOUR)
    world.set_box("Phase 1", "the linter is quiet")
    world.sync()
    world.sandbox.clock.advance(HOUR)
    world.sandbox.clear_requests()
    return world


def run(world: World, event: Event | None = None) -> PassResult:
    """Run a pass that an event started, by default the edit of an issue that nothing is to be done about."""
    world.sandbox.clear_requests()
    with world.tracker(world.bot_token) as tracker:
        event = event or Event("issues", "edited", MAYA, issue=world.issue("2.1").number)
        return world.engine(tracker, options=Options(event=event)).sync()


def listings(world: World) -> list[bool]:
    """Return, for each list of issues that the bot asked for, whether it was one of all."""
    asked = [one for one in world.sandbox.requests if one.path.endswith("/issues") and one.login == "planbot"]
    return ["since=" not in one.query for one in asked if one.method == "GET"]


def test_two_ticks_land_though_the_first_ones_run_was_replaced(synced: World) -> None:
    """GitHub keeps one waiting run of a group: of two events in a row, the first one's run may never start."""
    synced.set_box("Phase 1", "the page opens")
    synced.set_box("Billing", "Who answers the phone?")
    result = run(synced, Event("issues", "edited", MAYA, issue=synced.issue("Billing").number))
    assert {tick.text for tick in result.ticks} == {"the page opens", "Who answers the phone?"}
    assert listings(synced) == [False]
    assert git(synced.origin, "log", "--format=%s", "-1", "main") == "Tick 2 boxes"
    assert run(synced).in_sync
    assert listings(synced) == [False]
    synced.quiet()


def test_one_pass_after_another_goes_on_from_what_the_last_one_saw(synced: World) -> None:
    for text in ("the page opens", "the tests pass"):
        synced.set_box("Phase 1", text)
        assert [tick.text for tick in run(synced).ticks] == [text]
        assert listings(synced) == [False]
        synced.sandbox.clock.advance(HOUR)
    assert synced.agreed().listed is not None
    synced.quiet()


def test_a_run_in_the_place_of_a_pushs_sees_what_the_push_brought(synced: World) -> None:
    mix(synced)
    assert run(synced).complete
    assert listings(synced)[-1], "the tracker is written to only after all was listed"
    titles = list(synced.issues())
    assert any(title.startswith("1.3 Log refusals") for title in titles)
    assert any(title.startswith("1.1 Store all keys") for title in titles)
    assert b"[x] the page opens" in synced.plan()
    synced.quiet()


def test_a_tick_that_completes_a_phase_closes_its_issue(synced: World) -> None:
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    assert run(synced).in_sync
    synced.sandbox.clock.advance(HOUR)
    synced.set_box("Phase 2", "paging shows each order once")
    run(synced)
    assert synced.issue("Phase 2").state == "closed"
    assert b"[x] paging shows each order once" in synced.plan()
    synced.quiet()


def test_all_other_events_list_everything(synced: World) -> None:
    for event in (
        Event("push", "", MAYA),
        Event("schedule"),
        Event("workflow_dispatch", "", MAYA),
        Event("issues", "unlabeled", MAYA, issue=2),
    ):
        assert (event.name, event.action) not in BY_ISSUE
        assert run(synced, event).in_sync
        assert listings(synced) == [True]
    synced.quiet()
    assert listings(synced)[-1]


def test_what_a_list_showed_too_late_is_found_by_the_next_pass(synced: World) -> None:
    """A list lags behind: a pass that saw one tick did not see another that was made before."""
    synced.set_box("Phase 1", "the page opens")
    synced.sandbox.faults.freeze_lists()
    issue = synced.person.issue(1)
    assert issue is not None
    synced.person.update_issue(1, body=issue.body.replace("[ ] Who", "[x] Who"))
    synced.sandbox.clock.advance(30)
    assert [tick.text for tick in run(synced).ticks] == ["the page opens"]
    synced.sandbox.faults.thaw_lists()
    assert [tick.text for tick in run(synced).ticks] == ["Who answers the phone?"]
    assert listings(synced) == [False]
    synced.quiet()


@pytest.mark.parametrize("years", [-20, 20])
def test_the_bots_own_clock_does_not_matter(synced: World, years: int) -> None:
    synced.skip_time(years * 365 * 24 * HOUR)
    synced.set_box("Phase 1", "the page opens")
    assert len(run(synced).ticks) == 1
    synced.sandbox.clock.advance(HOUR)
    synced.set_box("Phase 1", "the tests pass")
    assert len(run(synced).ticks) == 1
    assert listings(synced) == [False]


def test_where_the_servers_clock_was_set_back_everything_is_listed(synced: World) -> None:
    synced.sandbox.clock.advance(-3 * HOUR)
    synced.set_box("Phase 1", "the page opens")
    assert len(run(synced).ticks) == 1
    assert listings(synced) == [True]


def test_without_a_journal_everything_is_listed(synced: World) -> None:
    git(synced.origin, "update-ref", "-d", "refs/planbot/journal")
    synced.set_box("Phase 1", "the page opens")
    assert len(run(synced).ticks) == 1
    assert listings(synced) == [True]
    synced.quiet()


def test_while_a_tick_waits_everything_is_listed(synced: World) -> None:
    synced.commit({"planbot.yml": 'write_back: {mode: "off"}\n'})
    synced.set_box("Phase 1", "the page opens")
    assert len(run(synced).waiting) == 1
    assert synced.agreed().listed is None
    synced.commit({"planbot.yml": None})
    assert len(run(synced).ticks) == 1
    assert listings(synced)[-1]
    assert synced.agreed().listed is not None


def test_what_became_of_other_issues_shows_when_everything_is_listed(synced: World) -> None:
    gone, bare = synced.issue("2.1").number, synced.issue("1.1").number
    synced.person.update_issue(bare, labels=("ours",))
    with synced.sandbox.edit("octo/plans") as repository:
        del repository.issues[gone]
    event = Event("issues", "edited", MAYA, issue=bare)
    assert run(synced, event).in_sync
    assert listings(synced) == [False]
    result = synced.sync()
    assert [(change.action, change.fields) for change in result.changes] == [("update", ("labels",))]
    assert any(f"#{gone} is gone" in finding.message for _, finding in result.findings)


def test_an_issue_that_is_gone_does_not_make_every_pass_list_everything(synced: World) -> None:
    gone = synced.issue("2.1").number
    with synced.sandbox.edit("octo/plans") as repository:
        del repository.issues[gone]
    synced.set_box("Phase 1", "the page opens")
    result = synced.sync()
    assert any(f"#{gone} is gone" in finding.message for _, finding in result.findings)
    for text in ("the tests pass", "Who answers the phone?"):
        synced.sandbox.clock.advance(HOUR)
        synced.set_box("Billing" if text.startswith("Who") else "Phase 1", text)
        issue = synced.issue("Phase 1").number
        result = run(synced, Event("issues", "edited", MAYA, issue=issue))
        assert [tick.text for tick in result.ticks] == [text]
        assert any(f"#{gone} is gone" in finding.message for _, finding in result.findings)
        assert listings(synced) == [False]
    synced.quiet()


def test_the_journal_says_when_everything_was_listed_by_the_servers_clock(synced: World) -> None:
    before = timestamp(synced.sandbox.clock.now())
    synced.set_box("Phase 1", "the page opens")
    run(synced)
    listed = synced.agreed().listed
    assert listed is not None
    assert before <= listed.at <= timestamp(synced.sandbox.clock.now())
    assert {one.number for one in listed.issues} == {issue.number for issue in synced.issues().values()}


def test_where_a_list_lags_behind_the_journal_everything_is_listed(synced: World) -> None:
    synced.sandbox.faults.freeze_lists()
    synced.edit("#### 1.1 Store keys", "#### 1.1 Keep keys")
    synced.sync()
    assert run(synced).in_sync
    assert listings(synced) == [False, True]
    synced.sandbox.faults.thaw_lists()
    assert run(synced).in_sync
    assert listings(synced) == [False]
