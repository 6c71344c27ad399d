"""Do again what people did to bodies in the one round trip between reading and writing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import TrackerError
from planbot.sync.restore import restored, written_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.sync.applied import Applied
    from planbot.sync.changes import Change
    from planbot.tracker.protocols import TrackerReader, TrackerWriter
    from planbot.tracker.records import IssueRecord


class Rewrites:
    """Collect the bodies that were written, then find what they were written over."""

    def __init__(self, reader: TrackerReader, writer: TrackerWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._rewrote: dict[int, tuple[Change, str, str]] = {}

    def note(self, change: Change, read: IssueRecord, stamp: str) -> None:
        """Note that an issue's body is about to be written: as it was read, and with which stamp."""
        self._rewrote[read.number] = change, read.body, stamp

    def redo(self, outcome: Applied, before: Callable[[Change], str]) -> None:
        """Ask for the history of all bodies at once; `before` may say why nothing may be written any more."""
        told = self._reader.body_histories(tuple(self._rewrote)) if self._rewrote else {}
        for number, runs in told.items():
            change, read, stamp = self._rewrote[number]
            over = written_over(runs, stamp)
            if over is None or over == read:
                continue
            try:
                why = outcome.stopped or before(change) or self._again(number, read, over, outcome)
            except TrackerError as error:
                why = error.message
            if why:
                outcome.overwritten[number] = why

    def _again(self, number: int, read: str, over: str, outcome: Applied) -> str:
        now = self._reader.issue(number)
        body = restored(read, over, now.body) if now else None
        if body is not None:
            self._writer.update_issue(number, body=body)
            outcome.restored.append(number)
        return ""
