"""What happened so far, as counts that grow, and a way to wait until they do."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold how many changes of the state and how many requests there were at one moment."""

    changes: int = 0
    requests: int = 0


class News:
    """Count changes and requests, and wake who waits for either."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._now = Seen()
        self._is_over = False

    @property
    def now(self) -> Seen:
        """Return the counts as they are."""
        return self._now

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen, as the sandbox has stopped."""
        return self._is_over

    def changed(self) -> None:
        """Count a change of the state."""
        with self._condition:
            self._now = replace(self._now, changes=self._now.changes + 1)
            self._condition.notify_all()

    def requested(self) -> None:
        """Count a request."""
        with self._condition:
            self._now = replace(self._now, requests=self._now.requests + 1)
            self._condition.notify_all()

    def wait(self, seen: Seen, seconds: float) -> Seen:
        """Return the counts once they differ from those seen, after so many seconds, or when all is over."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_over or self._now != seen, seconds)
            return self._now

    def begin(self) -> None:
        """Let things happen, again."""
        self._is_over = False

    def end(self) -> None:
        """Let nobody wait any longer."""
        with self._condition:
            self._is_over = True
            self._condition.notify_all()
