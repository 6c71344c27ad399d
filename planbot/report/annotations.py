"""Findings as workflow commands: GitHub shows them on the lines of a plan file.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from planbot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.errors import PlanbotError
    from planbot.plan.model import Diagnostic

_MISTAKE = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<text>.+)", re.DOTALL)


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
    """Yield a workflow command for a failure, or for each mistake in the settings on its line."""
    mistakes = error.mistakes if isinstance(error, SettingsError) else (error.message,)
    for mistake in mistakes:
        found = _MISTAKE.fullmatch(mistake) if isinstance(error, SettingsError) else None
        place = f"file={_property(found['path'])},line={found['line']}," if found else ""
        text = _advised(found["text"] if found else mistake, error.hint)
        yield workflow_command("error", "planbot", text, place)


def _advised(text: str, hint: str) -> str:
    return f"{text}\n{hint}" if hint else text


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
