"""Diagnostics on standard error, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.cli.console import say_lines
from planbot.report.text import finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.model import Diagnostic


def report_findings(findings: Iterable[tuple[str, Diagnostic]]) -> None:
    """Tell diagnostics beside a command's data."""
    for path, finding in findings:
        say_lines(finding_lines(path, finding))
