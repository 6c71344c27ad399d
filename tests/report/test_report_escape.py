"""Text from outside is shown in Markdown as it is, and does nothing there."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from support.hostile import TEXTS, hostile

from planbot.report.escape import inert, one_line

if TYPE_CHECKING:
    from markdown_it.token import Token

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# what GitHub looks for in text that it has rendered
ALIVE = re.compile(r"@[A-Za-z0-9]|#\d|\bGH-\d|:[a-z0-9_+-]+:|://|\bwww\.", re.IGNORECASE)


def inline(markdown: str) -> list[Token]:
    """Return the inline tokens of what must be one paragraph."""
    tokens = GITHUB.parse(f"before {markdown} after")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


@given(hostile)
def test_it_reads_as_it_is_and_is_nothing_but_text(text: str) -> None:
    tokens = inline(inert(text))
    assert {token.type for token in tokens} <= {"text", "text_special", "html_inline"}
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<!-- -->"}
    shown = "".join(token.content for token in tokens if token.type != "html_inline")
    assert " ".join(shown.split()) == " ".join(f"before {one_line(text)} after".split())


@given(hostile)
def test_it_begins_no_block_and_stays_in_its_cell(text: str) -> None:
    alone = [token.type for token in GITHUB.parse(inert(text))]
    assert alone in ([], ["paragraph_open", "inline", "paragraph_close"])
    table = GITHUB.parse(f"| a | b |\n|---|---|\n| {inert(text)} | end |")
    assert [token.type for token in table].count("td_open") == 2
    assert [token.content for token in table if token.type == "inline"][-1] == "end"


@pytest.mark.parametrize("text", TEXTS)
def test_it_names_nobody_and_refers_to_nothing(text: str) -> None:
    runs = re.split(r"<[^>]*>", GITHUB.renderInline(inert(text)))
    assert [run for run in map(unescape, runs) if ALIVE.search(run)] == []


@given(hostile)
def test_it_ends_no_comment(text: str) -> None:
    rest = inert(text).replace("<!-- -->", "")
    assert "--" not in rest
    assert not set("<>\n\r") & set(rest)
