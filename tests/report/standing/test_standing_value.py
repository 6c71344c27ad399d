"""How far a plan is: what counts, what is done, what waits, what is next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.items import issue

from planbot.plan.reader import read_plan
from planbot.report.standing.value import Kind, Standing, standing

if TYPE_CHECKING:
    from planbot.tracker.records import IssueRecord

PLAN = """\
# Billing: Implementation Plan

## Remediation Plan

### Phase 1: Foundation

#### 1.1 Store keys

**Owner**: @ada

#### 1.2 Answer repeated keys

**Depends on**: 1.1

- [x] the first answer
- [ ] the second answer

### Phase 2: Paging

**Depends on**: Phase 1

#### 2.1 Page by cursor

#### 2.2 Link headers

**Depends on**: 2.1

## Verification

### Phase 1 Verification

**Automated**:
- [x] the tests pass

### Phase 2 Verification

**Automated**:
- [ ] paging shows each order once

## Open Questions

- [ ] Who answers the phone?
"""


def measured(text: str = PLAN, issues: dict[str, IssueRecord] | None = None) -> dict[str, Standing]:
    """Return every part by its number, the plan as `plan`; `issues` are tasks' by their number."""
    plan = read_plan("PLAN.md", text.encode())
    lines = {task.number: task.line for task in plan.all_tasks()}
    known: dict[tuple[Kind, int], IssueRecord] = {
        ("task", lines[number]): record for number, record in (issues or {}).items()
    }
    return {part.number or part.kind: part for part in standing(plan, known).all()}


def test_boxes_are_counted_from_the_leaves_up() -> None:
    parts = measured()
    assert {name: (part.done, part.total) for name, part in parts.items()} == {
        "plan": (2, 5),
        "1": (2, 3),
        "1.1": (0, 0),
        "1.2": (1, 2),
        "2": (0, 1),
        "2.1": (0, 0),
        "2.2": (0, 0),
    }


def test_what_depends_on_what_is_not_done_is_blocked_and_so_are_the_tasks_below_it() -> None:
    parts = measured()
    assert {name: part.state for name, part in parts.items()} == {
        "plan": "open",
        "1": "open",
        "1.1": "open",
        "1.2": "blocked",
        "2": "blocked",
        "2.1": "blocked",
        "2.2": "blocked",
    }
    assert parts["1.2"].blockers == ("1.1",)
    assert parts["2"].blockers == ("Phase 1",)
    assert parts["2.1"].blockers == ()
    assert [part.number for part in parts["plan"].blocked] == ["1.2", "2", "2.2"]


def test_next_are_the_open_tasks_of_the_first_phase_that_has_any() -> None:
    assert [part.number for part in measured()["plan"].next] == ["1.1"]


def test_next_is_the_phase_itself_where_only_its_checks_are_left() -> None:
    text = "# Plan\n\n## Phase 1: Build\n\n- [x] 1.1 Draw it\n\n### Phase 1 Verification\n\n- [ ] it stands\n"
    plan = measured(text)["plan"]
    assert [(part.kind, part.number) for part in plan.next] == [("phase", "1")]


def test_a_closed_issue_means_that_its_task_is_done() -> None:
    parts = measured(issues={"1.1": issue(state="closed"), "2.1": issue()})
    assert (parts["1.1"].state, parts["1.1"].done, parts["1.1"].total) == ("done", 1, 1)
    assert (parts["2.1"].done, parts["2.1"].total) == (0, 1)
    assert parts["1.2"].state == "open"
    assert [part.number for part in parts["plan"].next] == ["1.2"]


def test_a_task_that_nothing_tells_of_is_done_with_its_phase() -> None:
    parts = measured(PLAN.replace("- [ ] the second", "- [x] the second"))
    assert {name: parts[name].state for name in ("1", "1.1", "1.2", "2", "2.1", "2.2")} == {
        "1": "done",
        "1.1": "done",
        "1.2": "done",
        "2": "open",
        "2.1": "open",
        "2.2": "blocked",
    }


def test_a_finished_plan_is_done_and_has_nothing_next() -> None:
    plan = measured(PLAN.replace("- [ ]", "- [x]"))["plan"]
    assert (plan.state, plan.next, plan.blocked) == ("done", (), ())


def test_the_plan_says_who_has_a_task_before_the_tracker_does() -> None:
    bobs = replace(issue(), assignees=("bob",))
    parts = measured(issues={"1.1": bobs, "1.2": bobs})
    assert parts["1.1"].people == ("@ada",)
    assert parts["1.2"].people == ("@bob",)


@pytest.mark.parametrize("number", ["2.2", "9.9"])
def test_a_dependency_on_itself_or_on_nothing_blocks_nothing(number: str) -> None:
    text = PLAN.replace("**Depends on**: 2.1", f"**Depends on**: {number}")
    assert measured(text)["2.2"].blockers == ()


def test_a_status_that_the_plan_holds_counts_as_one_step() -> None:
    text = "---\nid: task-7\ntitle: Count\nstatus: Done\n---\n\n## Description\n\nCount them.\n"
    plan = standing(read_plan("backlog/tasks/task-7.md", text.encode()))
    assert (plan.done, plan.total) == (1, 1)
