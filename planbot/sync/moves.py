"""Which checks the plan moved from one item to another: a text tells that, where one item lost it and one got it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import AgreedCheck
from planbot.sync.align import sight_key
from planbot.sync.body import boxes_of
from planbot.sync.merge import bases_of, shown
from planbot.tracker.marker import Managed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from planbot.sync.agreed import AgreedItem, AgreedMove
    from planbot.sync.known import Known
    from planbot.sync.merge import Matched
    from planbot.tracker.records import IssueRecord

Spot = tuple[str, str]  # the uid of an item, the key of a check's text


@dataclass(frozen=True, slots=True)
class Past:
    """Hold the checks that an item had and has.

    `bases` are those of the boxes in its issue, `has` counts the item's checks now by key. `told` are the moves away
    that the journal knows, by key, with what the issue says now; `said` is what it said when the journal was written.
    `back` tells the same of checks that are back, with this item as where they went, while the issue is still as it was
    when its item was gone. `line` is where the item stands in its plan file, 0 where it is gone.
    """

    path: str
    line: int
    uid: str
    issue: IssueRecord | None
    managed: Managed | None
    bases: Sequence[AgreedCheck]
    has: Counter[str]
    told: Mapping[str, AgreedMove]
    said: Mapping[str, bool]
    back: tuple[AgreedMove, ...] = ()


def pasts(items: Iterable[Matched], orphans: Iterable[Known], *, trusted: bool) -> Iterator[Past]:
    """Yield all items with what they had; with no journal that is what the issue shows, as if none were ticked."""
    for one in items:
        has = Counter(sight_key(check.text) for check in one.desired.content.checks)
        there = one.issue is not None or one.hands_off
        bases = _bases(one.managed, one.base, trusted=trusted) if there else ()
        told, said = _told(one.base, one.managed, has)
        away = one.base.moved if one.base and one.base.retired else ()
        back = tuple(replace(move, to=one.uid) for move in away if sight_key(move.check.text) not in told)
        yield Past(one.path, one.desired.line, one.uid, one.issue, one.managed, bases, has, told, said, back)
    for known in orphans:
        managed, none = known.body if isinstance(known.body, Managed) else None, Counter[str]()
        bases = _bases(managed, known.base, trusted=trusted)
        if not known.may_be_closed:
            # it left the plan long ago, unless somebody closed it at the same time: then this is news
            values = shown(managed, bases)
            bases = [bases[at] for at, ticked in values.items() if ticked != bases[at].ticked]
        moved = _told(known.base, managed, none)
        yield Past(known.path, 0, known.base.uid, known.issue, managed, bases, none, *moved)


def moves_among(items: Sequence[Past]) -> dict[Spot, str]:
    """Return, for each check that left an item, the uid of the one that has it now.

    A text that one item of a plan file lost and one got tells that, and one that all plan files had once and have once.
    What the journal knows to have moved counts as being where it went.
    """
    told = {(one.uid, name): move.to for one in items for name, move in one.told.items()}
    texts: defaultdict[str, _Text] = defaultdict(_Text)
    for one in items:
        had = Counter(sight_key(check.text) for check in one.bases)
        for name in had.keys() | one.has.keys() | one.told.keys():
            text = texts[name]
            text.paths.setdefault(one.uid, one.path)
            text.new[one.uid] = one.has[name]
            if name not in one.said:
                text.old[one.uid] = max(text.old[one.uid], had[name])
            elif name in one.told:
                to = _end(told, (one.uid, name))
                text.old[to] = max(text.old[to], 1)
                text.paths[to] = one.path
    pairs = {(old, name): new for name, text in texts.items() for old, new in text.pairs()}
    found = dict(pairs)
    for uid, name in told:
        to = _end(told, (uid, name))
        at = to if texts[name].new[to] else pairs.get((to, name))
        if at is not None:
            found[uid, name] = at
    return found


@dataclass(slots=True)
class _Text:
    """Count how often each item had a check of one text, and has it, by uid."""

    old: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    paths: dict[str, str] = field(default_factory=dict)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the items that lost it, each with the one that got it."""
        lost, got = self.old - self.new, self.new - self.old
        if self.old.total() == self.new.total() == 1 and lost:
            yield next(iter(lost)), next(iter(got))
            return
        for path in {self.paths[uid] for uid in lost}:
            left = [uid for uid in lost.elements() if self.paths[uid] == path]
            come = [uid for uid in got.elements() if self.paths[uid] == path]
            if len(left) == len(come) == 1:
                yield left[0], come[0]


def _end(told: Mapping[Spot, str], spot: Spot) -> str:
    """Return the uid of the item that a check went to in the end, as far as the journal knows."""
    (uid, name), seen = spot, set[str]()
    while (uid, name) in told and uid not in seen:
        seen.add(uid)
        uid = told[uid, name]
    return uid


def _bases(managed: Managed | None, base: AgreedItem | None, *, trusted: bool) -> Sequence[AgreedCheck]:
    if trusted or managed is None or managed.marker.retired:
        return bases_of(managed, base, trusted=trusted)
    return tuple(AgreedCheck(None, box.text, ticked=False) for box in boxes_of(managed.text))


def _told(
    base: AgreedItem | None, managed: Managed | None, has: Counter[str]
) -> tuple[dict[str, AgreedMove], dict[str, bool]]:
    """Return what the journal knows to have moved away, and what has yet to arrive: as it is now, and as it was."""
    moved = {sight_key(move.check.text): move for move in (base.moved if base else ())}
    live = {sight_key(box.text): box.ticked for box in boxes_of(managed.text)} if managed and moved else {}
    told = {}
    for name, move in moved.items():
        here = move.shown and name in live
        now = replace(move, shown=here, ticked=live[name] if here else move.ticked)
        if not has[name] or (now.pending and not here):  # else it is back
            told[name] = now
    return told, {name: move.ticked for name, move in moved.items()}
