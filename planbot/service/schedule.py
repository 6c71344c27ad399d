"""Run a job again and again, never twice at once, until told to stop."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from planbot.service.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Callable


class Schedule:
    """Run one job at once and then in a fixed interval."""

    def __init__(self, seconds: float, job: Callable[[], None]) -> None:
        """Take the interval in seconds and the job; a job that raises is the end of that run alone."""
        # its warnings tell of a run left out while the one before it goes on, which is what is wanted
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._ending = Ending()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # the default of one second drops runs under load
            next_run_time=datetime.now(UTC),
        )

    def run(self) -> None:
        """Run the job until `stop` is called; a run that is under way is waited for."""
        self._scheduler.start()
        self._ending.wait()
        self._scheduler.shutdown(wait=True)

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler."""
        self._ending.tell()
