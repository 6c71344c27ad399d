"""Who had the last word on a box: what people did, and what each of them could know of the others.

Every change of a box by a person is an *event*. Each side of a box (a commit of the plan, an issue) knows some events:
those made there, and those that a pass carried over. A person who changes a box knows what that side knew just then,
and so outranks it. Events that nobody outranks are the last words; where these differ, people truly disagree, and
either value may stand.

What a side knows may be told too low, never too high: then more events are last words, and less is demanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Known = Mapping[str, frozenset[int]]  # the events that one side knows, by the name of the box
NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """Hold what a person did to a box, and the events they knew of."""

    box: str
    value: bool
    knows: frozenset[int]


@dataclass(frozen=True, slots=True)
class Commit:
    """Hold a commit of a branch: its files, and the events that each box of the plan knows."""

    name: str
    files: dict[str, bytes]
    known: Known


@dataclass
class LastWords:
    """Collect events since a moment at which both sides agreed.

    `lost` are events that fell into the one round trip between a pass's reading and its writing of a body. `free` are
    boxes of which nothing can be demanded until both sides agree again: they left the plan, or were cut from an issue.
    `heirs` came into the plan while others had left it: one in another's place is that one, reworded.
    `in_plan` are the events that happened in the plan, where who works on it sees them.
    """

    events: dict[int, Event] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    heirs: set[str] = field(default_factory=set)
    in_plan: set[int] = field(default_factory=set)
    latest: dict[str, int] = field(default_factory=dict)  # the last event of each box, however long ago
    count: int = 0  # of all events ever: what a side knew before stays known, and means nothing any more

    def say(
        self,
        known: Known,
        box: str,
        value: bool,  # noqa: FBT001
        *,
        in_plan: bool = False,
    ) -> dict[str, frozenset[int]]:
        """Note an event, and return what its side knows then."""
        number, self.count = self.count, self.count + 1
        knows = known.get(box, NOTHING)
        self.events[number] = Event(box, value, knows)
        self.latest[box] = number
        if in_plan:
            self.in_plan.add(number)
        return {**known, box: knows | {number}}

    def allowed(self, box: str) -> frozenset[bool]:
        """Return the values that a box may have; all of them where nobody said anything that must hold."""
        said = {number: event for number, event in self.events.items() if event.box == box}
        outranked = {number for event in said.values() for number in event.knows}
        last = said.keys() - outranked
        if box in self.free or not last or last & self.lost:
            return frozenset((True, False))
        return frozenset(said[number].value for number in last)

    def silent(self, box: str) -> bool:
        """Return whether nobody said anything of a box, or of one that it may be the successor of."""
        return box not in self.free | self.heirs and all(event.box != box for event in self.events.values())

    def settle(self) -> None:
        """Forget everything: both sides agree."""
        self.events.clear()
        self.lost.clear()
        self.free.clear()
        self.heirs.clear()
        self.in_plan.clear()


def joined(known: Known, other: Known, boxes: Iterable[str]) -> dict[str, frozenset[int]]:
    """Return what a side knows once it was told what another knows of some boxes."""
    return {**known, **{box: known.get(box, NOTHING) | other.get(box, NOTHING) for box in boxes}}
