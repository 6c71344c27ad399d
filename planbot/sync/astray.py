"""Ticks made on checks that the plan has meanwhile moved to another item: they follow the check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.merge import Merged, MergedBox, bases_of, merge, shown
from planbot.sync.words import key
from planbot.tracker.marker import Managed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from planbot.sync.agreed import AgreedCheck
    from planbot.sync.known import Known

_Path = str


@dataclass(frozen=True, slots=True)
class Stray:
    """Hold a box that its issue still shows and its item no longer has, as a person set it."""

    text: str
    issue: bool
    base: bool


def bring_home(
    merged: Sequence[Merged], orphans: Iterable[Known], *, trusted: bool
) -> dict[tuple[str, str], Merged]:
    """Return all items by path and locator, with each stray tick given to the check that has its text now.

    A check that more than one item lost, or more than one got, is nobody's: its text does not tell whose it is.
    """
    strays: defaultdict[tuple[_Path, str], list[Stray]] = defaultdict(list)
    for one in merged:
        for stray in _left_behind(one):
            strays[one.matched.path, key(stray.text)].append(stray)
    for known in orphans:
        body = known.body if isinstance(known.body, Managed) else None
        for stray in _strays(body, bases_of(body, known.base, trusted=trusted), set()):
            strays[known.path, key(stray.text)].append(stray)
    wanted: defaultdict[tuple[_Path, str], int] = defaultdict(int)
    for one in merged:
        for box in filter(_is_new, one.boxes):
            wanted[one.matched.path, key(box.text)] += 1
    sure = {at: found[0] for at, found in strays.items() if len(found) == wanted[at] == 1}
    return {(one.matched.path, one.matched.desired.locator): _with(one, sure) for one in merged}


def _left_behind(merged: Merged) -> Iterator[Stray]:
    """Yield what a person changed in an issue's boxes that its item no longer has."""
    kept = {box.at for box in merged.boxes if box.at is not None}
    yield from _strays(merged.matched.managed, merged.bases, kept)


def _strays(managed: Managed | None, bases: Sequence[AgreedCheck], kept: set[int]) -> Iterator[Stray]:
    for at, issue in shown(managed, bases).items():
        if at not in kept and issue != bases[at].ticked:
            yield Stray(bases[at].text, issue, bases[at].ticked)


def _is_new(box: MergedBox) -> bool:
    return box.at is None and box.issue is None and box.base is None


def _with(merged: Merged, strays: Mapping[tuple[_Path, str], Stray]) -> Merged:
    boxes = []
    for box in merged.boxes:
        stray = strays.get((merged.matched.path, key(box.text))) if _is_new(box) else None
        value = merge(box.plan, stray.issue, stray.base) if stray else box.value
        boxes.append(replace(box, value=value))
    return replace(merged, boxes=tuple(boxes))
