"""A task's state where the plan has a place for it: a box, a Status column, front matter; and progress blocks."""

from __future__ import annotations

import pytest
from support.plans import BY_PATH
from support.world import PLAN, World, git

from planbot.report.data import result_data
from planbot.report.outputs import output_lines
from planbot.report.text import summary

OPENSPEC = "openspec/changes/login/tasks.md"
TASKS = BY_PATH[OPENSPEC]
ALL = "issues: {task: all}\n"

STATUS = """\
# Status: Implementation Plan

## Phase 1: One

### 1.1 First

Text.

### 1.2 Second

Text.

## Priority Order

| Phase | Effort | Status |
|-------|--------|--------|
| 1.1 | 1 h | Pending |
| 1.2 | 2 h | Done |
| 9.9 | 2 h | Pending |
"""

BACKLOG = "backlog/tasks/task-7 - Count.md"
BACKLOG_TASK = BY_PATH[BACKLOG]

PROGRESS = """\
# Progress

<!-- planbot:progress -->
<!-- /planbot:progress -->

## Phase 1: One

- [ ] first
- [x] second
"""


def close(world: World, start: str) -> None:
    world.person.update_issue(world.issue(start).number, state="closed", state_reason="completed")


def test_a_task_that_is_a_box_goes_both_ways_with_open_and_closed(world: World) -> None:
    world.commit({OPENSPEC: TASKS, "planbot.yml": ALL})
    world.sync()
    assert len(world.issues()) == 1 + 2 + 3
    close(world, "1.1")
    world.sync()
    assert world.plan(OPENSPEC) == TASKS.replace("[ ] 1.1", "[x] 1.1").encode()
    world.quiet()
    world.edit("[ ] 1.2", "[x] 1.2", OPENSPEC)
    world.sync()
    assert world.issue("1.2").state_reason == "completed"
    assert world.issue("Phase 1").state == "closed"
    world.quiet()
    world.person.update_issue(world.issue("1.1").number, state="open")
    world.sync()
    assert b"[ ] 1.1" in world.plan(OPENSPEC)
    assert world.issue("Phase 1").state == "open"
    world.quiet()


def test_a_task_closed_as_not_planned_is_not_done_and_is_left(world: World) -> None:
    world.commit({OPENSPEC: TASKS, "planbot.yml": ALL})
    world.sync()
    number = world.issue("1.1").number
    world.person.update_issue(number, state="closed", state_reason="not_planned")
    world.quiet()
    assert world.plan(OPENSPEC) == TASKS.encode()
    assert world.issue("1.1").state_reason == "not_planned"


def test_tasks_that_are_only_boxes_are_checks_of_their_phase_by_default(world: World) -> None:
    world.commit({OPENSPEC: TASKS})
    world.sync()
    assert sorted(world.issues()) == ["Phase 1: Login", "Phase 2: Logout", "Tasks"]
    world.set_box("Phase 1", "1.1 Build the form")
    world.sync()
    assert world.plan(OPENSPEC) == TASKS.replace("[ ] 1.1", "[x] 1.1").encode()
    world.quiet()


def test_a_status_column_goes_both_ways_with_open_and_closed(world: World) -> None:
    world.commit({PLAN: STATUS})
    world.sync()
    assert sorted(world.issues()) == ["1.1 First", "Phase 1: One", "Status: Implementation Plan"]
    close(world, "1.1")
    result = world.sync()
    assert [tick.direction for tick in result.ticks] == ["plan"]
    assert world.plan() == STATUS.replace("| 1.1 | 1 h | Pending |", "| 1.1 | 1 h | Done |").encode()
    world.quiet()
    world.edit("| 1.1 | 1 h | Done |", "| 1.1 | 1 h | Pending |")
    world.sync()
    assert world.issue("1.1").state == "open"
    world.quiet()


def test_a_backlog_file_is_one_issue_and_its_status_goes_both_ways(world: World) -> None:
    world.commit({BACKLOG: BACKLOG_TASK})
    world.sync()
    assert len(world.issues()) == 1
    start = next(iter(world.issues()))
    world.set_box(start, "#<!-- -->1 They are counted")
    close(world, start)
    world.sync()
    wanted = BACKLOG_TASK.replace("[ ] #1", "[x] #1").replace("status: To Do", "status: Done")
    assert world.plan(BACKLOG) == wanted.encode()
    world.quiet()


def test_a_progress_block_is_kept_up_to_date_where_an_author_put_one(world: World) -> None:
    world.commit({PLAN: PROGRESS})
    world.sync()
    assert b"1 of 2 checks ticked" in world.plan()
    assert git(world.origin, "log", "-1", "--format=%s", "main") == "Update progress"
    world.quiet()
    world.set_box("Phase 1", "first")
    world.sync()
    assert b"2 of 2 checks ticked" in world.plan()
    assert git(world.origin, "log", "-1", "--format=%s", "main") == "Tick 1 box"
    world.quiet()
    world.edit("2 of 2 checks", "1 of 2 checks")
    result = world.sync()
    assert (result.changes, result.ticks, result.in_sync) == ((), (), False)
    assert summary(result) == f"Brought progress up to date; commit {(result.write_back.commit or '')[:10]}."
    assert "changed=true" in [*output_lines(result_data(result))]
    world.quiet()
    assert all("checks ticked" not in issue.body for issue in world.issues().values())


def test_a_progress_block_that_may_not_be_pushed_is_not_tried_for_ever(world: World) -> None:
    hook = world.origin / "hooks" / "update"
    world.commit({PLAN: PROGRESS})
    hook.write_text('#!/bin/sh\ncase "$1" in refs/heads/main) echo GH006 >&2; exit 1;; esac\n')
    hook.chmod(0o755)
    world.sync()
    world.quiet()


@pytest.mark.parametrize("settings", ["", ALL], ids=["headings", "all"])
@pytest.mark.parametrize("path", BY_PATH, ids=lambda path: path.split("/")[0].strip("."))
def test_every_dialect_syncs_ticks_closes_and_is_then_in_step(world: World, path: str, settings: str) -> None:
    text = BY_PATH[path]
    world.commit({path: text, "planbot.yml": settings or "{}\n"})
    world.sync()
    world.quiet()
    boxes = text.count("[ ]")
    shown = [issue for issue in world.person.issues("planbot") if "- [ ] " in issue.body]
    if shown:
        first = shown[0]
        world.person.update_issue(first.number, body=first.body.replace("- [ ] ", "- [x] ", 1))
        world.sync()
        assert world.plan(path).count(b"[ ]") == boxes - 1
        world.quiet()
    last = max(world.person.issues("planbot"), key=lambda issue: issue.number)
    world.person.update_issue(last.number, state="closed", state_reason="completed")
    world.sync()
    world.quiet()
    after = world.person.issue(last.number)
    assert after is not None
    assert after.state == "closed"
    if path != BACKLOG:
        assert len(world.plan(path)) == len(text.encode()), "nothing but the bytes of boxes changed"
