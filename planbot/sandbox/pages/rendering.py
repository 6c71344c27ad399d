"""The templates, and the filters they share."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from planbot.sandbox.clock import timestamp

_MINUTE, _HOUR, _DAY, _MONTH = 60, 3600, 86400, 30 * 86400


@cache
def environment() -> Environment:
    """Return the templates; whatever they are given is escaped unless it is HTML that was made here."""
    made = Environment(
        loader=PackageLoader("planbot.sandbox.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"age": age, "day": day, "timestamp": timestamp, "plural": plural}
    return made


def age(then: float, now: float) -> str:
    """Say how long ago a moment was, as people do."""
    gone = max(0, int(now - then))
    if gone < _MINUTE:
        return "just now"
    for unit, name, below in ((_MINUTE, "minute", _HOUR), (_HOUR, "hour", _DAY), (_DAY, "day", _MONTH)):
        if gone < below:
            return f"{plural(gone // unit, name)} ago"
    return f"on {day(then)}"


def day(moment: float) -> str:
    """Write a day, `3 Dec 2026`, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y").removeprefix("0")


def plural(count: int, noun: str) -> str:
    """Write a count and its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
