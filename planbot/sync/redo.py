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
    from planbot.sync.agreed import Rewrite
    from planbot.sync.applied import Applied
    from planbot.sync.hands import Hands
    from planbot.sync.ledger import Ledger
    from planbot.tracker.records import IssueRecord


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

        What that fails for, or comes too late for, is left to the next pass; what it left, it does not leave again.
        """
        ledger, earlier = outcome.ledger, {one.stamp for one in outcome.ledger.base.rewrites}
        for stamp in ledger.rewrites.keys() - earlier - self._sent:
            del ledger.rewrites[stamp]  # announced, and surely not written
        if outcome.stopped or not ledger.rewrites:
            return
        numbers = tuple(dict.fromkeys(one.issue for one in ledger.rewrites.values()))
        try:
            told = self._hands.patiently(partial(self._hands.reader.body_histories, numbers))
        except (RateLimitedError, StoppedError) as error:
            outcome.stopped = error.message
            return
        except TrackerError:
            for stamp in earlier:
                ledger.rewrites.pop(stamp, None)
            return
        for one in tuple(ledger.rewrites.values()):
            gap = written_over(told.get(one.issue, ()), one.stamp, one.read)
            if gap is None or self._is_seen_to(one, gap, outcome, last=one.stamp in earlier):
                del ledger.rewrites[one.stamp]

    def _is_seen_to(self, one: Rewrite, gap: Gap, outcome: Applied, *, last: bool) -> bool:
        """Do again what a body was written over; return whether nothing is left for the next pass to try."""
        try:
            self._hands.patiently(partial(self._again, one.issue, gap, outcome))
        except (TrackerError, StoppedError) as error:
            outcome.overwritten[one.issue] = error.message
            return last and not isinstance(error, _PASSING)
        return True

    def _again(self, number: int, gap: Gap, outcome: Applied) -> None:
        now = self._hands.reader.issue(number)
        if now is None:
            return
        item = outcome.ledger.item_of(number)
        moved = {sight_key(move.check.text): move for move in (item.moved if item else ())}
        found = restored(gap, now.body, moved)
        if found.body != now.body:
            self._hands.writer.update_issue(number, body=found.body)
            outcome.restored.append(number)
        lost = [text for text in found.missing if sight_key(text) not in moved]
        if lost:
            outcome.overwritten[number] = f"the plan took these checks out: {', '.join(lost)}"
        for text, ticked in found.missing.items():
            move = moved.get(sight_key(text))
            if move is not None and item is not None:
                check = replace(move.check, ticked=not ticked)
                outcome.ledger.stray(item.uid, replace(move, check=check, ticked=ticked, shown=False))
                outcome.restored.append(number)  # the next round gives it to the item that has it now
