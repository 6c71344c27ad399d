"""Tables of a plan: rows by column name, each cell with the exact bytes of its text."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from planbot.plan.model import Cell, Row, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.outline import Table, TableRow
    from planbot.plan.source import Source

_BLANK = " \t\v\f"


def rows_of(source: Source, table: Table) -> tuple[Row, ...]:
    """Read the rows of a table that stands outside lists and quotes."""
    names = table.rows[0].cells
    return tuple(_row(source, names, row) for row in table.rows[1:])


def _row(source: Source, names: tuple[str, ...], row: TableRow) -> Row:
    cells: dict[str, Cell] = {}
    places = list(_places(source.lines[row.line]))
    for name, text, (start, end) in zip(names, row.cells, places, strict=False):
        span = Span(source.offset(row.line, start), source.offset(row.line, end))
        cells.setdefault(name, Cell(text, span))
    return Row(cells, row.line + 1)


def _places(line: str) -> Iterator[tuple[int, int]]:
    """Yield where the trimmed text of each cell starts and ends; a pipe after a backslash ends none."""
    bars = [n for n, character in enumerate(line) if character == "|" and line[n - 1 : n] != "\\"]
    bounds = [-1, *bars, len(line)]
    pairs = list(pairwise(bounds))
    if not line[: bounds[1]].strip(_BLANK):
        del pairs[0]
    if len(pairs) > 1 and not line[pairs[-1][0] + 1 :].strip(_BLANK):
        del pairs[-1]
    for before, after in pairs:
        inside = line[before + 1 : after]
        text = inside.strip(_BLANK)
        # an empty cell is filled in after its first blank, if it has one
        start = before + 1 + (inside.index(text) if text else min(len(inside), 1))
        yield start, start + len(text)
