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
    """Call `due` with a repository's name and time whenever that has come, and `planned` with the time after that.

    Both are called by the scheduler's own thread, and must return at once. Intervals are counted from `since`, so that
    several processes name the same times.
    """

    def __init__(
        self,
        due: Callable[[str, datetime], object],
        planned: Callable[[str, datetime | None], object],
        since: datetime | None = None,
    ) -> None:
        self._due = due
        self._planned = planned
        self._since = since or datetime.now(UTC)
        self._next: dict[str, datetime] = {}
        self._schedules: dict[str, ScheduleOptions] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": DebugExecutor()},  # a wish takes no time: it needs no thread
            job_defaults={"coalesce": True, "misfire_grace_time": None},  # else runs are dropped under load
        )

    def start(self, listing: Callable[[], object]) -> None:
        """Begin, and have the repositories listed now and then."""
        self._scheduler.add_job(listing, Spread(Interval(EVERY_LISTING, self._since), "", 0))
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
            Interval(schedule.every, self._since)
            if schedule.crontab is None
            else Crontab(schedule.crontab, schedule.zone)
        )
        trigger = Spread(times, name, schedule.jitter)
        self._plan(name, trigger)
        self._scheduler.add_job(self._fire, trigger, id=name, args=[name, trigger], replace_existing=True)

    def _fire(self, name: str, trigger: Spread) -> None:
        self._due(name, self._next[name])
        self._plan(name, trigger)

    def _plan(self, name: str, trigger: Spread) -> None:
        self._next[name] = trigger.get_next_fire_time(None, datetime.now(UTC))
        self._planned(name, self._next[name])
