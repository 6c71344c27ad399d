"""Crontab expressions and intervals as triggers for APScheduler.

A crontab expression means what Debian's cron takes it for (crontab(5), cron(8)), in any time zone; cronsim knows that.
APScheduler's own reading of one counts the days of the week from Monday, and asks for day and weekday both.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from collections.abc import Mapping

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[dict[str, int], ...] = (
    {},
    {},
    {},
    {name: number for number, name in enumerate(_MONTHS, 1)},
    {name: number for number, name in enumerate(_WEEKDAYS)},
)
_TERM = re.compile(r"(?:\*|(?P<first>\d{1,2}|[a-z]{3})(?:-(?P<last>\d{1,2}|[a-z]{3}))?)(?P<step>/\d{1,3})?")


class Timetable(Protocol):
    """Tell times."""

    def after(self, moment: datetime) -> datetime:
        """Return the first time after an aware moment."""


class Crontab:
    """Tell the times of a crontab expression, to the minute.

    Raises:
        ValueError: if the expression is none, or names days that no month has.
    """

    def __init__(self, expression: str, zone: str = "UTC") -> None:
        self._zone = ZoneInfo(zone)
        self._fields = _fields(expression)

    def after(self, moment: datetime) -> datetime:
        """Return the first time after an aware moment, in UTC.

        Where clocks are put back, cronsim's times of the hour that comes twice are its first ones, whichever of the two
        it starts from.
        """
        for time in CronSim(self._fields, moment.astimezone(self._zone)):
            if (found := time.astimezone(UTC)) > moment:
                return found
        raise AssertionError(f"{self._fields} has no time, and was not refused")  # pragma: no cover


def _fields(expression: str) -> str:
    """Return an expression as cronsim takes it: five fields of numbers."""
    given = expression.strip().lower()
    if given.startswith("@"):
        if given not in NICKNAMES:
            raise ValueError(f"there is no {given}, only {', '.join(NICKNAMES)}")
        return NICKNAMES[given]
    fields = given.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"it has {len(fields)} of the 5 fields minute, hour, day of month, month, day of week"
        )
    plain = " ".join(
        ",".join(_term(term, names) for term in field.split(","))
        for field, names in zip(fields, _FIELDS, strict=True)
    )
    try:
        next(CronSim(plain, datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise ValueError(str(error).replace("Bad", "bad")) from error
    return plain


def _term(text: str, names: Mapping[str, int]) -> str:
    """Return one term of a field as cronsim takes it, which knows more than crontab, and some of it otherwise."""
    found = _TERM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is none of *, a number, a name, a range such as 1-5, or a step such as */2")
    first, last, step = (found[part] or "" for part in ("first", "last", "step"))
    if not first:
        return text
    if step and not last:
        raise ValueError(f"{text} steps through no range: write {first}-N{step}")
    start, end = (_number(part, names) for part in (first, last or first))
    return str(start) if start == end else f"{start}-{end}{step}"


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.isdecimal():
        return int(text)
    if text not in names:
        raise ValueError(f"{text} is no name here")
    return names[text]


class Interval:
    """Tell the times that are so many seconds apart, the first of them so many after a moment."""

    def __init__(self, seconds: float, start: datetime) -> None:
        self._length = timedelta(seconds=seconds)
        self._start = start

    def after(self, moment: datetime) -> datetime:
        """Return the first time after a moment."""
        return self._start + self._length * (max((moment - self._start) // self._length, 0) + 1)


class Spread(BaseTrigger):  # type: ignore[misc] # APScheduler has no annotations
    """Fire at the times of a timetable, each later by one delay that is this name's own.

    A delay that stays the same, below `jitter` seconds, spreads the names and loses no time, however long it is.
    """

    def __init__(self, times: Timetable, name: str, jitter: float) -> None:
        self._times = times
        share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32
        self._delay = timedelta(seconds=share * jitter)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next time after now and after the previous one: those that were missed are one with the next."""
        moment = max(now, previous_fire_time or now)
        return self._times.after(moment - self._delay) + self._delay
