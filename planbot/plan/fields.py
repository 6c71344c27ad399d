"""Labelled parts of a phase or task, such as `**Goal**: …` or `**Files to modify**:` with a list under it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from planbot.plan.model import Field
from planbot.plan.outline import List, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.outline import Block
    from planbot.plan.source import Source

_BOLD = re.compile(
    r"[ \t>]*(?:[-*+][ \t]+)?\*\*(?P<name>[^*\n]{1,80}?)"
    r"(?:[ ]?[:\uff1a]\*\*|\*\*[ ]?(?:\([^()\n]{0,80}\))?[ ]?[:\uff1a])[ \t]*"
)
_PLAIN = re.compile(
    r"[ ]{0,3}(?P<name>goal|objective|depends on|dependencies|owner|assignee|due|due date|priority|effort)"
    r"[ ]?[:\uff1a][ \t]*",
    re.IGNORECASE,
)
# these say one thing, in one paragraph or one item
_SHORT = frozenset(
    {"goal", "objective", "depends on", "dependencies", "owner", "assignee", "due", "due date", "priority"}
    | {"effort", "impact", "status"}
)
_RULE = re.compile(r"[ ]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")


def label_in(line: str) -> str | None:
    """Return the label that opens a line, or None."""
    match = _BOLD.match(line) or _PLAIN.match(line)
    return match["name"].strip() if match else None


def label_of(paragraph: Paragraph) -> str | None:
    """Return the label that a paragraph's last line is, or opens with: it stands over what follows."""
    line = paragraph.text[paragraph.text.rfind("\n") + 1 :]
    return label_in(line) or (line if line.rstrip("*_ ").endswith((":", "\uff1a")) else None)


def fields_of(source: Source, blocks: Sequence[Block]) -> tuple[Field, ...]:
    """Read the fields among some blocks; each lasts to the next, or to a list of checks."""
    found = list(_labels(source, blocks)) if blocks else []
    if not found:
        return ()
    following = [mark.line for mark in found[1:]] + [blocks[-1].end]
    return tuple(
        Field(mark.name, _text(source, mark, min(mark.end, after)), mark.line + 1)
        for mark, after in zip(found, following, strict=True)
        if mark.name
    )


class _Mark(NamedTuple):
    """Hold where a field's text starts, and the line it ends before at the latest; no name: checks begin."""

    name: str
    line: int
    column: int
    end: int


def _labels(source: Source, blocks: Sequence[Block]) -> Iterator[_Mark]:
    end = blocks[-1].end if blocks else 0
    for block in blocks:
        match block:
            case Paragraph():
                for line in range(block.line, block.end):
                    match = _BOLD.match(source.lines[line]) or _PLAIN.match(source.lines[line])
                    if match:
                        name = match["name"].strip()
                        yield _Mark(name, line, match.end(), block.end if name.casefold() in _SHORT else end)
            case List():
                for item in block.items:
                    if item.box is not None:
                        yield _Mark("", item.line, 0, item.end)
                        continue
                    match = _BOLD.match(source.lines[item.line])
                    if match and match["name"].strip().casefold() in _SHORT:
                        yield _Mark(match["name"].strip(), item.line, match.end(), item.end)
            case _:
                pass


def _text(source: Source, mark: _Mark, end: int) -> str:
    lines = source.lines
    while end > mark.line + 1 and (not lines[end - 1].strip() or _RULE.match(lines[end - 1])):
        end -= 1
    return "\n".join((lines[mark.line][mark.column :], *lines[mark.line + 1 : end])).strip()
