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
    lheading,
    list_block,
    reference,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Rule = Callable[[StateBlock, int, int, bool], bool]

_MOST_REFERENCE_LINES = 100
_MOST_QUOTES = 10
_LONGEST_ROW = 50_000
_QUOTES = "quotes"
_LONG_LINES = "long lines"
_UNDERLINED = "underlined"


def block_parser() -> MarkdownIt:
    """Make a parser of CommonMark's blocks and GitHub's tables; line ends must be line feeds."""
    # the preset's own nesting limit, 20, silently drops list items below the tenth level
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    # a `Source` has its line ends made one already, and text within blocks is of no interest
    parser.disable(["normalize", "inline", "text_join"])
    rules: tuple[tuple[str, Rule, list[str]], ...] = (
        ("table", _table, ["paragraph", "reference"]),
        ("fence", _dispatch(_FIRST, _ENDING), ["paragraph", "reference", "blockquote"]),
        ("blockquote", _dispatch({}, _ENDING_LISTS), ["list"]),
        ("lheading", _lheading, []),
    )
    for name, rule, ends in rules:
        parser.block.ruler.at(name, rule, {"alt": ends})
    parser.disable(["hr", "list", "reference", "html_block", "heading"])
    return parser


def _dispatch(first: Mapping[str, Sequence[Rule]], ending: Mapping[str, Sequence[Rule]]) -> Rule:
    """Make a rule that tries those that a line's first character may begin: a block's, or the end of one."""

    def dispatched(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's call
        place = state.bMarks[line] + state.tShift[line]
        if place >= state.eMarks[line]:
            return False
        rules = (ending if silent else first).get(state.src[place], ())
        return any(rule(state, line, end, silent) for rule in rules)

    return dispatched


def _hr(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Read a rule if the line ends as one does: each list item begins as one."""
    return state.src[state.eMarks[line] - 1] in "*-_ \t" and hr(state, line, end, silent)


def _lheading(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as above
    """Read a heading over its line if there may be one: each paragraph is searched for it to its end."""
    underlined: list[bool] | None = state.env.get(_UNDERLINED)
    if underlined is None:
        underlined = state.env[_UNDERLINED] = list(_underlined(state.src))[::-1]
    return underlined[line] and lheading(state, line, end, silent)


def _underlined(text: str) -> Iterator[bool]:
    """Yield, from the last line to the first, whether one below it and before a blank one ends as headings' lines."""
    ahead = False
    for line in reversed(text.split("\n")):
        yield ahead
        rest = line.rstrip(" \t")
        ahead = bool(rest) and (ahead or rest[-1] in "-=")


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


_ENDING_LISTS: Mapping[str, Sequence[Rule]] = {
    **dict.fromkeys("`~", (fence,)),
    **dict.fromkeys("*-_", (_hr,)),
    ">": (_blockquote,),
}
_ENDING: Mapping[str, Sequence[Rule]] = {
    **_ENDING_LISTS,
    **dict.fromkeys("*-", (_hr, list_block)),
    **dict.fromkeys("+0123456789", (list_block,)),
    "<": (html_block,),
    "#": (heading,),
}
_FIRST: Mapping[str, Sequence[Rule]] = {**_ENDING, "[": (_reference,)}
