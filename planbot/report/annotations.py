"""Findings as workflow commands: GitHub shows them on the lines of a plan file.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from planbot.report.failure import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.errors import PlanbotError
    from planbot.plan.model import Diagnostic


def workflow_command(severity: Literal["error", "warning"], title: str, text: str, place: str = "") -> str:
    """Return a workflow command; a place is `file=PATH,` and what else its properties say."""
    return f"::{severity} {place}title={_property(title)}::{_data(text)}"


def workflow_commands(findings: Iterable[tuple[str, Diagnostic]]) -> Iterator[str]:
    """Yield one workflow command for each finding; no text of a plan can end it or begin another."""
    for path, finding in findings:
        place = f"file={_property(path)},line={finding.line},col={finding.column},"
        text = _advised(finding.message, finding.hint)
        yield workflow_command(finding.severity, f"planbot {finding.code}", text, place)


def failure_commands(error: PlanbotError) -> Iterator[str]:
    """Yield a workflow command for a failure, or for each mistake in the settings at its place."""
    for fault in faults(error):
        column = f"col={fault.column}," if fault.column else ""
        place = f"file={_property(fault.path)},line={fault.line},{column}" if fault.path else ""
        yield workflow_command("error", "planbot", _advised(fault.text, error.hint), place)


def _advised(text: str, hint: str) -> str:
    return f"{text}\n{hint}" if hint else text


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
