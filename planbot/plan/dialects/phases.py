"""Phase headings: the first of a number defines a phase, later ones mirror it or verify it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from planbot.plan.diagnostics import MIRROR_TITLE, VERIFICATION_OF_NOTHING
from planbot.plan.draft import MIRROR, VERIFYING, PhaseDraft, Region
from planbot.plan.markers import explicit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.draft import Draft, Reading
    from planbot.plan.outline import Section
    from planbot.plan.words import Titled

    Found = tuple[Section, Titled]

_WORD = re.compile(r"[a-z0-9]{2,}|[^\W\da-z_]")
_SMALL_WORDS = frozenset({"and", "the", "of", "for", "to", "in", "on", "with", "an"})
_STEM = 4


def add_phases(reading: Reading, draft: Draft, found: Sequence[Found]) -> None:
    """Make phases of headings that name them; a number that comes again mirrors its first phase."""
    numbered: dict[str, PhaseDraft] = {}
    owners: dict[Section, PhaseDraft] = {}
    repeats: list[tuple[Found, PhaseDraft]] = []
    # a heading under Verification defines a phase only where no other does
    for section, named in sorted(found, key=lambda one: _in_verification(one[0])):
        known = numbered.get((named.number or "").casefold())
        if known is None:
            phase = owners[section] = phase_at(section, named)
            draft.phases.append(phase)
            if named.number:
                numbered[named.number.casefold()] = phase
        elif not any(owners.get(above) is known for above in section.above()):
            owners[section] = known
            repeats.append(((section, named), known))
    for group in _grouped(repeats):
        if _is_second_series(reading, group):
            draft.phases += (phase_at(section, named) for (section, named), _ in group)
        else:
            for (section, named), known in group:
                _add_mirror(reading, draft, known, section, named)
    _add_verification(reading, draft, numbered)
    draft.phases.sort(key=lambda phase: phase.line)


def phase_at(section: Section, named: Titled) -> PhaseDraft:
    """Make the phase that a section defines."""
    return PhaseDraft(
        number=named.number,
        title=named.title,
        line=section.line,
        regions=[Region(section.line, section.end)],
        sections=[section],
        priority=named.priority,
        explicit=explicit_of(section),
    )


def phase_headings(reading: Reading, *, loose: bool = False) -> Iterator[Found]:
    """Yield the sections whose headings name a phase; `loose` takes `Phase 1 Title` too."""
    found = [
        (section, named)
        for section in reading.outline.sections[1:]
        if (named := reading.grammar.phase(section.title, loose=loose)) is not None
    ]
    # a title such as "Phase 9: Links" is the plan's, unless the file goes on with phases of its level
    several = sum(section.level == 1 for section, _ in found) > 1
    yield from ((section, named) for section, named in found if several or not section.is_title)


def _in_verification(section: Section) -> bool:
    return any(above.name == "verification" for above in section.above())


def _grouped(repeats: list[tuple[Found, PhaseDraft]]) -> list[list[tuple[Found, PhaseDraft]]]:
    groups = defaultdict(list)
    for repeat in repeats:
        section = repeat[0][0]
        groups[section.parent, section.level].append(repeat)
    return list(groups.values())


def _is_second_series(reading: Reading, group: list[tuple[Found, PhaseDraft]]) -> bool:
    """Say whether repeated numbers count another series of phases rather than mirror the first.

    They do where several stand together, none shares a word with its namesake, and each brings tasks of its
    own: an author who starts to count again, not one who lists the same phases twice.
    """
    return len(group) > 1 and all(
        not _share_word(named.title, known.title)
        and any(
            one and one.sure for one in map(reading.grammar.task, (child.title for child in section.children))
        )
        for (section, named), known in group
    )


def _add_mirror(reading: Reading, draft: Draft, phase: PhaseDraft, section: Section, named: Titled) -> None:
    kind = VERIFYING if _in_verification(section) else MIRROR
    phase.regions.append(Region(section.line, section.end, kind))
    if kind == MIRROR:
        phase.sections.append(section)
    if not _share_word(named.title, phase.title):
        message = f'phase {phase.number} is "{phase.title}" on line {phase.line + 1}, here "{named.title}"'
        hint = "its checks and tasks count for that phase; give it the same title, or a number of its own"
        draft.diagnostics.append(MIRROR_TITLE.at_line(reading.outline.source, section.line, message, hint))


def _share_word(one: str, other: str) -> bool:
    words, others = _words(one), _words(other)
    if not words or not others or words & others:
        return True
    longer = [(a, b) if len(a) > len(b) else (b, a) for a in words for b in others]
    return any(len(b) >= _STEM and a.startswith(b) for a, b in longer)


def resemble(one: str, other: str) -> bool:
    """Say whether two titles are the same but for words that only one of them adds."""
    words, others = _words(one), _words(other)
    return words <= others or others <= words


def _words(title: str) -> set[str]:
    return set(_WORD.findall(title.casefold())) - _SMALL_WORDS


def _add_verification(reading: Reading, draft: Draft, numbered: dict[str, PhaseDraft]) -> None:
    owned = {section for phase in draft.phases for section in phase.sections}
    for section in reading.outline.sections[1:]:
        number = reading.grammar.verifies(section.title)
        if number is None or section in owned or owned.intersection(section.above()):
            continue
        phase = numbered.get(number.casefold())
        if phase is not None:
            phase.regions.append(Region(section.line, section.end, VERIFYING))
            owned.add(section)
        elif numbered:
            message = f"there is no phase {number} for this section to verify"
            hint = "its checks count for the plan; correct the number, or add the phase"
            finding = VERIFICATION_OF_NOTHING.at_line(reading.outline.source, section.line, message, hint)
            draft.diagnostics.append(finding)
