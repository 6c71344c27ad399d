"""The sandbox's time: it runs with the machine's unless a test holds or moves it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Tell the sandbox's time, in seconds since the epoch."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._held: float | None = None

    def now(self) -> float:
        """Return the time in seconds since the epoch, fractions included."""
        return time.time() + self._offset if self._held is None else self._held

    def set(self, moment: datetime) -> None:
        """Set the time; it goes on from there unless it is held."""
        self.advance(moment.timestamp() - self.now())

    def hold(self) -> None:
        """Let the time stand still until `release`; `advance` and `set` still move it."""
        self._held = self.now()

    def advance(self, seconds: float) -> None:
        """Move the time on by so many seconds (back, if negative)."""
        if self._held is None:
            self._offset += seconds
        else:
            self._held += seconds

    def release(self) -> None:
        """Go back to the machine's time."""
        self._held = None
        self._offset = 0.0


def timestamp(seconds: float) -> str:
    """Write a time as GitHub does: UTC, to the second, `2026-12-01T12:00:00Z`.

    https://docs.github.com/rest/using-the-rest-api/timezones-and-the-rest-api
    """
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: str) -> float:
    """Read an ISO 8601 date or time; one without an offset is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
