"""Results as plain data, for `--output json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.model import Box, Check, Diagnostic, Phase, Plan, Task
    from planbot.report.result import PassResult
    from planbot.sync.changes import Change, Tick, Undone


def plan_data(plan: Plan, findings: Iterable[Diagnostic] | None = None) -> dict[str, Any]:
    """Return a plan file as planbot reads it."""
    return {
        "path": plan.path,
        "dialect": plan.dialect,
        "title": plan.title,
        "phases": [_phase(phase) for phase in plan.phases],
        "tasks": [_task(task) for task in plan.tasks],
        "checks": [_check(check) for check in plan.checks],
        "diagnostics": [
            diagnostic_data(finding) for finding in (plan.diagnostics if findings is None else findings)
        ],
    }


def diagnostic_data(finding: Diagnostic) -> dict[str, Any]:
    """Return one diagnostic."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "hint": finding.hint,
    }


def result_data(result: PassResult) -> dict[str, Any]:
    """Return what a pass did or would do."""
    return {
        "repository": result.repository,
        "plans": [_plan_summary(plan, result) for plan in result.plans],
        "changes": [_change(change) for change in result.changes],
        "created": result.count("create"),
        "updated": result.count("update"),
        "closed": result.count("close"),
        "reopened": result.count("reopen"),
        "ticked": [_tick(tick) for tick in result.ticks if tick.ticked],
        "unticked": [_tick(tick) for tick in result.ticks if not tick.ticked],
        "people": [{"issue": number, "login": who.login} for number, who in sorted(result.people.items())],
        "waiting": [{**_tick(tick), "ticked": tick.ticked, "why": tick.waiting} for tick in result.waiting],
        "undone": [_undone(one) for one in result.undone],
        "refusals": [str(one) for one in result.refusals],
        "notices": list(result.notices),
        "problem": result.problem,
        "requests": {"read": result.requests.read, "write": result.requests.write},
        "write_back": {
            "mode": result.write_back.mode,
            "commit": result.write_back.commit,
            "pull_request": result.write_back.pull_request,
            "url": result.write_back.url,
            "action": result.write_back.action,
        },
        "changed": result.changed,
        "complete": result.complete,
    }


def _plan_summary(plan: Plan, result: PassResult) -> dict[str, Any]:
    boxes = plan.boxes()
    return {
        "path": plan.path,
        "dialect": plan.dialect,
        "title": plan.title,
        "phases": len(plan.phases),
        "tasks": sum(1 for _ in plan.all_tasks()),
        "boxes": len(boxes),
        "ticked": sum(box.ticked for box in boxes),
        "diagnostics": [diagnostic_data(finding) for path, finding in result.findings if path == plan.path],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "number": phase.number,
        "title": phase.title,
        "priority": phase.priority,
        "goal": phase.goal,
        "line": phase.line,
        "checks": [_check(check) for check in phase.checks],
        "tasks": [_task(task) for task in phase.tasks],
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "number": task.number,
        "title": task.title,
        "line": task.line,
        "box": _box(task.box) if task.box else None,
        "done": task.done,
        "checks": [_check(check) for check in task.checks],
    }


def _box(box: Box) -> dict[str, Any]:
    return {"ticked": box.ticked, "offset": box.offset}


def _check(check: Check) -> dict[str, Any]:
    return {"group": check.group, "text": check.text, "line": check.line, **_box(check.box)}


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "kind": change.kind,
        "path": change.path,
        "locator": change.locator,
        "title": change.title,
        "issue": change.issue,
        "fields": list(change.fields),
    }


def _tick(tick: Tick) -> dict[str, Any]:
    return {
        "path": tick.path,
        "line": tick.line,
        "text": tick.text,
        "issue": tick.issue,
        "direction": tick.direction,
    }


def _undone(one: Undone) -> dict[str, Any]:
    return {**_change(one.change), "why": one.why}
