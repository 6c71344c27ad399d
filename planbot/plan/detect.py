"""Which dialect a file is written in, by its path and by what stands in it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from planbot.plan.dialects.phases import phase_headings

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.plan.draft import Reading

_KIRO_PATH = re.compile(r"(?:.*/)?\.kiro/specs/(?:.*/)?tasks\.md", re.IGNORECASE)
_OPENSPEC_PATH = re.compile(r"(?:.*/)?openspec/changes/(?:.*/)?tasks\.md", re.IGNORECASE)
_SPECKIT_PATH = re.compile(r"(?:.*/)?specs/[^/]+/tasks\.md", re.IGNORECASE)
_HUMANLAYER_PATH = re.compile(r"(?:.*/)?thoughts/(?:.*/)?plans/.*\.md", re.IGNORECASE)
_SUPERPOWERS_PATH = re.compile(r"(?:.*/)?docs/(?:.*/)?plans/.*\.md", re.IGNORECASE)
_SPECKIT_ID = re.compile(r"(?:\*\*)?T\d{3}")
_ITEM_NUMBER = re.compile(r"(?:\*\*)?(\d{1,6})(\.\d{1,6})?")
_GROUP_NUMBER = re.compile(r"(\d{1,6})[.)]?[ ]")
_STEP = re.compile(r"\*\*Step \d+", re.IGNORECASE)
_FEW = 3
_TEMPLATE_SECTIONS = frozenset({"gaps", "remediation", "priorities", "verification"})


def detect(reading: Reading) -> str:
    """Return the dialect of a file."""
    return next((name for name, says_so in _TESTS if says_so(reading)), "generic")


def _is_backlog(reading: Reading) -> bool:
    return {"id", "status"} <= reading.matter.values.keys()


def _is_kiro(reading: Reading) -> bool:
    """Say whether numbered boxes have boxes below them that go on counting: `2.` and `2.1`."""
    if _KIRO_PATH.fullmatch(reading.path):
        return True
    numbers = [_ITEM_NUMBER.match(item.text) for item in reading.outline.parsed.boxed]
    tops = {one[1] for one in numbers if one and not one[2]}
    below = sum(one is not None and one[2] is not None and one[1] in tops for one in numbers)
    return below > 1 and _most(reading, len(tops) + below)


def _is_openspec(reading: Reading) -> bool:
    """Say whether numbered headings have boxes below them that go on counting: `## 2. …` and `2.1`."""
    if _OPENSPEC_PATH.fullmatch(reading.path):
        return True
    found = 0
    for item in reading.outline.parsed.boxed:
        number = _ITEM_NUMBER.match(item.text)
        if number is not None and number[2] is not None:
            group = _GROUP_NUMBER.match(reading.outline.section_at(item.line).title)
            found += group is not None and group[1] == number[1]
    return found >= _FEW and _most(reading, found)


def _is_speckit(reading: Reading) -> bool:
    return _SPECKIT_PATH.fullmatch(reading.path) is not None or _often(reading, _SPECKIT_ID)


def _is_superpowers(reading: Reading) -> bool:
    if not (_SUPERPOWERS_PATH.fullmatch(reading.path) or _often(reading, _STEP)):
        return False
    tasks = (reading.grammar.task(section.title) for section in reading.outline.sections[1:])
    return any(task is not None and task.worded for task in tasks)


def _is_humanlayer(reading: Reading) -> bool:
    if _HUMANLAYER_PATH.fullmatch(reading.path):
        return True
    titles = Counter(section.title.rstrip(": ").casefold() for section in reading.outline.sections)
    return bool(titles["success criteria"] and titles["automated verification"])


def _is_template(reading: Reading) -> bool:
    names = {section.name for section in reading.outline.sections[1:]}
    return "gaps" in names or (bool(names & _TEMPLATE_SECTIONS) and any(phase_headings(reading)))


def _often(reading: Reading, pattern: re.Pattern[str]) -> bool:
    """Say whether at least a third of the boxes, and a few, open with a pattern."""
    boxed = reading.outline.parsed.boxed
    found = sum(pattern.match(item.text) is not None for item in boxed)
    return found >= _FEW and _FEW * found >= len(boxed)


def _most(reading: Reading, found: int) -> bool:
    return 2 * found > len(reading.outline.parsed.boxed)


_TESTS: tuple[tuple[str, Callable[[Reading], bool]], ...] = (
    ("backlog", _is_backlog),
    ("kiro", _is_kiro),
    ("openspec", _is_openspec),
    ("speckit", _is_speckit),
    ("superpowers", _is_superpowers),
    ("humanlayer", _is_humanlayer),
    ("template", _is_template),
)
