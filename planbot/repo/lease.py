"""The lease: for as long as it holds one, a pass is the only one that writes to the tracker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import Lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.repo.logbook import Entry, Logbook
    from planbot.sync.agreed import Agreed

SECONDS = 90  # how long a lease runs
RENEWAL = 30  # after so many seconds it is renewed
MARGIN = 20  # a holder sends nothing in the last seconds: a request may take that long to be given up


class Holder:
    """Take, renew and end the lease of one pass; times are epoch seconds."""

    def __init__(self, logbook: Logbook, name: str, clock: Callable[[], float]) -> None:
        self.name = name
        self._logbook = logbook
        self._clock = clock
        self._head: str | None = None
        self._until = 0.0

    @property
    def head(self) -> str | None:
        """Return the newest journal entry that this pass made, None before the first."""
        return self._head

    def stands_in_the_way(self, agreed: Agreed) -> bool:
        """Return whether another pass holds a lease that has not run out."""
        lease = agreed.lease
        return lease is not None and lease.holder != self.name and lease.until > self._clock()

    def take(self, parent: str | None, agreed: Agreed, message: str) -> bool:
        """Append an entry with the lease; return whether it is ours now."""
        return self._lease(parent, agreed, message).require().done

    def keep(self, agreed: Callable[[], Agreed]) -> bool:
        """Renew the lease when it is time, with what was done so far; return whether it may be acted on."""
        now = self._clock()
        if now < self._until - SECONDS + RENEWAL:
            return True
        if now >= self._until - MARGIN:
            return False
        return self._lease(self._head, agreed(), "Go on").done

    def end(self, agreed: Agreed, message: str) -> Entry:
        """Append the closing entry, without the lease."""
        return self._logbook.append(self._head, replace(agreed, lease=None), message)

    def _lease(self, parent: str | None, agreed: Agreed, message: str) -> Entry:
        until = int(self._clock()) + SECONDS
        entry = self._logbook.append(parent, replace(agreed, lease=Lease(self.name, until)), message)
        if entry.done:
            self._head, self._until = entry.commit, until
        return entry
