"""Who has a part of a plan and when it is due, as `**Owner**: @alice` and `**Due**: 2026-12-01` say."""

from __future__ import annotations

import re
from calendar import monthrange
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.model import Field, Phase, Task

MOST_OWNERS = 10  # https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/assigning-issues-and-pull-requests-to-other-github-users
_OWNER = frozenset({"owner", "owners", "assignee", "assignees"})
_DUE = frozenset({"due", "due date"})
# a login, but neither the rest of an address nor a team
_LOGIN = re.compile(r"(?<![\w`@./-])@(?P<login>[A-Za-z\d](?:-?[A-Za-z\d]){0,38})(?![\w/-])")
_DATE = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_LONGEST = 2000


def owners(part: Phase | Task) -> tuple[str, ...]:
    """Return the logins that a phase or task names as its owners, each once, at most ten."""
    found: dict[str, str] = {}
    for field in _fields(part, _OWNER):
        for match in _LOGIN.finditer(field.text[:_LONGEST]):
            found.setdefault(match["login"].casefold(), match["login"])
    return tuple(found.values())[:MOST_OWNERS]


def due(part: Phase | Task) -> str | None:
    """Return the day, as an ISO date, that a phase or task is due, or None."""
    return next((day for field in _fields(part, _DUE) if (day := _day(field))), None)


def unreadable_dates(part: Phase | Task) -> Iterator[Field]:
    """Yield the fields that should say when a part is due, and do not."""
    return (field for field in _fields(part, _DUE) if _day(field) is None)


def _fields(part: Phase | Task, names: frozenset[str]) -> Iterator[Field]:
    return (field for field in part.fields if field.name.casefold() in names)


def _day(field: Field) -> str | None:
    match = _DATE.search(field.text[:_LONGEST])
    if match is None or match["year"] == "0000":
        return None
    _, last = monthrange(int(match["year"]), int(match["month"]))
    return match[0] if int(match["day"]) <= last else None
