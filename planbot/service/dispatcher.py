"""Who gets a pass when: one at a time for each repository, bursts as one, failing ones less often, a few at once.

This is one process's way; what is asked for here could as well stand in a queue that several work off.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from planbot.errors import PlanbotError, RateLimitedError
from planbot.service.model import CURRENT_PASS, Outcome, PassContext, Reason

if TYPE_CHECKING:
    from planbot.service.model import Board

_LOG = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds that a burst without end puts a pass off
BUSY = 45.0  # seconds until a repository is looked at again where another process is at work: half of a lease
MOST_REASONS = 100  # of one pass: a flood of webhooks is one wish, and its texts need not be kept

Run = Callable[[str, tuple[Reason, ...]], Outcome]  # repository, why


@dataclass(frozen=True, slots=True)
class Backoff:
    """Hold how long a repository rests after failures, in seconds: doubling, to a cap; a webhook shortens it."""

    first: float = 30
    most: float = 3600
    for_webhook: float = 60

    def after(self, failures: int) -> float:
        """Return the rest after so many failures in a row."""
        return float(min(self.most, self.first * 2 ** min(failures - 1, 30)))


@dataclass(slots=True)
class _Place:
    """Hold where one repository stands; times are of the monotonic clock.

    `reasons` are those of the pass that waits, if any. `since` is when the oldest of them came, `due` when the quiet
    time is over, `rests` until when the repository rests after a failure, `rests_less` that for webhooks. `queued` is
    the time under which it stands in the queue.
    """

    name: str
    reasons: list[Reason] = field(default_factory=list)
    since: float = 0.0
    due: float = 0.0
    failures: int = 0
    rests: float = 0.0
    rests_less: float = 0.0
    running: bool = False
    kept: bool = True
    queued: float | None = None

    @property
    def ready(self) -> float:
        """Return when the waiting pass may start."""
        by_webhook = any(reason.kind == "webhook" for reason in self.reasons)
        return max(self.due, self.rests_less if by_webhook else self.rests)

    def want(self, reason: Reason, delay: float, now: float) -> None:
        """Add a wish to those that wait."""
        if not self.reasons:
            self.since, self.due = now, now + delay
        self.due = min(max(self.due, now + delay), self.since + max(delay, PATIENCE))
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(reason)
        else:  # with neither event nor ref, so that the pass looks at everything
            self.reasons[-1] = Reason(reason.kind)

    def rest(self, failures: int, seconds: float, for_webhook: float, now: float) -> None:
        """Let no pass start for a while, after so many failures in a row."""
        self.failures = failures
        self.rests, self.rests_less = now + seconds, now + min(seconds, for_webhook)


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
                place.rest(0, 0, 0, 0)
                place.kept = False
                self._drop(place)

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
        reasons = tuple(place.reasons)
        place.reasons.clear()
        place.running, place.queued = True, None
        deliveries = tuple(reason.delivery for reason in reasons if reason.delivery)
        context = PassContext(place.name, secrets.token_hex(4), deliveries)
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
        token = CURRENT_PASS.set(context)
        name, pass_id = context.repository, context.pass_id
        try:
            outcome = self._run(name, reasons)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not take a worker along
            _LOG.exception("the pass over %s ended by a mistake of planbot's own", name)
            outcome = Outcome(None, _own_mistake(error), 0)
        outcome = self._end(place, outcome)
        self._tell(lambda: self._board.ended(name, pass_id, outcome))
        CURRENT_PASS.reset(token)

    def _end(self, place: _Place, outcome: Outcome) -> Outcome:
        """Let another pass come when it may; return the outcome with when that is, where it is tried again."""
        with self._changed:
            place.running = False
            rest = self._judge(place, outcome)
            if rest is not None and place.kept:
                place.want(Reason("retry"), 0, time.monotonic())
                outcome = replace(outcome, retry_at=datetime.now(UTC) + timedelta(seconds=rest))
            self._enqueue(place)
            self._drop(place)
        return outcome

    def _tell(self, board: Callable[[], None]) -> None:
        """Tell the board; what fails there costs no pass and no worker."""
        try:
            board()
        except Exception:  # noqa: BLE001 - see above
            _LOG.exception("the board failed by a mistake of planbot's own")

    def _judge(self, place: _Place, outcome: Outcome) -> float | None:
        """Let a repository rest if it must; return how long until the pass is made again, None if it need not be."""
        now, result = time.monotonic(), outcome.result
        if outcome.error is None and result is not None:
            if result.busy:
                place.rest(0, BUSY, BUSY, now)
                return BUSY
            if result.complete or result.out_of_time:
                place.rest(0, 0, 0, now)
                return 0 if result.out_of_time else None
        failures = place.failures + 1
        asked = outcome.error.seconds if isinstance(outcome.error, RateLimitedError) else 0.0
        rest = max(self._backoff.after(failures), asked)
        place.rest(failures, rest, max(self._backoff.for_webhook, asked), now)
        return rest


def _own_mistake(error: Exception) -> PlanbotError:
    return PlanbotError(
        f"planbot failed: {type(error).__name__}: {error}",
        hint="This is a mistake of planbot's own: please report it, with what the log says.",
    )
