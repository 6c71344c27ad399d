"""An issue's text: its boxes, and the managed block that is written into a body."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from planbot.plan.outline import FoundBox, boxes_in
from planbot.tracker.marker import plain_newlines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.sync.inline import Place


_KEPT = 1 << 15  # texts: a pass asks for the boxes of two an item, and for each of them several times


@lru_cache(maxsize=_KEPT)
def boxes_of(text: str) -> tuple[FoundBox, ...]:
    """Return every checkbox in a Markdown text, in order; offsets are bytes of its UTF-8 form."""
    return boxes_in(_encode(text))


def set_boxes(text: str, ticks: Sequence[bool]) -> str:
    """Return a text with its n-th box as the n-th of `ticks` says; a box that says so already keeps its byte."""
    data = bytearray(_encode(text))
    for box, ticked in zip(boxes_of(text), ticks, strict=True):
        if box.ticked != ticked:
            data[box.offset] = ord("x" if ticked else " ")
    return data.decode("utf-8", "surrogatepass")


def emptied(text: str) -> str:
    r"""Return a text with every box empty and `\n` line ends: what is left is what an edit of words changes."""
    plain = plain_newlines(text)
    data = bytearray(_encode(plain))
    for box in boxes_of(plain):
        data[box.offset] = ord(" ")
    return data.decode("utf-8", "surrogatepass")


def without_boxes(text: str) -> str:
    """Return a text in which every box is plain text that reads as it did."""
    data = bytearray(_encode(text))
    for box in reversed(boxes_of(text)):
        data.insert(box.offset - 1, ord("\\"))
    return data.decode("utf-8", "surrogatepass")


def compose(text: str, place: Place, parent: int | None) -> str:
    """Return the text of a managed block: content, a link to the plan file, the parent if no link holds it."""
    path = place.path.encode("utf-8", "replace").decode().replace("`", "'")
    foot = f"Plan file: [`{path}`]({place.url()})"
    if parent is not None:
        foot = f"Part of #{parent} · {foot}"
    return f"{text}\n\n---\n{foot}" if text else foot


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
