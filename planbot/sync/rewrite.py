"""A plan file with its ticks and its progress written: the only way in which a pass changes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.edits import apply_edits, progress_edit, status_edit, tick_edit
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.model import Plan
    from planbot.sync.changes import Tick


def rewritten(plan: Plan, ticks: Iterable[Tick]) -> bytes:
    """Return a plan file's bytes with these ticks made and its progress blocks up to date.

    Raises:
        EditError: if an edit would change how anything else is read.
    """
    by_status = {task.status.span.start: task for task in plan.all_tasks() if task.status}
    edits = []
    for tick in ticks:
        task = by_status.get(tick.box.offset)
        edits.append(status_edit(plan, task, tick.ticked) if task else tick_edit(tick.box, tick.ticked))
    data = apply_edits(plan, edits)
    if not plan.progress:
        return data
    again = read_plan(plan.path, data, plan.options)
    return apply_edits(again, [progress_edit(again, span) for span in again.progress])
