"""What the tables of a plan add to its items: rows of Priority Order, files, priorities of gaps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.sync.wording import clean, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.plan.model import FileEntry, Phase, Plan, Row, Task


def row_lines(row: Row) -> str:
    """Return what a row says of an item, a line a column."""
    skip = {"phase", "task", "item", "#", "status"}
    return "\n".join(
        f"- **{clean(name)}**: {clean(cell.text)}"
        for name, cell in row.cells.items()
        if name.casefold() not in skip and cell.text
    )


def file_line(entry: FileEntry) -> str:
    """Return a line of Files Modified."""
    return f"- `{clean(entry.path)}`"


def by_number(rows: tuple[Row, ...]) -> Mapping[str, Row]:
    """Return the rows by the number that each names, the first where several name one."""
    named = ((plain(row.get("Phase", "Task", "Item", "#")), row) for row in rows)
    found = {
        number.removeprefix("Phase ").removeprefix("Task "): row for number, row in reversed(list(named))
    }
    return {number: row for number, row in found.items() if number}


class Priorities:
    """Find an item's priority: a gap that names it, else its own heading, else its phase's."""

    def __init__(self, plan: Plan) -> None:
        gaps = [(plain(row.get("Area")).casefold(), row.get("Priority")) for row in plan.gaps]
        self.gaps = [
            (re.compile(rf"(?<!\w){re.escape(area)}(?!\w)"), priority)
            for area, priority in gaps
            if area and priority
        ]

    def phase(self, phase: Phase) -> str | None:
        """Return a phase's priority, or None."""
        return phase.priority or self._gap(phase.title)

    def task(self, task: Task, phase: Phase | None) -> str | None:
        """Return a task's priority, or None."""
        return self._gap(task.title) or (self.phase(phase) if phase else None)

    def _gap(self, title: str) -> str | None:
        name = clean(title).casefold()
        return next((priority for area, priority in self.gaps if area.search(name)), None)
