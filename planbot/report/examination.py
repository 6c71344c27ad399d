"""What an examination found: each line what was looked at, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from planbot.report.annotations import workflow_command
from planbot.report.escape import inert
from planbot.report.layout import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.report.text import Line

State = Literal["ok", "to do", "broken", "unknown"]

_STYLES: dict[State, str] = {"ok": "create", "to do": "warning", "broken": "error", "unknown": ""}
_SEVERITIES: dict[State, Literal["error", "warning"]] = {"to do": "warning", "broken": "error"}
_STATE = 9  # columns of the state
_NAME = 17  # columns of the name of what was looked at


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one thing that was looked at: how it is, what was found, and what to do, "" for nothing.

    `broken` means that planbot cannot work so, `to do` that something will not go as one might expect.
    """

    name: str
    state: State
    found: str
    advice: str = ""


def finding_lines(findings: Iterable[Finding], width: int | None = None) -> Iterator[Line]:
    """Yield the findings as a table, broken into lines of at most `width` columns."""
    room = None if width is None else max(width - _STATE - _NAME, 20)
    for one in findings:
        first, *rest = wrapped(one.found, room)
        state = (_STYLES[one.state], f"{one.state:<{_STATE}}")
        yield (state, ("heading", f"{one.name:<{_NAME}}"), ("", first))
        advice = wrapped(f"-> {one.advice}", room) if one.advice else []
        yield from ((("", " " * (_STATE + _NAME) + line),) for line in [*rest, *advice])


def examination_markdown(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the findings as the lines of a Markdown table, to be pasted into an issue."""
    yield "| looked at | state | found | to do |"
    yield "|---|---|---|---|"
    for one in findings:
        cells = (inert(one.name), one.state, inert(one.found), inert(one.advice))
        yield f"| {' | '.join(cells)} |"


def examination_commands(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a workflow command for each finding that asks for something to be done."""
    for one in findings:
        if severity := _SEVERITIES.get(one.state):
            yield workflow_command(severity, f"planbot {one.name}", f"{one.found}\n{one.advice}".rstrip("\n"))


def examination_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return the findings as plain data."""
    return [
        {"name": one.name, "state": one.state, "found": one.found, "advice": one.advice} for one in findings
    ]
