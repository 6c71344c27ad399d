"""The blocks of a Markdown text: paragraphs, lists, tables, fences, HTML, as CommonMark reads them.

All lines count from 0, and every block covers the lines `line` to `end`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from planbot.plan.boxes import box_of
from planbot.plan.parser import block_parser
from planbot.plan.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it.token import Token

    from planbot.plan.model import Box

_BOX_WIDTH = len("[ ]")
_PARSER = block_parser()


class Paragraph(NamedTuple):
    """Hold a paragraph's Markdown text."""

    text: str
    line: int
    end: int


class Heading(NamedTuple):
    """Hold a heading's Markdown text and its level, 1 to 6."""

    level: int
    text: str
    line: int
    end: int


class Fence(NamedTuple):
    """Hold a fenced code block: its opening marks, its info string, its text."""

    markup: str
    info: str
    text: str
    line: int
    end: int


class Html(NamedTuple):
    """Hold a block of raw HTML, comments included."""

    text: str
    line: int
    end: int


class TableRow(NamedTuple):
    """Hold one row of a table as trimmed cell texts."""

    cells: tuple[str, ...]
    line: int


class Table(NamedTuple):
    """Hold a table: the header row first, the row of dashes left out."""

    rows: tuple[TableRow, ...]
    line: int
    end: int


class Item(NamedTuple):
    """Hold a list item: its ordered number or None, its box or None, its first paragraph without the box.

    `end` may count blank lines that follow the item.
    """

    number: str | None
    text: str
    box: Box | None
    blocks: tuple[Block, ...]
    line: int
    end: int

    @property
    def inside(self) -> tuple[Block, ...]:
        """Return the blocks that follow the item's own text."""
        return self.blocks[1:] if self.blocks and isinstance(self.blocks[0], Paragraph) else self.blocks


class List(NamedTuple):
    """Hold a bullet list or an ordered list."""

    ordered: bool
    items: tuple[Item, ...]
    line: int
    end: int


class Quote(NamedTuple):
    """Hold a block quote."""

    blocks: tuple[Block, ...]
    line: int
    end: int


Block: TypeAlias = Paragraph | Heading | Fence | Html | Table | List | Quote


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hold the blocks of a text, and at hand, in file order, those that matter at any depth.

    `boxed` are the list items that have a box; `bracketed` those that have none but open with a bracket.
    """

    blocks: tuple[Block, ...]
    boxed: tuple[Item, ...]
    bracketed: tuple[Item, ...]
    fences: tuple[Fence, ...]
    html: tuple[Html, ...]

    def fenced(self) -> set[int]:
        """Return the lines of all fenced code, counted from 0, its fences included."""
        return {n for fence in self.fences for n in range(fence.line, fence.end)}


def parse(source: Source, first: int = 0) -> Parsed:
    """Read the blocks of a source; lines before `first`, such as front matter, are left out."""
    text = source.text if not first else "\n" * first + source.markdown(first, len(source.lines))
    builder = _Builder(source)
    blocks = builder.read(_PARSER.parse(text.replace("\0", "\ufffd")))
    return Parsed(
        blocks=tuple(blocks),
        boxed=tuple(sorted(builder.boxed, key=lambda item: item.box.offset if item.box else 0)),
        bracketed=tuple(sorted(builder.bracketed, key=lambda item: item.line)),
        fences=tuple(builder.fences),
        html=tuple(builder.html_blocks),
    )


@lru_cache(maxsize=2)
def parse_text(data: bytes) -> tuple[Source, Parsed]:
    """Read the blocks of a text that is no file; one that was just read, and rendered as it was, is not read again."""
    source = Source.of(data)
    return source, parse(source)


def items_of(blocks: Sequence[Block]) -> Iterator[Item]:
    """Yield the list items of these blocks at every depth, in file order."""
    for block in blocks:
        match block:
            case List():
                for item in block.items:
                    yield item
                    yield from items_of(item.blocks)
            case Quote():
                yield from items_of(block.blocks)
            case _:
                pass


class _Builder:
    """Turn the parser's flat tokens into blocks; containers are built when they close."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.boxed: list[Item] = []
        self.bracketed: list[Item] = []
        self.fences: list[Fence] = []
        self.html_blocks: list[Html] = []
        self._tokens: Sequence[Token] = ()
        self._here: list[Any] = []
        self._around: list[tuple[Token, list[Any]]] = []

    def read(self, tokens: Sequence[Token]) -> list[Block]:
        self._tokens = tokens
        actions = _ACTIONS
        for index, token in enumerate(tokens):
            kind = token.type
            if kind in actions:
                actions[kind](self, index, token)
        return self._here

    def open(self, _index: int, token: Token) -> None:
        self._around.append((token, self._here))
        self._here = []

    def _close(self) -> tuple[Token, list[Any], int, int]:
        token, around = self._around.pop()
        inside, self._here = self._here, around
        first, end = token.map or (0, 0)
        return token, inside, first, end

    def close_list(self, _index: int, _token: Token) -> None:
        token, items, first, end = self._close()
        self._here.append(List(token.tag == "ol", tuple(items), first, end))

    def close_quote(self, _index: int, _token: Token) -> None:
        _, blocks, first, end = self._close()
        self._here.append(Quote(tuple(blocks), first, end))

    def close_table(self, _index: int, _token: Token) -> None:
        _, rows, first, end = self._close()
        self._here.append(Table(tuple(rows), first, end))

    def close_row(self, _index: int, _token: Token) -> None:
        _, cells, first, _end = self._close()
        self._here.append(TableRow(tuple(cells), first))

    def close_item(self, _index: int, _token: Token) -> None:
        token, blocks, first, end = self._close()
        paragraph = blocks[0] if blocks and type(blocks[0]) is Paragraph else None
        text = paragraph.text if paragraph else ""
        number = token.info or None
        if not text.startswith("[") or paragraph is None:
            self._here.append(Item(number, text, None, tuple(blocks), first, end))
            return
        box = box_of(self.source, text, paragraph.line, paragraph.end)
        rest = text if box is None else text[_BOX_WIDTH:].strip()
        item = Item(number, rest, box, tuple(blocks), first, end)
        (self.bracketed if box is None else self.boxed).append(item)
        self._here.append(item)

    def cell(self, index: int, _token: Token) -> None:
        self._here.append(self._tokens[index + 1].content)

    def paragraph(self, index: int, token: Token) -> None:
        first, end = token.map or (0, 0)
        self._here.append(Paragraph(self._tokens[index + 1].content, first, end))

    def heading(self, index: int, token: Token) -> None:
        first, end = token.map or (0, 0)
        self._here.append(Heading(int(token.tag[1:]), self._tokens[index + 1].content, first, end))

    def fence(self, _index: int, token: Token) -> None:
        first, end = token.map or (0, 0)
        fence = Fence(token.markup, token.info, token.content, first, end)
        self.fences.append(fence)
        self._here.append(fence)

    def html(self, _index: int, token: Token) -> None:
        first, end = token.map or (0, 0)
        html = Html(token.content, first, end)
        self.html_blocks.append(html)
        self._here.append(html)


_ACTIONS: dict[str, Callable[[_Builder, int, Token], None]] = {
    "bullet_list_open": _Builder.open,
    "ordered_list_open": _Builder.open,
    "list_item_open": _Builder.open,
    "blockquote_open": _Builder.open,
    "table_open": _Builder.open,
    "tr_open": _Builder.open,
    "bullet_list_close": _Builder.close_list,
    "ordered_list_close": _Builder.close_list,
    "list_item_close": _Builder.close_item,
    "blockquote_close": _Builder.close_quote,
    "table_close": _Builder.close_table,
    "tr_close": _Builder.close_row,
    "th_open": _Builder.cell,
    "td_open": _Builder.cell,
    "paragraph_open": _Builder.paragraph,
    "heading_open": _Builder.heading,
    "fence": _Builder.fence,
    "html_block": _Builder.html,
}
