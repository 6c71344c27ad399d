"""Find again what a person did to a body in the one round trip between planbot's reading and its writing of it.

GitHub has no compare-and-swap for a body, and the answer to a PATCH does not tell what it wrote over: `updated_at` is
that of the PATCH itself, and neither `If-Match` nor a version is known to PATCH. Only the edit history tells. It is
asked for once after the writes of a round, for all bodies that were written, and for those of a pass that ended before
it could ask (`ISSUES` of them in one GraphQL query,
which has a limit of its own beside that of REST): a pass that writes no body asks nothing, and so does one that
carries ticks from issues to the plan alone.

What was written over is done again as the person did it, the marker left alone, so that it is read as theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sync.align import align
from planbot.sync.body import boxes_of, set_boxes
from planbot.tracker.marker import Managed, digest, split, stamp_of, wrap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from planbot.plan.outline import FoundBox


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold a body as planbot `read` it, as it was when it was written `over`, and as planbot `wrote` it."""

    read: str
    over: str
    wrote: str


def signature(body: str) -> str:
    """Return what a body is known by, for as long as nobody edits it."""
    return digest(body.strip())


def written_over(runs: Iterable[Sequence[str]], stamp: str, read: str) -> Gap | None:
    """Return what the write of this stamp replaced, None if that is what was read, or the history does not tell.

    `runs` are bodies of which neighbours followed each other, one way or the other; `read` is the signature of the body
    that the write was made from. Both people's later edits and the writes of later passes may be there as well.
    """
    for run in runs:
        ours = [at for at, body in enumerate(run) if stamp_of(body) == stamp]
        if not ours:
            continue
        first, last = ours[0], ours[-1]
        for wrote, before in ((run[first], run[:first][::-1]), (run[last], run[last + 1 :])):
            known = [at for at, body in enumerate(before) if signature(body) == read]
            if known and known[0] > 0:
                return Gap(before[known[0]], before[0], wrote)
    return None


@dataclass(frozen=True, slots=True)
class Restored:
    """Hold a body with a person's edit done to it again, and by text what they made of boxes that it has no more."""

    body: str
    missing: dict[str, bool]


def restored(gap: Gap, now: str, moved: Collection[str] = ()) -> Restored:
    """Do again to a body what a person did in a gap; `moved` are the keys of checks that went to other items."""
    before, after, wrote, there = split(gap.read), split(gap.over), split(gap.wrote), split(now)
    if not (isinstance(before, Managed) and isinstance(after, Managed)):
        return Restored(now, {})
    if not (isinstance(wrote, Managed) and isinstance(there, Managed)):
        return Restored(now, {})
    if before.marker.stamp != after.marker.stamp:
        return Restored(now, {})  # another pass wrote that, and knows what it does
    ticks, missing = _ticks(before.text, after.text, wrote.text, there.text, moved)
    text = set_boxes(there.text, ticks)
    # what stands around the block is people's alone, and stays as who came last wants it
    head = after.before if there.before == wrote.before else there.before
    tail = after.after if there.after == wrote.after else there.after
    return Restored(head + wrap(there.marker, text) + tail, missing)


def _ticks(
    before: str, after: str, wrote: str, now: str, moved: Collection[str]
) -> tuple[list[bool], dict[str, bool]]:
    """Return a text's boxes, with a person's changes that are not in what was written; those it lacks apart."""
    old, new, ours, there = boxes_of(before), boxes_of(after), boxes_of(wrote), boxes_of(now)
    names = _names(new)
    was = {at: old[source].ticked for at, source in align(_names(old), names).items()}
    kept = {source: ours[at].ticked for at, source in align(names, _names(ours), moved).items()}
    ticks = [box.ticked for box in there]
    place = {source: at for at, source in align(names, _names(there), moved).items()}
    missing = {}
    for source, box in enumerate(new):
        if source in was and box.ticked != was[source] and box.ticked != kept.get(source):
            if source in place:
                ticks[place[source]] = box.ticked
            else:
                missing[box.text] = box.ticked
    return ticks, missing


def _names(boxes: Iterable[FoundBox]) -> list[tuple[str | None, str]]:
    return [(None, box.text) for box in boxes]
