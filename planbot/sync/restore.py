"""Find again what a person did to a body in the one round trip between planbot's reading and its writing of it.

GitHub has no compare-and-swap for a body, and the answer to a PATCH does not tell what it wrote over: `updated_at` is
that of the PATCH itself, and neither `If-Match` nor a version is known to PATCH. Only the edit history tells. It is
asked for once after the writes of a round, for all bodies that were written, and for those of a pass that ended before
it could ask (`ISSUES` of them in one GraphQL query,
which has a limit of its own beside that of REST): a pass that writes no body asks nothing, and so does one that
carries ticks from issues to the plan alone. Where something was done again it is asked for once more, for that is a
write too.

What was written over is done again as the person did it, the marker left alone, so that it is read as theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.align import align
from planbot.sync.body import boxes_of, set_boxes
from planbot.tracker.marker import Managed, digest, split, stamp_of, wrap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from planbot.plan.outline import FoundBox


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold a body as planbot `read` it, as it was when it was written `over`, and as planbot `wrote` it.

    `closed` says that what the person did was done again since.
    """

    read: str
    over: str
    wrote: str
    closed: bool = False


def signature(body: str) -> str:
    """Return what a body is known by, for as long as nobody edits it."""
    return digest(body.strip())


def written_over(
    runs: Iterable[Sequence[str]], stamp: str, read: str, moved: Collection[str] = ()
) -> tuple[Gap, ...]:
    """Return what the write of this stamp replaced, and in turn what was replaced when that was done again.

    Nothing, if it replaced what was read or the history does not tell. `runs` are bodies of which neighbours followed
    each other, one way or the other; `read` is the signature of the body that the write was made from. Both people's
    later edits and the writes of later passes may be there as well. `moved` is as for `restored`.
    """
    for run in runs:
        for line in (run, run[::-1]):
            at = next((at for at, body in enumerate(line) if stamp_of(body) == stamp), 0)
            known = next((one for one in range(at - 1, -1, -1) if signature(line[one]) == read), at)
            if known < at - 1:
                return tuple(_chain(Gap(line[known], line[at - 1], line[at]), line[at:], moved))
    return ()


def _chain(gap: Gap, later: Sequence[str], moved: Collection[str]) -> Iterator[Gap]:
    """Yield a gap and those that came of doing it again; `later` are the bodies from what was written on.

    Doing again is a write like any other, which a person may come in between of as well. It is known by what it made
    of an earlier body, for it keeps the stamp that it finds.
    """
    made: dict[str, int] = {}
    for at, body in enumerate(later):
        source = made.get(signature(body))
        if source is not None:
            yield replace(gap, closed=True)
            if source < at - 1:
                yield from _chain(Gap(later[source], later[at - 1], body), later[at:], moved)
            return
        again = restored(gap, body, moved).body
        if again != body:
            made[signature(again)] = at
    yield gap


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
