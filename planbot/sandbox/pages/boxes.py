"""The boxes of task lists in a Markdown text: where they stand, and the text with others ticked.

https://github.github.com/gfm/#task-list-items-extension-
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from markdown_it.token import Token

_BOX = re.compile(r"\[([ xX])\]\s+(?=\S)")
_BREAKS = ("softbreak", "hardbreak")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Box:
    """Hold a box: the offset of the character between its brackets, whether it is ticked, and its item's text."""

    offset: int
    ticked: bool
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold how many of how many are done."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """Return the share that is done, in percent and rounded down."""
        return self.done * 100 // self.total if self.total else 0


@cache
def parser() -> MarkdownIt:
    """Return a parser of GitHub's Markdown; the HTML that it lets through is for a sanitiser to look at."""
    return MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])


def boxed_items(text: str, tokens: Sequence[Token]) -> Iterator[tuple[Box, Token, Token]]:
    """Yield each box of a parsed text with its item's opening token and the token of the item's first line."""
    starts = [0, *accumulate(len(line) for line in _LINE.findall(text))]
    for (item, _), (_, inline) in pairwise(pairwise(tokens)):
        if item.type != "list_item_open" or inline.type != "inline" or not inline.map:
            continue
        at = inline.map[0]
        box = _box(text[starts[at] : starts[at + 1]], starts[at], inline)
        if box is not None:
            yield box, item, inline


def find_boxes(text: str) -> tuple[Box, ...]:
    """Return the boxes of a text in their order."""
    return tuple(box for box, _, _ in boxed_items(text, parser().parse(text)))


@lru_cache(maxsize=1000)
def progress(text: str) -> Progress:
    """Return how many of a text's boxes are ticked."""
    boxes = find_boxes(text) if "[" in text else ()
    return Progress(sum(box.ticked for box in boxes), len(boxes))


def with_ticked(text: str, ticked: Collection[int]) -> str:
    """Return the text with these of its boxes ticked, by their place in the row, and no others."""
    letters = list(text)
    for place, box in enumerate(find_boxes(text)):
        if box.ticked != (place in ticked):
            letters[box.offset] = "x" if place in ticked else " "
    return "".join(letters)


def version(text: str) -> str:
    """Return what tells a text from every other one."""
    return hashlib.sha256(text.encode()).hexdigest()


def _box(line: str, start: int, inline: Token) -> Box | None:
    """Return the box that an item's first line begins with."""
    match, children = _BOX.match(inline.content), inline.children or []
    if match is None or not children or not children[0].content.startswith(match[0][:3]):
        return None
    first = inline.content.partition("\n")[0]
    column = len(line.rstrip()) - len(first.rstrip())
    if line[column : column + 3] != match[0][:3]:
        return None
    words = "".join(" " if c.type in _BREAKS else c.content for c in children if c.type != "html_inline")
    return Box(start + column + 1, match[1] != " ", _BOX.sub("", words, count=1).strip())
