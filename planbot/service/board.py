"""What one process knows of every repository that it keeps: how its passes went, what comes next."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planbot.service.metrics import Metrics
from planbot.service.states import RepositoryState, by_end, by_start, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from planbot.service.model import Outcome, Reason
    from planbot.service.states import Change
    from planbot.tracker.records import Account


class StatusBoard:
    """Keep the state of every repository, for the pages and the metrics; any thread may call any method."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._states: dict[str, RepositoryState] | None = None
        self._lock = threading.Lock()
        self.metrics = Metrics(self.states, clock())

    @property
    def ready(self) -> bool:
        """Return whether the repositories are known."""
        return self._states is not None

    def states(self) -> tuple[RepositoryState, ...]:
        """Return what is known of all repositories, in no order."""
        with self._lock:
            return tuple((self._states or {}).values())

    def queue(self) -> None:
        """Return nothing: there is no queue beside this process."""

    def branch_of(self, repository: str) -> str:
        """Return the branch that is kept in step, "" if no pass has told."""
        return self._state_of(repository).branch

    def account_of(self, repository: str) -> Account:
        """Return whom passes act as; nobody if none has told."""
        return self._state_of(repository).account

    def kept(self, names: Collection[str]) -> None:
        """Take the repositories that are kept from now on; what is known of others is forgotten."""
        with self._lock:
            before = self._states or {}
            self._states = {
                name.casefold(): before.get(name.casefold(), RepositoryState(name)) for name in names
            }

    def planned(self, repository: str, at: datetime | None) -> None:
        """Take the time of the next pass that is foreseen, None for none."""
        self._change(repository, lambda state: replace(state, next=at))

    def asked(self, repository: str, reason: Reason) -> None:  # noqa: ARG002  # it matters to others that listen
        """Note that a pass is wanted."""
        self._change(repository, lambda state: replace(state, wanted=state.wanted + 1))

    def started(self, repository: str, pass_id: str, reasons: tuple[Reason, ...]) -> None:  # noqa: ARG002
        """Note that a pass starts."""
        self._change(repository, by_start(pass_id, self._clock()))

    def ended(self, repository: str, pass_id: str, outcome: Outcome) -> None:
        """Note how a pass ended."""
        self.metrics.ended(outcome, verdict_of(outcome))
        self._change(repository, by_end(pass_id, outcome, self._clock()))

    def _state_of(self, repository: str) -> RepositoryState:
        with self._lock:
            found = (self._states or {}).get(repository.casefold())
        return found or RepositoryState(repository)

    def _change(self, repository: str, change: Change) -> None:
        with self._lock:
            key, states = repository.casefold(), self._states or {}
            if key in states:
                states[key] = change(states[key])
