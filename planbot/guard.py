"""The guard of a pass: whether it may still write, and how it rests without losing its lease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import StoppedError
from planbot.report.lines import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planbot.engine import Means
    from planbot.sync.changes import Change
    from planbot.tally import Tally

SLICE = 15.0  # seconds between two looks at lease and time while a pass rests
LEASE_LOST = "the lease on the tracker is lost"
OUT_OF_TIME = "the time budget is used up"
STOPPING = "planbot was told to stop"


class Guard:
    """Watch over the writes of a pass: `keep` keeps its lease, `tally` has when its time is up."""

    def __init__(
        self, means: Means, tally: Tally, keep: Callable[[], bool], changes: Sequence[Change] = ()
    ) -> None:
        self._means = means
        self._tally = tally
        self._keep = keep
        self._places = {id(change): place for place, change in enumerate(changes, 1)}

    def begin(self, change: Change) -> None:
        """Tell that a change is tried now."""
        self._means.progress(self._places[id(change)], len(self._places), told(change))

    def now(self) -> int:
        """Return the time in epoch seconds."""
        return int(self._means.clock())

    def stop(self) -> str:
        """Return why nothing more may be written, "" if it may."""
        stopping = self._means.stopping()
        if stopping or self._ends_within(0):
            self._tally.out_of_time = True
            return STOPPING if stopping else OUT_OF_TIME
        return "" if self._keep() else LEASE_LOST

    def rest(self, seconds: float) -> None:
        """Let time pass, and keep the lease meanwhile.

        Raises:
            StoppedError: if nothing may be written afterwards; where that is known beforehand, no time passes.
        """
        if self._ends_within(seconds):
            self._tally.out_of_time = True
            raise StoppedError(f"{OUT_OF_TIME}: the tracker asks to wait {seconds:.0f} s")
        self._means.tell(f"the tracker limits requests; waiting {seconds:.0f} s")
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass without a word, and keep the lease meanwhile.

        Raises:
            StoppedError: if nothing may be written afterwards.
        """
        while seconds > 0:
            self._means.sleep(min(seconds, SLICE))
            seconds -= SLICE
            if why := self.stop():
                raise StoppedError(why)

    def _ends_within(self, seconds: float) -> bool:
        return self._tally.ends is not None and self._means.clock() + seconds > self._tally.ends
