"""Phases and tasks as headings name them: what the dialects with phase headings have in common."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from planbot.plan.dialects.listed import (
    all_check_tasks,
    bold_tasks,
    check_tasks,
    labelled_tasks,
    ordered_tasks,
)
from planbot.plan.dialects.phases import add_phases, phase_headings, resemble
from planbot.plan.draft import MIRROR, Draft, Region, TaskDraft
from planbot.plan.markers import explicit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.plan.dialects.listed import Finder
    from planbot.plan.draft import PhaseDraft, Reading
    from planbot.plan.headings import TaskHeading
    from planbot.plan.outline import Section

_CHAPTER = re.compile(r"(\d{1,4})[.)]?[ ]")
_FEATURES = re.compile(
    r"(?:(?:proposed |required |planned )?(?:changes|fixes|features|improvements|work items|tasks)"
    r"(?: required| to make)?)[:\uff1a ]*",
    re.IGNORECASE,
)


def read(reading: Reading) -> Draft:
    """Read a plan whose phases are headings."""
    found = list(phase_headings(reading)) or list(phase_headings(reading, loose=True))
    draft = Draft()
    add_phases(reading, draft, found)
    add_tasks(reading, draft)
    if not draft.phases and not draft.tasks:
        draft.tasks = plan_tasks(reading)
    return draft


def add_tasks(reading: Reading, draft: Draft, checks: Finder = check_tasks) -> None:
    """Find the tasks of the phases and outside them: by heading, else bold paragraph, else list.

    Bare checkbox items count only where no task of the whole plan has a heading or a bold title: else they
    are checks. Ordered items count only where nothing else does.
    """
    taken = {section for phase in draft.phases for section in phase.sections}
    for phase in draft.phases:
        for section in phase.sections:
            phase.tasks += _unmirrored(heading_tasks(reading, section, taken), phase.tasks)
    draft.tasks = list(_unmirrored(loose_tasks(reading, taken), draft.all_tasks()))
    headed = bool(draft.tasks)
    headed = _fill(reading, draft, bold_tasks, taken) or headed
    _fill(reading, draft, labelled_tasks, taken)
    if not headed:
        _fill(reading, draft, checks, taken)
    if not draft.all_tasks():
        draft.tasks = list(featured_tasks(reading, taken))
    if not draft.all_tasks():
        _fill(reading, draft, ordered_tasks, taken)


def _unmirrored(found: Iterable[TaskDraft], known: Sequence[TaskDraft]) -> Iterator[TaskDraft]:
    """Yield the tasks that are new; one mirrors a known task if it has the number of that task and its title."""
    numbered: dict[str, list[TaskDraft]] = defaultdict(list)
    for task in known:
        numbered[(task.number or "").casefold()].append(task)
    for task in found:
        namesakes = numbered.get(task.number.casefold(), ()) if task.number else ()
        first = next((one for one in namesakes if resemble(task.title, one.title)), None)
        if first is None:
            yield task
        else:
            first.mirrors.append(Region(task.line, task.end, MIRROR))


def heading_tasks(reading: Reading, phase: Section, taken: set[Section]) -> list[TaskDraft]:
    """Find the tasks that headings below a phase's section name."""
    found = list(_task_headings(reading, phase, taken))
    sure = [(section, heading) for section, heading in found if heading.sure]
    return [_task(section, heading) for section, heading in sure or _series(found)]


def loose_tasks(reading: Reading, taken: set[Section]) -> Iterator[TaskDraft]:
    """Yield the tasks that headings outside any phase name."""
    found = [
        (section, heading)
        for section, heading in _task_headings(reading, reading.outline.root, taken)
        if heading.worded or not _is_chapter(section)
    ]
    series = _series([(section, heading) for section, heading in found if not heading.sure])
    kept = {section for section, heading in found if heading.sure} | {section for section, _ in series}
    yield from (_task(section, heading) for section, heading in found if section in kept)


def featured_tasks(reading: Reading, taken: set[Section]) -> Iterator[TaskDraft]:
    """Yield the numbered headings right under one such as `Features` or `Changes`."""
    for section in reading.outline.sections[1:]:
        parent = section.parent
        if parent is None or section in taken or not _FEATURES.fullmatch(parent.title):
            continue
        heading = reading.grammar.task(section.title)
        if heading is not None:
            yield _task(section, heading)


def plan_tasks(reading: Reading) -> list[TaskDraft]:
    """Find the tasks of a plan without phases and without task headings."""
    sections = [
        section
        for section in reading.outline.sections
        if not any(_is_no_work(reading, one) for one in (section, *section.above()))
    ]
    finders: tuple[Finder, ...] = (bold_tasks, labelled_tasks, all_check_tasks)
    return next((found for find in finders if (found := list(find(reading, sections)))), [])


def _is_no_work(reading: Reading, section: Section) -> bool:
    return section.name in {"questions", "verification"} or reading.grammar.is_verification(section.title)


def sections_of(phase: PhaseDraft, taken: set[Section]) -> Iterator[Section]:
    """Yield the sections of a phase at every depth, those of other phases left out."""
    for section in phase.sections:
        yield from _below(section, taken)


def _below(section: Section, taken: set[Section]) -> Iterator[Section]:
    yield section
    for child in section.children:
        if child not in taken:
            yield from _below(child, taken)


def _fill(reading: Reading, draft: Draft, find: Finder, taken: set[Section]) -> bool:
    """Find tasks for the phases that have none yet; say whether any phase has tasks now."""
    for phase in draft.phases:
        phase.tasks = phase.tasks or list(find(reading, sections_of(phase, taken)))
    return any(phase.tasks for phase in draft.phases)


def _task_headings(
    reading: Reading, section: Section, taken: set[Section]
) -> Iterator[tuple[Section, TaskHeading]]:
    for child in section.children:
        if child in taken:
            continue
        heading = None if child.is_title else reading.grammar.task(child.title)
        if heading is None:
            yield from _task_headings(reading, child, taken)
        else:
            yield child, heading


def _series(found: list[tuple[Section, TaskHeading]]) -> list[tuple[Section, TaskHeading]]:
    """Keep the headings that count only among their like: `1. …`, and `B1 …` or `3a …` where there are several."""
    prefixes = Counter(_prefix(heading) for _, heading in found)
    return [(section, one) for section, one in found if not _prefix(one) or prefixes[_prefix(one)] > 1]


def _prefix(heading: TaskHeading) -> str:
    number = heading.titled.number or ""
    return number[:-1] if number[:1].isdigit() and number[-1].isalpha() else number.rstrip("0123456789.")


def _task(section: Section, heading: TaskHeading) -> TaskDraft:
    titled, explicit = heading.titled, explicit_of(section)
    return TaskDraft(
        titled.number, titled.title, section.line, section.end, section.blocks, explicit=explicit
    )


def _is_chapter(section: Section) -> bool:
    """Say whether a number only counts the chapters of a document: `2. …`, or `2.1 …` under it."""
    text = section.title
    if _CHAPTER.match(text):
        return True
    around = _CHAPTER.match(section.parent.title) if section.parent else None
    return around is not None and text.startswith(f"{around[1]}.")
