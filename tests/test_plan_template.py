from __future__ import annotations

import re
from pathlib import Path

from planbot.config import Settings
from planbot.plan.options import ReadOptions
from planbot.plan.reader import read_plan

TEMPLATE = Path(__file__).parents[1] / "config" / "plan-template.md"
PLAN = read_plan("docs/plans/new.md", TEMPLATE.read_bytes(), ReadOptions())


def test_every_section_of_the_template_is_known() -> None:
    names = [
        "context",
        "gaps",
        "remediation",
        "priorities",
        "verification",
        "files",
        "decisions",
        "questions",
    ]
    assert PLAN.dialect == "template"
    assert [section.name for section in PLAN.sections] == names


def test_the_template_has_phases_with_tasks_and_checks_in_every_group() -> None:
    assert [[task.number for task in phase.tasks] for phase in PLAN.phases] == [["1.1", "1.2"], ["2.1"]]
    for phase in PLAN.phases:
        assert {check.group for check in phase.checks} == {"Automated", "Manual", "Invariants"}
    assert len(PLAN.checks) == 1


def test_the_template_shows_every_field_of_a_task() -> None:
    fields = [field.name for field in PLAN.phases[0].tasks[0].fields]
    assert fields == ["Problem", "Fix", "Files to modify", "Implementation"]


def test_nothing_but_placeholders_is_wrong_with_the_template() -> None:
    assert {finding.code for finding in PLAN.diagnostics} <= {"PB006"}


def test_every_placeholder_of_the_template_is_found() -> None:
    prose, code = [], False
    for number, line in enumerate(TEMPLATE.read_text(encoding="utf-8").splitlines(), start=1):
        code ^= line.startswith("```")
        prose += (
            [] if code else [(number, found.start() + 1) for found in re.finditer(r"\[[^\] ][^\]]*\]", line)]
        )
    (finding,) = PLAN.diagnostics
    assert (finding.line, finding.column) == prose[0]
    assert f"; {len(prose) - 1} more in lines " in finding.hint


def test_the_template_is_not_taken_for_a_plan_file() -> None:
    assert Settings().select(["config/plan-template.md", "plan-template.md"]) == {}
