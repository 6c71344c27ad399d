"""Markdown texts of every kind, and what a reader of them sees."""

from __future__ import annotations

import re
from html import unescape
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


_ISSUE = re.compile(r"(?:https?://|www\.)[^/\s]+/[^/\s]+/[^/\s]+/(?:issues|pull|discussions)/\d")
_LIVE = re.compile(r"(?<![A-Za-z0-9_])(?:@[A-Za-z0-9]|GH-\d)|#\d", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\[\]]+")
_TAG = re.compile(r"<!--.*?-->|</?[a-z][^<>]*>", re.IGNORECASE | re.DOTALL)


def live(text: str) -> list[str]:
    """Return the texts in which GitHub would see a mention, a reference or an issue's address."""
    seen = [run for token in _PARSER.parse(text) for run in _runs(token)]
    return [
        run for run in seen if any(map(_ISSUE.match, _URL.findall(run))) or _LIVE.search(_URL.sub("", run))
    ]


def _runs(token: Token) -> list[str]:
    """Return the runs of text of a block, as a browser has them: a comment ends a run."""
    if token.type == "html_block":
        return [unescape(run) for run in _TAG.split(token.content)]
    runs = [""]
    for child in token.children or ():
        if child.type == "text":
            runs[-1] += child.content
        elif child.type in {"link_open", "image"}:
            runs += [str(child.attrGet("href") or child.attrGet("src")), ""]
        else:
            runs.append("")
    return runs
