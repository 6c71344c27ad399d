"""Render an item's own Markdown for its issue, so that it reads there as it does in the file."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from planbot.plan.outline import Fence, Heading, Html, List, Paragraph, Quote, Table, parse_text
from planbot.sync.inline import definition, neutral, neutral_html
from planbot.tracker.marker import neutralise, plain_newlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.plan.model import Span
    from planbot.plan.outline import Block
    from planbot.plan.source import Source
    from planbot.sync.inline import Place

_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
# what ends a block of raw HTML: https://spec.commonmark.org/0.31.2/#html-blocks
_HTML_ENDS = {"<!--": "-->", "<?": "?>", "<![": "]]>", "<!": ">"}
_HTML_TAG = re.compile(r"<(pre|script|style|textarea)", re.IGNORECASE)
_REFERENCES = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable(["inline", "text_join"])


def own_spans(spans: Iterable[Span], children: Iterable[Span]) -> list[tuple[int, int]]:
    """Return what is left of `spans` when the spans of `children` are cut out, in order."""
    cuts = sorted((span.start, span.end) for span in children)
    left = []
    for span in spans:
        start = span.start
        for low, high in cuts:
            if high <= start or low >= span.end:
                continue
            left.append((start, low))
            start = max(start, high)
        left.append((start, span.end))
    return [(start, end) for start, end in left if start < end]


def own_text(source: Source, pieces: Iterable[tuple[int, int]]) -> str:
    r"""Return pieces of a file as text with `\n` line ends, a blank line between pieces, none around them."""
    texts = (_trim(_text(source.data[start:end])) for start, end in pieces)
    return "\n\n".join(text for text in texts if text)


def _text(data: bytes) -> str:
    return plain_newlines(data.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}"))


def _trim(text: str) -> str:
    """Cut blank lines and thematic breaks around a text; a rule right under a paragraph makes it a heading."""
    lines = text.split("\n")
    start, end = 0, len(lines)
    while start < end and (not lines[start].strip() or _RULE.fullmatch(lines[start])):
        start += 1
    while start < end and (
        not lines[end - 1].strip() or (_RULE.fullmatch(lines[end - 1]) and not lines[end - 2].strip())
    ):
        end -= 1
    return "\n".join(lines[start:end])


def render(text: str, place: Place) -> str:
    """Return Markdown whose mentions, references, markers and relative links are safe; code stays as it is."""
    lines = text.split("\n")
    for block in _leaves(_blocks(text)):
        part = "\n".join(lines[block.line : block.end])
        match block:
            case Table():
                rows = part.split("\n")
                part = "\n".join("|".join(neutral(cell, place) for cell in _CELLS.split(row)) for row in rows)
            case Html():
                part = neutral_html(part, place)
            case Paragraph() | Heading():
                part = neutral(part, place)
            case Fence():
                continue
        lines[block.line : block.end] = part.split("\n")
    for first, end in _definitions(text):
        lines[first:end] = definition("\n".join(lines[first:end]), place).split("\n")
    return neutralise(_closed("\n".join(lines)))


def fit(text: str, limit: int, place: Place) -> str:
    """Shorten a rendered text towards a number of characters: as much code as needed gives way, longest first."""
    over = len(text) - limit
    if over <= 0:
        return text
    lines = text.split("\n")
    fences = [block for block in _leaves(_blocks(text)) if isinstance(block, Fence)]
    gone = {}
    for fence in sorted(fences, key=lambda one: _size(lines[one.line : one.end]), reverse=True):
        note = _in_place_of(fence, lines[fence.line], place)
        saved = _size(lines[fence.line : fence.end]) - _size(note)
        if over > 0 and saved > 0:
            over -= saved
            gone[fence.line, fence.end] = note
    for (start, end), note in sorted(gone.items(), reverse=True):
        lines[start:end] = note
    return "\n".join(lines)


def _in_place_of(fence: Fence, line: str, place: Place) -> list[str]:
    # what stands before a fence is the markers of quotes and list items around it
    before = line.partition(fence.markup)[0]
    note = before + _left_out(place)
    # where no item begins, the note must not run on from a paragraph
    return [before.rstrip(), note] if not before.strip(" \t>") else [note]


def head(text: str, limit: int, place: Place) -> str:
    """Return as many whole blocks from the front of a text as fit, and a link to the rest."""
    if len(text) <= limit:
        return text
    note = _left_out(place)
    lines = text.split("\n")
    sizes = list(accumulate((len(line) + 1 for line in lines), initial=len(note) + 1))
    end = max((block.end for block in _blocks(text) if sizes[block.end] <= limit), default=0)
    return "\n".join([*lines[:end], "", note]) if end else note


def _left_out(place: Place) -> str:
    return f"*(left out here for its length: see [the plan file]({place.url()}))*"


def _definitions(text: str) -> list[tuple[int, int]]:
    """Return the lines of each link reference definition."""
    if "]:" not in text:
        return []
    env: dict[str, Any] = {}
    _REFERENCES.parse(text, env)
    found = [*env.get("references", {}).values(), *env.get("duplicate_refs", [])]
    return [(first, end) for first, end in (one["map"] for one in found)]


def _blocks(text: str) -> tuple[Block, ...]:
    return parse_text(text.encode("utf-8", "surrogateescape"))[1].blocks


def _leaves(blocks: Iterable[Block]) -> Iterator[Paragraph | Heading | Fence | Html | Table]:
    for block in blocks:
        match block:
            case List():
                for item in block.items:
                    yield from _leaves(item.blocks)
            case Quote():
                yield from _leaves(block.blocks)
            case _:
                yield block


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _closed(text: str) -> str:
    """Close a fence or raw HTML that runs to the end, so that it does not swallow what follows the text."""
    if not any(mark in text for mark in ("```", "~~~", "<")):
        return text
    probe = "probe"
    match list(_leaves(_blocks(f"{text}\n\n{probe}")))[-1]:
        case Fence(text=inside, markup=markup) if inside.rstrip().endswith(probe):
            return f"{text}\n{markup}"
        case Html(text=inside) if inside.rstrip().endswith(probe):
            return f"{text}\n{_html_end(inside.lstrip())}"
        case _:
            return text


def _html_end(html: str) -> str:
    tag = _HTML_TAG.match(html)
    if tag:
        return f"</{tag[1]}>"
    return next(end for start, end in _HTML_ENDS.items() if html.startswith(start))
