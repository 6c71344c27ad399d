"""The plan's own parts: its well-known sections, their tables, the files it touches, and pure structure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.plan.blocks import Table
from planbot.plan.files import files_in
from planbot.plan.model import Section as PlanSection
from planbot.plan.model import Span
from planbot.plan.tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.draft import Reading
    from planbot.plan.ground import Ground
    from planbot.plan.model import FileEntry, Row
    from planbot.plan.outline import Section

_WEAK = re.compile(r"need|missing|weak|lack", re.IGNORECASE)
_TABULAR = ("priorities", "files")


@dataclass(frozen=True, slots=True)
class Own:
    """Hold the parts of a plan that belong to no phase and no task."""

    sections: tuple[PlanSection, ...]
    solid: tuple[Row, ...]
    gaps: tuple[Row, ...]
    priorities: tuple[Row, ...]
    decisions: tuple[Row, ...]
    files: tuple[FileEntry, ...]


def own_parts(reading: Reading, ground: Ground) -> Own:
    """Read the plan's own parts from the sections that no phase and no task owns."""
    source = reading.outline.source
    named = list(_free(reading, ground))
    top = min((section.level for section in named if section.level > 1), default=1)
    sections = [
        PlanSection(section.name, section.title, section.line + 1, _span(reading, section))
        for section in named
        if section.name or section.level == top
    ]
    gaps = list(_rows(reading, named, "gaps"))
    return Own(
        sections=tuple(sections),
        solid=tuple(row for section, row in gaps if not _is_gap(section, row)),
        gaps=tuple(row for section, row in gaps if _is_gap(section, row)),
        priorities=tuple(row for _, row in _rows(reading, named, "priorities")),
        decisions=tuple(row for _, row in _rows(reading, named, "decisions")),
        files=tuple(
            entry for section in _under(named, "files") for entry in files_in(source, section.blocks)
        ),
    )


def structure_of(reading: Reading, ground: Ground) -> Iterator[tuple[int, int]]:
    """Yield the lines that are no one's text: front matter, the title, shells, tables read as data."""
    first = reading.outline.root.line
    if first:
        yield 0, first
    for section in reading.outline.sections[1:]:
        if section.is_title and _is_free(ground, section):
            yield section.line, section.body
        elif ground.is_plans(section.line, section.own_end) and _is_structure(ground, section):
            yield section.line, section.own_end


def _free(reading: Reading, ground: Ground) -> Iterator[Section]:
    sections = reading.outline.sections[1:]
    return (section for section in sections if _is_free(ground, section) and not section.is_title)


def _is_free(ground: Ground, section: Section) -> bool:
    owner = ground.owner(section.line)
    return owner.phase is None and owner.task is None


def _is_structure(ground: Ground, section: Section) -> bool:
    around = [section, *section.above()]
    if any(one.name in _TABULAR for one in around):
        return not section.boxes
    return _is_shell(ground, section)


def _is_shell(ground: Ground, section: Section) -> bool:
    if section.blocks or not section.children:
        return False
    return all(not _is_free(ground, child) or _is_shell(ground, child) for child in section.children)


def _under(named: Iterable[Section], wanted: str) -> Iterator[Section]:
    """Yield the sections that have a well-known name or stand below one that has."""
    for section in named:
        if section.name == wanted or any(above.name == wanted for above in section.above()):
            yield section


def _rows(reading: Reading, named: Iterable[Section], wanted: str) -> Iterator[tuple[Section, Row]]:
    for section in _under(named, wanted):
        for block in section.blocks:
            if isinstance(block, Table):
                yield from ((section, row) for row in rows_of(reading.outline.source, block))


def _is_gap(section: Section, row: Row) -> bool:
    columns = {name.casefold() for name in row.cells}
    return "gap" in columns or (_WEAK.search(section.text) is not None and "evidence" not in columns)


def _span(reading: Reading, section: Section) -> Span:
    starts = reading.outline.source.starts
    return Span(starts[section.line], starts[section.end])
