"""Crontab expressions mean what crontab means, held against croniter; clock changes, spreading, what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import example, given
from hypothesis import strategies as st

from planbot.service.cron import NICKNAMES, Crontab, Interval, Spread

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
)
FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
NAMES = (
    *[()] * 3,
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
)
FEW = 5
# a span with leap days, and each zone's clock changes in it
SPAN = (datetime(2023, 1, 1), datetime(2033, 1, 1))  # noqa: DTZ001  # in every zone


@st.composite
def terms(draw: st.DrawFn, place: int) -> str:
    low, high = FIELDS[place]
    first = draw(st.integers(low, high - 1))
    last = draw(st.integers(first + 1, high))
    step = draw(st.integers(1, high))
    kinds = [str(first), str(last), f"{first}-{last}", f"{first}-{last}/{step}"]
    if NAMES[place]:
        kinds.append(NAMES[place][first - low].upper())
    return draw(st.sampled_from(kinds))


@st.composite
def fields(draw: st.DrawFn, place: int) -> str:
    star = draw(st.sampled_from(["", "*", "*/"]))
    if star == "*/":
        return f"*/{draw(st.integers(1, FIELDS[place][1]))}"
    return star or ",".join(draw(st.lists(terms(place), min_size=1, max_size=3)))


@st.composite
def expressions(draw: st.DrawFn) -> str:
    drawn = [draw(fields(place)) for place in range(5)]
    if re.fullmatch(r"(3[01](-31(/\d+)?)?,?)+", drawn[2]):
        drawn[2] = "29"  # a day that no month has is another test's
    return " ".join(drawn)


moments = st.datetimes(*SPAN).map(lambda moment: moment.replace(microsecond=0))
zones = st.sampled_from(ZONES)


def times(expression: str, zone: str, start: datetime, count: int = FEW) -> list[datetime]:
    table, found, at = Crontab(expression, zone), [], start
    for _ in range(count):
        at = table.after(at)
        found.append(at)
    return found


def others(expression: str, start: datetime) -> Iterator[datetime]:
    """Yield croniter's times; what it calls a bug is the rule of Debian's cron for a field that begins with a star."""
    theirs = croniter(expression, start, implement_cron_bug=True)
    while True:
        yield theirs.get_next(datetime)


def by_the_clock(expression: str, zone: str, start: datetime) -> Iterator[datetime]:
    """Yield croniter's times on a clock that never changes, each at the first real moment from it on, and once.

    That is what cron(8) promises of jobs that do not run by the hour.
    """
    place, last = ZoneInfo(zone), start
    for wall in others(expression, start.astimezone(place).replace(tzinfo=None) - timedelta(hours=3)):
        at = wall.replace(tzinfo=place)
        while at.astimezone(UTC).astimezone(place).replace(tzinfo=None) != at.replace(tzinfo=None):
            at += timedelta(minutes=1)
        if (moment := at.astimezone(UTC)) > last:
            last = moment
            yield moment


def is_by_the_hour(expression: str) -> bool:
    return any(field.startswith("*") for field in expression.split()[:2])


@given(expressions(), moments)
@example("0 0 29 2 *", datetime(2024, 2, 29, tzinfo=UTC))
@example("30 4 1,15 * 5", datetime(2024, 1, 1, tzinfo=UTC))
@example("0 0 */2 * MON", datetime(2024, 1, 1, tzinfo=UTC))
def test_the_times_are_those_that_croniter_finds(expression: str, moment: datetime) -> None:
    start = moment.replace(tzinfo=UTC)
    assert times(expression, "UTC", start) == list(islice(others(expression, start), FEW))


@given(expressions(), zones, moments)
def test_the_times_in_a_zone_are_those_that_croniter_finds_by_the_clock(
    expression: str, zone: str, moment: datetime
) -> None:
    start = moment.replace(tzinfo=UTC)
    if is_by_the_hour(expression):
        minutes, hours, *days = expression.split()
        expression = f"{minutes.replace('*', '0-59')} {hours.replace('*', '0-23')} {' '.join(days)}"
    assert times(expression, zone, start) == list(islice(by_the_clock(expression, zone, start), FEW))


changes = st.sampled_from(
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ]
)


@st.composite
def hourly(draw: st.DrawFn) -> str:
    minutes, hours = draw(fields(0)), draw(fields(1))
    return f"{minutes} {hours} * * *" if is_by_the_hour(f"{minutes} {hours} * * *") else f"{minutes} * * * *"


@given(expressions(), hourly(), changes, st.integers(-300, 300))
def test_where_clocks_change_no_time_is_lost_or_comes_twice(
    expression: str, by_hour: str, change: tuple[str, datetime], minutes: int
) -> None:
    zone, at = change
    start = at + timedelta(minutes=minutes)
    minute, hour, *_ = expression.split()
    daily = f"{minute.replace('*', '0-59')} {hour.replace('*', '0-23')} * * *"
    assert times(daily, zone, start, 50) == list(islice(by_the_clock(daily, zone, start), 50))
    # what runs by the hour goes on by real time: each minute that fits, those that come twice as well
    place, table = ZoneInfo(zone), Crontab(by_hour, zone)
    every = [start + timedelta(minutes=n) for n in range(1, 400)]
    walls = {moment: moment.astimezone(place).replace(tzinfo=None) for moment in every}
    fit = set(
        takewhile(max(walls.values()).__ge__, others(by_hour, min(walls.values()) - timedelta(minutes=1)))
    )
    wanted = [moment for moment, wall in walls.items() if wall in fit]
    found, moment = [], start
    while (moment := table.after(moment)) <= every[-1]:
        found.append(moment)
    assert found == wanted


@pytest.mark.parametrize(
    ("expression", "start", "wanted"),
    [
        ("0 0 * * 0", "2026-11-20", "2026-11-22 00:00"),  # 0 is Sunday
        ("0 0 * * 7", "2026-11-20", "2026-11-22 00:00"),  # and so is 7
        ("0 0 * * sun", "2026-11-20", "2026-11-22 00:00"),
        ("0 0 * * 5-7", "2026-11-21", "2026-11-22 00:00"),
        ("0 0 * * MON-fri", "2026-11-21", "2026-11-23 00:00"),
        ("0 0 13 * 5", "2026-11-21", "2026-11-27 00:00"),  # the 13th or a Friday
        ("0 0 */2 * 5", "2026-11-21", "2026-11-27 00:00"),  # an odd day and a Friday
        ("0 0 29 2 *", "2026-11-21", "2028-02-29 00:00"),
        ("10-10/5 * * * *", "2026-11-21", "2026-11-21 00:10"),
        ("@daily", "2026-11-21", "2026-11-22 00:00"),
        ("@Weekly", "2026-11-21", "2026-11-22 00:00"),
        ("@hourly", "2026-11-21 05:00", "2026-11-21 06:00"),
    ],
)
def test_what_crontab_means(expression: str, start: str, wanted: str) -> None:
    first = Crontab(expression).after(datetime.fromisoformat(start).replace(tzinfo=UTC))
    assert f"{first:%Y-%m-%d %H:%M}" == wanted


def test_every_nickname_is_taken() -> None:
    for name, meant in NICKNAMES.items():
        start = datetime(2026, 11, 21, tzinfo=UTC)
        assert Crontab(name).after(start) == Crontab(meant).after(start)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("", "it has 0 of the 5 fields"),
        ("0 0 * *", "it has 4 of the 5 fields"),
        ("0 0 0 * * *", "it has 6 of the 5 fields"),
        ("60 * * * *", "bad minute"),
        ("* 24 * * *", "bad hour"),
        ("* * 0 * *", "bad day-of-month"),
        ("* * * 13 *", "bad month"),
        ("* * * * 8", "bad day-of-week"),
        ("5-1 * * * *", "bad minute"),
        ("*/0 * * * *", "bad minute"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("0 0 L * *", "l is none of"),
        ("0 0 * * 5#2", "5#2 is none of"),
        ("0 0 * * 5L", "5l is none of"),
        ("mon * * * *", "mon is no name here"),
        ("5/15 * * * *", "5/15 steps through no range: write 5-N/15"),
        ("@reboot", "there is no @reboot, only @yearly"),
    ],
)
def test_what_is_no_crontab_expression_is_refused(expression: str, told: str) -> None:
    with pytest.raises(ValueError, match="^" + told.replace("#", r"\#").replace("*", r"\*")):
        Crontab(expression)


@given(st.floats(1, 1e6), st.floats(0, 1e7))
def test_the_times_of_an_interval_are_so_far_apart(seconds: float, offset: float) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moment = start + timedelta(seconds=offset)
    table = Interval(seconds, start)
    first = table.after(moment)
    assert moment < first <= moment + timedelta(seconds=seconds, microseconds=1)
    assert table.after(first) - first == timedelta(seconds=seconds)
    assert table.after(start - timedelta(seconds=offset)) == table.after(start)


def test_the_pass_of_the_start_is_not_made_again_within_the_jitter() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(50):
        first = Spread(Interval(900, start), f"octo/{number}", 60).get_next_fire_time(None, start)
        assert 900 <= (first - start).total_seconds() < 960


@given(st.text(min_size=1), st.floats(0, 7200), moments)
def test_a_name_has_a_delay_of_its_own_and_loses_no_time(name: str, jitter: float, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    trigger, table = Spread(Crontab("*/10 * * * *"), name, jitter), Crontab("*/10 * * * *")
    first = trigger.get_next_fire_time(None, now)
    second = trigger.get_next_fire_time(first, now)
    assert now < first < second
    assert second - first == timedelta(minutes=10)
    delay = timedelta(seconds=jitter)
    assert table.after(first - delay - timedelta(seconds=1)) <= first
    assert trigger.get_next_fire_time(first, second + timedelta(hours=5)) > second + timedelta(hours=5)


def test_names_are_spread() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    delays = sorted(
        (Spread(Interval(3600, start), f"octo/{n}", 600).get_next_fire_time(None, start) - start).seconds
        % 3600
        for n in range(200)
    )
    assert delays[-1] < 600
    assert max(b - a for a, b in zip([0, *delays], [*delays, 600], strict=True)) < 60
