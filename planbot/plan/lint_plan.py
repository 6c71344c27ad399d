"""Findings about a plan's parts: numbers that clash, references that lead nowhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from planbot.plan import diagnostics as codes
from planbot.plan.dependencies import circles, dependencies
from planbot.plan.ownership import unreadable_dates
from planbot.plan.references import leading_reference
from planbot.plan.status import naming_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from planbot.plan.model import Diagnostic, Phase, Plan, Task


def lint_plan(plan: Plan) -> Iterator[Diagnostic]:
    """Yield what is to be said about a plan as read."""
    yield from _lint_phases(plan)
    yield from _lint_numbers(plan)
    yield from _lint_rows(plan)
    yield from _lint_files(plan)
    yield from _lint_dependencies(plan)
    yield from _lint_dates(plan)


def _lint_phases(plan: Plan) -> Iterator[Diagnostic]:
    for phase in plan.phases:
        if not phase.tasks:
            message = f"{_name(phase)} has no tasks"
            hint = "add a heading such as `#### 1.1 …` below it, or checkbox items"
            yield codes.NO_TASKS.at_line(plan.source, phase.line - 1, message, hint)
    for task in plan.tasks if plan.phases else ():
        message = f'task "{task.number or task.title}" stands in no phase'
        yield codes.OUTSIDE.at_line(
            plan.source, task.line - 1, message, "move it below the heading of its phase"
        )


def _lint_numbers(plan: Plan) -> Iterator[Diagnostic]:
    yield from _repeated(plan, "phase", plan.phases)
    # `1.`, `2.` start again in each phase
    for phase in plan.phases:
        yield from _repeated(plan, "task", [task for task in phase.tasks if (task.number or "").isdigit()])
    yield from _repeated(plan, "task", [task for task in plan.tasks if (task.number or "").isdigit()])
    yield from _repeated(plan, "task", [one for one in plan.all_tasks() if not (one.number or "1").isdigit()])


def _repeated(plan: Plan, kind: str, parts: Collection[Phase | Task]) -> Iterator[Diagnostic]:
    numbers = [part.number.casefold() for part in parts if part.number]
    if len(set(numbers)) == len(numbers):
        return
    first: dict[str, int] = {}
    for part in sorted(parts, key=lambda one: one.line):
        if part.number is None:
            continue
        line = first.setdefault(part.number.casefold(), part.line)
        if line != part.line:
            message = f"{kind} {part.number} stands on line {line} already"
            yield codes.DUPLICATE.at_line(
                plan.source, part.line - 1, message, "give each a number of its own"
            )


def _lint_rows(plan: Plan) -> Iterator[Diagnostic]:
    if not plan.priorities:
        return
    known = _numbers(plan)
    words = Counter(word for part in plan.parts() for word in _words(part.title))
    for row in plan.priorities:
        cell = naming_cell(row)
        if cell is None or not cell.text:
            continue
        named = leading_reference(cell.text)
        if named.number.casefold() in known if named else any(word in words for word in _words(cell.text)):
            continue
        message = f'"{cell.text[:60]}" names no phase and no task of this plan'
        hint = "write the number of a phase or a task, such as 1 or 1.2"
        yield codes.PRIORITY_OF_NOTHING.at_offset(plan.source, cell.span.start, message, hint)


def _lint_files(plan: Plan) -> Iterator[Diagnostic]:
    known = _numbers(plan) if plan.files else frozenset()
    for entry in plan.files:
        for number in entry.numbers:
            if number.casefold() not in known:
                message = f"{entry.path} is listed for {number}, which is no phase and no task of this plan"
                hint = "correct the number, or drop it"
                yield codes.FILE_OF_NOTHING.at_line(plan.source, entry.line - 1, message, hint)


def _lint_dependencies(plan: Plan) -> Iterator[Diagnostic]:
    found = tuple(dependencies(plan))
    for dependency in found:
        if not dependency.known:
            message = f"{dependency.number} is no phase and no task of this plan"
            hint = "write the number of a phase or a task, such as 1 or 1.2"
            yield codes.DEPENDS_ON_NOTHING.at_line(plan.source, dependency.line - 1, message, hint)
    for circle in circles(found):
        message = " depends on ".join((*circle.numbers, circle.numbers[0]))
        hint = "drop one of these dependencies"
        yield codes.DEPENDS_IN_CIRCLE.at_line(plan.source, circle.closing.line - 1, message, hint)


def _lint_dates(plan: Plan) -> Iterator[Diagnostic]:
    for part in plan.parts():
        for field in unreadable_dates(part):
            message = f'"{field.text[:60]}" is no day that something can be due'
            hint = "write it as year, month and day, such as 2026-12-01"
            yield codes.DUE_UNREADABLE.at_line(plan.source, field.line - 1, message, hint)


def _numbers(plan: Plan) -> frozenset[str]:
    return frozenset(part.number.casefold() for part in plan.parts() if part.number)


def _name(phase: Phase) -> str:
    return f"phase {phase.number}" if phase.number else f'phase "{phase.title}"'


def _words(title: str) -> set[str]:
    return {word for word in title.casefold().split() if len(word) > 3}  # noqa: PLR2004 - skips "the", "and"
