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


class Restorer:
    """Remember which bodies were written, and restore what these writes went over where the server tells it."""

    def __init__(self, reader: TrackerReader, writer: TrackerWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._written: dict[int, tuple[Change, str, str]] = {}

    def note(self, number: int, change: Change, read: str, stamp: str) -> None:
        """Note that a body, read like this just before, is about to be written under this stamp."""
        self._written[number] = change, read, stamp

    def restore(self, outcome: Applied, before: Callable[[Change], str]) -> None:
        """Ask for the history of every body that was written; `before` may say why nothing more is."""
        told = self._reader.body_histories(tuple(self._written)) if self._written else {}
        for number, runs in told.items():
            change, read, stamp = self._written[number]
            over = written_over(runs, stamp)
            if over is None or over == read:
                continue
            try:
                why = outcome.stopped or before(change) or self._redo(number, read, over, outcome)
            except TrackerError as error:
                why = error.message
            if why:
                outcome.overwritten[number] = why

    def _redo(self, number: int, read: str, over: str, outcome: Applied) -> str:
        now = self._reader.issue(number)
        body = restored(read, over, now.body) if now else None
        if body is not None:
            self._writer.update_issue(number, body=body)
            outcome.restored.append(number)
        return ""
