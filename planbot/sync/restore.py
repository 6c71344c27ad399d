"""Find again what a person did to a body in the one round trip between planbot's reading and its writing of it.

GitHub has no compare-and-swap for a body, and the answer to a PATCH does not tell what it wrote over: `updated_at` is
that of the PATCH itself, and neither `If-Match` nor a version is known to PATCH. Only the edit history tells. It is
asked for once after the writes of a round, for all bodies that were written (`ISSUES` of them in one GraphQL query,
which has a limit of its own beside that of REST): a pass that writes no body asks nothing, and so does one that
carries ticks from issues to the plan alone.

What was written over is done again as the person did it, the marker left alone, so that it is read as theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sync.align import align
from planbot.sync.body import boxes_of, set_boxes
from planbot.tracker.marker import Managed, split, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def written_over(runs: Iterable[Sequence[str]], stamp: str) -> str | None:
    """Return the body that the write of this stamp replaced, or None where the history does not tell.

    `runs` are bodies of which neighbours followed each other. People's later edits have the stamp as well, so the body
    that was replaced stands beside the last that has it, whichever way the history runs.
    """
    for run in runs:
        ours = [_stamp(body) == stamp for body in run]
        for at in range(1, len(run)):
            if ours[at - 1] != ours[at]:
                return run[at - 1] if ours[at] else run[at]
    return None


def restored(read: str, over: str, now: str) -> str | None:
    """Return a body with what a person did between `read` and `over` done to it again, None if that is nothing."""
    before, after, there = split(read), split(over), split(now)
    if not (isinstance(before, Managed) and isinstance(after, Managed) and isinstance(there, Managed)):
        return None
    if before.marker.stamp != after.marker.stamp:
        return None  # another pass wrote that, and knows what it does
    text = set_boxes(there.text, _ticks(before.text, after.text, there.text))
    head = after.before if there.before == before.before else there.before
    tail = after.after if there.after == before.after else there.after
    body = head + wrap(there.marker, text) + tail
    return None if body == now else body


def _ticks(before: str, after: str, now: str) -> list[bool]:
    """Return the boxes of a text, those as the person set them that they changed."""
    old, new, there = boxes_of(before), boxes_of(after), boxes_of(now)
    ticks = [box.ticked for box in there]
    names = [(None, box.text) for box in new]
    was = align([(None, box.text) for box in old], names)
    for at, source in align(names, [(None, box.text) for box in there]).items():
        if source in was and old[was[source]].ticked != new[source].ticked:
            ticks[at] = new[source].ticked
    return ticks


def _stamp(body: str) -> str | None:
    managed = split(body)
    return managed.marker.stamp if isinstance(managed, Managed) else None
