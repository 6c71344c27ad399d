"""Who owns which line: phases, tasks in them, the plan, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from planbot.plan.draft import DEFINING
from planbot.plan.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.draft import PhaseDraft, TaskDraft
    from planbot.plan.source import Source


@dataclass(slots=True, eq=False)
class Owner:
    """Hold who owns a line; neither phase nor task: the plan. `kind` orders the parts of a phase."""

    phase: PhaseDraft | None = None
    task: TaskDraft | None = None
    kind: int = DEFINING
    structure: bool = False


PLAN = Owner()
STRUCTURE = Owner(structure=True)


class Ground:
    """Give every line of a file one owner; a later claim takes lines from an earlier one."""

    def __init__(self, lines: int) -> None:
        self._owners = [PLAN] * lines
        self._bounds = {0, lines}

    def claim(self, line: int, end: int, owner: Owner) -> None:
        """Give the lines from `line` to `end` to an owner."""
        self._owners[line:end] = [owner] * (end - line)
        self._bounds |= {line, end}

    def owner(self, line: int) -> Owner:
        """Return who owns a line."""
        return self._owners[line]

    def is_plans(self, line: int, end: int) -> bool:
        """Say whether all the lines from `line` to `end` are the plan's."""
        return all(owner is PLAN for owner in self._owners[line:end])

    def runs(self) -> Iterator[tuple[Owner, int, int]]:
        """Yield the owners in file order, each with a range of lines."""
        for line, end in pairwise(sorted(self._bounds)):
            yield self._owners[line], line, end


def merged(source: Source, ranges: Sequence[tuple[int, int, int]]) -> tuple[Span, ...]:
    """Turn ranges of lines, each after its kind, into spans of bytes, those that touch made one."""
    starts = source.starts
    spans: list[Span] = []
    first = last = -1
    for _, line, end in ranges:
        if starts[line] != last:
            if first < last:
                spans.append(Span(first, last))
            first = starts[line]
        last = starts[end]
    if first < last:
        spans.append(Span(first, last))
    return tuple(spans)
