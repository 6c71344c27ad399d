"""Do again what people did to bodies in the one round trip between reading and writing them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from planbot.errors import (
    LostAnswerError,
    RateLimitedError,
    StoppedError,
    TrackerError,
    UnreachableError,
)
from planbot.sync.align import sight_key
from planbot.sync.restore import Gap, restored, signature, written_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.sync.agreed import AgreedItem, AgreedMove, Rewrite
    from planbot.sync.applied import Applied
    from planbot.sync.hands import Hands
    from planbot.sync.ledger import Ledger
    from planbot.tracker.records import IssueRecord

    _Histories = Mapping[int, tuple[tuple[str, ...], ...]]

_LOOKS = 5  # more than people who are at the same issue need; what may be left then is left to the next pass
_PASSING = (LostAnswerError, RateLimitedError, StoppedError, UnreachableError)


class Rewrites:
    """Note the bodies that are written, then find what they were written over; the ledger knows those still to do."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._sent: set[str] = set()

    def note(self, read: IssueRecord, stamp: str, ledger: Ledger) -> None:
        """Note that an announced body is about to be written, and as what it was read."""
        self._sent.add(stamp)
        ledger.rewrites[stamp] = replace(ledger.rewrites[stamp], read=signature(read.body))

    def redo(self, outcome: Applied) -> None:
        """Ask for the history of all bodies at once, and do again what was written over.

        Where a body is written for that, its history is asked for again: a person may have come in between there too.
        What this fails for, or comes too late for, is left to the next pass; what it left, it does not leave again.
        """
        ledger, earlier = outcome.ledger, {one.stamp for one in outcome.ledger.base.rewrites}
        for stamp in ledger.rewrites.keys() - earlier - self._sent:
            del ledger.rewrites[stamp]  # announced, and surely not written
        left = [*ledger.rewrites.values()]
        for _ in range(_LOOKS):
            told = self._histories(left, outcome, earlier)
            if told is None:
                return
            left = [one for one in left if self._is_written(one, told, outcome, last=one.stamp in earlier)]

    def _histories(self, rewrites: list[Rewrite], outcome: Applied, earlier: set[str]) -> _Histories | None:
        """Return the histories of the issues that were written, None where nothing is to be done about them now."""
        if outcome.stopped or not rewrites:
            return None
        numbers = tuple(dict.fromkeys(one.issue for one in rewrites))
        try:
            return self._hands.patiently(partial(self._hands.reader.body_histories, numbers))
        except (RateLimitedError, StoppedError) as error:
            outcome.stopped = error.message
        except TrackerError:
            for stamp in earlier:
                outcome.ledger.rewrites.pop(stamp, None)
        return None

    def _is_written(self, one: Rewrite, told: _Histories, outcome: Applied, *, last: bool) -> bool:
        """Do again what a body was written over; return whether it was written for that."""
        moved = _moved(outcome.ledger.item_of(one.issue))
        try:
            written = [
                self._hands.patiently(partial(self._again, one.issue, gap, outcome))
                for gap in written_over(told.get(one.issue, ()), one.stamp, one.read, moved)
            ]
        except (TrackerError, StoppedError) as error:
            outcome.overwritten[one.issue] = error.message
            if last and not isinstance(error, _PASSING):
                del outcome.ledger.rewrites[one.stamp]
            return False
        if not any(written):
            del outcome.ledger.rewrites[one.stamp]
        return any(written)

    def _again(self, number: int, gap: Gap, outcome: Applied) -> bool:
        """Do again what was done in a gap; return whether the body was written for that."""
        now = self._hands.reader.issue(number)
        if now is None:
            return False
        item = outcome.ledger.item_of(number)
        moved = _moved(item)
        found = restored(gap, now.body, moved)
        written = found.body != now.body and not gap.closed
        if written:
            self._hands.writer.update_issue(number, body=found.body)
            outcome.restored.append(number)
        lost = [text for text in found.missing if sight_key(text) not in moved]
        if lost:
            outcome.overwritten[number] = f"the plan took these checks out: {', '.join(lost)}"
        for text, ticked in found.missing.items():
            move = moved.get(sight_key(text))
            if move is not None and item is not None and move.ticked != ticked:
                check = replace(move.check, ticked=not ticked)
                outcome.ledger.stray(item.uid, replace(move, check=check, ticked=ticked, shown=False))
                outcome.restored.append(number)  # the next round gives it to the item that has it now
        return written


def _moved(item: AgreedItem | None) -> dict[str, AgreedMove]:
    """Return the checks that went from an item to others."""
    return {sight_key(move.check.text): move for move in (item.moved if item else ())}
