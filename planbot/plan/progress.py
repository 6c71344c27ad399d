"""The progress block: where an author put one, the counts that planbot keeps in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from planbot.plan.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.model import Box, Phase, Plan, Task
    from planbot.plan.outline import Outline

_OPEN = re.compile(rb"<!--[ \t]*planbot:progress[ \t]*-->")
_CLOSE = re.compile(rb"<!--[ \t]*/planbot:progress[ \t]*-->")
_NAME = b"planbot:progress"


def progress_spans(outline: Outline) -> tuple[Span, ...]:
    """Find the insides of the progress blocks an author put into a file; marks in code are none."""
    data = outline.source.data
    if _NAME not in data:
        return ()
    starts = outline.source.starts
    fences = outline.parsed.fences
    first_bytes = [starts[fence.line] for fence in fences]
    spans, place = [], starts[outline.root.line]
    while (opening := _OPEN.search(data, place)) and (closing := _CLOSE.search(data, opening.end())):
        place = opening.end()
        nearest = bisect_right(first_bytes, opening.start()) - 1
        if nearest >= 0 and opening.start() < starts[fences[nearest].end]:
            continue
        spans.append(Span(opening.end(), closing.start()))
        place = closing.end()
    return tuple(spans)


def progress_text(plan: Plan, span: Span) -> bytes:
    """Render what the inside of a progress block should be, in the line ends and indent of its file.

    One line where the author kept the block on one line, else a line for the plan and one for each phase.
    """
    total = _counted("", plan.boxes())
    before = plan.source.data[plan.source.data.rfind(b"\n", 0, span.start) + 1 : span.start]
    if not set(b"\r\n") & set(plan.source.slice(span)):
        return total.encode()
    lines = [total, *(_counted(f"- {_name(phase)}: ", phase_boxes(phase)) for phase in plan.phases)]
    indent = before[: len(before) - len(before.lstrip(b" \t"))]
    end = line_end(plan.source.data)
    return b"".join((end, *(indent + line.encode(errors="surrogateescape") + end for line in lines), indent))


def line_end(data: bytes) -> bytes:
    """Return the first line end of a file, a line feed where it has none."""
    found = re.search(rb"\r\n|\r|\n", data)
    return found[0] if found else b"\n"


def _counted(name: str, boxes: Iterable[Box]) -> str:
    states = [box.ticked for box in boxes]
    done, whole = sum(states), len(states)
    share = f" ({100 * done // whole} %)" if whole else ""
    return f"{name}{done} of {whole} checks ticked{share}"


def _name(phase: Phase) -> str:
    named = f"Phase {phase.number}" if phase.number else ""
    return ": ".join(part for part in (named, " ".join(phase.title.split())) if part)


def phase_boxes(phase: Phase) -> Iterator[Box]:
    """Yield every box of a phase: its checks', then its tasks' own and theirs."""
    yield from (check.box for check in phase.checks)
    for task in phase.tasks:
        yield from _task_boxes(task)


def _task_boxes(task: Task) -> Iterator[Box]:
    if task.box is not None:
        yield task.box
    yield from (check.box for check in task.checks)
