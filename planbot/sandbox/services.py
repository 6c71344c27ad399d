"""The parts of a running sandbox, held together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sandbox.clock import Clock
from planbot.sandbox.faults import Faults
from planbot.sandbox.limits import Limits
from planbot.sandbox.store import Store
from planbot.sandbox.webhooks import Deliverer

if TYPE_CHECKING:
    from pathlib import Path

    from planbot.sandbox.events import Outbox


@dataclass(frozen=True, slots=True)
class Services:
    """Hold the clock, the state, the limits, the faults and the deliveries of one sandbox."""

    clock: Clock
    store: Store
    limits: Limits
    faults: Faults
    deliverer: Deliverer

    @classmethod
    def create(cls, state_file: Path | None = None) -> Services:
        """Return the parts of a sandbox, with the state of a file if there is one."""
        clock = Clock()
        store = Store(clock, state_file)
        return cls(clock, store, Limits(clock), Faults(store), Deliverer(store))

    def finish(self, outbox: Outbox) -> None:
        """Deliver what a request made happen, and keep the state."""
        with self.store.lock:
            self.deliverer.send(outbox.events)
            self.store.save()

    def reset(self) -> None:
        """Forget the state, faults, limits and deliveries, and go back to the machine's time."""
        self.store.reset()
        self.faults.clear()
        self.limits.reset()
        self.deliverer.deliveries.clear()
        self.clock.release()
