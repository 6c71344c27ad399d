"""What an unconfirmed write must not make planbot forget: whose close it was, what left the plan, who is under whom."""

from __future__ import annotations

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.engine import Options
from planbot.repo.repository import JOURNAL_REF
from planbot.sync.reconcile import LAG

ISSUES = f"/repos/{NAME}/issues"
MILESTONES = f"/repos/{NAME}/milestones"
CHECK = "paging shows each order once"
SECOND = "#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).\n\n"
FINISHED = """\
---
planbot: {issues: {finished: import}}
---
# Plan

## Phase 1: Done long ago

### Phase 1 Verification

- [x] it works

## Phase 2: To do

### Phase 2 Verification

- [ ] it works as well
"""


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: SMALL})
    world.sync()
    return world


@pytest.fixture
def done(synced: World) -> World:
    """Have all of the second phase done, and its issue and milestone still open."""
    synced.edit(f"[ ] {CHECK}", f"[x] {CHECK}")
    synced.sync()
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    return synced


def phase_states(world: World) -> tuple[str, str]:
    """Return the states of the second phase's issue and milestone."""
    return world.issue("Phase 2").state, world.person.milestones()[1].state


def drop_closes(world: World) -> None:
    """Let the answers be lost that tell of the second phase's close, which is done."""
    world.sandbox.faults.drop(method="PATCH", path=f"{ISSUES}/{world.issue('Phase 2').number}", when="after")
    world.sandbox.faults.drop(method="PATCH", path=f"{MILESTONES}/2", when="after")


def test_a_close_that_was_not_confirmed_is_still_planbots(done: World) -> None:
    drop_closes(done)
    assert not done.sync().complete
    assert phase_states(done) == ("closed", "closed")
    done.sync()
    done.edit(f"[x] {CHECK}", f"[ ] {CHECK}")
    done.sync()
    assert phase_states(done) == ("open", "open")
    done.quiet()


def test_a_close_that_was_not_confirmed_is_taken_back_at_once_where_its_reason_is_gone(done: World) -> None:
    drop_closes(done)
    done.sync()
    done.edit(f"[x] {CHECK}", f"[ ] {CHECK}")
    done.sync()
    assert phase_states(done) == ("open", "open")
    done.quiet()


def test_a_close_that_was_refused_is_not_taken_for_planbots_when_a_person_makes_it(done: World) -> None:
    number = done.issue("Phase 2").number
    done.sandbox.faults.fail(422, method="PATCH", path=f"{ISSUES}/{number}")
    done.sandbox.faults.fail(422, method="PATCH", path=f"{MILESTONES}/2")
    assert len(done.sync().undone) == 2
    done.person.update_issue(number, state="closed", state_reason="completed")
    done.person.update_milestone(2, state="closed")
    done.edit(f"[x] {CHECK}", f"[ ] {CHECK}")
    done.sync()
    assert phase_states(done) == ("closed", "closed")
    done.quiet()


def test_a_close_that_never_arrived_is_made_again(done: World) -> None:
    done.sandbox.faults.drop(method="PATCH", path=f"{ISSUES}/*")
    done.sandbox.faults.drop(method="PATCH", path=f"{MILESTONES}/2")
    done.sync()
    assert phase_states(done) == ("open", "open")
    done.sync()
    assert phase_states(done) == ("closed", "closed")
    done.quiet()


@pytest.mark.parametrize("passes", [0, 1])
def test_an_item_whose_farewell_was_not_confirmed_is_reopened_when_it_is_back(
    synced: World, passes: int
) -> None:
    number = synced.issue("1.2").number
    synced.edit(SECOND, "")
    synced.sandbox.faults.drop(method="PATCH", path=f"{ISSUES}/{number}", when="after")
    assert not synced.sync().complete
    assert synced.issue("1.2").state == "closed"
    for _ in range(passes):
        synced.sync()
        synced.quiet()
    synced.commit({PLAN: SMALL})
    synced.sync()
    back = synced.issue("1.2")
    assert (back.number, back.state) == (number, "open")
    synced.quiet()


def test_a_return_that_was_not_confirmed_is_known_by_its_marker(synced: World) -> None:
    synced.set_box("Phase 1", "the page opens")
    synced.sync()
    number = synced.issue("Phase 2").number
    plan = synced.plan()
    start, end = plan.index(b"### Phase 2: Paging"), plan.index(b"## Priority Order")
    synced.commit({PLAN: plan[:start] + plan[end:]})
    synced.sync()
    assert synced.issue("Phase 2").state == "closed"
    synced.commit({PLAN: plan.replace(f"[ ] {CHECK}".encode(), f"[x] {CHECK}".encode())})
    synced.sandbox.faults.drop(method="PATCH", path=f"{ISSUES}/{number}", when="after")
    synced.sync()
    assert synced.issue("Phase 2").state == "open"
    synced.set_box("Phase 2", CHECK, ticked=False)
    synced.sync()
    assert f"[ ] {CHECK}".encode() in synced.plan(), "the untick came after the tick that had arrived"
    synced.quiet()


@pytest.mark.parametrize("edit", ["taken out", "finished"])
def test_what_was_announced_never_made_and_is_not_wanted_any_more_is_forgotten(
    world: World, edit: str
) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.faults.drop(method="POST", path=ISSUES, times=None)
    world.sync()
    world.sandbox.faults.clear()
    world.commit({PLAN: SMALL.replace(SECOND, "") if edit == "taken out" else SMALL.replace("[ ]", "[x]")})
    world.skip_time(LAG)
    world.sync()
    world.sandbox.clear_requests()
    world.quiet()
    lists = [one.query for one in world.sandbox.requests if one.path == ISSUES]
    assert [("labels" in query, "since" in query) for query in lists] == [(True, False)]


def test_a_link_that_was_not_confirmed_follows_its_item_to_another_phase(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.faults.old_schema = True
    world.sandbox.faults.drop(method="POST", path=f"{ISSUES}/*/sub_issues", when="after", times=None)
    assert not world.sync().complete
    world.sandbox.faults.clear()
    world.sync()
    world.quiet()
    goal = "**Goal**: Lists are short.\n\n"
    world.commit({PLAN: SMALL.replace(SECOND, "").replace(goal, goal + SECOND)})
    world.sync()
    issues = world.issues()
    assert world.parent(issues["1.2 Answer repeated keys"].number) == issues["Phase 2: Paging"].number
    assert world.parent(issues["1.1 Store keys"].number) == issues["Phase 1: Foundation"].number
    world.quiet()


def test_a_tick_in_the_round_trip_is_put_back_by_the_next_pass_where_this_one_has_to_stop(
    synced: World,
) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    path = f"{ISSUES}/{synced.issue('Phase 1').number}"

    def tick_and_dawdle() -> None:
        synced.set_box("Phase 1", "the page opens")
        synced.skip_time(1000)

    synced.sandbox.faults.run(tick_and_dawdle, method="PATCH", path=path)
    with synced.tracker(synced.bot_token) as tracker:
        synced.engine(tracker, options=Options(time_budget=500)).sync()
    assert "[ ] the page opens" in synced.issue("Phase 1").body
    (left,) = synced.agreed().rewrites
    assert left.issue == synced.issue("Phase 1").number
    assert synced.sync().complete
    for text in ("the tests pass", "the page opens"):
        assert f"- [x] {text}" in synced.issue("Phase 1").body
        assert f"- [x] {text}".encode() in synced.plan()
    assert synced.agreed().rewrites == ()
    synced.quiet()
    log = git(synced.origin, "log", "--format=%s", JOURNAL_REF).splitlines()
    assert "Begin: look for edits that were written over" in log


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_finished_phase_is_closed_however_its_close_went(world: World, when: str) -> None:
    world.commit({PLAN: FINISHED})
    world.sandbox.faults.drop(
        method="PATCH", path=f"{ISSUES}/*", when="after" if when == "after" else "before"
    )
    world.sync()
    world.sync()
    assert world.issue("Phase 1").state == "closed"
    assert world.issue("Phase 2").state == "open"
    world.quiet()
    world.edit("[x] it works", "[ ] it works")
    world.sync()
    assert world.issue("Phase 1").state == "open"
    world.quiet()
