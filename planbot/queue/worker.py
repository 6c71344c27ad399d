"""A worker as a whole: settings, jobs taken from the queue, passes, pages; started, reloaded and stopped."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planbot.errors import QueueError
from planbot.queue import wishes
from planbot.queue.consumer import Consumer
from planbot.queue.rescue import Rescue
from planbot.queue.schema import require
from planbot.service.attempt import at_work, attempt, log_end, new_context
from planbot.service.board import StatusBoard
from planbot.service.ending import Ending
from planbot.service.keeper import Keeper
from planbot.service.maker import Maker
from planbot.service.model import FrontOptions
from planbot.service.turns import Backoff
from planbot.service.web import front

if TYPE_CHECKING:
    from pathlib import Path

    from planbot.queue.database import Database
    from planbot.queue.wishes import Taken
    from planbot.service.keeper import Made
    from planbot.service.model import Outcome, Reason
    from planbot.service.roster import Kept
    from planbot.service.web import Shown

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Running:
    """Hold over which repository a job runs; once `stopping` is set, its pass ends at the next safe place."""

    key: str
    stopping: threading.Event = field(default_factory=threading.Event)


class WorkerService:
    """Make the passes that a queue asks for, from `run` until `stop`.

    Its pages are at `listen`, else where the settings say.

    Raises:
        SettingsError, UsageError: at once, for settings that cannot work.
    """

    def __init__(
        self,
        path: Path,
        database: Database,
        *,
        listen: tuple[str, int] | None = None,
        board: Shown | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._ending = Ending()
        self._database = database
        self._board: Shown = board or StatusBoard()
        self._backoff = backoff or Backoff()
        self._maker = Maker()
        self._keeper = Keeper(path, self._maker.made, self._take)
        self._now = self._keeper.now
        self._kept: dict[str, str] = {}
        self._running: dict[int, _Running] = {}
        settings = self._now.settings
        self._consumer = Consumer(database.conninfo, settings.workers, self._work)
        self._rescue = Rescue(database, self._backoff, self._mine, self._cut_off)
        host, port = listen or settings.pages.listen
        self._front = front(
            FrontOptions("", 0, pages_host=host, pages_port=port),
            asks=_Nobody(),
            board=self._board,
            refresh=self._keeper.refresh,
        )

    def run(self) -> bool:
        """Take jobs until told to stop; return whether every pass that ran came to its end within the grace time.

        Raises:
            QueueError: if the database is not what this version needs.
        """
        require(self._database)
        self._front.start()
        self._keeper.start()
        self._rescue.start()
        self._ending.wait()
        grace = self._now.settings.grace
        _LOG.info("stopping: passes that run have %s s to end", grace)
        self._maker.stopping.set()
        self._front.drain()
        self._rescue.stop()
        self._cut_off()
        ended = self._consumer.stop(grace)
        self._give_back()  # before their jobs are gone: others would take it for a failure
        self._consumer.leave()
        self._front.stop()
        return ended

    def reload(self) -> None:
        """Have the settings read anew; may be called from a signal handler."""
        self._keeper.reload()

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler."""
        self._ending.tell()

    def _take(self, made: Made, kept: tuple[Kept, ...]) -> None:
        """Go on with settings and repositories, perhaps new ones; with the first that are known jobs are taken."""
        if made.settings.workers != self._now.settings.workers:
            _LOG.warning("how many passes run at once changes with the next start")
        self._now = made
        before, self._kept = self._kept, {one.name.casefold(): one.name for one in kept}
        for key in before.keys() - self._kept.keys():
            made.passes.answers.forget(before[key])
        self._board.kept([one.name for one in kept])
        self._consumer.start()

    def _work(self, job: int, key: str) -> None:
        """Do one job; whatever fails is told, and the job is over."""
        self._running[job] = running = _Running(key)
        try:
            if self._maker.stopping.is_set():  # asked only now: passes are told to end after it is set
                return  # what is wanted is found without a job, by others
            taken = self._database.patiently(lambda connection: wishes.take(connection, key, job))
            if taken is not None:
                self._pass(taken, running)
        except QueueError as error:
            _LOG.error("the pass over %s is left to the next job: %s", key, error.message)
        except Exception:  # noqa: BLE001 - a mistake of ours must not take the thread along
            _LOG.exception("the pass over %s is left to the next job, by a mistake of planbot's own", key)
        finally:
            del self._running[job]

    def _pass(self, taken: Taken, running: _Running) -> None:
        if taken.key not in self._kept:
            self._keeper.refresh()  # it is new, and the listing here is older
        context = new_context(taken.name, taken.reasons)
        with at_work(context):
            self._board.started(taken.name, context.pass_id, taken.reasons)
            passes = replace(self._now.passes, stopping=running.stopping)
            outcome = attempt(passes.run, taken.name, taken.reasons)
            log_end(outcome)  # not after it is noted: the database may be away for long
            self._board.ended(taken.name, context.pass_id, self._end(taken, outcome))

    def _end(self, taken: Taken, outcome: Outcome) -> Outcome:
        """Note how a pass ended; return the outcome with when it is made again."""
        ended = self._database.patiently(
            lambda connection: wishes.end(connection, taken, outcome, self._backoff)
        )
        if ended is None:
            _LOG.warning("another worker has taken over: this one was cut off for long")
            return outcome
        if ended.given_up:
            _LOG.error(
                "the pass is given up: `planbot queue jobs` says why, `planbot queue retry` tries again"
            )
        if ended.retry_at is None:
            return outcome
        return replace(outcome, retry_at=datetime.fromtimestamp(ended.retry_at, UTC))

    def _mine(self) -> tuple[int | None, set[int]]:
        return self._consumer.id, {*self._running}

    def _cut_off(self) -> None:
        """Have all passes end at the next safe place, before others make them."""
        for running in [*self._running.values()]:
            running.stopping.set()

    def _give_back(self) -> None:
        """Leave passes that did not end in time to other workers."""
        with suppress(QueueError):  # others find out by themselves; each further try could take long
            for job, running in [*self._running.items()]:
                with self._database.transaction() as connection:
                    wishes.release(connection, running.key, job)


class _Nobody:
    """Grant nothing: a worker takes no webhooks."""

    def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:  # noqa: ARG002
        """Return that nothing is kept here."""
        return False
