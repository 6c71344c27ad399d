"""A board that all processes of a queue share: written by workers, shown by each of them."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planbot.errors import AwayError, QueueError
from planbot.queue import states as table
from planbot.queue.database import AGAIN
from planbot.service.metrics import Metrics
from planbot.service.states import QueueState, RepositoryState, Trouble, by_end, by_start, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from planbot.queue.database import Database
    from planbot.service.model import Outcome, Reason
    from planbot.service.states import Change
    from planbot.tracker.records import Account

_LOG = logging.getLogger(__name__)

EVERY = 2.0  # seconds between two looks at what others changed
_LEAVING = 5.0  # seconds for what is left to write at the end


class SharedBoard:
    """Keep the state of every repository in the queue's database, and a copy of it in memory.

    Everything is answered from memory, whether the database is there or not. A thread, which begins with the first
    `kept`, writes what this process has to tell and reads what others told. Implements `Shown`.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock
        self._names: dict[str, str] | None = None
        self._next: dict[str, datetime | None] = {}
        self._states: dict[str, tuple[datetime, RepositoryState]] = {}
        self._waits: table.Waits | None = None
        self._lost: datetime | None = None
        self._changes: deque[tuple[str, Change]] = deque()
        self._changed = threading.Condition()
        self._listed = self._closing = False
        self._thread = threading.Thread(target=self._run, name="planbot-board", daemon=True)
        self.metrics = Metrics(self.states, clock(), self.queue)

    @property
    def ready(self) -> bool:
        """Return whether the repositories are known, and what was told of them was read."""
        return self._names is not None and self._waits is not None

    def states(self) -> tuple[RepositoryState, ...]:
        """Return what is known of all repositories, in no order."""
        with self._changed:
            return tuple(self._whole(key, name) for key, name in (self._names or {}).items())

    def queue(self) -> QueueState:
        """Return how the queue is."""
        with self._changed:
            waits, lost = self._waits, self._lost
        if waits is None:
            return QueueState(lost=lost)
        startable = (at for key, at in waits.waiting.items() if at <= waits.now and key not in waits.running)
        oldest = min(startable, default=None)
        return QueueState(len(waits.waiting), oldest, len(waits.given_up), lost)

    def branch_of(self, repository: str) -> str:
        """Return the branch that is kept in step, "" if no pass has told."""
        return self._told_of(repository).branch

    def account_of(self, repository: str) -> Account:
        """Return whom passes act as; nobody if none has told."""
        return self._told_of(repository).account

    def kept(self, names: Collection[str]) -> None:
        """Take the repositories that are shown from now on."""
        with self._changed:
            self._names = {name.casefold(): name for name in names}
            self._listed = True
            self._changed.notify()
        if self._thread.ident is None:
            self._thread.start()

    def planned(self, repository: str, at: datetime | None) -> None:
        """Take the time of the next pass that is foreseen, None for none."""
        with self._changed:
            self._next[repository.casefold()] = at

    def asked(self, repository: str, reason: Reason) -> None:
        """Do nothing: the queue itself tells which passes wait."""

    def started(self, repository: str, pass_id: str, reasons: tuple[Reason, ...]) -> None:  # noqa: ARG002
        """Note that a pass starts."""
        self._change(repository, by_start(pass_id, self._clock()))

    def ended(self, repository: str, pass_id: str, outcome: Outcome) -> None:
        """Note how a pass ended."""
        self.metrics.ended(outcome, verdict_of(outcome))
        self._change(repository, by_end(pass_id, outcome, self._clock()))

    def close(self) -> None:
        """Write what is left to be told; give that up if the database is away."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(_LEAVING)

    def _whole(self, key: str, name: str) -> RepositoryState:
        """Return what passes told of a repository, with what the queue and this process's timetable tell."""
        _, state = self._states.get(key, (None, RepositoryState(name)))
        state = replace(state, name=name, next=self._next.get(key))
        return state if self._waits is None else _in_queue(state, key, self._waits)

    def _told_of(self, repository: str) -> RepositoryState:
        with self._changed:
            found = self._states.get(repository.casefold())
        return RepositoryState(repository) if found is None else found[1]

    def _change(self, repository: str, change: Change) -> None:
        with self._changed:
            self._changes.append((repository, change))
            self._changed.notify()

    def _run(self) -> None:
        look = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._changes or self._closing, max(0, look - time.monotonic())
                )
                if self._closing and not self._changes:
                    return
            try:
                self._write()
                if look <= time.monotonic():
                    look = time.monotonic() + EVERY
                    self._read()
            except AwayError:
                with self._changed:
                    self._lost = self._lost or self._clock()
                time.sleep(AGAIN)
            except QueueError as error:
                _LOG.error("what is known of repositories cannot be shared: %s", error.message)
            except Exception:  # noqa: BLE001 - a mistake of ours must not end the thread
                _LOG.exception(
                    "what is known of repositories cannot be shared, by a mistake of planbot's own"
                )

    def _write(self) -> None:
        """Write what there is to tell, in its order; what finds the database away is written when it is back."""
        while self._changes:
            name, act = self._changes.popleft()
            try:
                with self._database.transaction() as connection:
                    table.change(connection, name, act)
            except AwayError:
                self._changes.appendleft((name, act))
                raise

    def _read(self) -> None:
        with self._changed:
            names, listed, self._listed = self._names or {}, self._listed, False
        since = max((at for at, _ in self._states.values()), default=None)
        with self._database.transaction() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # all as of one moment
            found, waits = table.changed(connection, since), table.waits(connection)
        if listed:
            with self._database.transaction() as connection:
                table.forget(connection, names)
        fresh = {
            key: (at, table.read(names.get(key, key), text))
            for key, text, at in found
            if key not in self._states or self._states[key][0] != at
        }
        with self._changed:
            self._states.update(fresh)
            self._waits, self._lost = waits, None


def _in_queue(state: RepositoryState, key: str, waits: table.Waits) -> RepositoryState:
    """Return a state with what the queue tells, also of passes whose worker came to no end that it could tell of."""
    given_up = waits.given_up.get(key)
    if given_up is not None:
        trouble = state.trouble or Trouble("", "", given_up.at)
        passes = max(trouble.passes, given_up.failures)
        trouble = replace(trouble, text=given_up.why, hint=given_up.hint, passes=passes)
        state = replace(state, trouble=trouble, given_up=given_up.at)
    if key not in waits.running:
        state = replace(state, running="", running_since=None)
    return replace(state, wanted=int(key in waits.waiting))
