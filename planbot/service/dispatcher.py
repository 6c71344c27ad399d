"""Who gets a pass when: one at a time for each repository, bursts as one, failing ones less often, a few at once.

This is one process's way; what is asked for here could as well stand in a queue that several work off.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from planbot.service.attempt import at_work, attempt, log_end, new_context
from planbot.service.model import Reason
from planbot.service.turns import Backoff, Turn, join

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from planbot.service.attempt import Run
    from planbot.service.model import Board, Outcome, PassContext

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """Hold where one repository stands, by the monotonic clock.

    `reasons` are those of the pass that waits, if any; `queued` is the time under which it stands in the queue.
    """

    name: str
    reasons: list[Reason] = field(default_factory=list)
    turn: Turn = field(default_factory=Turn)
    running: bool = False
    kept: bool = True
    queued: float | None = None

    @property
    def ready(self) -> float:
        """Return when the waiting pass may start."""
        return self.turn.ready(by_webhook=any(reason.kind == "webhook" for reason in self.reasons))

    def want(self, reason: Reason, delay: float, now: float) -> None:
        """Add a wish to those that wait."""
        self.turn = self.turn.wanted(delay, now)
        join(self.reasons, reason)

    def take(self) -> tuple[Reason, ...]:
        """Return the wishes that waited; none does any more."""
        reasons = tuple(self.reasons)
        self.reasons.clear()
        self.turn = self.turn.taken()
        return reasons


class Dispatcher:
    """Grant wishes for passes with a few threads; implements `Asks`.

    `run` makes one pass, with `CURRENT_PASS` set. A repository that hangs holds one thread, and no longer than its
    time-outs. There are no threads until `resize`. The board is told of wishes and starts under a lock: it must not ask
    anything back.
    """

    def __init__(self, run: Run, board: Board, backoff: Backoff | None = None) -> None:
        self._run = run
        self._board = board
        self._backoff = backoff or Backoff()
        self._places: dict[str, _Place] = {}
        self._queue: list[tuple[float, int, _Place]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._workers = 0
        self._threads: set[threading.Thread] = set()

    def resize(self, workers: int) -> None:
        """Let so many passes run at once from now on; those that run go on."""
        with self._changed:
            self._workers = workers
            for _ in range(workers - len(self._threads)):
                thread = threading.Thread(target=self._work, name="planbot-worker", daemon=True)
                self._threads.add(thread)
                thread.start()
            self._changed.notify_all()

    def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:
        """Want a pass over a repository in `delay` seconds; return whether it will be made, as before a stop."""
        with self._changed:
            if self._stopped:
                return False
            place = self._places.setdefault(repository.casefold(), _Place(repository))
            place.name, place.kept = repository, True
            place.want(reason, delay, time.monotonic())
            self._enqueue(place)
            self._tell(lambda: self._board.asked(repository, reason))  # not after the pass has started
        return True

    def forget(self, repository: str) -> None:
        """Drop what is wanted for a repository; a pass that runs goes on, and is not followed by another meanwhile."""
        with self._changed:
            place = self._places.get(repository.casefold())
            if place is not None:
                place.reasons.clear()
                place.turn, place.kept = Turn(), False
                self._drop(place)

    def only(self, repositories: Collection[str]) -> None:
        """Do nothing: of what was wanted before this process, nothing is known."""

    def _drop(self, place: _Place) -> None:
        """Keep nothing of a repository that was forgotten, once no pass over it runs."""
        if not place.kept and not place.running:
            self._places.pop(place.name.casefold(), None)

    def stop(self, grace: float) -> bool:
        """Start no more passes; wait `grace` seconds for those that run; return whether they have ended."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._threads, grace)

    def _work(self) -> None:
        while (granted := self._next()) is not None:
            self._pass(*granted)

    def _next(self) -> tuple[_Place, PassContext, tuple[Reason, ...]] | None:
        """Wait for a wish that may be granted; return None, and let go of the thread, if it is needed no more."""
        with self._changed:
            while not self._stopped and len(self._threads) <= self._workers:
                ready = self._first()
                if ready is None or (pause := ready - time.monotonic()) > 0:
                    self._changed.wait(None if ready is None else pause)
                    continue
                _, _, place = heapq.heappop(self._queue)
                self._changed.notify()  # for what stands next in the queue
                return self._granted(place)
            self._threads.discard(threading.current_thread())
            self._changed.notify_all()
            return None

    def _granted(self, place: _Place) -> tuple[_Place, PassContext, tuple[Reason, ...]]:
        reasons = place.take()
        place.running, place.queued = True, None
        context = new_context(place.name, reasons)
        self._tell(lambda: self._board.started(context.repository, context.pass_id, reasons))
        return place, context, reasons

    def _first(self) -> float | None:
        """Return when the first of the queue may start, once what has become untrue in front of it is gone."""
        while self._queue:
            queued, _, place = self._queue[0]
            if place.reasons and not place.running and place.ready <= queued:
                return queued
            heapq.heappop(self._queue)
            if place.queued == queued:
                place.queued = None
                self._enqueue(place)
        return None

    def _enqueue(self, place: _Place) -> None:
        """Put a repository into the queue, unless it stands there early enough or has no pass to wait for."""
        if not place.reasons or place.running or (place.queued is not None and place.queued <= place.ready):
            return
        place.queued = place.ready
        heapq.heappush(self._queue, (place.queued, next(self._count), place))
        self._changed.notify()

    def _pass(self, place: _Place, context: PassContext, reasons: tuple[Reason, ...]) -> None:
        name, pass_id = context.repository, context.pass_id
        with at_work(context):
            outcome = self._end(place, attempt(self._run, name, reasons))
            self._tell(lambda: self._board.ended(name, pass_id, outcome))
            self._tell(lambda: log_end(outcome))
        self._let_go(place)  # not before: else the next pass could be told of ahead of this one's end

    def _end(self, place: _Place, outcome: Outcome) -> Outcome:
        """Note when another pass may come; return the outcome with when that is, where it is tried again."""
        with self._changed:
            place.turn, rest = place.turn.after(outcome, self._backoff, time.monotonic())
            if rest is None or not place.kept:
                return outcome
            place.want(Reason("retry"), 0, time.monotonic())
        return replace(outcome, retry_at=datetime.now(UTC) + timedelta(seconds=rest))

    def _let_go(self, place: _Place) -> None:
        """Let another pass over a repository come."""
        with self._changed:
            place.running = False
            self._enqueue(place)
            self._drop(place)

    def _tell(self, tell: Callable[[], None]) -> None:
        """Tell of a pass; what fails there costs no pass and no worker."""
        try:
            tell()
        except Exception:  # noqa: BLE001 - see above
            _LOG.exception("a pass could not be told of, by a mistake of planbot's own")
