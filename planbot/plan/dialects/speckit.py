"""Spec Kit's task lists: phases of checkboxes such as `T001 [P] [US1] …`, https://github.com/github/spec-kit."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from planbot.plan.dialects import phased
from planbot.plan.dialects.checked import chapters, is_work, named_phase
from planbot.plan.dialects.listed import all_check_tasks
from planbot.plan.dialects.phases import add_phases, phase_headings
from planbot.plan.draft import Draft
from planbot.plan.headings import PHASE_WORDS, grammar
from planbot.plan.model import Field

if TYPE_CHECKING:
    from planbot.plan.draft import Reading, TaskDraft
    from planbot.plan.outline import Section

_STOPS = re.compile(
    r"dependenc|implementation strateg|notes|parallel|execution order|依赖|依存", re.IGNORECASE
)
_TAGS = re.compile(r"(?:\[(?:P|(?P<story>US[\w/, +-]{1,20}))\][ ]*)+", re.IGNORECASE)


def read(reading: Reading) -> Draft:
    """Read phases by their headings, else by their checks; each checkbox in them is a task."""
    reading = replace(reading, grammar=grammar(reading.words, (*PHASE_WORDS, "module")))
    draft = Draft()
    add_phases(reading, draft, list(phase_headings(reading)))
    if not draft.phases:
        working = takewhile(lambda section: not _stops(section), chapters(reading))
        draft.phases = [named_phase(section) for section in working if is_work(reading, section)]
    phased.add_tasks(reading, draft, all_check_tasks)
    if not draft.phases and not draft.tasks:
        draft.tasks = phased.plan_tasks(reading)
    for task in draft.all_tasks():
        _take_tags(task)
    return draft


def _stops(section: Section) -> bool:
    return _STOPS.match(section.title) is not None


def _take_tags(task: TaskDraft) -> None:
    """Take `[P]` and `[US1]` off the front of a title; the story becomes a field."""
    match = _TAGS.match(task.title)
    if match is None or match.end() == len(task.title):
        return
    task.title = task.title[match.end() :]
    if match["story"]:
        task.fields = (Field("Story", match["story"], task.line + 1),)
