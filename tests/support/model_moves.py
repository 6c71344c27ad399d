"""Which edits of a plan move a check to another item."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from support.memory_tracker import PAGE
from support.model_boxes import NOTES
from support.plan_edits import name_in

from planbot.config import load_settings
from planbot.plan.reader import read_plan
from planbot.sync.desired import desire
from planbot.sync.inline import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sync.desired import Desired
    from planbot.sync.options import FileOptions

_Item = tuple[str, str, int]  # kind, name, which of those with this name


def moves_checks(before: dict[str, bytes], after: dict[str, bytes], settings: bytes) -> bool:
    """Return whether a box is another item's after an edit; an item that was renamed is the one it was."""
    options = load_settings("planbot.yml", settings).general
    old, new = _items(before, options), _items(after, options)
    owner = {box: item for item, boxes in new.items() for box in boxes}
    return any(
        owner.get(box, item) != item and (item in new or owner[box] in old)
        for item, boxes in old.items()
        for box in boxes
    )


def _items(files: dict[str, bytes], options: FileOptions) -> dict[_Item, list[str]]:
    """Return the boxes of every item."""
    items: dict[_Item, list[str]] = {}
    for path, data in files.items():
        if path in NOTES:
            continue
        plan = desire(read_plan(path, data, options.read), options, Place(PAGE, "main", path))
        seen: Counter[tuple[str, str]] = Counter()
        for item in plan.items:
            seen[item.kind, item.name] += 1
            items[item.kind, item.name, seen[item.kind, item.name]] = list(_names(item))
    return items


def _names(item: Desired) -> Iterator[str]:
    texts = [check.text for check in item.content.checks]
    for text in [*texts, item.name] if item.box else texts:
        if name := name_in(text):
            yield name
