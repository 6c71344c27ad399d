"""Pacing of writes: one at a time, with a pause between them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pacer:
    """Keep writes at least `seconds` apart, from the end of one to the start of the next.

    GitHub asks for serial writes, a second apart:
    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """

    def __init__(
        self, seconds: float, *, sleep: Callable[[float], object], clock: Callable[[], float]
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._clock = clock
        self._last: float | None = None
        self._owed = 1  # what the last request wrote: one that writes much is followed by as many pauses

    @property
    def pause(self) -> float:
        """Return in how many seconds the next write may be sent."""
        if self._last is None:
            return 0
        pause = self._seconds * self._owed
        # a clock that was set back must not make the pause longer
        return max(0, min(self._last + pause - self._clock(), pause))

    @contextmanager
    def turn(self, writes: int = 1) -> Iterator[None]:
        """Wait until a request may be sent that writes so much; the next one's pause counts from the end of this."""
        if wait := self.pause:
            self._sleep(wait)
        try:
            yield
        finally:
            self._last = self._clock()
            self._owed = writes
