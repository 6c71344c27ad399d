"""A job that runs again and again, never twice at once, until told to stop."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from planbot.service.schedule import Schedule

if TYPE_CHECKING:
    import pytest

OFTEN = 0.01  # seconds
LONG = 86_400.0


class Job:
    """Count its runs, and tell when there were enough; hold each up while the gate is closed."""

    def __init__(self, enough: int = 1) -> None:
        self.runs = self.ended = self.at_once = self.most_at_once = 0
        self.enough = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._enough = enough

    def __call__(self) -> None:
        self.runs += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.runs >= self._enough:
            self.enough.set()
        self.gate.wait()
        self.at_once -= 1
        self.ended += 1


def started(schedule: Schedule) -> threading.Thread:
    thread = threading.Thread(target=schedule.run)
    thread.start()
    return thread


def test_the_first_run_is_at_once() -> None:
    job = Job()
    schedule = Schedule(LONG, job)
    thread = started(schedule)
    job.enough.wait()
    schedule.stop()
    thread.join()
    assert job.runs == 1


def test_it_runs_again_and_again_and_never_after_it_was_stopped() -> None:
    job = Job(enough=4)
    schedule = Schedule(OFTEN, job)
    thread = started(schedule)
    job.enough.wait()
    schedule.stop()
    thread.join()
    runs = job.runs
    assert runs >= 4
    assert not threading.Event().wait(OFTEN * 5)
    assert job.runs == runs


def test_a_run_that_takes_longer_than_the_interval_is_not_joined_by_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job()
    job.gate.clear()
    schedule = Schedule(OFTEN, job)
    thread = started(schedule)
    job.enough.wait()
    assert not threading.Event().wait(OFTEN * 10)
    assert job.runs == 1
    job.gate.set()
    schedule.stop()
    thread.join()
    assert job.most_at_once == 1
    assert not caplog.records, "leaving a run out is no news"


def test_stopping_waits_for_the_run_under_way() -> None:
    job = Job()
    job.gate.clear()
    schedule = Schedule(LONG, job)
    thread = started(schedule)
    job.enough.wait()
    schedule.stop()
    assert job.ended == 0
    job.gate.set()
    thread.join()
    assert job.ended == 1


def test_a_run_that_raises_is_told_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []
    twice = threading.Event()

    def job() -> None:
        runs.append(1)
        if len(runs) > 1:
            twice.set()
        raise ZeroDivisionError

    schedule = Schedule(OFTEN, job)
    with caplog.at_level(logging.ERROR, logger="apscheduler"):
        thread = started(schedule)
        twice.wait()
        schedule.stop()
        thread.join()
    assert "ZeroDivisionError" in caplog.text


def test_one_that_is_stopped_before_it_runs_ends_at_once() -> None:
    job = Job()
    schedule = Schedule(LONG, job)
    schedule.stop()
    schedule.run()
    assert job.runs <= 1
