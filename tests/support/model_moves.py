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
    old, new = dict(_owners(before, options)), dict(_owners(after, options))
    there, then = set(old.values()), set(new.values())
    return any(
        (old[box] in then or new[box] in there) and old[box] != new[box] for box in old.keys() & new.keys()
    )


def _owners(files: dict[str, bytes], options: FileOptions) -> Iterator[tuple[str, _Item]]:
    for path, data in files.items():
        if path in NOTES:
            continue
        plan = desire(read_plan(path, data, options.read), options, Place(PAGE, "main", path))
        seen: Counter[tuple[str, str]] = Counter()
        for item in plan.items:
            seen[item.kind, item.name] += 1
            yield from ((name, (item.kind, item.name, seen[item.kind, item.name])) for name in _names(item))


def _names(item: Desired) -> Iterator[str]:
    texts = [check.text for check in item.content.checks]
    for text in [*texts, item.name] if item.box else texts:
        if name := name_in(text):
            yield name
