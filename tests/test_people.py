"""Who ticked stands in the commit and in the result; what planbot does itself starts no pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from support.plans import SMALL
from support.world import PLAN, World, git

from planbot.engine import Options
from planbot.repo.objects import PLANBOT
from planbot.tracker.event import Event
from planbot.tracker.marker import stamp_of
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from planbot.report.result import PassResult

BOXED = """\
# Tasks

- [ ] 1.1 Store keys

  Some text of its own.
"""
EVE = UserRecord("eve", 99)


def run(world: World, event: Event | None = None) -> PassResult:
    with world.tracker(world.bot_token) as tracker:
        return world.engine(tracker, options=Options(event=event)).sync()


def trailers(world: World) -> list[str]:
    found = git(world.origin, "log", "-1", "--format=%(trailers)", "main").splitlines()
    return [line for line in found if line]


def maya(world: World) -> UserRecord:
    found = world.person.user("maya")
    assert found is not None
    return found


def credit(user: UserRecord) -> str:
    return f"Co-authored-by: {user.login} <{user.id}+{user.login}@users.noreply.github.com>"


def ticked(world: World) -> int:
    world.commit({PLAN: SMALL})
    world.sync()
    world.set_box("Phase 1", "the page opens")
    return world.issue("Phase 1").number


def test_the_sender_of_the_event_is_who_ticked(world: World) -> None:
    number = ticked(world)
    result = run(world, Event("issues", "edited", EVE, issue=number))
    assert trailers(world) == [credit(EVE)]
    assert result.people == {number: EVE}
    world.quiet()


def test_an_event_of_another_issue_tells_nothing_and_the_edit_history_does(world: World) -> None:
    number = ticked(world)
    result = run(world, Event("issues", "edited", EVE, issue=number + 1))
    assert trailers(world) == [credit(maya(world))]
    assert result.people == {number: maya(world)}


def test_without_an_event_the_edit_history_tells(world: World) -> None:
    ticked(world)
    run(world)
    assert trailers(world) == [credit(maya(world))]


def test_who_renamed_or_closed_an_issue_did_not_tick_its_checks(world: World) -> None:
    number = ticked(world)
    run(world, Event("issues", "closed", EVE, issue=number))
    assert trailers(world) == [credit(maya(world))]


def test_two_people_who_ticked_in_two_issues_are_both_named(world: World) -> None:
    number = ticked(world)
    world.set_box("Billing", "Who answers the phone?")
    run(world, Event("issues", "edited", EVE, issue=number))
    assert trailers(world) == sorted([credit(EVE), credit(maya(world))])


def test_who_closed_a_task_ticked_its_box(world: World) -> None:
    world.commit({PLAN: BOXED})
    world.sync()
    number = world.issue("1.1").number
    world.person.update_issue(number, state="closed")
    run(world)
    assert trailers(world) == [credit(maya(world))]
    world.person.update_issue(number, state="open")
    run(world, Event("issues", "reopened", EVE, issue=number))
    assert trailers(world) == [credit(EVE)]


def test_a_bot_is_no_author(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    token = world.sandbox.add_user("helper[bot]", role="write", kind="bot")
    issue = world.issue("Phase 1")
    with world.tracker(token) as helper:
        helper.update_issue(issue.number, body=issue.body.replace("[ ] the page", "[x] the page"))
    run(world, Event("issues", "edited", UserRecord("helper[bot]", 5), bot=True, issue=issue.number))
    assert b"[x] the page" in world.plan()
    assert trailers(world) == []


def own(world: World) -> tuple[Event, Event]:
    """Return the events of planbot's own writes: a body with a fresh stamp, and the commit that ticks a box."""
    myself = world.person.user("planbot")
    issue = world.issue("Phase 1")
    fresh = issue.body.replace(stamp_of(issue.body), "another")
    return (
        Event("issues", "edited", myself, issue=issue.number, old_body=issue.body, body=fresh),
        Event("push", "", myself, committer=PLANBOT.email),
    )


def test_an_event_that_planbot_caused_itself_is_one_line_and_nothing_more(world: World) -> None:
    ticked(world)
    events = own(world)
    before, asked = world.refs(), len(world.sandbox.requests)
    for event in events:
        result = run(world, event)
        assert (result.skipped, len(result.notices)) == (True, 1)
    assert world.refs() == before
    assert len(world.sandbox.requests) == asked + 4
    dispatched = run(world, Event("workflow_dispatch", "", world.person.user("planbot")))
    assert dispatched.write_back.commit


def test_everything_that_an_app_of_planbots_does_is_its_own(world: World) -> None:
    world.bot_token = world.sandbox.add_user("planbot[bot]", role="write", kind="bot")
    number = ticked(world)
    app = UserRecord("planbot[bot]", 5)
    assert run(world, Event("issues", "closed", app, bot=True, issue=number)).skipped
    assert run(world, Event("pull_request", "opened", app, bot=True)).skipped
    assert not run(world, Event("pull_request", "closed", EVE)).skipped


def test_with_a_persons_token_what_that_person_does_by_hand_is_synced(world: World) -> None:
    world.bot_token = world.person_token
    number = ticked(world)
    issue = world.issue("Phase 1")
    before = issue.body.replace("[x] the page", "[ ] the page")
    event = Event("issues", "edited", maya(world), issue=number, old_body=before, body=issue.body)
    assert run(world, event).write_back.commit
    assert trailers(world) == [credit(maya(world))]


def test_what_somebody_else_does_is_synced_though_it_looks_like_planbots(world: World) -> None:
    ticked(world)
    edit, push = own(world)
    assert not run(world, replace(push, sender=EVE)).skipped
    assert not run(world, replace(edit, sender=EVE)).skipped
