"""Dependencies, assignees and due dates three ways: what the plan says anew is told, what a person did stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.memory_tracker import fail, lose_answers, recover
from support.memory_world import MemoryWorld

from planbot.errors import RefusedError
from planbot.sync.changes import DependencyChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.records import IssueRecord

TEXT = """\
# Move

## Phase 1: Build

**Goal**: A house.
**Due**: 2026-12-01

### 1.1 Walls

**Owner**: @alice

- [ ] they stand

### 1.2 Roof

**Depends on**: 1.1

- [ ] it is dry

## Phase 2: Live

**Depends on**: Phase 1

### 2.1 Move in

**Depends on**: 1.2, 1.1

- [ ] nobody is outside
"""


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.write(TEXT)
    made.sync()
    made.quiet()
    return made


def blockers(world: MemoryWorld) -> dict[str, list[str]]:
    """Return what blocks each issue, by the first words of the titles."""
    names = {issue.number: title.partition(" ")[0] for title, issue in world.issues().items()}
    names |= {world.issue(start).number: start for start in ("Phase 1", "Phase 2")}
    found = world.tracker.blocked_by
    return {names[number]: sorted(names[one] for one in ones) for number, ones in found.items() if ones}


def test_what_a_part_depends_on_blocks_its_issue(world: MemoryWorld) -> None:
    assert blockers(world) == {"1.2": ["1.1"], "Phase 2": ["Phase 1"], "2.1": ["1.1", "1.2"]}


def test_a_dependency_that_the_plan_drops_is_dropped_and_a_new_one_is_made(world: MemoryWorld) -> None:
    world.edit("**Depends on**: 1.2, 1.1", "**Depends on**: 1.2, Phase 1")
    world.sync()
    assert blockers(world) == {"1.2": ["1.1"], "Phase 2": ["Phase 1"], "2.1": ["1.2", "Phase 1"]}
    world.quiet()


def test_what_a_person_unlinked_or_linked_stays(world: MemoryWorld) -> None:
    walls, roof = world.issue("1.1"), world.issue("1.2")
    world.tracker.set_blocked_by(roof.number, walls, blocked=False)
    world.tracker.set_blocked_by(walls.number, world.issue("Move"), blocked=True)
    world.edit("A house.", "A home.")
    world.sync()
    assert "1.2" not in blockers(world)
    assert walls.number in world.tracker.blocked_by
    world.quiet()


def test_a_dependency_outlives_renames_and_moves(world: MemoryWorld) -> None:
    world.edit("### 1.1 Walls", "### 1.1 Thick walls")
    world.edit("### 1.2 Roof", "### 1.3 Roof")
    world.edit("1.2, 1.1", "1.3, 1.1")
    before = {number: set(ones) for number, ones in world.tracker.blocked_by.items()}
    world.sync()
    assert world.tracker.blocked_by == before
    world.quiet()


def test_dependencies_in_a_circle_leave_out_what_closes_it() -> None:
    world = MemoryWorld()
    world.write(TEXT.replace("**Owner**: @alice", "**Depends on**: 2.1"))
    world.sync()
    assert blockers(world) == {"1.1": ["2.1"], "Phase 2": ["Phase 1"], "2.1": ["1.2"]}
    world.quiet()


def test_what_depends_on_a_part_without_an_issue_is_told_once_that_has_one() -> None:
    world = MemoryWorld()
    world.write(TEXT.replace("- [ ] they stand", "- [x] they stand"))
    world.sync()
    assert blockers(world) == {"Phase 2": ["Phase 1"], "2.1": ["1.2"]}
    world.edit("- [x] they stand", "- [ ] they stand")
    world.sync()
    assert blockers(world) == {"1.2": ["1.1"], "Phase 2": ["Phase 1"], "2.1": ["1.1", "1.2"]}
    world.quiet()


def test_a_server_without_dependencies_is_asked_once() -> None:
    world = MemoryWorld()
    world.tracker.has_dependencies = False
    world.write(TEXT)
    world.sync()
    assert not world.agreed().dependencies
    assert blockers(world) == {}
    world.quiet()


def test_a_dependency_that_is_refused_is_told_and_not_tried_again(world: MemoryWorld) -> None:
    def refuse(name: str) -> None:
        if name == "set_blocked_by":
            raise RefusedError("no more than 50")

    world.tracker.before = refuse
    world.edit("**Owner**: @alice", "**Owner**: @alice\n**Depends on**: Phase 2")
    world.sync()
    assert world.applied[-1].unblocked == {world.issue("1.1").number: "no more than 50"}
    world.quiet()


@pytest.mark.parametrize("lost", [True, False])
def test_a_dependency_whose_answer_is_lost_or_that_fails_is_made_by_the_next_pass(
    lost: bool,  # noqa: FBT001 - the answer, or the request
) -> None:
    world = MemoryWorld()
    world.write(TEXT)
    (lose_answers if lost else fail)(world.tracker, "set_blocked_by")
    world.sync()
    recover(world.tracker)
    world.sync()
    assert blockers(world) == {"1.2": ["1.1"], "Phase 2": ["Phase 1"], "2.1": ["1.1", "1.2"]}
    world.quiet()


def test_without_a_journal_nothing_is_said_of_dependencies_and_people_again(world: MemoryWorld) -> None:
    roof = world.issue("1.2")
    world.tracker.set_blocked_by(roof.number, world.issue("1.1"), blocked=False)
    world.tracker.update_issue(world.issue("1.1").number, assignees=())
    world.journal = None
    world.sync()
    assert "1.2" not in blockers(world)
    assert world.issue("1.1").assignees == ()
    world.quiet()


def test_an_owner_is_assigned_and_a_new_one_takes_the_place(world: MemoryWorld) -> None:
    assert world.issue("1.1").assignees == ("alice",)
    world.tracker.update_issue(world.issue("1.1").number, assignees=("alice", "zoe"))
    world.edit("@alice", "@bob")
    world.sync()
    assert world.issue("1.1").assignees == ("zoe", "bob")
    world.quiet()


def test_whom_a_person_took_off_or_put_on_stays_so(world: MemoryWorld) -> None:
    world.tracker.update_issue(world.issue("1.1").number, assignees=("zoe",))
    world.edit("A house.", "A home.")
    world.sync()
    assert world.issue("1.1").assignees == ("zoe",)
    world.quiet()


def test_logins_are_compared_without_case(world: MemoryWorld) -> None:
    world.edit("@alice", "@Alice")
    world.sync()
    assert world.issue("1.1").assignees == ("alice",)
    world.quiet()


def test_an_owner_that_no_issue_can_be_assigned_to_is_told_each_time_and_asked_for_once() -> None:
    world = MemoryWorld()
    world.tracker.strangers = {"alice"}
    world.write(TEXT)
    assert [finding.code for _, finding in world.sync().diagnostics] == ["PB206"]
    assert world.issue("1.1").assignees == ()
    reads = world.tracker.reads
    assert [finding.code for _, finding in world.reconcile().diagnostics] == ["PB206"]
    again = world.tracker.reads - reads
    world.edit("**Owner**: @alice", "")
    world.sync()
    reads = world.tracker.reads
    assert world.reconcile().diagnostics == ()
    assert world.tracker.reads - reads == again
    world.tracker.strangers = set()
    world.edit("### 1.1 Walls\n", "### 1.1 Walls\n\n**Owner**: @alice\n")
    world.sync()
    assert world.issue("1.1").assignees == ("alice",)
    world.quiet()


def test_one_owner_of_two_can_be_assigned() -> None:
    world = MemoryWorld()
    world.tracker.strangers = {"zoe"}
    world.write(TEXT.replace("@alice", "@alice, @zoe"))
    world.sync()
    assert world.issue("1.1").assignees == ("alice",)
    world.quiet()


def before_reading(world: MemoryWorld, number: int, deed: Callable[[], object]) -> None:
    """Let a person do something just before a pass reads an issue by itself."""
    read = world.tracker.issue

    def read_after(wanted: int) -> IssueRecord | None:
        if wanted == number:
            world.tracker.issue = read  # type: ignore[method-assign]
            deed()
        return read(wanted)

    changes = world.reconcile()
    world.tracker.issue = read_after  # type: ignore[method-assign, assignment]
    world._apply(changes)
    assert world.tracker.issue == read, "the issue was not read again"


def test_who_takes_an_issue_just_before_it_is_written_keeps_it(world: MemoryWorld) -> None:
    number = world.issue("1.1").number
    world.edit("@alice", "@bob")
    before_reading(world, number, lambda: world.tracker.update_issue(number, assignees=("alice", "maya")))
    world.sync()
    assert world.issue("1.1").assignees == ("maya", "bob")
    world.quiet()


def test_an_issue_that_a_person_files_elsewhere_just_before_it_is_moved_stays_there(
    world: MemoryWorld,
) -> None:
    roof, plan = world.issue("1.2"), world.issue("Move")
    task = "### 1.2 Roof\n\n**Depends on**: 1.1\n\n- [ ] it is dry\n\n"
    world.edit(task, "")
    world.edit("### 2.1", task.replace("1.2 Roof", "2.2 Roof") + "### 2.1")
    issues = world.tracker.by_number

    def file_it_elsewhere() -> None:
        issues[roof.number] = replace(issues[roof.number], parent=plan.number)

    before_reading(world, roof.number, file_it_elsewhere)
    world.sync()
    assert world.issue("2.2").parent == plan.number
    world.quiet()


def test_a_dependency_that_is_turned_around_is_never_a_circle(world: MemoryWorld) -> None:
    world.edit("**Depends on**: 1.1\n", "")
    world.edit("**Owner**: @alice", "**Depends on**: 1.2")
    actions = [one.action for one in world.sync().changes if isinstance(one, DependencyChange)]
    assert actions in ([], ["unblock", "block"])
    assert blockers(world)["1.1"] == ["1.2"]
    assert "1.2" not in blockers(world)
    world.quiet()


def test_a_dependency_is_turned_around_by_the_next_pass_where_the_old_one_could_not_be_dropped(
    world: MemoryWorld,
) -> None:
    world.edit("**Depends on**: 1.1\n", "")
    world.edit("**Owner**: @alice", "**Depends on**: 1.2")
    fail(world.tracker, "set_blocked_by")
    world.sync()
    recover(world.tracker)
    world.sync()
    assert blockers(world)["1.1"] == ["1.2"]
    assert "1.2" not in blockers(world)
    world.quiet()


def test_while_a_phase_is_too_close_to_call_its_tasks_stay_where_they_are() -> None:
    world = MemoryWorld()
    first, second = "## Phase 1: Test the login page\n\n", "## Phase 2: Test the logout page\n\n"
    tasks = ("### 1.1 Aa\n\ntext\n\n", "### 2.1 Bb\n\n**Depends on**: Phase 1\n\n")
    world.write(f"# P\n\n{first}{tasks[0]}{second}{tasks[1]}")
    world.sync()
    before = {title: (issue.milestone, issue.parent) for title, issue in world.issues().items()}
    blocked = dict(world.tracker.blocked_by)
    world.write(f"# P\n\n## Phase 3: Test the page\n\n{tasks[0]}{tasks[1]}".replace("Phase 1", "Phase 3"))
    assert "PB204" in [finding.code for _, finding in world.sync().diagnostics]
    assert {title: (issue.milestone, issue.parent) for title, issue in world.issues().items()} == before
    assert len(world.tracker.milestones()) == len((first, second))
    assert world.tracker.blocked_by == blocked
    world.quiet()


def test_the_milestone_is_due_when_the_phase_is_and_a_persons_day_stays(world: MemoryWorld) -> None:
    first, second = world.tracker.milestones()
    assert (first.due_on, second.due_on) == ("2026-12-01", None)
    world.edit("**Due**: 2026-12-01", "**Due**: 2027-01-15")
    world.sync()
    assert world.tracker.milestones()[0].due_on == "2027-01-15"
    world.tracker.update_milestone(first.number, due_on="2027-02-01")
    world.edit("**Due**: 2027-01-15", "**Due**: 2027-03-01")
    world.sync()
    assert world.tracker.milestones()[0].due_on == "2027-02-01"
    world.quiet()


def test_a_day_that_the_plan_drops_is_dropped(world: MemoryWorld) -> None:
    world.edit("**Due**: 2026-12-01\n", "")
    world.sync()
    assert world.tracker.milestones()[0].due_on is None
    world.quiet()
