"""One shared outline of a Markdown text: its sections, and the blocks in them.

All lines count from 0. A section covers the lines `line` to `end`, its children included.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from planbot.plan.blocks import (
    Block,
    Fence,
    Heading,
    Html,
    Item,
    List,
    Paragraph,
    Parsed,
    Quote,
    Table,
    TableRow,
    items_of,
    parse,
    parse_text,
)
from planbot.plan.sections import name_of
from planbot.plan.words import undecorated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.source import Source

__all__ = [
    "Block",
    "Fence",
    "FoundBox",
    "Heading",
    "Html",
    "Item",
    "List",
    "Outline",
    "Paragraph",
    "Quote",
    "Section",
    "Table",
    "TableRow",
    "boxes_in",
    "items_of",
    "one_line",
    "outline",
    "parse_text",
]


@dataclass(slots=True, eq=False)
class Section:
    """Hold a heading with everything up to the next heading of its level or above.

    `text` is the heading's Markdown, `title` that without its decoration, `name` the normal name of a
    well-known section, else "". `body` is the first line after the heading, `own_end` the line where the
    first child begins. `is_title` marks the file's title, its first heading of level 1; `boxes` counts the
    boxes before the first child. Level 0 is what stands before the first heading.
    Sections grow while they are read, and stand still from then on.
    """

    level: int
    text: str
    title: str
    name: str
    line: int
    body: int
    parent: Section | None = None
    end: int = 0
    own_end: int = 0
    is_title: bool = False
    boxes: int = 0
    blocks: list[Block] = field(default_factory=list)
    children: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """Yield this section and all below it, in file order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def above(self) -> Iterator[Section]:
        """Yield the sections around this one, the nearest first."""
        section = self.parent
        while section is not None:
            yield section
            section = section.parent


@dataclass(frozen=True, slots=True)
class Outline:
    """Hold a text's sections: `root` has level 0, `sections` are all in file order, the root first."""

    source: Source
    root: Section
    sections: tuple[Section, ...]
    parsed: Parsed

    @property
    def title(self) -> Section | None:
        """Return the section whose heading is the title of the file, or None."""
        return next((section for section in self.root.children if section.is_title), None)

    def section_at(self, line: int) -> Section:
        """Return the innermost section that covers a line."""
        place = bisect_right(self.sections, line, key=lambda section: section.line) - 1
        return self.sections[max(place, 0)]


@dataclass(frozen=True, slots=True)
class FoundBox:
    """Hold a checkbox found in any Markdown text; the line counts from 1."""

    text: str
    ticked: bool
    offset: int
    line: int


def outline(source: Source, first: int = 0) -> Outline:
    """Read the outline of a source; lines before `first`, such as front matter, are left out."""
    parsed = parse(source, first)
    root = _sections(parsed.blocks, len(source.lines), first)
    whole = Outline(source, root, tuple(root.walk()), parsed)
    rest = iter(parsed.boxed)
    item = next(rest, None)
    for section in whole.sections:
        while item is not None and item.line < section.own_end:
            section.boxes += 1
            item = next(rest, None)
    return whole


def boxes_in(data: bytes) -> tuple[FoundBox, ...]:
    """Find every checkbox of a Markdown text in order; those in code and in comments are none."""
    source, parsed = parse_text(data)
    return tuple(
        FoundBox(
            one_line(item.text),
            item.box.ticked,
            item.box.offset,
            source.line_of(item.box.offset, item.line) + 1,
        )
        for item in parsed.boxed
        if item.box is not None
    )


def one_line(text: str) -> str:
    """Join the lines of a text, every run of white space made one space."""
    return " ".join(text.split())


def _sections(blocks: Sequence[Block], lines: int, first: int) -> Section:
    root = here = Section(0, "", "", "", first, first)
    titled = False
    for block in blocks:
        if not isinstance(block, Heading):
            here.blocks.append(block)
            continue
        here.own_end = block.line
        while here.level >= block.level and here.parent is not None:
            here.end = block.line
            here = here.parent
        title = undecorated(block.text)
        section = Section(block.level, block.text, title, name_of(title), block.line, block.end, here)
        here.children.append(section)
        here = section
        if section.level == 1 and not titled:
            titled = section.is_title = True
    here.own_end = lines
    around: Section | None = here
    while around is not None:
        around.end = lines
        around = around.parent
    return root
