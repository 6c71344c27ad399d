"""Results as Markdown that GitHub renders: job summaries and comments. Every text from outside is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.progress import phase_boxes
from planbot.report.escape import inert
from planbot.report.forecast import forecast
from planbot.report.lines import phase_name, plural
from planbot.report.text import WORDS, mark, reason, summary, untried, worth_telling
from planbot.sync.inline import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.errors import PlanbotError
    from planbot.plan.model import Box, Diagnostic, Phase, Plan
    from planbot.report.result import PassResult
    from planbot.sync.changes import Change, Tick
    from planbot.sync.limits import Refusal

# bytes; a step may have 1 MiB, and a failure is told below the result: https://docs.github.com/actions/reference/limits
SUMMARY_LIMIT = 1_000_000
COMMENT_LIMIT = 65_536  # characters: https://docs.github.com/rest/issues/comments

_BAR = 10  # characters of a progress bar
_CUT = "*The rest did not fit; `--output json` has all of it.*"


def result_markdown(result: PassResult, limit: int = SUMMARY_LIMIT) -> str:
    """Return what a pass did or would do, in at most so many bytes: a table for each plan file, then the rest."""
    return fitted((f"## planbot: {_link(result.repository, result.page)}", "", *_result(result)), limit)


def preview_markdown(result: PassResult, limit: int) -> str:
    """Return what merging a pull request would do, in at most so many bytes."""
    return fitted(("### What merging this would do", "", *_result(result)), limit)


def refusal_markdown(refusals: Iterable[Refusal], form: str, limit: int) -> str:
    """Return why a pass was refused and what to do about it, in at most so many bytes.

    `form` is the address of the form that starts the workflow by hand, "" where there is none.
    """
    listed = tuple(refusals)
    names = tuple(dict.fromkeys(one.limit for one in listed))
    limits = ", ".join(f"`{name}`" for name in names)
    allow = f"[run the workflow](<{form}>) and allow {limits}"
    if not form:
        allow = f"run `planbot sync --allow {','.join(names)}` in a clone"
    lines = [
        "### planbot waits for a word",
        "",
        "Nothing was written, for this looks like a mistake:",
        "",
        *(f"- {inert(str(one))}" for one in listed),
        "",
        f"If it is a mistake, correct the plan file. If it is meant, {allow}.",
        "This comment goes when a pass gets through.",
    ]
    return fitted(lines, limit)


def findings_markdown(findings: Iterable[tuple[str, Diagnostic]], limit: int = SUMMARY_LIMIT) -> str:
    """Return diagnostics as one table, in at most so many bytes."""
    return fitted(_findings(tuple(findings), None), limit)


def failure_markdown(error: PlanbotError) -> str:
    """Return what went wrong, and what to do about it."""
    lines = [f"- {inert(line)}" for line in error.message.splitlines() if line.strip()]
    return "\n".join(["### planbot stopped", "", *lines, "", inert(error.hint)]).rstrip() + "\n"


def fitted(lines: Iterable[str], limit: int) -> str:
    """Return lines as one text of at most `limit` bytes; what does not fit is left out from the end, and said so."""
    kept: list[str] = []
    left = limit - len(f"\n{_CUT}\n")
    for line in lines:
        left -= len(line.encode("utf-8", "replace")) + 1
        if left < 0:
            kept += ["", _CUT]
            break
        kept.append(line)
    return "\n".join(kept) + "\n"


def _result(result: PassResult) -> Iterator[str]:
    if result.skipped:
        yield from (inert(notice) for notice in result.notices)
        return
    yield inert(summary(result))
    if result.dry_run and result.changes:
        yield f"\nCost: {forecast(result.changes, result.pace)}."
    yield from _listed("Would be refused", (inert(str(one)) for one in result.refusals))
    yield from _listed("Not done", _not_done(result))
    yield from _listed("Waiting", (_held(tick, result) for tick in result.waiting))
    yield from _listed("Notes", (inert(notice) for notice in result.notices))
    yield from _findings(result.findings, result)
    labels = [change for change in worth_telling(result.changes) if change.kind == "label"]
    yield from _listed("Labels", (_change(change, result) for change in labels))
    for plan in result.plans:
        yield from _plan(plan, result)
    known = {plan.path for plan in result.plans}
    for path in sorted({change.path for change in result.changes if change.path} - known):
        yield from ("", f"### {inert(path)}")
        yield from _moves(path, result)


def _plan(plan: Plan, result: PassResult) -> Iterator[str]:
    """Yield a plan file's table, a row for each phase, and what moved in it."""
    issue = _issue(result.issues.get((plan.path, plan.line)), result)
    yield from ("", f"### {_at(plan.path, 0, result)} {inert(plan.title)}{issue}", "")
    yield from ("| | issue | tasks | boxes | progress |", "|---|---|---|---|---|")
    for phase in plan.phases:
        yield _row(plan, phase, result)
    tasks = sum(1 for _ in plan.all_tasks())
    yield f"| **all** | | {tasks} | {_progress(plan.boxes())} |"
    yield from _moves(plan.path, result)


def _row(plan: Plan, phase: Phase, result: PassResult) -> str:
    number = result.issues.get((plan.path, phase.line))
    boxes = _progress(tuple(phase_boxes(phase)))
    return f"| {inert(phase_name(phase))} |{_issue(number, result)} | {len(phase.tasks)} | {boxes} |"


def _progress(boxes: Sequence[Box]) -> str:
    """Return two cells: so many of so many, and a bar, which is whole only when all of it is done."""
    done, whole = sum(box.ticked for box in boxes), len(boxes)
    if not whole:
        return "none | "
    filled = _BAR * done // whole
    return f"{done} of {whole} | `{'█' * filled}{'░' * (_BAR - filled)}` {100 * done // whole} %"


def _moves(path: str, result: PassResult) -> Iterator[str]:
    rows = [(one.line, 0, _change(one, result)) for one in worth_telling(result.changes) if one.path == path]
    rows += [(one.line, 1, _tick(one, result)) for one in result.ticks if one.path == path]
    if rows:
        yield ""
        yield from (f"- {text}" for _, _, text in sorted(rows, key=lambda row: row[:2]))


def _change(change: Change, result: PassResult) -> str:
    verb = WORDS[change.action][0 if result.dry_run else 1]
    fields = f" ({', '.join(change.fields)})" if change.action == "update" and change.fields else ""
    return f"{verb} {change.kind}{_issue(change.issue, result)} {inert(change.title)}{fields}"


def _tick(tick: Tick, result: PassResult) -> str:
    line = _at(tick.path, tick.line, result)
    issue = _issue(tick.issue, result).strip() or "a new issue"
    way = f"{issue} → {line}" if tick.direction == "plan" else f"{line} → {issue}"
    person = result.people.get(tick.issue or 0)
    by = f", by {inert(person.login)}" if person and tick.direction == "plan" else ""
    return f"`{mark(tick.ticked)}` {way}: {inert(tick.text)}{by}"


def _held(tick: Tick, result: PassResult) -> str:
    why = reason(tick, result)
    return f"{_tick(tick, result)} ({inert(why)})" if why else _tick(tick, result)


def _not_done(result: PassResult) -> Iterator[str]:
    for one in result.undone:
        if one.untried:
            continue
        change = one.change
        issue = _issue(change.issue, result)
        yield f"{change.action} {change.kind}{issue} {inert(change.title)}: {inert(one.why)}"
    left = untried(result)
    if left:
        yield inert(left)
    if result.problem and not left.endswith(result.problem):
        yield inert(result.problem)


def _findings(findings: Sequence[tuple[str, Diagnostic]], result: PassResult | None) -> Iterator[str]:
    if not findings:
        return
    yield from ("", f"### {plural(len(findings), 'finding')}", "")
    yield from ("| where | | finding | what to do |", "|---|---|---|---|")
    for path, one in findings:
        where = _at(path, one.line, result)
        yield f"| {where} | {one.severity} | {one.code}: {inert(one.message)} | {inert(one.hint)} |"


def _listed(title: str, texts: Iterable[str]) -> Iterator[str]:
    rows = [f"- {text}" for text in texts]
    if rows:
        yield from ("", f"### {title}", "", *rows)


def _at(path: str, line: int, result: PassResult | None) -> str:
    """Return a link to a plan file or one of its lines, or their name where they are on no web page."""
    name = f"{path}:{line}" if line else path
    if result is None or not result.page or not result.ref:
        return inert(name)
    url = Place(result.page, result.ref, path).url()
    return _link(name, f"{url}?plain=1#L{line}" if line else url)


def _issue(number: int | None, result: PassResult) -> str:
    if not number:
        return ""
    return f" {_link(f'#{number}', f'{result.page}/issues/{number}' if result.page else '')}"


def _link(text: str, url: str) -> str:
    return f"[{inert(text)}](<{url}>)" if url else inert(text)
