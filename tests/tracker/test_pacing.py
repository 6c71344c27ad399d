from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from planbot.tracker.pacing import Pacer

if TYPE_CHECKING:
    from tracker.manual_time import ManualTime


@pytest.fixture
def pacer(time: ManualTime) -> Pacer:
    return Pacer(1.0, sleep=time.sleep, clock=time.clock)


def test_the_first_write_waits_for_nothing(pacer: Pacer, time: ManualTime) -> None:
    with pacer.turn():
        pass
    assert time.slept == []


def test_the_pause_runs_from_the_end_of_one_write_to_the_start_of_the_next(
    pacer: Pacer, time: ManualTime
) -> None:
    with pacer.turn():
        time.now += 5
    time.now += 0.25
    with pacer.turn():
        assert time.slept == [0.75]


def test_time_spent_otherwise_counts_as_pause(pacer: Pacer, time: ManualTime) -> None:
    with pacer.turn():
        pass
    time.now += 2
    with pacer.turn():
        assert time.slept == []


def test_a_write_that_failed_is_followed_by_a_pause_too(pacer: Pacer, time: ManualTime) -> None:
    with pytest.raises(OSError, match="lost"), pacer.turn():
        raise OSError("lost")
    with pacer.turn():
        assert time.slept == [1.0]


def test_a_clock_set_back_makes_no_pause_longer(pacer: Pacer, time: ManualTime) -> None:
    with pacer.turn():
        pass
    time.now -= 3600
    with pacer.turn():
        assert time.slept == [1.0]
