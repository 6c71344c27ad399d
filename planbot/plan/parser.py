"""The Markdown parser: markdown-it-py for blocks only, asked less often and guarded against hostile input.

Its rules are the judge of what is a heading, a list item or a fence. Most are tried on each line in vain: a
look at the line's first character spares the call, and a third of the time. Three take beyond all measure on
input that nobody writes by hand; there, and only there, they are cut short.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.rules_block import (
    StateBlock,
    blockquote,
    fence,
    heading,
    hr,
    html_block,
    list_block,
    reference,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[[StateBlock, int, int, bool], bool]

_MOST_REFERENCE_LINES = 100
_MOST_QUOTES = 10
_LONGEST_ROW = 50_000
_QUOTES = "quotes"
_LONG_LINES = "long lines"


def block_parser() -> MarkdownIt:
    """Make a parser of CommonMark's blocks and GitHub's tables; line ends must be line feeds."""
    # the preset's own nesting limit, 20, silently drops list items below the tenth level
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    # a `Source` has its line ends made one already, and text within blocks is of no interest
    parser.disable(["normalize", "inline", "text_join"])
    everywhere = ["paragraph", "reference", "blockquote"]
    rules: tuple[tuple[str, Rule, list[str]], ...] = (
        ("table", _table, ["paragraph", "reference"]),
        ("fence", _opened_by("`~", fence), [*everywhere, "list"]),
        ("blockquote", _opened_by(">", _blockquote), [*everywhere, "list"]),
        ("hr", _opened_by("*-_", hr), [*everywhere, "list"]),
        ("list", _opened_by("*+-0123456789", list_block), everywhere),
        ("reference", _opened_by("[", _reference), []),
        ("html_block", _opened_by("<", html_block), everywhere),
        ("heading", _opened_by("#", heading), everywhere),
    )
    for name, rule, ends in rules:
        parser.block.ruler.at(name, rule, {"alt": ends})
    return parser


def _opened_by(characters: str, rule: Rule) -> Rule:
    """Make a rule that is tried only on lines that begin with one of some characters."""

    def guarded(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's call
        place = state.bMarks[line] + state.tShift[line]
        return (
            place < state.eMarks[line] and state.src[place] in characters and rule(state, line, end, silent)
        )

    return guarded


def _reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
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
    dashes = line + 1
    if dashes >= end:
        return False
    place = state.bMarks[dashes] + state.tShift[dashes]
    if place >= state.eMarks[dashes] or state.src[place] not in "|-:":
        return False
    long_lines = _long_lines(state)
    first_long = bisect_left(long_lines, line)
    return table(
        state, line, min(end, long_lines[first_long]) if first_long < len(long_lines) else end, silent
    )


def _long_lines(state: StateBlock) -> list[int]:
    found: list[int] | None = state.env.get(_LONG_LINES)
    if found is None:
        lengths = zip(state.bMarks, state.eMarks, strict=True)
        found = [number for number, (first, last) in enumerate(lengths) if last - first > _LONGEST_ROW]
        state.env[_LONG_LINES] = found
    return found
