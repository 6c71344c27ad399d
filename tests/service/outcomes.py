"""Ends of passes, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from report.passes import result

from planbot.report.result import Requests
from planbot.service.board import StatusBoard
from planbot.service.model import Outcome

if TYPE_CHECKING:
    from planbot.errors import PlanbotError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PAGE = "https://github.test/octo/plans"


class Clock:
    """Tell a time that moves by a minute whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def done(**more: Any) -> Outcome:
    """Return the end of a pass that came to a result."""
    return Outcome(result(page=PAGE, branch="main", **more), None, 1.5, Requests(3, 1))


def failed(error: PlanbotError) -> Outcome:
    """Return the end of a pass that failed."""
    return Outcome(None, error, 0.5, Requests(1))


def board(*names: str) -> StatusBoard:
    """Return a board of repositories."""
    clock = Clock()
    made = StatusBoard(clock)
    clock.now = NOON
    made.kept(names or ("octo/plans",))
    return made
