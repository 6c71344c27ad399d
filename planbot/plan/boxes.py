"""Where a checkbox stands: the byte between its brackets, found from what the Markdown parser says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.model import Box

if TYPE_CHECKING:
    from planbot.plan.source import Source

# https://github.github.com/gfm/#task-list-item: brackets around a space or an x, white space, then text
_TASK = re.compile(r"\[([ xX])\][ \t\n\v\f\r]")
# what markdown-it trims from the ends of a paragraph
_TRIM = " \t\n\v\f\r"


def box_of(source: Source, content: str, first: int, end: int) -> Box | None:
    """Return the box that opens an item's first paragraph, or None.

    `content` is the paragraph as parsed, `first` and `end` are its lines, counted from 0. The paragraph's
    first line is the end of a source line, so the box is found from there without reading the indent.
    """
    match = _TASK.match(content)
    if match is None:
        return None
    wanted = content.partition("\n")[0]
    for number in range(first, end):
        column = _suffix(source.lines[number], wanted)
        if column is not None:
            return Box(match[1] != " ", source.offset(number, column + 1))
    return None


def _suffix(line: str, wanted: str) -> int | None:
    if line.endswith(wanted):
        return len(line) - len(wanted)
    # the parser trims what ends a paragraph, and shows NUL as the replacement character
    line, wanted = line.rstrip(_TRIM).replace("\0", "\ufffd"), wanted.rstrip(_TRIM)
    return len(line) - len(wanted) if line.endswith(wanted) else None
