"""Findings as workflow commands: GitHub shows them on the lines of a plan file.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.model import Diagnostic


def workflow_commands(findings: Iterable[tuple[str, Diagnostic]]) -> Iterator[str]:
    """Yield one workflow command for each finding; no text of a plan can end it or begin another."""
    for path, finding in findings:
        place = f"file={_property(path)},line={finding.line},col={finding.column}"
        text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
        yield f"::{finding.severity} {place},title={_property(f'planbot {finding.code}')}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
