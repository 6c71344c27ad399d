"""Issues made several at once: the same issues, in fewer requests, and each exactly once whatever goes wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.memory_tracker import CREATES, Crash, crash, lose_answers, recover
from support.memory_world import MemoryWorld
from support.plan_edits import DIALECTS, PHASES, Dialect, Names, Phase
from support.plans import SMALL

from planbot.errors import LostAnswerError, PermissionDeniedError, RefusedError, TrackerError
from planbot.sync.batch import SUB_ISSUES, TOGETHER
from planbot.sync.options import FileOptions, IssueOptions
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planbot.tracker.records import IssueDraft, IssueRecord

IMPORT = FileOptions(issues=IssueOptions(finished="import"))
TASKS = TOGETHER + 2


def plan(tasks: int = TASKS) -> str:
    lines = ["# Big: Implementation Plan", "", "### Phase 1: Part", "", "**Goal**: All of it.", ""]
    for task in range(1, tasks + 1):
        lines += [f"#### 1.{task} Build part {task}", "", f"Text of {task}.", ""]
    return "\n".join([*lines, "## Verification", "", "### Phase 1 Verification", "", "- [ ] it works", ""])


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.write(plan())
    return made


def writes(world: MemoryWorld) -> list[str]:
    """Return the names of the writes from now on, as they come."""
    names: list[str] = []
    world.tracker.before = names.append
    return names


def require_once(world: MemoryWorld, tasks: int = TASKS) -> None:
    """Require that every item has one issue, under its parent, and that nothing is left to do."""
    bodies = [split(issue.body) for issue in world.tracker.by_number.values()]
    uids = Counter(body.marker.uid for body in bodies if isinstance(body, Managed))
    assert set(uids.values()) == {1}
    assert len(uids) == tasks + 2
    phase = world.issue("Phase 1").number
    below = [issue for issue in world.issues().values() if issue.title.startswith("1.")]
    assert {issue.parent for issue in below} == {phase}
    world.quiet()


def shown(world: MemoryWorld) -> dict[int, Any]:
    """Return the issues without what differs from one write to the next."""
    return {
        number: replace(
            issue, body=world.tracker.bodies[number][0].split("stamp=")[0], updated_at="", created_at=""
        )
        for number, issue in world.tracker.by_number.items()
    }


def test_all_that_has_a_parent_by_then_goes_together_and_needs_no_link(world: MemoryWorld) -> None:
    names = writes(world)
    world.sync()
    # the plan's issue, its phase, five tasks, two tasks
    assert [name for name in names if "issue" in name] == ["create_issue", *["create_issues"] * 3]
    assert [issue.title[:4] for issue in world.tracker.by_number.values()][:4] == [
        "Big:",
        "Phas",
        "1.1 ",
        "1.2 ",
    ]
    require_once(world)
    assert {item.parent is not None for _, item in world.agreed().entries()} == {True, False}


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(PHASES, max_size=4), DIALECTS, st.sampled_from([FileOptions(), IMPORT]))
def test_what_is_made_together_is_what_would_be_made_one_by_one(
    phases: list[Phase], dialect: Dialect, options: FileOptions
) -> None:
    path, text = dialect(phases, Names())
    worlds = [MemoryWorld(batches=batches, options=options) for batches in (True, False)]
    for world in worlds:
        world.write(text, path)
        world.sync()
        world.quiet()
    assert shown(worlds[0]) == shown(worlds[1])


@pytest.mark.parametrize("error", [RefusedError, PermissionDeniedError])
def test_a_server_that_refuses_to_do_that_is_asked_once_and_issues_are_made_one_by_one(
    world: MemoryWorld, error: type[TrackerError]
) -> None:
    names: list[str] = []

    def refuse(name: str) -> None:
        names.append(name)
        if name == "create_issues":
            raise error("not here")

    world.tracker.before = refuse
    world.sync()
    assert world.applied[-1].undone == []
    assert names.count("create_issues") == 1
    assert names.count("create_issue") == TASKS + 2
    recover(world.tracker)
    require_once(world)


def test_where_not_all_that_is_needed_can_be_told_issues_are_made_one_by_one() -> None:
    world = MemoryWorld(batches=False)
    world.write(plan())
    names = writes(world)
    world.sync()
    assert "create_issues" not in names
    require_once(world)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("at", range(3))
def test_a_lost_answer_leaves_every_issue_of_its_batch_open(
    world: MemoryWorld,
    at: int,
    done: bool,  # noqa: FBT001 - whether the request did its work
) -> None:
    names: list[str] = []

    def lose(name: str) -> None:
        names.append(name)
        if name == "create_issues" and names.count(name) == at + 1:
            raise LostAnswerError("lost")

    if done:
        world.tracker.after = lose
    else:
        world.tracker.before = lose
    world.sync()
    lost = {0: 1, 1: TOGETHER, 2: TASKS - TOGETHER}[at]
    assert sum(undone.why == "lost" for undone in world.applied[-1].undone) == lost
    begun = [item for _, item in world.agreed().entries() if item.issue is None]
    assert len(begun) == lost
    assert all(item.begun == world.now for item in begun)
    assert names.count("create_issues") == at + 1, "the rest is made one by one"
    recover(world.tracker)
    changes = world.reconcile()
    assert len({held.change.locator for held in changes.held}) == (0 if done else lost)
    names = writes(world)
    world.sync()
    if done:
        assert not set(names) & set(CREATES)
    else:
        assert "create_issues" not in names, "what was begun is made by itself"
        assert names.count("create_issue") == lost
    require_once(world)


@pytest.mark.parametrize("made", range(TOGETHER + 1))
def test_a_request_that_stopped_half_way_is_finished_by_the_next_pass(world: MemoryWorld, made: int) -> None:
    make = world.tracker.create_issues

    def stop(drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        if len(drafts) < TOGETHER:
            return make(drafts)
        make(drafts[:made])
        raise LostAnswerError("cut off")

    world.tracker.create_issues = stop  # type: ignore[method-assign]
    world.sync()
    assert len(world.tracker.by_number) == 2 + made + TASKS - TOGETHER
    world.tracker.create_issues = make  # type: ignore[method-assign]
    world.sync()
    require_once(world)


@pytest.mark.parametrize("done", [True, False])
def test_a_pass_that_dies_at_any_write_is_made_good(done: bool) -> None:  # noqa: FBT001 - before or after it
    at, died = 0, True
    while died:
        world = MemoryWorld()
        world.write(plan())
        crash(world.tracker, at, done=done)
        try:
            world.sync()
            died = False
        except Crash:
            at += 1
        recover(world.tracker)
        world.sync()
        require_once(world)
    assert at > len(("label", "milestone", "plan", "phase", "tasks"))


@pytest.mark.parametrize("why", ["planbot was told to stop", "the lease on the tracker is lost"])
def test_what_was_sent_is_taken_in_when_the_pass_is_told_to_stop_meanwhile(
    world: MemoryWorld, why: str
) -> None:
    def stop(name: str) -> None:
        if name == "create_issues" and len(world.tracker.by_number) > 2:
            world.watch.why = why

    world.tracker.after = stop
    world.sync()
    applied = world.applied[-1]
    assert applied.stopped == why
    assert len(world.tracker.by_number) == 2 + TOGETHER
    made = {item.issue for _, item in world.agreed().entries()}
    assert made == set(world.tracker.by_number)
    assert Counter(change.action for change in applied.done if change.title.startswith("1.")) == {
        "create": TOGETHER,
        "link": TOGETHER,
    }
    assert {undone.why for undone in applied.undone} == {f"not tried: {why}"}
    world.watch.why = ""
    recover(world.tracker)
    world.sync()
    require_once(world)


def test_what_is_done_in_the_plan_is_not_closed_after_the_pass_was_told_to_stop() -> None:
    text = "# Tasks\n\n## 1. Done\n\n- [x] 1.1 All\n- [x] 1.2 Most\n\n## 2. Next\n\n- [ ] 2.1 More\n"
    world = MemoryWorld(options=FileOptions(issues=IssueOptions(task="all", finished="import")))
    world.write(text, "openspec/changes/x/tasks.md")
    names: list[str] = []

    def stop(name: str) -> None:
        names.append(name)
        if names.count("create_issues") > 1:
            world.watch.why = "stop"

    world.tracker.after = stop
    world.sync()
    assert names[-1] == "create_issues"
    assert {issue.state for issue in world.issues().values() if issue.title.startswith("1.")} == {"open"}
    world.watch.why = ""
    recover(world.tracker)
    world.sync()
    closed = {issue.title for issue in world.issues().values() if issue.state == "closed"}
    assert closed == {"Phase 1: Done", "1.1 All", "1.2 Most"}
    world.quiet()


def test_nothing_is_sent_where_looking_up_what_it_needs_took_too_long(world: MemoryWorld) -> None:
    prepare: Callable[[Sequence[IssueDraft]], bool] = world.tracker.prepare_issues

    def slow(drafts: Sequence[IssueDraft]) -> bool:
        world.watch.why = "too late"
        return prepare(drafts)

    world.tracker.prepare_issues = slow  # type: ignore[method-assign, assignment]
    world.sync()
    assert [issue.title[:3] for issue in world.tracker.by_number.values()] == ["Big"]
    assert world.applied[-1].stopped == "too late"
    world.tracker.prepare_issues = prepare  # type: ignore[method-assign, assignment]
    world.watch.why = ""
    world.sync()
    require_once(world)


def test_one_issue_that_failed_among_others_is_open_and_the_others_are_taken_in(world: MemoryWorld) -> None:
    make = world.tracker.create_issues

    def odd(drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        made = make(drafts)
        if len(made) > 1:
            made[1] = LostAnswerError("something went wrong")
        return made

    world.tracker.create_issues = odd  # type: ignore[method-assign]
    world.sync()
    assert [undone.change.action for undone in world.applied[-1].undone] == ["create", "link"]
    (open_,) = [item for _, item in world.agreed().entries() if item.issue is None]
    assert open_.begun == world.now
    world.tracker.create_issues = make  # type: ignore[method-assign]
    world.sync()
    require_once(world)


def test_what_a_full_parent_cannot_take_is_not_sent_along_with_others() -> None:
    world = MemoryWorld()
    world.write(plan(SUB_ISSUES + 3))
    names = writes(world)
    world.sync()
    assert names.count("create_issue") == 1 + 3
    assert names.count("add_sub_issue") == 3
    world.quiet()


def test_a_task_that_is_added_costs_one_write(world: MemoryWorld) -> None:
    world.sync()
    world.edit("## Verification", "#### 1.99 One more\n\nText.\n\n## Verification")
    names = writes(world)
    world.sync()
    assert names == ["create_issues"]
    require_once(world, TASKS + 1)


def test_an_answer_that_is_lost_while_nothing_has_a_parent_changes_nothing_of_that() -> None:
    world = MemoryWorld()
    world.write(SMALL)
    lose_answers(world.tracker, "create_issue")
    world.sync()
    assert world.applied[-1].undone
    world.sync()
    world.quiet()
    assert len(world.tracker.by_number) == 6


def test_what_was_made_is_known_where_the_pass_is_told_to_stop_in_the_pause_after_it() -> None:
    world = MemoryWorld()
    world.write(SMALL)

    def stop(name: str) -> None:
        if name == "create_issues" and "1.2 Answer repeated keys" in world.issues():
            world.tracker.pause, world.watch.why = 5, "told to stop"

    world.tracker.after = stop
    world.sync()
    made = {issue.number for issue in world.tracker.issues("planbot")}
    assert len(made) < 6
    assert {item.issue for _, item in world.agreed().entries()} == made
    world.tracker.after = lambda _name: None
    world.tracker.pause, world.watch.why = 0, ""
    world.sync()
    assert len(world.issues()) == len(world.tracker.issues("planbot")) == 6
