"""Every checkbox item of an outline in file order, with the group it stands in and the checks around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from planbot.plan.blocks import Item, List, Paragraph, Quote
from planbot.plan.fields import label_in
from planbot.plan.words import undecorated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.blocks import Block
    from planbot.plan.model import Box
    from planbot.plan.outline import Section

_GROUP = re.compile(r"(?:\w+ ){0,2}?(automated|automatic|manual|invariants?)(?!\w)", re.IGNORECASE)
_GROUPED = re.compile(r"auto|manual|invari", re.IGNORECASE)
_GROUPS = {"automated": "Automated", "automatic": "Automated", "manual": "Manual"}
_LONGEST_LABEL = 80


class Boxed(NamedTuple):
    """Hold an item that has a box, its box again, its group, and the offsets of the boxes around it."""

    item: Item
    box: Box
    group: str | None
    around: tuple[int, ...]


def boxed_items(section: Section) -> Iterator[Boxed]:
    """Yield the items of one section that have a box, those of its children left out."""
    if section.boxes:
        yield from _boxed(section.blocks, group_in(section.title), ())


def group_in(text: str) -> str | None:
    """Return the group that a heading or label names, or None."""
    if len(text) > _LONGEST_LABEL:
        return None
    match = _GROUP.match(undecorated(text)) if _GROUPED.search(text) else None
    return _GROUPS.get(match[1].lower(), "Invariants") if match else None


def _boxed(blocks: Sequence[Block], group: str | None, around: tuple[int, ...]) -> Iterator[Boxed]:
    here = group
    for block in blocks:
        match block:
            case Paragraph():
                label = _label(block.text)
                if label is not None:
                    here = group_in(label) or group
            case List():
                for item in block.items:
                    yield from _boxed_item(item, here, around)
            case Quote():
                yield from _boxed(block.blocks, here, around)
            case _:
                pass


def _boxed_item(item: Item, group: str | None, around: tuple[int, ...]) -> Iterator[Boxed]:
    if item.box is not None:
        yield Boxed(item, item.box, group, around)
        around = (*around, item.box.offset)
    elif item.inside and (label := _label(item.text)) is not None:
        group = group_in(label) or group
    if len(item.blocks) > 1 or not item.text:
        yield from _boxed(item.inside, group, around)


def _label(text: str) -> str | None:
    first = text.partition("\n")[0]
    if len(first) > _LONGEST_LABEL:
        return None
    label = label_in(first)
    if label is None and first.rstrip("*_ ").endswith((":", "\uff1a")):
        return first
    if label is None and first.startswith("**") and first.endswith("**"):
        return first.strip("*")
    return label
