"""Ticks on checks that moved to another item: they follow the check, wherever one text tells where it is."""

from __future__ import annotations

import pytest
from support.memory_tracker import Crash, crash, recover
from support.memory_world import MemoryWorld, ticks
from support.plans import OPENSPEC, SMALL

from planbot.sync.options import FileOptions, IssueOptions

TASKS = "openspec/changes/x/tasks.md"
CHECK = "- [ ] the page opens\n"
OTHER = "- [ ] paging shows each order once\n"


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.write(SMALL)
    made.sync()
    return made


def move(world: MemoryWorld, check: str = CHECK, after: str = OTHER) -> None:
    """Move a check to another phase's, as one edit of the plan."""
    world.edit(check, "")
    world.edit(after, after + check)


def test_a_tick_follows_its_check_to_another_phase(world: MemoryWorld) -> None:
    move(world)
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert "- [x] the page opens" in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    assert ticks(world.issue("Phase 1")) == [False, False]
    world.quiet()


def test_an_untick_follows_too_and_one_on_both_sides_is_one(world: MemoryWorld) -> None:
    world.edit(CHECK, CHECK.replace("[ ]", "[x]"))
    world.sync()
    move(world, CHECK.replace("[ ]", "[x]"))
    world.set_box("Phase 1", "the page opens", ticked=False)
    world.sync()
    assert CHECK in world.text()
    world.quiet()


def test_what_only_the_plan_changed_while_it_moved_stays(world: MemoryWorld) -> None:
    world.set_box("Phase 1", "the page opens")
    world.sync()
    move(world, CHECK.replace("[ ]", "[x]"))
    world.edit("- [x] the page opens", "- [ ] the page opens")
    world.sync()
    assert CHECK in world.text()
    world.quiet()


def take_away(world: MemoryWorld, check: str = OTHER) -> None:
    """Take the second phase out of the plan, and leave its check to the first."""
    verification = "### Phase 2 Verification\n\n**Automated**:\n" + check
    phase = (
        "### Phase 2: Paging\n\n**Goal**: Lists are short.\n\n#### 2.1 Page by cursor\n\nNothing to add.\n\n"
    )
    world.edit(verification, "")
    world.edit(phase, "")
    world.edit(CHECK, CHECK + check)


def test_a_tick_follows_its_check_out_of_an_item_that_goes(world: MemoryWorld) -> None:
    take_away(world)
    world.set_box("Phase 2", "paging shows each order once")
    world.sync()
    assert OTHER.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("Phase 1")) == [False, False, False, True]
    world.quiet()


@pytest.mark.parametrize("synced", [True, False])
def test_an_untick_goes_back_with_its_check_to_an_item_that_is_back(
    world: MemoryWorld,
    synced: bool,  # noqa: FBT001 - a column of the table
) -> None:
    before = world.text()
    world.set_box("Phase 2", "paging shows each order once")
    world.sync()
    take_away(world, OTHER.replace("[ ]", "[x]"))
    world.sync()
    world.set_box("Phase 1", "paging shows each order once", ticked=False)
    if synced:
        world.sync()
    world.write(before)
    world.sync()
    assert OTHER in world.text(), "its first issue has it as it was when it went"
    assert ticks(world.issue("Phase 2")) == [False]
    world.quiet()


def test_a_tick_follows_its_check_to_a_task_that_is_done_and_has_no_issue() -> None:
    world = MemoryWorld(options=FileOptions(issues=IssueOptions(task="all")))
    plan = "# Tasks\n\n## 1. Forms\n\n- [ ] 1.1 Build it\n{}  - [ ] lay it out\n- [x] 1.2 Plan it\n{}"
    world.write(plan.format("  - [ ] ask around\n", ""), TASKS)
    world.sync()
    world.set_box("1.1", "ask around")
    world.write(plan.format("", "  - [ ] ask around\n"), TASKS)
    world.sync()
    assert world.text(TASKS) == plan.format("", "  - [x] ask around\n")
    assert [issue.title for issue in world.tracker.issues("planbot") if "1.2" in issue.title] == []
    world.quiet()


def test_a_tick_that_waits_follows_its_check_and_goes_on_waiting(world: MemoryWorld) -> None:
    world.write_back = False
    world.set_box("Phase 1", "the page opens")
    world.sync()
    move(world)
    world.sync()
    assert CHECK in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    world.quiet()
    world.write_back = True
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text()
    world.quiet()


@pytest.mark.parametrize("where", ["two lost it", "two got it"])
def test_a_text_that_does_not_tell_whose_check_it_is_brings_no_tick_anywhere(
    world: MemoryWorld, where: str
) -> None:
    question = "- [ ] Who answers the phone?\n"
    if where == "two lost it":
        world.edit(OTHER, OTHER + CHECK)
        world.sync()
        world.write(world.text().replace(CHECK, ""))
        world.edit(question, question + CHECK)
        world.set_box("Phase 2", "the page opens")
    else:
        world.edit(CHECK, "")
        world.edit(OTHER, OTHER + CHECK)
        world.edit(question, question + CHECK)
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert "[x]" not in world.text()
    world.quiet()


def test_what_no_place_is_left_for_is_told_and_ticks_nothing_else(world: MemoryWorld) -> None:
    world.edit(CHECK, "")
    world.set_box("Phase 1", "the page opens")
    (told,) = (finding for _, finding in world.sync().diagnostics)
    assert told.code == "PB207"
    assert f'"the page opens" was ticked in #{world.issue("Phase 1").number}' in told.message
    assert "[x]" not in world.text()
    assert world.sync().diagnostics == ()
    world.quiet()


def test_a_tick_between_listing_and_writing_is_left_to_the_next_pass_which_takes_it_along(
    world: MemoryWorld,
) -> None:
    move(world)
    changes = world.reconcile()
    world.set_box("Phase 1", "the page opens")
    world._apply(changes)
    assert [one.why for one in world.applied[-1].undone] == ["the issue changed meanwhile"]
    assert ticks(world.issue("Phase 2")) == [False, False]
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    world.quiet()


def test_a_tick_between_listing_and_the_close_of_an_item_that_left_is_told() -> None:
    world = MemoryWorld()
    world.write(OPENSPEC, TASKS)
    world.sync()
    world.edit("## 1. Login\n\n- [ ] 1.1 Build the form\n- [ ] 1.2 Check the password\n\n", "", TASKS)
    changes = world.reconcile()
    world.set_box("Phase 1", "1.1 Build the form")
    world._apply(changes)
    assert [one.why for one in world.applied[-1].undone] == ["the issue changed meanwhile"]
    assert [told.code for _, told in world.sync().diagnostics] == ["PB207"]
    assert world.issue("Phase 1").state == "closed"
    world.quiet()


def in_the_window(world: MemoryWorld, start: str) -> None:
    """Let a person tick the check in an issue right before it is next written."""

    def before(name: str) -> None:
        if name == "update_issue" and "- [ ] the page opens" in world.issue(start).body:
            world.tracker.before = lambda _: None
            world.set_box(start, "the page opens")

    world.tracker.before = before


def test_a_tick_in_the_round_trip_before_its_box_goes_is_found_and_follows(world: MemoryWorld) -> None:
    move(world)
    in_the_window(world, "Phase 1")
    world.sync()
    assert [number for one in world.applied for number in one.restored] == [world.issue("Phase 1").number]
    assert CHECK.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    assert ticks(world.issue("Phase 1")) == [False, False]
    world.quiet()


def test_a_tick_in_the_round_trip_of_a_pass_that_is_killed_follows_its_check_too(world: MemoryWorld) -> None:
    move(world)
    in_the_window(world, "Phase 1")

    def after(name: str) -> None:
        if name == "update_issue" and "the page opens" not in world.issue("Phase 1").body:
            raise Crash

    world.tracker.after = after
    with pytest.raises(Crash):
        world.sync()
    recover(world.tracker)
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    world.quiet()


def test_a_tick_in_the_round_trip_before_its_box_goes_for_good_is_told(world: MemoryWorld) -> None:
    world.edit(CHECK, "")
    in_the_window(world, "Phase 1")
    world.sync()
    (why,) = [why for one in world.applied for why in one.overwritten.values()]
    assert why == "the plan took these checks out: the page opens"
    world.sync()
    assert "[x]" not in world.text()
    world.quiet()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("at", range(4))
def test_a_tick_that_waits_survives_a_pass_that_is_killed_while_its_check_moves(
    world: MemoryWorld,
    at: int,
    done: bool,  # noqa: FBT001 - before or after the request
) -> None:
    world.write_back = False
    world.set_box("Phase 1", "the page opens")
    world.sync()
    move(world)
    crash(world.tracker, at, done=done)
    try:
        world.sync()
    except Crash:
        recover(world.tracker)
    world.sync()
    assert ticks(world.issue("Phase 2")) == [False, True]
    world.write_back = True
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text()
    world.quiet()


def test_what_was_unticked_after_its_check_arrived_stays_so_though_the_pass_was_killed(
    world: MemoryWorld,
) -> None:
    world.write_back = False
    world.set_box("Phase 1", "the page opens")
    world.sync()
    move(world)
    crash(world.tracker, 1, done=True)  # both issues are written, and the journal does not know
    with pytest.raises(Crash):
        world.sync()
    recover(world.tracker)
    world.set_box("Phase 2", "the page opens", ticked=False)
    world.write_back = True
    world.sync()
    assert CHECK in world.text()
    world.quiet()


TASK = "### 1.1 Open\n\n- [ ] the page opens\n\n"
TWO = f"# P\n\n## Phase 1: One\n\n**Goal**: G.\n\n{TASK}### 1.2 Page\n\n- [ ] lists are short\n"


@pytest.mark.parametrize("before", [True, False])
def test_a_tick_in_the_issue_of_an_item_that_went_follows_its_check(before: bool) -> None:  # noqa: FBT001 - the close
    world = MemoryWorld()
    world.write(TWO)
    world.sync()
    world.write(TWO.replace(TASK, "") + CHECK)
    if before:
        world.set_box("1.1", "the page opens")
        world.sync()
    else:
        world.sync()
        world.quiet()
        world.set_box("1.1", "the page opens")
        world.sync()
    assert world.issue("1.1").state_reason == "not_planned"
    assert CHECK.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("1.2")) == [False, True]
    world.quiet()


def test_a_tick_follows_its_check_to_another_plan_file(world: MemoryWorld) -> None:
    world.edit(CHECK, "")
    world.write(f"# Other\n\n## Phase 8: Later\n\n**Goal**: Later.\n\n{CHECK}- [ ] more\n", "b.md")
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text("b.md")
    assert ticks(world.issue("Phase 8")) == [True, False]
    world.quiet()


def test_a_tick_on_the_last_check_of_what_is_finished_then_is_not_brought_back_by_what_the_journal_knows(
    world: MemoryWorld,
) -> None:
    world.edit(CHECK, "")
    world.write(f"# Other\n\n## Phase 8: Later\n\n**Goal**: Later.\n\n{CHECK}", "b.md")
    world.set_box("Phase 1", "the page opens")
    world.sync()
    world.quiet()
    world.edit("[x] the page opens", "[ ] the page opens", "b.md")
    world.sync()
    assert CHECK in world.text("b.md")
    world.quiet()


def test_a_tick_follows_its_check_out_of_an_item_that_goes_while_the_file_is_renamed() -> None:
    world = MemoryWorld()
    world.write(TWO)
    world.sync()
    world.set_box("1.1", "the page opens")
    del world.files["PLAN.md"]
    world.write(TWO.replace(TASK, "") + CHECK, "docs/plan.md")
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text("docs/plan.md")
    world.quiet()


def test_a_tick_follows_its_check_though_the_journal_is_lost(world: MemoryWorld) -> None:
    move(world)
    world.set_box("Phase 1", "the page opens")
    world.journal = None
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    world.quiet()


def test_two_checks_that_change_places_take_their_ticks_along() -> None:
    world = MemoryWorld()
    world.write(TWO)
    world.sync()
    world.set_box("1.1", "the page opens")
    swapped = TWO.replace("the page opens", "?").replace("lists are short", "the page opens")
    world.write(swapped.replace("?", "lists are short"))
    world.sync()
    assert "- [x] the page opens" in world.text()
    assert "- [ ] lists are short" in world.text()
    world.quiet()
