"""When passes are due: each repository by its schedule, and by the new one once that changes."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from planbot.service.roster import Kept
from planbot.service.settings import ScheduleOptions
from planbot.service.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

A, B = "octo/a", "octo/b"
OFTEN = ScheduleOptions(every=1, jitter=0)
DAILY = ScheduleOptions(crontab="@daily", jitter=0)
SELDOM = ScheduleOptions(every=86_400, jitter=0)


class Told:
    """Keep what a timetable tells."""

    def __init__(self) -> None:
        self.due: Counter[str] = Counter()
        self.times: dict[str, list[datetime]] = {}
        self.planned: dict[str, datetime | None] = {}
        self._changed = threading.Condition()

    def is_due(self, name: str, at: datetime | None = None) -> None:
        with self._changed:
            self.due[name] += 1
            if at is not None:
                self.times.setdefault(name, []).append(at)
            self._changed.notify_all()

    def is_planned(self, name: str, at: datetime | None) -> None:
        self.planned[name] = at

    def wait(self, name: str, count: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.due[name] >= count)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def table(told: Told) -> Iterator[Timetable]:
    made = Timetable(told.is_due, told.is_planned)
    made.start(lambda: told.is_due("the listing"))
    yield made
    made.stop()


def test_each_is_due_by_its_own_schedule(table: Timetable, told: Told) -> None:
    table.keep([Kept(A, OFTEN), Kept(B, DAILY)])
    told.wait(A, 2)
    now = datetime.now(UTC)
    assert told.due[B] == 0
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert told.planned[B] == midnight
    planned = told.planned[A]
    assert planned is not None
    assert planned - now <= timedelta(seconds=2)


def test_a_new_schedule_takes_the_place_of_the_old_one(table: Timetable, told: Told) -> None:
    table.keep([Kept(A, OFTEN), Kept(B, SELDOM)])
    before = told.planned[B]
    told.wait(A, 1)
    table.keep([Kept(A, SELDOM), Kept(B, SELDOM)])
    assert told.planned[B] == before, "the times of one that stays the same stay"
    count = told.due[A]
    table.keep([Kept(B, OFTEN)])
    told.wait(B, 2)
    assert told.due[A] == count


def test_intervals_are_counted_from_one_moment_whenever_a_process_starts(told: Told) -> None:
    table = Timetable(told.is_due, told.is_planned, datetime(1970, 1, 1, tzinfo=UTC))
    table.keep([Kept(A, OFTEN)])
    table.start(lambda: None)
    told.wait(A, 2)
    table.stop()
    assert [time.microsecond for time in told.times[A]] == [0] * len(told.times[A])
    assert len(set(told.times[A])) == len(told.times[A])
