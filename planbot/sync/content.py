"""An item's content: rendered text, and the checks whose boxes stand in it, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from planbot.sync.body import boxes_of, without_boxes
from planbot.sync.inline import neutral
from planbot.sync.render import fit, head, own_spans, own_text, render
from planbot.sync.words import key
from planbot.tracker.marker import neutralise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.plan.model import Box, Span
    from planbot.plan.source import Source
    from planbot.sync.inline import Place

# GitHub refuses bodies over 65,536 characters; what people write outside the block needs room too
TEXT_LIMIT = 60_000

_LINE_END = re.compile(rb"\r\n|\r|\n")
_UNDERLINE = re.compile(rb" {0,3}(?:=+|-+)[ \t]*(?:[\r\n]+|\Z)")
_BOLD_TITLE = re.compile(rb"\s*\*\*[^*\n]+\*\*[ \t:\xe2\x80\x93\x94-]*(?=[^\s])")
_MARKERS = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(?:\[[ xX]\](?:\s|\Z))?")
_SHORTEST = 8  # characters of a check that are always shown

_BoxPlace = tuple["Box", str | None, int]  # a box, its group, its line from 1


@dataclass(frozen=True, slots=True)
class DesiredCheck:
    """Hold a box of an issue's text and the box of the plan file behind it; `text` is as rendered."""

    group: str | None
    text: str
    box: Box
    line: int


@dataclass(frozen=True, slots=True)
class Content:
    """Hold rendered Markdown and its checks: the n-th box in `text` is the n-th check."""

    text: str = ""
    checks: tuple[DesiredCheck, ...] = ()


def content(
    source: Source,
    spans: Sequence[Span],
    cut: Sequence[Span],
    boxes: Sequence[_BoxPlace],
    place: Place,
    *,
    title: int | None,
    extra: str,
) -> Content:
    """Return an item's content: its spans without `cut`, its boxes in the order in which they stand there.

    `boxes` are a box, its group and its line each. `title` is the line where the item's title is left out,
    None where it stays. `extra` is Markdown of our own that follows the item's text.
    """
    pieces = own_spans(spans, cut)
    ordered = _in_pieces(boxes, pieces)
    if title is not None and pieces and pieces[0][0] == source.starts[title - 1]:
        pieces = _without_title(source, pieces)
    texts = (dedent(own_text(source, pieces)), extra)
    text = "\n\n".join(render(text, place) for text in texts if text)
    text = _with_all_boxes(fit(text, TEXT_LIMIT, place), ordered, source, place)
    pairs = zip(boxes_of(text), ordered, strict=True)
    return Content(text, tuple(DesiredCheck(group, one.text, box, line) for one, (box, group, line) in pairs))


def _in_pieces(boxes: Sequence[_BoxPlace], pieces: list[tuple[int, int]]) -> list[_BoxPlace]:
    def place(entry: _BoxPlace) -> tuple[int, int]:
        offset = entry[0].offset
        piece = next((at for at, (start, end) in enumerate(pieces) if start <= offset < end), len(pieces))
        return piece, offset

    return sorted(boxes, key=place)


def _without_title(source: Source, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut the title off the first piece: a heading with its underline, a bold text, or the first line."""
    (start, end), *rest = pieces
    data = source.data
    after = _line_end(data, start, end)
    if bold := _BOLD_TITLE.match(data, start, after):
        return [(bold.end(), end), *rest]
    underline = _UNDERLINE.match(data, after, _line_end(data, after, end))
    if underline and not data[start:after].lstrip().startswith(b"#"):
        after = underline.end()
    return [(after, end), *rest]


def _line_end(data: bytes, start: int, end: int) -> int:
    found = _LINE_END.search(data, start, end)
    return found.end() if found else end


def _with_all_boxes(text: str, boxes: list[_BoxPlace], source: Source, place: Place) -> str:
    """Return a text that holds all boxes and is not too long.

    Where its boxes are not those of the plan, or it is too long, they are listed below what fits of it. More than
    some thousands in one item stay too long: GitHub refuses such an issue.
    """
    lines = [_check_line(source, line) for _, _, line in boxes]
    if len(text) <= TEXT_LIMIT and _shows(text, lines):
        return text
    listed = _listed(lines, TEXT_LIMIT // 2, place)
    above = head(without_boxes(text), TEXT_LIMIT - len(listed), place)
    return "\n\n".join(part for part in (above, listed) if part)


def _shows(text: str, checks: list[str]) -> bool:
    """Return whether the boxes of a text are these checks, which have their first lines at least."""
    found = boxes_of(text)
    return len(found) == len(checks) and all(
        key(box.text).startswith(key(check)) for box, check in zip(found, checks, strict=True)
    )


def _listed(checks: list[str], limit: int, place: Place) -> str:
    """Return a list of checks; where it is too long, its lines are cut short."""
    room = max(map(len, checks), default=0)
    while True:
        lines = [f"- [ ] {neutralise(neutral(_cut(check or '(empty)', room), place))}" for check in checks]
        text = "\n".join(lines)
        if len(text) <= limit or room <= _SHORTEST:
            return text
        room //= 2


def _check_line(source: Source, line: int) -> str:
    written = source.lines[line - 1].replace("\0", "").encode("utf-8", "replace").decode()
    return " ".join(written[_end_of_markers(written) :].split())


def _end_of_markers(line: str) -> int:
    found = _MARKERS.match(line)
    return found.end() if found else 0


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
