"""What any worker does for all of them, now and then: no job stays with nobody at work on it."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from planbot.errors import AwayError, QueueError
from planbot.queue import jobs, wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from planbot.queue.database import Database
    from planbot.service.turns import Backoff

_LOG = logging.getLogger(__name__)

SILENCE = 60.0  # seconds without a sign of life after which a worker is taken for gone
EVERY = 10.0  # seconds between two looks
PURGE = 3600.0


class Rescue:
    """Look after stalled jobs, in a thread of its own.

    `mine` tells by which number the database knows this worker, and which jobs it is at work on; `cut_off` is called
    when the database has been away for so long that other workers may take this one for gone.
    """

    def __init__(
        self,
        database: Database,
        backoff: Backoff,
        mine: Callable[[], tuple[int | None, Collection[int]]],
        cut_off: Callable[[], object],
    ) -> None:
        self._database = database
        self._backoff = backoff
        self._mine = mine
        self._cut_off = cut_off
        self._strange: set[int] = set()
        self._purge_at = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="planbot-rescue", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns at once."""
        self._stopped.set()

    def look(self) -> None:
        """Look once, and do what is to be done.

        Raises:
            QueueError: if the database is away, or refuses.
        """
        with self._database.transaction() as connection:
            stalled = jobs.stalled(connection, SILENCE)
        for job, key in stalled:
            with self._database.transaction() as connection:
                rescued = wishes.rescue(connection, key, job, self._backoff, silent=SILENCE)
            if rescued:
                _LOG.warning("the pass over %s is tried again: the worker that made it is gone", key)
        self._drop_strange()
        with self._database.transaction() as connection:
            wishes.adopt(connection, self._backoff)
            if time.monotonic() >= self._purge_at:
                wishes.purge(connection)
                self._purge_at = time.monotonic() + PURGE

    def _drop_strange(self) -> None:
        """End jobs that this worker has and knows nothing of: the answer that brought them was lost."""
        worker, known = self._mine()
        if worker is None:
            return
        with self._database.transaction() as connection:
            strange = {job: key for job, key in jobs.held_by(connection, worker) if job not in known}
        for job in strange.keys() & self._strange:  # seen twice: none that is just beginning or ending
            with self._database.transaction() as connection:
                wishes.release(connection, strange[job], job, ended=True)
        self._strange = set(strange)

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self.look()
            except AwayError:
                if self._database.silent_for() > SILENCE / 2:
                    self._cut_off()
            except QueueError as error:
                _LOG.error("stalled jobs cannot be looked for: %s", error.message)
            except Exception:  # noqa: BLE001 - a mistake of ours must not end the thread
                _LOG.exception("stalled jobs cannot be looked for, by a mistake of planbot's own")
