"""The collection of real plan files is read as the person who counted it did."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from plan.telling import counts

from planbot.plan.outline import boxes_in
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.plan.model import Plan

COLUMNS = ("phases", "tasks", "checkboxes", "ticked")
# where the person's count of phases or tasks does not follow CommonMark or the rules common to all dialects
ARGUABLE = {
    "backlog/CRJFisher__ariadne__task-110": "a Backlog.md file is one task; its notes mention three phases",
    "generic/AdamWhitehurst__bevy-lightyear-template": "nested boxes are counted as tasks, elsewhere as checks",
    "humanlayer/cal-poly-dxhub__smart-rover-ai-tutor": "the heading of a fourth task stands in a code fence",
    "humanlayer/datablogin__causal-inference-marketing": "the heading of a fifth task stands in a code fence",
}


def test_the_counts_of_a_person_are_read(shared_plans: Path) -> None:
    different = []
    print(f"\n{'file':72} {'dialect':12} {'counted':>20} {'read':>20}")
    for name, plan, counted in _rows(shared_plans):
        read = counts(plan)
        mark = "" if read == counted else "  differs"
        print(f"{name[:72]:72} {plan.dialect:12} {counted!s:>20} {read!s:>20}{mark}")
        assert read[2:] == counted[2:], f"{name}: boxes or ticks"
        if read != counted:
            different.append(name)
    unexplained = [name for name in different if not name.startswith(tuple(ARGUABLE))]
    assert not unexplained
    assert len(different) <= len(ARGUABLE)


def test_the_seed_plan_has_five_phases_nineteen_tasks_and_twenty_eight_checks(shared_plans: Path) -> None:
    file = "PilotFiber__icmp-mon__REMEDIATION_PLAN.md"
    plan = read_plan(file, (shared_plans / "seed" / file).read_bytes())
    assert counts(plan) == (5, 19, 28, 0)
    assert [len(phase.checks) for phase in plan.phases] == [5, 5, 9, 6, 3]


def test_every_box_of_the_collection_is_found_by_the_plain_search_too(shared_plans: Path) -> None:
    for name, plan, _ in _rows(shared_plans):
        found = boxes_in(plan.source.data)
        assert [box.offset for box in found] == [box.offset for box in plan.boxes()], name
        assert [box.ticked for box in found] == [box.ticked for box in plan.boxes()], name


def _rows(folder: Path) -> Iterator[tuple[str, Plan, tuple[int, ...]]]:
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            plan = read_plan(row["source_path"], (folder / row["file"]).read_bytes())
            yield row["file"], plan, tuple(int(row[column]) for column in COLUMNS)
