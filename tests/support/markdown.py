"""Markdown texts of every kind, and what a reader of them sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:-->|\Z))|\u2060", re.DOTALL)
_TARGET = re.compile(r"""(href|src)=(?:"[^"]*"|'[^']*'|[^\s>]*)""")
_ANCHOR = re.compile(r"</?a\b[^<>]*>")

PIECES = [
    "word",
    "a b",
    "@alice",
    "#12",
    "GH-12",
    "o/r#12",
    "`code`",
    "`@alice`",
    "``a ` b``",
    "`",
    "**bold**",
    "*",
    "_",
    "[a](b.md)",
    "![a](b.png)",
    "[a][b]",
    "[",
    "]",
    "(",
    ")",
    "](",
    "[x]",
    "[ ]",
    "<b>",
    "</b>",
    "<a href='c.md'>",
    "<",
    ">",
    "<!-- @note -->",
    "<!-- planbot:begin v=1 -->",
    "<!-- planbot:end -->",
    "https://github.com/o/r/issues/12",
    "<https://github.com/o/r/pull/12>",
    "https://example.org/@alice#12",
    "&#64;alice",
    "&amp;",
    "\\",
    "\\@alice",
    "|",
    "é",
    "检查",
    "\N{ROCKET}",
]
OPENINGS = [
    *["", "  ", "    ", "\t", "      "],
    *["- ", "- [ ] ", "- [x] ", "* [X] ", "1. ", "1) [ ] ", "  - [ ] ", "    - [x] ", "\t- [ ] "],
    *["> ", "> - [ ] ", "# ", "## ", "#### "],
    *["| ", "[b]: ", "[@alice]: "],
]
ALONE = [
    "",
    "",
    "---",
    "===",
    "```",
    "```python",
    "~~~",
    "    ```",
    "  ```",
    "|---|---|",
    "<div>",
    "</div>",
    "***",
]
INLINE = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)
TIGHT = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
LINES = st.tuples(st.sampled_from(OPENINGS), INLINE | TIGHT).map("".join) | st.sampled_from(ALONE)
TEXTS = st.lists(LINES, max_size=12).map("\n".join)


def reading(text: str) -> str:
    """Return the HTML that a reader sees, without comments, white space and where its links lead."""
    html = _COMMENT.sub("", _PARSER.render(text))
    return "".join(_ANCHOR.sub("", _TARGET.sub(r"\1", html)).split())


def code(text: str) -> list[str]:
    """Return all code of a text in order: fences, indented code, code spans."""
    return [token.content.rstrip() for token in _all(_PARSER.parse(text)) if token.type in _CODE]


_CODE = {"fence", "code_block", "code_inline"}


def _all(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *(token.children or ()))]
