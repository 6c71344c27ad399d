from __future__ import annotations

import pytest
from plan.reading import read

from planbot.plan.status import is_done

DONE = """\
Done
✅
✅ **COMPLETE**
completed
Shipped 2026-01-02
100%
[x]
✔ merged
已完成
Done (57 tests)"""
NOT_DONE = """\

Open
To Do
In progress
Not done
🟡 **Partial** (done: 57)
⏳ almost done
60% complete
Undone
abandoned
incomplete
未完成
❌
Good
Partially completed
to be done"""


@pytest.mark.parametrize("text", DONE.splitlines())
def test_a_text_that_says_done(text: str) -> None:
    assert is_done(text)


@pytest.mark.parametrize("text", NOT_DONE.splitlines())
def test_a_text_that_does_not(text: str) -> None:
    assert not is_done(text)


def test_a_status_column_belongs_to_the_task_of_its_row() -> None:
    plan = read(
        "## Phase 1: A\n\n### 1.1 One\n\n### 1.2 Two\n\n## Priority Order\n\n"
        "| Task | **Status** |\n|--|--|\n| Task 1.2: Two | ✅ |\n| 1.1 | |\n| 7.7 | Done |\n"
    )
    assert [task.done for task in plan.phases[0].tasks] == [False, True]


def test_a_row_for_a_phase_or_for_a_number_that_repeats_says_nothing_of_a_task() -> None:
    plan = read(
        "## Phase 1: A\n\n### 1. One\n\n## Phase 2: B\n\n### 1. Other\n\n## Priority Order\n\n"
        "| Phase | Status |\n|--|--|\n| Phase 1 | Done |\n| 1 | Done |\n"
    )
    assert [task.done for phase in plan.phases for task in phase.tasks] == [None, None]


def test_a_box_of_its_own_is_a_tasks_state() -> None:
    plan = read(
        "## Phase 1: A\n\n- [x] 1.1 One\n- [ ] 1.2 Two\n\n## Priority Order\n\n|Phase|Status|\n|-|-|\n|1.2|Done|\n"
    )
    assert [(task.done, task.status) for task in plan.phases[0].tasks] == [(True, None), (False, None)]


def test_a_status_in_a_heading_closes_nothing() -> None:
    plan = read("## Phase 1: A ✅\n\n### ✅ 1.1 One - **COMPLETED**\n")
    assert plan.phases[0].tasks[0].done is None
    assert plan.phases[0].tasks[0].title == "One"
