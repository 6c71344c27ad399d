"""Ticks made on checks that the plan moves to another item: they follow the check, or are told.

An issue may show a check that its item has no more. What a person says of it there is meant for the item that has the
check now. The journal's `moved` says which one that is before the first issue is written, so that it is known however
the pass ends, and keeps a tick whose issue was written first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import AgreedMove
from planbot.sync.align import sight_key
from planbot.sync.body import boxes_of
from planbot.sync.merge import merge, merge_item, shown
from planbot.sync.moves import moves_among, pasts
from planbot.sync.remarks import homeless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from planbot.plan.model import Diagnostic
    from planbot.sync.known import Known
    from planbot.sync.merge import Matched, Merged, MergedBox
    from planbot.sync.moves import Past, Spot


@dataclass(frozen=True, slots=True)
class Home:
    """Hold all items merged, every tick with the check it was made on, and the ticks whose check is nowhere."""

    items: tuple[Merged, ...]
    orphans: tuple[Known, ...]
    diagnostics: tuple[tuple[str, Diagnostic], ...]

    @property
    def by_place(self) -> dict[tuple[str, str], Merged]:
        """Return the items by path and locator."""
        return {(one.matched.path, one.matched.desired.locator): one for one in self.items}


def bring_home(items: Sequence[Matched], orphans: Sequence[Known], *, trusted: bool) -> Home:
    """Return all items merged, ticks on checks that moved among those of the items that have them now."""
    before = list(pasts(items, orphans, trusted=trusted))
    moves = moves_among(before)
    apart: defaultdict[str, set[str]] = defaultdict(set)
    for (uid, name), to in moves.items():
        apart[uid].add(name)
        apart[to].add(name)
    back = {one.uid: {sight_key(move.check.text): move for move in one.back} for one in before}
    there = {one.uid: merge_item(replace(one, apart=frozenset(apart[one.uid]))) for one in items}
    left = [
        (past, move)
        for past in before
        for move in _left_behind(past, there.get(past.uid), moves, trusted=trusted)
    ]
    after = {}
    for past, move in sorted(left, key=lambda one: one[1].pending):  # news last, so that it stays
        after[past.uid, move] = _delivered(move, past, back.get(move.to, {}), there)
    moved = {past.uid: list(past.back) for past in before}
    lost = []
    for past, move in left:
        found = after[past.uid, move]
        moved[past.uid] += [found] if found.to else []
        lost += [homeless(past, found)] if _is_homeless(found, there) else []
    return Home(
        tuple(replace(one, moved=tuple(moved[uid])) for uid, one in there.items()),
        tuple(replace(one, base=replace(one.base, moved=tuple(moved[one.base.uid]))) for one in orphans),
        tuple(lost),
    )


def _left_behind(
    past: Past, merged: Merged | None, moves: Mapping[Spot, str], *, trusted: bool
) -> Iterator[AgreedMove]:
    """Yield what an item no longer has: what its issue shows of it, and what that showed when it was written."""
    for name, move in past.told.items():
        yield replace(move, to=moves.get((past.uid, name), ""))
    kept = {box.at for box in merged.boxes} if merged and trusted else set()
    for at, ticked in shown(past.managed, past.bases).items():
        name = sight_key(past.bases[at].text)
        to = moves.get((past.uid, name), "")
        if at not in kept and name not in past.told and (to or trusted):
            yield AgreedMove(past.bases[at], ticked, to, shown=_shows(past, name))


def _shows(past: Past, name: str) -> bool:
    """Say whether an issue shows a check by its own name: a person may have reworded it there."""
    found = boxes_of(past.managed.text) if past.managed else ()
    return any(sight_key(box.text) == name for box in found)


def _delivered(
    move: AgreedMove, past: Past, back: Mapping[str, AgreedMove], there: dict[str, Merged]
) -> AgreedMove:
    """Give a tick to the item that has its check; return the move, its tick arrived where either side has it.

    `back` is what the journal knows of checks which that item had once before.
    """
    name = sight_key(move.check.text)
    target = there.get(move.to)
    if target is None or target.matched.hands_off:
        return move
    box = min(
        (one for one in target.boxes if sight_key(one.text) == name), key=lambda one: one.at is not None
    )
    if name in past.said and box.issue is not None and _is_newer(target.matched):
        move = replace(move, check=replace(move.check, ticked=past.said[name]))  # it was written from that
    base = move.check.ticked if box.base is None else box.base
    outdated = _is_outdated(box, back.get(name))
    arrived = move.ticked == box.plan or (move.ticked == box.issue and not outdated)
    if outdated or (move.pending and not arrived):
        value = merge(box.plan, move.ticked, base)
        waiting = box.waiting or (move.check.waiting if value != box.plan else "")
        origin = past.issue.number if past.issue else None
        given = replace(box, value=value, waiting=waiting, origin=origin)
        there[move.to] = replace(target, boxes=tuple(given if one is box else one for one in target.boxes))
    return move.arrived() if arrived else move


def _is_outdated(box: MergedBox, before: AgreedMove | None) -> bool:
    """Say whether an issue only shows what a check was before it first went away, and has come back since."""
    return box.base is None and before is not None and not before.pending and before.ticked == box.issue


def _is_newer(item: Matched) -> bool:
    """Say whether an issue was made or written after the journal told what it would show."""
    base, managed = item.base, item.managed
    return managed is not None and (base is None or bool(base.begun) or managed.marker.stamp != base.stamp)


def _is_homeless(move: AgreedMove, there: Mapping[str, Merged]) -> bool:
    target = there.get(move.to)
    return (
        move.pending and move.check.waiting != "declined" and (not target or bool(target.matched.hands_off))
    )
