"""The parser asks its rules less often than markdown-it-py does, and finds the same blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from planbot.plan.parser import block_parser

_WORDS = "- * + 1. 12) > # ### === --- - - - *** _ _ _ - = ``` ~~~ <div> <!-- --> </div> <b> [a]: 't | |---|---| :-: a"
_PIECES = st.sampled_from(
    [*_WORDS.split(), "- ", "* ", "1. ", "> ", "# ", "    ", "\t", " ", "- - -", "[a]: /b", "| a | b |"]
)
_TEXTS = st.lists(st.lists(_PIECES, max_size=5).map("".join), max_size=12).map("\n".join)
_STOCK = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable(["inline", "text_join"])
_OURS = block_parser()


@given(_TEXTS)
def test_the_blocks_are_those_that_markdown_it_finds(text: str) -> None:
    ours, stock = _OURS.parse(text), _STOCK.parse(text)
    assert [token.as_dict() for token in ours] == [token.as_dict() for token in stock]
