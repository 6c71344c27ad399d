"""A failure that ended a command, in the formats that programs read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planbot.errors import SettingsError

if TYPE_CHECKING:
    from planbot.errors import PlanbotError

_PLACED = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?:(?P<column>\d+):)? (?P<text>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Hold one thing that is wrong, with its place in a file where that is known; line and column count from 1."""

    text: str
    path: str = ""
    line: int = 0
    column: int = 0


def faults(error: PlanbotError) -> tuple[Fault, ...]:
    """Return each mistake in the settings with its place, or the one message of any other failure."""
    if not isinstance(error, SettingsError):
        return (Fault(error.message),)
    return tuple(map(_fault, error.mistakes))


def failure_data(error: PlanbotError) -> dict[str, Any]:
    """Return a failure as plain data; its diagnostics are like those of plan files, each with its path."""
    diagnostics = [
        {
            "path": fault.path,
            "severity": "error",
            "line": fault.line,
            "column": fault.column or 1,
            "message": fault.text,
        }
        for fault in faults(error)
        if fault.path
    ]
    return {
        "error": {
            "message": error.message,
            "hint": error.hint,
            "exit_code": error.exit_code,
            "diagnostics": diagnostics,
        }
    }


def _fault(mistake: str) -> Fault:
    found = _PLACED.fullmatch(mistake)
    if found is None:
        return Fault(mistake)
    return Fault(found["text"], found["path"], int(found["line"]), int(found["column"] or 0))
