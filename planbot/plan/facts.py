"""Everything that a plan says, as comparable facts: what an edit must leave as it was."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from planbot.plan.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planbot.plan.model import Cell, Check, Field, Plan, Row, Task

Fact: TypeAlias = tuple[Any, ...]


class Moves:
    """Map the offsets of a file to those after some splices, given as spans with their new lengths."""

    def __init__(self, splices: Iterable[tuple[Span, int]] = ()) -> None:
        ordered = sorted(splices)
        self._starts = [span.start for span, _ in ordered]
        self._ends = [span.end for span, _ in ordered]
        self._sums = list(accumulate((size - (span.end - span.start) for span, size in ordered), initial=0))

    def start(self, offset: int) -> int:
        """Return where something that starts at an offset starts afterwards."""
        return offset + self._sums[bisect_left(self._starts, offset)]

    def span(self, span: Span) -> Span:
        """Return where a span lies afterwards."""
        return Span(self.start(span.start), span.end + self._sums[bisect_right(self._ends, span.end)])


def facts(
    plan: Plan,
    *,
    moves: Moves | None = None,
    ticks: Mapping[int, bool] | None = None,
    masked: frozenset[Span] = frozenset(),
) -> Iterator[Fact]:
    """Yield what a plan says, part by part.

    `moves` and `ticks` (by old offset) say what edits change; texts in the `masked` spans, given as they
    lie afterwards, are left out.
    """
    yield from _Teller(plan, moves or Moves(), ticks or {}, masked).all()


class _Teller:
    def __init__(self, plan: Plan, moves: Moves, ticks: Mapping[int, bool], masked: frozenset[Span]) -> None:
        self.plan, self.moves, self.ticks, self.masked = plan, moves, ticks, masked

    def all(self) -> Iterator[Fact]:
        plan = self.plan
        yield (
            "plan",
            plan.dialect,
            plan.title,
            self.spans(plan.spans),
            self.spans(plan.progress),
            plan.explicit,
        )
        yield from (
            ("section", one.name, one.title, self.line(one.line), self.moves.span(one.span))
            for one in plan.sections
        )
        for phase in plan.phases:
            yield "phase", phase.number, phase.title, phase.priority, self.line(phase.line), phase.explicit
            yield self.spans(phase.spans), self.fields(phase.fields)
            yield from map(self.check, phase.checks)
            yield from (fact for task in phase.tasks for fact in self.task(task))
        yield from (fact for task in plan.tasks for fact in self.task(task))
        yield from map(self.check, plan.checks)
        for rows in (plan.solid, plan.gaps, plan.priorities, plan.decisions):
            yield from map(self.row, rows)
        yield from (("file", one.path, one.numbers, self.line(one.line)) for one in plan.files)

    def task(self, task: Task) -> Iterator[Fact]:
        yield "task", task.number, task.title, self.line(task.line), task.heading, task.body, task.explicit
        yield self.spans(task.spans), self.fields(task.fields)
        if task.box is not None:
            yield "box", self.moves.start(task.box.offset), self.ticks.get(task.box.offset, task.box.ticked)
        if task.status is not None:
            yield self.cell(task.status)
        yield from map(self.check, task.checks)

    def check(self, check: Check) -> Fact:
        ticked = self.ticks.get(check.box.offset, check.box.ticked)
        place = self.moves.start(check.box.offset)
        return "check", check.text, place, self.line(check.line), ticked, check.group, check.depth

    def row(self, row: Row) -> Fact:
        return "row", self.line(row.line), *((name, *self.cell(cell)) for name, cell in row.cells.items())

    def cell(self, cell: Cell) -> Fact:
        span = self.moves.span(cell.span)
        return "cell", span, "" if span in self.masked else cell.text

    def fields(self, fields: tuple[Field, ...]) -> Fact:
        # the text of a field is bytes of the file, which no splice of another span can change
        return tuple((one.name, self.line(one.line)) for one in fields)

    def spans(self, spans: tuple[Span, ...]) -> Fact:
        return tuple(map(self.moves.span, spans))

    def line(self, line: int) -> int:
        return self.moves.start(self.plan.source.starts[line - 1])
