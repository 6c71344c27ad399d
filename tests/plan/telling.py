"""A plan told in a few plain lines, to compare and to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.model import Check, Field, Plan, Task


def told(plan: Plan) -> str:
    """Tell a plan: its phases, tasks, checks, tables and findings, one a line."""
    return "\n".join(_lines(plan)) + "\n"


def counts(plan: Plan) -> tuple[int, int, int, int]:
    """Count phases, tasks, boxes and ticks."""
    boxes = plan.boxes()
    return len(plan.phases), len(list(plan.all_tasks())), len(boxes), sum(box.ticked for box in boxes)


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{plan.dialect}: {plan.title}" + (f" <{plan.explicit}>" if plan.explicit else "")
    for section in plan.sections:
        yield f"  section {section.line}: {section.title}" + (f" ({section.name})" if section.name else "")
    for phase in plan.phases:
        extra = f" ({phase.priority})" if phase.priority else ""
        extra += f" <{phase.explicit}>" if phase.explicit else ""
        yield f"phase {phase.number} {phase.line}: {phase.title}{extra}"
        yield from _fields(phase.fields)
        for task in phase.tasks:
            yield from _task(task, "  ")
        yield from _checks(phase.checks, "  ")
    for task in plan.tasks:
        yield from _task(task, "")
    yield from _checks(plan.checks, "")
    for name in ("solid", "gaps", "priorities", "decisions"):
        for row in getattr(plan, name):
            yield f"{name} {row.line}: " + " | ".join(cell.text for cell in row.cells.values())
    for entry in plan.files:
        yield f"file {entry.line}: {entry.path} {', '.join(entry.numbers)}".rstrip()
    for finding in plan.diagnostics:
        yield f"{finding.code} {finding.line}:{finding.column} {finding.message}"


def _task(task: Task, indent: str) -> Iterator[str]:
    kind = "task" if task.heading else "item"
    state = {True: "done", False: "open", None: "-"}[task.done]
    extra = f" <{task.explicit}>" if task.explicit else ""
    yield f"{indent}{kind} {task.number} {task.line} {state}: {task.title}{extra}"
    yield from _fields(task.fields, indent + "  ")
    yield from _checks(task.checks, indent + "  ")


def _fields(fields: tuple[Field, ...], indent: str = "  ") -> Iterator[str]:
    for field in fields:
        yield f"{indent}{field.name} = {' / '.join(field.text.splitlines())}"


def _checks(checks: tuple[Check, ...], indent: str) -> Iterator[str]:
    for check in checks:
        group = f"{check.group}: " if check.group else ""
        mark = "x" if check.box.ticked else " "
        yield f"{indent}{'  ' * check.depth}[{mark}] {check.line} {group}{check.text}"
