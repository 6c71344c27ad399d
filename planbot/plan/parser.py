"""The Markdown parser: markdown-it-py for blocks only, guarded against input that it takes long over.

Its rules for blocks are the judge of what is a heading, a list item or a fence. Three of them take time
beyond all measure on input that nobody writes by hand; there, and only there, they are cut short.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, reference, table

if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[[StateBlock, int, int, bool], bool]

_MOST_REFERENCE_LINES = 100
_MOST_QUOTES = 20
_LONGEST_ROW = 50_000
_QUOTES = "quotes"
_LONG_LINES = "long lines"


def block_parser() -> MarkdownIt:
    """Make a parser of CommonMark's blocks and GitHub's tables; line ends must be line feeds."""
    # the preset's own nesting limit, 20, silently drops list items below the tenth level
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    # a `Source` has its line ends made one already, and text within blocks is of no interest
    parser.disable(["normalize", "inline", "text_join"])
    for name, rule, ends in (
        ("reference", _reference, []),
        ("blockquote", _blockquote, ["paragraph", "reference", "blockquote", "list"]),
        ("table", _table, ["paragraph", "reference"]),
    ):
        parser.block.ruler.at(name, rule, {"alt": ends})
    return parser


def _reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's call
    """Read a link definition of not too many lines: its title is copied anew for each, 1 MB took 11 s."""
    last, state.lineMax = state.lineMax, min(state.lineMax, line + _MOST_REFERENCE_LINES)
    try:
        return reference(state, line, end, silent)
    finally:
        state.lineMax = last


def _blockquote(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Read a block quote in not too many others: each line is tried by every one, 20 KB took 4 s."""
    depth = state.env.get(_QUOTES, 0)
    if depth >= _MOST_QUOTES:
        return False
    state.env[_QUOTES] = depth + (not silent)
    try:
        return blockquote(state, line, end, silent)
    finally:
        state.env[_QUOTES] = depth


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
    r"""Read a table up to a row that is far too long: `\|` is copied anew for each, 1.6 MB took 8 s."""
    if _LONG_LINES not in state.env:
        lengths = zip(state.bMarks, state.eMarks, strict=True)
        state.env[_LONG_LINES] = [n for n, (first, last) in enumerate(lengths) if last - first > _LONGEST_ROW]
    long_lines = state.env[_LONG_LINES]
    place = bisect_left(long_lines, line)
    return table(state, line, min(end, long_lines[place]) if place < len(long_lines) else end, silent)
