"""Sections that count as phases because checkboxes stand in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.dialects.phases import phase_at
from planbot.plan.words import Titled, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.plan.draft import PhaseDraft, Reading
    from planbot.plan.outline import Section

_NUMBERED = re.compile(r"(\d{1,4})(?:[.)]|[ ]*[:\uff1a-])[ ]+|(\d{1,4})[ ]+(?=\D)")
_NO_PHASES = frozenset({"questions", "verification", "context", "decisions", "files"})


def chapters(reading: Reading) -> Sequence[Section]:
    """Return the sections right below the title of the file, or the topmost ones where it has none."""
    title = reading.outline.title
    return title.children if title is not None and title.children else reading.outline.root.children


def has_checks(section: Section) -> bool:
    """Say whether a checkbox stands anywhere in a section."""
    return any(below.boxes for below in section.walk())


def is_work(reading: Reading, section: Section) -> bool:
    """Say whether a section with checks holds work, not questions and not verification of it."""
    return (
        has_checks(section)
        and section.name not in _NO_PHASES
        and not reading.grammar.is_verification(section.title)
    )


def named_phase(section: Section) -> PhaseDraft:
    """Make a phase of a section, its number, if any, taken off its title."""
    return phase_at(section, numbered_title(section) or titled(None, section.title, section.text))


def numbered_title(section: Section) -> Titled | None:
    """Read a heading such as `1. Title`, or return None."""
    text = section.title
    match = _NUMBERED.match(text)
    return titled(match[1] or match[2], text[match.end() :], text, priority=True) if match else None
