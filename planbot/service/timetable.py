"""When each repository's passes are due: APScheduler with one job for each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from planbot.service.cron import Crontab, Interval, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planbot.service.roster import Kept
    from planbot.service.settings import ScheduleOptions

EVERY_LISTING = 3600.0  # seconds between two listings of the repositories, for events that were missed


class Timetable:
    """Call `due` with a repository's name whenever its time has come, and `planned` with the time after that.

    Both are called by the scheduler's own thread, and must return at once.
    """

    def __init__(
        self, due: Callable[[str], object], planned: Callable[[str, datetime | None], object]
    ) -> None:
        self._due = due
        self._planned = planned
        self._started = datetime.now(UTC)
        self._schedules: dict[str, ScheduleOptions] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": DebugExecutor()},  # a wish takes no time: it needs no thread
            job_defaults={"coalesce": True, "misfire_grace_time": None},  # else runs are dropped under load
        )

    def start(self, listing: Callable[[], object]) -> None:
        """Begin, and have the repositories listed now and then."""
        self._scheduler.add_job(listing, Spread(Interval(EVERY_LISTING, self._started), "", 0))
        self._scheduler.start()

    def stop(self) -> None:
        """Let nothing be due any more."""
        self._scheduler.shutdown(wait=True)

    def keep(self, kept: Iterable[Kept]) -> None:
        """Take the repositories that are kept from now on; the times of one whose schedule is the same stay."""
        wanted = {one.name: one.schedule for one in kept}
        for name in self._schedules.keys() - wanted.keys():
            self._scheduler.remove_job(name)
        for name, schedule in wanted.items():
            if self._schedules.get(name) != schedule:
                self._add(name, schedule)
        self._schedules = wanted

    def _add(self, name: str, schedule: ScheduleOptions) -> None:
        times = (
            Interval(schedule.every, self._started)
            if schedule.crontab is None
            else Crontab(schedule.crontab, schedule.zone)
        )
        trigger = Spread(times, name, schedule.jitter)
        self._scheduler.add_job(self._fire, trigger, id=name, args=[name, trigger], replace_existing=True)
        self._planned(name, trigger.get_next_fire_time(None, datetime.now(UTC)))

    def _fire(self, name: str, trigger: Spread) -> None:
        self._due(name)
        self._planned(name, trigger.get_next_fire_time(None, datetime.now(UTC)))
