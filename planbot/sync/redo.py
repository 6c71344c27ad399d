"""Do again what people did to bodies in the one round trip between reading and writing them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from planbot.errors import StoppedError, TrackerError
from planbot.sync.restore import restored, written_over

if TYPE_CHECKING:
    from planbot.sync.applied import Applied
    from planbot.sync.hands import Hands
    from planbot.tracker.records import IssueRecord


class Rewrites:
    """Collect the bodies that were written, then find what they were written over."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._rewrote: dict[int, tuple[str, str]] = {}

    def note(self, read: IssueRecord, stamp: str) -> None:
        """Note that an issue's body is about to be written: as it was read, and with which stamp."""
        self._rewrote[read.number] = read.body, stamp

    def redo(self, outcome: Applied) -> None:
        """Ask for the history of all bodies at once, and do again what was written over."""
        told = self._hands.reader.body_histories(tuple(self._rewrote)) if self._rewrote else {}
        for number, runs in told.items():
            read, stamp = self._rewrote[number]
            over = written_over(runs, stamp)
            if over is None or over == read:
                continue
            why = outcome.stopped
            try:
                if not why:
                    self._hands.patiently(partial(self._again, number, read, over, outcome))
            except (TrackerError, StoppedError) as error:
                why = error.message
            if why:
                outcome.overwritten[number] = why

    def _again(self, number: int, read: str, over: str, outcome: Applied) -> None:
        now = self._hands.reader.issue(number)
        body = restored(read, over, now.body) if now else None
        if body is not None:
            self._hands.writer.update_issue(number, body=body)
            outcome.restored.append(number)
