"""Any other plan: phases by the usual words, else by their checks, else none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.dialects import phased
from planbot.plan.dialects.checked import chapters, has_checks, is_work, named_phase
from planbot.plan.dialects.listed import all_check_tasks
from planbot.plan.dialects.phases import add_phases, phase_headings
from planbot.plan.draft import Draft
from planbot.plan.headings import grammar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.dialects.phases import Found
    from planbot.plan.draft import Reading
    from planbot.plan.headings import Grammar
    from planbot.plan.outline import Section

_LADDER = (
    "milestone", "sprint", "week", "stage", "iteration", "epic", "chunk", "track", "module", "part", "step",
)  # fmt: skip
_VERSIONS = ("version", "release v?", "v")
_MAY_NAME = re.compile(rf"{'|'.join((*_LADDER, *_VERSIONS))}", re.IGNORECASE)
_SEVERAL = 2


def read(reading: Reading) -> Draft:
    """Read phases named Phase, else Milestone, Week or the like, else the chapters that have checks."""
    if any(phase_headings(reading)):
        return phased.read(reading)
    found = _best_words(reading)
    working = [section for section in chapters(reading) if is_work(reading, section)]
    if found and (len(working) < _SEVERAL or any(has_checks(section) for section, _ in found)):
        return _worded(reading, found)
    if len(working) < _SEVERAL:
        return phased.read(reading)
    draft = Draft(phases=[named_phase(section) for section in working])
    phased.add_tasks(reading, draft, all_check_tasks)
    return draft


def _best_words(reading: Reading) -> list[Found]:
    """Return the headings of the word that stands outermost, of those that come several times."""
    sections = [section for section in reading.outline.sections[1:] if _MAY_NAME.match(section.title)]
    kinds = [(word,) for word in _LADDER] + [_VERSIONS]
    found = [list(_named(grammar(reading.words, kind), sections)) for kind in kinds]
    several = [one for one in found if len(one) >= _SEVERAL]
    return min(several, key=lambda one: min(section.level for section, _ in one), default=[])


def _named(words: Grammar, sections: list[Section]) -> Iterator[Found]:
    for section in sections:
        named = None if section.is_title else words.phase(section.title)
        if named is not None:
            yield section, named


def _worded(reading: Reading, found: list[Found]) -> Draft:
    """Read phases of the usual other words, and their neighbours that have checks too."""
    draft = Draft()
    add_phases(reading, draft, found)
    named = {section for section, _ in found}
    level = min(section.level for section in named)
    parents = {section.parent for section in named if section.level == level}
    neighbours = [
        section
        for parent in parents
        if parent is not None
        for section in parent.children
        if section not in named and is_work(reading, section)
    ]
    draft.phases += map(named_phase, neighbours)
    draft.phases.sort(key=lambda phase: phase.line)
    phased.add_tasks(reading, draft)
    return draft
