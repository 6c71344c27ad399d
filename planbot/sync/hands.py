"""The hands of a pass that changes the tracker: it may write only while somebody who watches over it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from planbot.errors import StoppedError
from planbot.tracker.patience import patiently

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.sync.changes import Change
    from planbot.tracker.protocols import TrackerReader, TrackerWriter
    from planbot.tracker.records import IssueRecord

_T = TypeVar("_T")


class Watch(Protocol):
    """Watch over the writes of a pass."""

    def begin(self, change: Change) -> None:
        """Hear that a change is tried now."""

    def now(self) -> int:
        """Return the time in epoch seconds."""

    def stop(self) -> str:
        """Return why nothing more may be written, "" if it may."""

    def rest(self, seconds: float) -> None:
        """Let time pass, as the tracker asks; raise `StoppedError` where nothing may be written afterwards."""

    def wait(self, seconds: float) -> None:
        """Let the time between two writes pass; raise `StoppedError` where nothing may be written afterwards."""


class Hands:
    """Read and write the tracker, and know the numbers that items and milestones have by now, by uid."""

    def __init__(self, reader: TrackerReader, writer: TrackerWriter, watch: Watch) -> None:
        self.reader = reader
        self.watch = watch
        self.numbers: dict[str, int] = {}
        self.milestones: dict[str, int] = {}
        self._writer = writer
        self._made: dict[str, IssueRecord | None] = {}

    @property
    def writer(self) -> TrackerWriter:
        """Return what writes; ask for it last, for the reads before may have taken long.

        Raises:
            StoppedError: if nothing more may be written.
        """
        self._wait()
        if why := self.watch.stop():
            raise StoppedError(why)
        return self._writer

    def patiently(self, do: Callable[[], _T], *, at_once: bool = False) -> _T:
        """Do what reads and then writes; where a limit refuses a part of it, rest, and do all of it again.

        The time between two writes passes before the reads, so that people have little of it between read and write;
        unless it is to be done `at_once`, as far as it does not write.
        """

        def in_turn() -> _T:
            if not at_once:
                self._wait()
            return do()

        return patiently(in_turn, self._rest)

    def made(self, uid: str, issue: IssueRecord) -> None:
        """Note an issue that was just made."""
        self.numbers[uid] = issue.number
        self._made[uid] = issue

    def has_made(self, uid: str) -> bool:
        """Return whether an item's issue was made by this pass."""
        return uid in self._made

    def issue(self, uid: str) -> IssueRecord | None:
        """Return an item's issue as it is now; one that was just made need not be asked for."""
        number = self.numbers.get(uid)
        return self._made.get(uid) or (self.reader.issue(number) if number else None)

    def _wait(self) -> None:
        """Wait here and not where the request is sent: the lease must be good for the request."""
        self.watch.wait(self._writer.pause)

    def _rest(self, seconds: float) -> None:
        self._made = dict.fromkeys(self._made)  # by then they are what they were, and no more
        self.watch.rest(seconds)
