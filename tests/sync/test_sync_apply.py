"""Applying a change set: what fails, what comes between, and what is recorded of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.memory_tracker import CREATES, Crash, crash, fail, lose_answers, recover
from support.memory_world import MemoryWorld, block, ticks
from support.plans import SMALL

from planbot.errors import AuthenticationError
from planbot.sync.options import FileOptions, IssueOptions
from planbot.tracker.marker import split

if TYPE_CHECKING:
    from planbot.sync.applied import Applied

TASKS = "openspec/changes/x/tasks.md"


@pytest.fixture(params=[True, False], ids=["batches", "one by one"])
def world(request: pytest.FixtureRequest) -> MemoryWorld:
    made = MemoryWorld(batches=request.param)
    made.write(SMALL)
    made.sync()
    return made


def last(world: MemoryWorld) -> Applied:
    return world.applied[-1]


def test_everything_that_is_done_is_recorded_and_nothing_is_left(world: MemoryWorld) -> None:
    (applied,) = world.applied
    assert applied.undone == []
    assert applied.stopped == ""
    assert len(applied.done) == 6 + 5 + 2 + 3, "issues, links, milestones, labels"


def test_a_write_that_is_refused_is_left_to_the_next_pass_and_holds_up_no_other(world: MemoryWorld) -> None:
    world.edit("[ ] the tests pass", "[x] the tests pass")
    world.edit("[ ] paging shows", "[x] paging shows")
    fail(world.tracker, "update_issue")
    world.sync()
    assert [undone.why for undone in last(world).undone] == ["update_issue was refused"]
    assert ticks(world.issue("Phase 1")) == [False, False, False]
    assert ticks(world.issue("Phase 2")) == [True]
    world.sync()
    assert ticks(world.issue("Phase 1")) == [True, False, False]
    world.quiet()


def test_after_a_failure_that_every_request_would_meet_nothing_more_is_tried(world: MemoryWorld) -> None:
    def refuse(_: str) -> None:
        raise AuthenticationError("the token is not accepted")

    world.tracker.before = refuse
    world.edit("[ ] the tests pass", "[x] the tests pass")
    world.edit("[ ] paging shows", "[x] paging shows")
    world.sync()
    assert last(world).stopped == "the token is not accepted"
    assert [undone.why for undone in last(world).undone] == [
        "the token is not accepted",
        "not tried: the token is not accepted",
    ]
    recover(world.tracker)
    world.sync()
    world.quiet()


def test_a_tick_made_between_reading_and_writing_is_kept(world: MemoryWorld) -> None:
    world.edit("**Goal**: One invoice", "**Goal**: Just one invoice")
    body = world.issue("Phase 1").body.replace("[ ] the page opens", "[x] the page opens")
    number, read = world.issue("Phase 1").number, world.tracker.issue

    def read_after_a_tick(wanted: int) -> object:
        if wanted == number and world.tracker.by_number[number].body != body:
            world.tracker.update_issue(number, body=body)
        return read(wanted)

    changes = world.reconcile()
    world.tracker.issue = read_after_a_tick  # type: ignore[method-assign, assignment]
    world._apply(changes)
    world.tracker.issue = read  # type: ignore[method-assign]
    assert "Just one invoice" in world.issue("Phase 1").body
    assert ticks(world.issue("Phase 1")) == [False, False, True]
    world.sync()
    assert "- [x] the page opens" in world.text()
    world.quiet()


@pytest.mark.parametrize(
    ("old", "new", "deed"),
    [
        ("#### 1.1 Store keys", "#### 1.1 Store all keys", {"title": "Mine"}),
        ("| 2 hours | High |", "| 2 hours | Low |", {"labels": ("planbot", "mine")}),
    ],
    ids=["title", "labels"],
)
def test_what_a_person_changed_since_it_was_listed_is_not_written_over(
    world: MemoryWorld, old: str, new: str, deed: dict[str, Any]
) -> None:
    number = world.issue("1.1").number
    world.edit(old, new)
    changes = world.reconcile()
    world.tracker.update_issue(number, **deed)
    world._apply(changes)
    assert [undone.why for undone in last(world).undone] == ["the issue changed meanwhile"]
    world.sync()
    world.quiet()
    assert set(deed.get("labels", ())) <= set(world.tracker.by_number[number].labels)
    assert world.tracker.by_number[number].title == deed.get("title", "1.1 Store keys")


@pytest.mark.parametrize(
    "deed",
    [
        {"title": "Mine"},
        {"description": "Mine."},
        {"due_on": "2031-05-05"},
        {"state": "closed"},
    ],
    ids=["title", "description", "due date", "state"],
)
def test_what_a_person_changed_of_a_milestone_since_it_was_listed_is_not_written_over(
    world: MemoryWorld, deed: dict[str, Any]
) -> None:
    everything_about_a_milestone(world)
    changes = world.reconcile()
    (change,) = [one for one in changes.changes if one.kind == "milestone"]
    assert change.fields == ("title", "description", "due", "state")
    number = change.listed.number  # type: ignore[attr-defined]
    world.tracker.update_milestone(number, **deed)
    before = world.tracker.stones[number]
    world._apply(changes)
    assert [undone.why for undone in last(world).undone] == ["the milestone changed meanwhile"]
    assert world.tracker.stones[number] == before
    world.sync()
    world.quiet()
    after = world.tracker.stones[number]
    (field, value), *_ = deed.items()
    assert getattr(after, field) == value


def test_a_field_of_a_milestone_that_is_not_to_be_written_may_change_meanwhile(world: MemoryWorld) -> None:
    world.edit("**Goal**: One invoice", "**Goal**: Just one invoice")
    changes = world.reconcile()
    (stone,) = [one for one in world.tracker.milestones() if "Foundation" in one.title]
    world.tracker.update_milestone(
        stone.number, title="Mine", description=f"{stone.description}\n\nMind this.", due_on="2031-05-05"
    )
    world._apply(changes)
    assert last(world).undone == []
    after = world.tracker.stones[stone.number]
    assert (after.title, after.due_on) == ("Mine", "2031-05-05")
    assert after.description.startswith("Just one invoice")
    assert after.description.endswith("Mind this.")
    world.quiet()


def test_a_milestone_that_somebody_deletes_while_it_is_written_is_left_alone(world: MemoryWorld) -> None:
    world.edit("**Goal**: One invoice", "**Goal**: Just one invoice")
    changes = world.reconcile()
    number = next(one.number for one in world.tracker.milestones() if "Foundation" in one.title)
    del world.tracker.stones[number]
    world._apply(changes)
    assert [undone.why for undone in last(world).undone] == ["the milestone changed meanwhile"]


def everything_about_a_milestone(world: MemoryWorld) -> None:
    """Let all of the second phase be done, under another name, with another goal and a day."""
    for issue in world.issues().values():
        if issue.title.startswith("2.1"):
            world.tracker.update_issue(issue.number, state="closed", state_reason="completed")
    text = world.text()
    for old, new in (
        ("### Phase 2: Paging", "### Phase 2: Pages"),
        ("**Goal**: Lists are short.", "**Goal**: Lists are shorter.\n**Due**: 2031-01-31"),
        ("[ ] paging shows", "[x] paging shows"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    world.write(text)


def test_a_state_that_a_person_changed_since_it_was_listed_is_not_written_over(world: MemoryWorld) -> None:
    number = world.issue("2.1").number
    world.tracker.update_issue(number, state="closed")
    world.edit("[ ] paging shows", "[x] paging shows")
    world.sync()
    phase = world.issue("Phase 2").number
    assert world.tracker.by_number[phase].state == "closed"
    world.edit("[x] paging shows", "[ ] paging shows")
    changes = world.reconcile()
    world.tracker.update_issue(phase, state="closed", state_reason="not_planned")
    world._apply(changes)
    assert world.tracker.by_number[phase].state_reason == "not_planned"


def test_an_issue_that_another_pass_wrote_meanwhile_is_left_to_the_next(world: MemoryWorld) -> None:
    world.edit("[ ] the tests pass", "[x] the tests pass")
    changes = world.reconcile()
    issue = world.issue("Phase 1")
    stamp = block(issue).marker.stamp
    world.tracker.update_issue(issue.number, body=issue.body.replace(f"stamp={stamp}", "stamp=theirs"))
    world._apply(changes)
    assert [undone.why for undone in last(world).undone] == ["the issue changed meanwhile"]
    assert ticks(world.issue("Phase 1")) == [False, False, False]
    world.sync()
    assert ticks(world.issue("Phase 1")) == [True, False, False]
    world.quiet()


def test_the_marker_has_the_ticks_of_the_plan_that_a_write_was_made_from(world: MemoryWorld) -> None:
    world.write_back = False
    world.set_box("Phase 1", "the page opens")
    world.edit("[ ] the tests pass", "[x] the tests pass")
    world.sync()
    issue = world.issue("Phase 1")
    assert ticks(issue) == [True, False, True]
    assert block(issue).marker.ticks == "100"
    world.quiet()


def test_an_issue_whose_answer_is_lost_is_found_by_its_stamp_and_not_made_again(world: MemoryWorld) -> None:
    world.edit("### Phase 2: Paging", "#### 1.3 Refuse bad keys\n\nWith a 400.\n\n### Phase 2: Paging")
    lose_answers(world.tracker, *CREATES)
    world.sync()
    assert last(world).undone[0].why.startswith("the answer to create_issue")
    world.sync()
    assert len(world.issues()) == 7
    assert world.issue("1.3").parent == world.issue("Phase 1").number
    world.quiet()


def test_an_issue_that_was_begun_a_moment_ago_is_waited_for(world: MemoryWorld) -> None:
    world.edit("### Phase 2: Paging", "#### 1.3 Refuse bad keys\n\nWith a 400.\n\n### Phase 2: Paging")
    crash(world.tracker, 0, done=False)
    with pytest.raises(Crash):
        world.sync()
    recover(world.tracker)
    world.now += 30
    changes = world.reconcile()
    assert changes.empty
    assert ["looks again in 30 s" in held.why for held in changes.held] == [True]
    world.now += 30
    assert [change.action for change in world.reconcile().changes] == ["create", "link"]
    world.sync()
    assert len(world.issues()) == 7
    world.quiet()


def test_an_issue_whose_answer_was_lost_late_in_a_long_pass_is_waited_for(world: MemoryWorld) -> None:
    world.edit("### Phase 2: Paging", "#### 1.3 Refuse bad keys\n\nWith a 400.\n\n### Phase 2: Paging")
    lose_answers(world.tracker, *CREATES)
    created = max(world.tracker.by_number) + 1
    world.watch.long = 300
    world.sync()
    hidden = world.tracker.by_number.pop(created)  # lists do not show it yet
    world.now += 310
    changes = world.reconcile()
    assert changes.empty
    assert ["looks again in 50 s" in held.why for held in changes.held] == [True]
    world.tracker.by_number[created] = hidden
    world.now += 50
    world.sync()
    assert len(world.issues()) == 7
    world.quiet()


def test_a_creation_that_was_surely_refused_is_tried_again_at_once(world: MemoryWorld) -> None:
    world.edit("### Phase 2: Paging", "#### 1.3 Refuse bad keys\n\nWith a 400.\n\n### Phase 2: Paging")
    fail(world.tracker, *CREATES)
    world.sync()
    assert [change.action for change in world.reconcile().changes] == ["create", "link"]
    world.sync()
    world.quiet()


def test_children_of_an_issue_that_could_not_be_made_get_their_parent_later() -> None:
    world = MemoryWorld()
    world.write(SMALL)
    fail(world.tracker, *CREATES)
    world.sync()
    assert "Billing: Implementation Plan" not in world.issues()
    assert world.issue("1.1").parent == world.issue("Phase 1").number
    world.sync()
    assert world.issue("Phase 1").parent == world.issue("Billing").number
    world.quiet()


@pytest.mark.parametrize("name", ["create_milestone", "create_label", "add_sub_issue"])
def test_what_fails_once_is_there_after_the_next_pass(name: str) -> None:
    world = MemoryWorld(batches=False)
    world.write(SMALL)
    fail(world.tracker, name)
    world.sync()
    assert last(world).undone
    world.sync()
    world.quiet()
    issues = world.issues().values()
    assert all(issue.milestone for issue in issues if not issue.title.startswith("Billing"))
    assert all(issue.parent for issue in issues if not issue.title.startswith("Billing"))


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("done", [False, True])
def test_what_is_made_and_then_closed_is_closed_by_the_next_pass_if_this_one_is_killed_between(
    at: int,
    done: bool,  # noqa: FBT001 - before or after the request
) -> None:
    world = MemoryWorld(
        batches=False,
        options=FileOptions(issues=IssueOptions(task="all", finished="import"), milestones=False),
    )
    world.write("# Tasks\n\n## 1. Done\n\n- [x] 1.1 All\n\n## 2. Next\n\n- [ ] 2.1 More\n", TASKS)
    crash(world.tracker, 4 + 2 * at, done=done)
    with pytest.raises(Crash):
        world.sync()
    recover(world.tracker)
    world.sync()
    world.quiet()
    closed = {title for title, issue in world.issues().items() if issue.state == "closed"}
    assert closed == {"Phase 1: Done", "1.1 All"}


def test_a_milestone_that_is_made_for_a_done_phase_is_closed_even_if_the_pass_is_killed_between() -> None:
    world = MemoryWorld(options=FileOptions(issues=IssueOptions(task="all", finished="import")))
    world.write("# Tasks\n\n## 1. Done\n\n- [x] 1.1 All\n\n## 2. Next\n\n- [ ] 2.1 More\n", TASKS)
    labels_first = 1
    crash(world.tracker, labels_first, done=True)
    with pytest.raises(Crash):
        world.sync()
    recover(world.tracker)
    assert [stone.state for stone in world.tracker.milestones()] == ["open"]
    world.sync()
    world.quiet()
    assert [stone.state for stone in world.tracker.milestones()] == ["closed", "open"]


def test_retiring_keeps_the_ticks_and_what_people_wrote(world: MemoryWorld) -> None:
    world.write_back = False
    world.set_box("Phase 1", "the page opens")
    issue = world.issue("Phase 1")
    world.tracker.update_issue(issue.number, body=f"note\n\n{issue.body}")
    world.options = FileOptions(issues=IssueOptions(phase=False))
    world.sync()
    after = world.issue("Phase 1")
    assert after.state == "closed"
    assert after.body.startswith("note\n\n<!-- planbot:begin")
    assert ticks(after) == [False, False, True]


def test_a_server_without_sub_issues_is_told_by_the_first_link_and_issues_name_their_parent() -> None:
    world = MemoryWorld(sub_issues=False)
    world.write(SMALL)
    world.sync()
    assert not world.agreed().sub_issues
    phase, plan = world.issue("Phase 1"), world.issue("Billing")
    assert f"Part of #{phase.number} " in world.issue("1.1").body
    assert f"Part of #{plan.number} " in phase.body
    assert "Part of" not in plan.body
    world.quiet()


def test_without_sub_issues_a_child_waits_for_a_parent_that_could_not_be_made() -> None:
    world = MemoryWorld(sub_issues=False)
    world.write(SMALL)
    world.sync()
    world.edit("## Priority", "### Phase 3: More\n\n#### 3.1 One\n\nText.\n\n- [ ] a\n\n## Priority")
    fail(world.tracker, *CREATES)
    world.sync()
    assert {undone.why for undone in last(world).undone} == {
        "create_issue was refused",
        "its parent could not be made",
    }
    world.sync()
    assert f"Part of #{world.issue('Phase 3').number} " in world.issue("3.1").body
    world.quiet()


def test_text_outside_the_block_is_kept_to_the_byte(world: MemoryWorld) -> None:
    issue = world.issue("Phase 1")
    around = f"\tabove  \r\n\r\n{issue.body}\r\n\r\n- [ ] mine\n<!-- planbot:end -->  "
    world.tracker.update_issue(issue.number, body=around)
    world.edit("[ ] the tests pass", "[x] the tests pass")
    world.sync()
    body = split(world.issue("Phase 1").body)
    assert body is not None
    assert world.issue("Phase 1").body.startswith("\tabove  \r\n\r\n<!-- planbot:begin")
    assert world.issue("Phase 1").body.endswith("\r\n\r\n- [ ] mine\n<!-- planbot:end -->  ")
    world.quiet()
