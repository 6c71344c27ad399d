"""Plan files as planbot reads them, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.report.escape import inert
from planbot.report.lines import phase_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.model import Check, Plan, Task

_MARKS = ("☐", "☑")


def reading_markdown(plans: Iterable[Plan]) -> Iterator[str]:
    """Yield a list of parts for each plan, each with its line; no text of a plan is markup."""
    for number, plan in enumerate(plans):
        if number:
            yield ""
        yield f"### {inert(plan.title)}"
        yield ""
        yield f"{inert(plan.path)}, read as {plan.dialect}"
        yield ""
        yield from _parts(plan)


def _parts(plan: Plan) -> Iterator[str]:
    yield from _checks(plan.checks, 0)
    for phase in plan.phases:
        yield _item(0, f"**{inert(phase_name(phase))}**", phase.line)
        yield from _checks(phase.checks, 1)
        for task in phase.tasks:
            yield from _task(task, 1)
    for task in plan.tasks:
        yield from _task(task, 0)


def _task(task: Task, depth: int) -> Iterator[str]:
    name = inert(" ".join(part for part in (task.number, task.title) if part))
    yield _item(depth, f"{_MARKS[task.box.ticked]} {name}" if task.box else name, task.line)
    yield from _checks(task.checks, depth + 1)


def _checks(checks: Iterable[Check], depth: int) -> Iterator[str]:
    for check in checks:
        group = f"{inert(check.group)}: " if check.group else ""
        yield _item(depth, f"{_MARKS[check.box.ticked]} {group}{inert(check.text)}", check.line)


def _item(depth: int, text: str, line: int) -> str:
    return f"{'  ' * depth}- {text} (line {line})"
