"""Edits are splices of declared places, and prove that they change nothing else."""

from __future__ import annotations

import pytest
from plan.reading import read

from planbot.errors import EditError
from planbot.plan.edits import Edit, apply_edits, progress_edit, status_edit, tick_edit
from planbot.plan.model import Span

TABLE = """\
## Phase 1: A

### 1.1 One

### 1.2 Two

### 1.3 Three

## Priority Order

| Phase | Status |
|-------|--------|
| 1.1 | {} |
| 1.2 | {} |
| 1.3 | {} |
"""
BACKLOG = "---\nid: B-1\nstatus: {}\n---\n# A task\n\n- [ ] a\n"
PROGRESS = (
    "# P\n\n<!-- planbot:progress --> {} <!-- /planbot:progress -->\n\n## Phase 1: A\n\n- [x] a\n- [ ] b\n"
)


def test_a_tick_changes_one_byte() -> None:
    plan = read("# P\n\n- [ ] a\n- [x] b\n")
    assert apply_edits(plan, [tick_edit(plan.boxes()[0], ticked=True)]) == b"# P\n\n- [x] a\n- [x] b\n"
    assert apply_edits(plan, [tick_edit(plan.boxes()[1], ticked=False)]) == b"# P\n\n- [ ] a\n- [ ] b\n"


def test_an_upper_case_tick_is_emptied_too() -> None:
    plan = read("- [X] a\n")
    assert apply_edits(plan, [tick_edit(plan.boxes()[0], ticked=False)]) == b"- [ ] a\n"


def test_ticking_twice_is_allowed_and_changes_nothing() -> None:
    plan = read("- [x] a\n")
    assert apply_edits(plan, [tick_edit(plan.boxes()[0], ticked=True)]) == b"- [x] a\n"


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Edit(Span(0, 1), b"#", b"x"), "no box, status or progress block"),
        (Edit(Span(8, 9), b"x", b" "), "stands where"),
        (Edit(Span(8, 9), b" ", b"?"), "a box cannot hold"),
        (Edit(Span(8, 10), b" ]", b"x]"), "no box, status or progress block"),
    ],
)
def test_an_edit_of_anything_else_is_refused(edit: Edit, reason: str) -> None:
    plan = read("# P\n\n- [ ] a\n")
    with pytest.raises(EditError, match=reason):
        apply_edits(plan, [edit])


def test_overlapping_edits_are_refused() -> None:
    plan = read("- [ ] a\n")
    edit = tick_edit(plan.boxes()[0], ticked=True)
    with pytest.raises(EditError, match="overlap"):
        apply_edits(plan, [edit, edit])


def test_a_refusal_says_where_and_what_to_do() -> None:
    plan = read("# P\n\n- [ ] a\n", path="docs/plan.md")
    with pytest.raises(EditError) as raised:
        apply_edits(plan, [Edit(Span(5, 6), b"-", b"+")])
    assert raised.value.message.startswith("docs/plan.md:3:1: ")
    assert raised.value.hint


@pytest.mark.parametrize(
    ("cells", "done", "written"),
    [
        (("Done", "Open", "Open"), True, "Done"),
        (("✅ Done", "Open", "Open"), True, "✅ Done"),
        (("", "", ""), True, "Done"),
        (("done", "todo", "todo"), True, "done"),
        (("🔲 Planned", "🔲 Planned", "🔲 Planned"), True, "✅ Done"),
        (("DONE", "DONE", "OPEN"), False, "OPEN"),
        (("Done", "Done", "Done"), False, "To Do"),
        (("Done", "Done", "In progress"), False, "To Do"),
        (("Done", "Done", "Not started"), False, "Not started"),
    ],
)
def test_a_status_is_written_in_the_words_of_the_table(
    cells: tuple[str, ...],
    done: bool,  # noqa: FBT001 - a case
    written: str,
) -> None:
    plan = read(TABLE.format(*cells))
    task = plan.phases[0].tasks[1]
    changed = apply_edits(plan, [status_edit(plan, task, done)])
    again = read(changed).phases[0].tasks
    assert [one.done for one in again] == [plan.phases[0].tasks[0].done, done, plan.phases[0].tasks[2].done]
    assert again[1].status is not None
    assert again[1].status.text == written


@pytest.mark.parametrize("bare", ["To Do", "'To Do'", '"To Do"', "To Do # soon"])
def test_the_status_of_front_matter_keeps_its_quotes_and_comment(bare: str) -> None:
    plan = read(BACKLOG.format(bare))
    assert plan.dialect == "backlog"
    changed = apply_edits(plan, [status_edit(plan, plan.tasks[0], done=True)])
    assert changed.decode() == BACKLOG.format(bare.replace("To Do", "Done"))
    assert read(changed).tasks[0].done is True


def test_a_status_that_would_break_its_table_is_refused() -> None:
    plan = read(TABLE.format("Open", "Open", "Open"))
    status = plan.phases[0].tasks[0].status
    assert status is not None
    with pytest.raises(EditError, match="read otherwise"):
        apply_edits(plan, [Edit(status.span, b"Open", b"Open |\n\n# x")])


def test_a_task_without_a_place_for_its_status_is_refused() -> None:
    plan = read("## Phase 1: A\n\n### 1.1 One\n")
    assert plan.phases[0].tasks[0].done is None
    with pytest.raises(EditError, match="no status"):
        status_edit(plan, plan.phases[0].tasks[0], done=True)


def test_progress_is_written_into_the_block_and_counts_what_is_ticked() -> None:
    plan = read(PROGRESS.format("old"))
    changed = apply_edits(plan, [progress_edit(plan, plan.progress[0])])
    assert b"<!-- planbot:progress -->1 of 2 checks ticked (50 %)<!-- /planbot:progress -->" in changed


def test_a_progress_block_of_several_lines_gets_a_line_for_each_phase() -> None:
    text = PROGRESS.format("\n").replace("\n", "\r\n")
    plan = read(text)
    changed = apply_edits(plan, [progress_edit(plan, plan.progress[0])])
    inside = b"\r\n1 of 2 checks ticked (50 %)\r\n- Phase 1: A: 1 of 2 checks ticked (50 %)\r\n"
    assert inside in changed
    again = read(changed)
    assert progress_edit(again, again.progress[0]).new == progress_edit(again, again.progress[0]).old


def test_progress_that_would_change_the_plan_is_refused() -> None:
    plan = read(PROGRESS.format("\n"))
    span = plan.progress[0]
    with pytest.raises(EditError, match="read otherwise"):
        apply_edits(plan, [Edit(span, plan.source.slice(span), b"\n- [ ] a new box\n")])


def test_ticks_status_and_progress_go_together() -> None:
    text = (
        TABLE.format("Open", "Open", "Open")
        + "\n- [ ] a\n\n<!-- planbot:progress -->\n<!-- /planbot:progress -->\n"
    )
    plan = read(text)
    edits = [
        progress_edit(plan, plan.progress[0]),
        status_edit(plan, plan.phases[0].tasks[2], done=True),
        tick_edit(plan.boxes()[0], ticked=True),
    ]
    again = read(apply_edits(plan, edits))
    assert [task.done for task in again.phases[0].tasks] == [False, False, True]
    assert [box.ticked for box in again.boxes()] == [True]
    assert b"0 of 1 checks ticked" in again.source.data
