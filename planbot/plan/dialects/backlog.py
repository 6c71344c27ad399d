"""Backlog.md's task files: front matter with `id` and `status`, https://github.com/MrLesk/Backlog.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.draft import Draft, TaskDraft

if TYPE_CHECKING:
    from planbot.plan.draft import Reading


def read(reading: Reading) -> Draft:
    """Read a file that is exactly one task; all its checks are the task's."""
    outline, matter = reading.outline, reading.matter
    heading = outline.title.title if outline.title else ""
    title = str(matter.values.get("title") or heading or matter.values.get("id", ""))
    number = matter.values.get("id")
    task = TaskDraft(
        number=str(number) if number is not None else None,
        title=title,
        line=min(matter.end, len(outline.source.lines) - 1),
        end=len(outline.source.lines),
        blocks=outline.root.blocks,
        status=matter.cells.get("status"),
    )
    return Draft(tasks=[task], title=title or None)
