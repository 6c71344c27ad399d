"""Which boxes move, which way, and which have to wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sync.changes import Tick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.sync.merge import Merged, MergedBox


def ticks_of(
    items: Iterable[Merged], *, write_back: bool, proposing: bool = False
) -> tuple[list[Tick], list[Tick]]:
    """Return the ticks that move, and those that wait.

    A tick that was refused goes along once another one moves in the same file; one that waits because write-back
    was off goes as soon as it is on; one that a person declined stays until its box changes. While `proposing`,
    those that stand in the pull request wait there.
    """
    stay = ("refused", "declined", "proposed") if proposing else ("refused", "declined")
    moving: list[Tick] = []
    held: list[Tick] = []
    for merged in items:
        for box in () if merged.matched.hands_off else merged.every_box():
            if box.value != box.plan:
                tick = _tick(merged, box, "plan")
                if not write_back or box.waiting in stay:
                    held.append(replace(tick, waiting=box.waiting or "off"))
                else:
                    moving.append(tick)
            elif box.issue is not None and box.issue != box.value:
                moving.append(_tick(merged, box, "issue"))
    fresh = {tick.path for tick in moving if tick.direction == "plan"} if write_back else set()
    along = [tick for tick in held if tick.path in fresh and tick.waiting == "refused"]
    moving += [replace(tick, waiting="") for tick in along]
    return sorted(moving, key=_place), sorted((tick for tick in held if tick not in along), key=_place)


def _place(tick: Tick) -> tuple[str, int]:
    return tick.path, tick.box.offset


def _tick(merged: Merged, box: MergedBox, direction: str) -> Tick:
    issue = merged.matched.issue
    return Tick(
        path=merged.matched.path,
        line=box.line,
        text=box.text,
        ticked=box.value,
        direction="plan" if direction == "plan" else "issue",
        box=box.box,
        issue=(direction == "plan" and box.origin) or (issue.number if issue else None),
    )


def hold(merged: Merged, waiting: Iterable[Tick]) -> Merged:
    """Return an item with its boxes marked as waiting or not, as decided over the whole file."""
    held = {tick.box.offset: tick.waiting for tick in waiting if tick.path == merged.matched.path}
    mark = {box: replace(box, waiting=held.get(box.box.offset, "")) for box in merged.every_box()}
    return replace(
        merged,
        boxes=tuple(mark[box] for box in merged.boxes),
        own=mark[merged.own] if merged.own else None,
    )
