"""Results as text for people: what is created, changed, closed and ticked, in the order of the plan.

A line is made of pieces: whoever prints it can tell planbot's own styles from what a plan file or an issue says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from planbot.report.forecast import forecast
from planbot.report.layout import columns
from planbot.report.lines import phase_name, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.plan.model import Check, Diagnostic, Phase, Plan, Task
    from planbot.plan.source import Source
    from planbot.report.result import PassResult
    from planbot.sync.changes import Change, Tick

Line: TypeAlias = tuple[tuple[str, str], ...]  # pieces, each the name of a style ("" for none) and a text

_EXCERPT = 100  # characters of a line that are shown
_BEFORE_CARET = 60

_SIGNS = {
    "create": "+",
    "update": "~",
    "close": "x",
    "reopen": "o",
    "link": ">",
    "block": ">",
    "unblock": "<",
    "comment": '"',
}
WORDS = {
    "create": ("would create", "created"),
    "update": ("would update", "updated"),
    "close": ("would close", "closed"),
    "reopen": ("would reopen", "reopened"),
    "link": ("would move", "moved"),
    "block": ("would set what blocks", "set what blocks"),
    "unblock": ("would take what blocked off", "took what blocked off"),
    "comment": ("would comment on", "commented on"),
}
_NOUNS = {"label": "label", "milestone": "milestone", "plan": "issue", "phase": "issue", "task": "issue"}
_NOUNS_IN_ORDER = ("issue", "milestone", "label")


def result_lines(result: PassResult) -> Iterator[Line]:
    """Yield what a pass did or would do; nothing to do is one line."""
    if result.skipped:
        yield from (_line(notice) for notice in result.notices)
        return
    changes = worth_telling(result.changes)
    yield from _plans(result, changes)
    if result.dry_run and result.changes:
        yield _line(f"Cost: {forecast(result.changes, result.pace)}.")
    yield from waiting_lines(result)
    yield from undone_lines(result)
    yield from (_line(f"note: {notice}", "warning") for notice in result.notices)
    yield from (_line(f"would be refused: {one}", "error") for one in result.refusals)
    if result.people:
        yield _line(f"Ticked by {', '.join(sorted({who.login for who in result.people.values()}))}.")
    yield _line(summary(result))


def _line(text: str, style: str = "") -> Line:
    return ((style, text),)


def worth_telling(changes: Sequence[Change]) -> list[Change]:
    """Leave out that an issue made in this pass gets its parent and its blockers: that is part of making it."""
    made = {(change.path, change.locator) for change in changes if _is_issue(change, "create")}
    return [
        change
        for change in changes
        if change.action not in ("link", "block") or (change.path, change.locator) not in made
    ]


def _is_issue(change: Change, action: str) -> bool:
    return change.action == action and _NOUNS[change.kind] == "issue"


def _plans(result: PassResult, changes: Sequence[Change]) -> Iterator[Line]:
    titles = {plan.path: plan.title for plan in result.plans}
    yield from (_change_line(change) for change in changes if change.kind == "label")
    paths = {change.path for change in changes if change.path} | {tick.path for tick in result.ticks}
    for path in sorted(paths):
        yield _line(f"{path}: {titles[path]}" if path in titles else path, "heading")
        rows = [(change.line, 0, _change_line(change)) for change in changes if change.path == path]
        rows += [(tick.line, 1, _tick_line(tick)) for tick in result.ticks if tick.path == path]
        yield from (row for _, _, row in sorted(rows, key=lambda row: row[:2]))


def _change_line(change: Change) -> Line:
    number = f" #{change.issue}" if change.issue else ""
    fields = f"  ({', '.join(change.fields)})" if change.action == "update" and change.fields else ""
    sign = f"{_SIGNS[change.action]} {change.kind}{number}"
    return (("", "  "), (change.action, sign), ("", f"  {change.title}{fields}"))


def _tick_line(tick: Tick) -> Line:
    issue = f"#{tick.issue}" if tick.issue else "a new issue"
    where = f"{issue} → line {tick.line}" if tick.direction == "plan" else f"line {tick.line} → {issue}"
    return (("", "  "), ("tick", f"{mark(tick.ticked)} {where}"), ("", f"  {tick.text}"))


def mark(ticked: bool) -> str:  # noqa: FBT001 - the one thing it is about
    """Return a box as Markdown writes it."""
    return "[x]" if ticked else "[ ]"


def waiting_lines(result: PassResult) -> Iterator[Line]:
    """Yield the ticks that cannot land in the plan yet, each with where it is and what it waits for."""
    for tick in result.waiting:
        where = f"{tick.path}:{tick.line}: {mark(tick.ticked)} {tick.text} (#{tick.issue})"
        yield _line(f"{reason(tick, result) or 'waiting'}: {where}", "warning")


def reason(tick: Tick, result: PassResult) -> str:
    """Return what a tick waits for where a pull request has to do with it, "" elsewhere."""
    number = result.write_back.pull_request
    match tick.waiting:
        case "proposed" if number:
            return f"waiting in pull request #{number}"
        case "declined":
            return "declined, until its box changes"
        case _:
            return ""


def undone_lines(result: PassResult) -> Iterator[Line]:
    """Yield what a pass could not do, and why."""
    for one in result.undone:
        if one.untried:
            continue
        number = f" #{one.change.issue}" if one.change.issue else ""
        what = f"{one.change.action} {one.change.kind}{number} {one.change.title}"
        yield _line(f"not done: {what}: {one.why}", "error")
    left = untried(result)
    if left:
        yield _line(f"not done: {left}", "error")
    if result.problem and not left.endswith(result.problem):
        yield _line(result.problem, "error")


def untried(result: PassResult) -> str:
    """Return how many changes were left when a pass ended, and what ended it; "" for none."""
    left = [one for one in result.undone if one.untried]
    if not left:
        return ""
    return f"{plural(len(worth_telling([one.change for one in left])), 'change')}, {left[0].why}"


def summary(result: PassResult) -> str:
    """Return in one sentence what a pass did or would do."""
    changes = worth_telling(result.changes)
    if result.in_sync and not result.plans:
        return "Nothing to do: no plan file to bring in step."
    if result.in_sync:
        plans = plural(len(result.plans), "plan file")
        held = f", {plural(len(result.waiting), 'tick')} waiting" if result.waiting else ""
        url = f" ({result.write_back.url})" if result.write_back.url else ""
        return f"Nothing to do: {plans} and the issues of {result.repository} are in step{held}{url}."
    counts = [
        f"{words[0 if result.dry_run else 1]} {_kinds(changes, action)}"
        for action, words in WORDS.items()
        if any(change.action == action for change in changes)
    ]
    if result.ticks:
        verb = "would bring" if result.dry_run else "brought"
        counts.append(f"{verb} {plural(len(result.ticks), 'box', 'boxes')} in step")
    if result.write_back.commit:
        if not any(tick.direction == "plan" for tick in result.ticks):
            counts.append("brought progress up to date")
        counts.append(f"commit {result.write_back.commit[:10]}")
    if result.write_back.action:
        back = result.write_back
        counts.append(f"{back.action} pull request #{back.pull_request} ({back.url})")
    head = "" if result.dry_run or result.complete else "partly: "
    text = f"{head}{'; '.join(counts) or 'nothing was done'}."
    return text[0].upper() + text[1:]


def _kinds(changes: Sequence[Change], action: str) -> str:
    kinds = [_NOUNS[change.kind] for change in changes if change.action == action]
    return ", ".join(plural(kinds.count(noun), noun) for noun in _NOUNS_IN_ORDER if noun in kinds)


def reading_lines(plans: Iterable[Plan]) -> Iterator[Line]:
    """Yield plan files as planbot reads them, each part with its line."""
    for number, plan in enumerate(plans):
        if number:
            yield _line("")
        yield from plan_lines(plan)


def plan_lines(plan: Plan) -> Iterator[Line]:
    """Yield a plan file as planbot reads it, each part with its line."""
    yield (("heading", f"{plan.path}: {plan.title}"), ("", f"  ({plan.dialect})"))
    for check in plan.checks:
        yield _check_line(check, 1)
    for phase in plan.phases:
        yield from _phase_lines(phase)
    for task in plan.tasks:
        yield from _task_lines(task, 1)


def _phase_lines(phase: Phase) -> Iterator[Line]:
    priority = f"  [{phase.priority}]" if phase.priority else ""
    yield (("", _at(phase.line, 1)), ("create", phase_name(phase)), ("", priority))
    for check in phase.checks:
        yield _check_line(check, 2)
    for task in phase.tasks:
        yield from _task_lines(task, 2)


def _task_lines(task: Task, depth: int) -> Iterator[Line]:
    box = mark(task.box.ticked) if task.box else ""
    name = " ".join(part for part in (box, task.number, task.title) if part)
    yield (("", _at(task.line, depth)), ("tick", name))
    for check in task.checks:
        yield _check_line(check, depth + 1)


def _check_line(check: Check, depth: int) -> Line:
    group = f"{check.group}: " if check.group else ""
    style = "update" if check.box.ticked else ""
    at = _at(check.line, depth + check.depth)
    return (("", at), (style, mark(check.box.ticked)), ("", f" {group}{check.text}"))


def _at(line: int, depth: int) -> str:
    return f"{line:>5} {'  ' * depth}"


def finding_lines(path: str, finding: Diagnostic, source: Source | None = None) -> Iterator[Line]:
    """Yield one diagnostic: where, how bad, which and what; the line with a caret under it; what to do."""
    yield (
        ("", f"{path}:{finding.line}:{finding.column}: "),
        (finding.severity, finding.severity),
        ("", f" {finding.code}: {finding.message}"),
    )
    if source is not None and finding.line <= len(source.lines):
        yield from _excerpt(source.lines[finding.line - 1], finding)
    if finding.hint:
        yield _line(f"    {finding.hint}")


def _excerpt(line: str, finding: Diagnostic) -> Iterator[Line]:
    """Yield a piece of a line of the file, and a caret under the place that is meant."""
    start = max(0, finding.column - 1 - _BEFORE_CARET)
    piece = line[start : start + _EXCERPT].replace("\t", " ")
    if piece.strip():
        yield _line(f"    {piece.rstrip()}")
        yield (("", f"    {' ' * columns(line[start : finding.column - 1])}"), (finding.severity, "^"))
