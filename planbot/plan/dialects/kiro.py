"""Kiro's task lists: numbered checkboxes, `1.` over `1.1`, told by number and not by indent, https://kiro.dev."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.dialects import phased
from planbot.plan.dialects.listed import item_task
from planbot.plan.dialects.phases import add_phases, phase_headings
from planbot.plan.draft import Draft, PhaseDraft, Region
from planbot.plan.outline import List, one_line
from planbot.plan.words import undecorated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.draft import Reading, TaskDraft
    from planbot.plan.outline import Block, Item, Section

_OPTIONAL = re.compile(r"\[[ xX]\]\*[ ]+")
_NUMBER = re.compile(r"(?:\*\*)?(\d{1,6}(?:\.\d{1,6})*)[.):]?[ ]+")


def read(reading: Reading) -> Draft:
    """Read top-level numbers as phases, unless headings name phases; every numbered item is a task."""
    draft = Draft()
    add_phases(reading, draft, list(phase_headings(reading)))
    by_heading = bool(draft.phases)
    taken = {section for phase in draft.phases for section in phase.sections}
    for phase in draft.phases:
        phase.tasks = [task for one in phased.sections_of(phase, taken) for task in _tasks(one)]
    numbered: dict[str, PhaseDraft] = {}
    for section in reading.outline.sections:
        if not by_heading:
            _add_section(draft, numbered, section)
        elif not taken.intersection((section, *section.above())):
            draft.tasks += _tasks(section)
    return draft


def _add_section(draft: Draft, numbered: dict[str, PhaseDraft], section: Section) -> None:
    """Give a section's tasks to phases: a number without a dot opens one, `2.1` goes to phase 2."""
    here: PhaseDraft | None = None
    for task in _tasks(section):
        top, dot, _ = (task.number or "").partition(".")
        if top and not dot:
            here = numbered[top] = PhaseDraft(task.number, task.title, task.line, [])
            draft.phases.append(here)
        phase = numbered.get(top, here) if top else here
        if phase is None:
            draft.tasks.append(task)
            continue
        phase.tasks.append(task)
        region = Region(task.line, task.end)
        if phase is here and phase.regions:
            # what stands between the tasks of a phase is the phase's
            before = phase.regions.pop()
            region = Region(before.line, max(before.end, task.end))
        phase.regions.append(region)


def _tasks(section: Section) -> Iterator[TaskDraft]:
    return _below(section.blocks, top=True)


def _below(blocks: Sequence[Block], *, top: bool) -> Iterator[TaskDraft]:
    for block in blocks:
        if not isinstance(block, List):
            continue
        for item in block.items:
            task = _task(item, top=top)
            if task is not None:
                yield task
                yield from _below(item.inside, top=False)


def _task(item: Item, *, top: bool) -> TaskDraft | None:
    """Read an item as a task if it is numbered, or stands in no other and has a box."""
    optional = _OPTIONAL.match(item.text) if item.box is None else None
    if item.box is None and optional is None:
        return None
    text = item.text[optional.end() :] if optional else item.text
    match = _NUMBER.match(text)
    if match is None and not top:
        return None
    task = item_task(item)
    task.number = match[1] if match else None
    rest = text[match.end() :] if match else text
    task.title = undecorated("**" + rest if text.startswith("**") else rest) or one_line(text)
    return task
