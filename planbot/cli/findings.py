"""Diagnostics on standard error, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.cli.console import say, say_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.model import Diagnostic

TEMPLATE = "{} is left alone until its title is yours: a title in brackets marks a template"


def report_findings(findings: Iterable[tuple[str, Diagnostic]]) -> None:
    """Tell diagnostics beside a command's data."""
    from planbot.report.text import finding_lines

    for path, finding in findings:
        say_lines(finding_lines(path, finding))


def warn_of_no_plan_file(templates: Iterable[str] = ()) -> None:
    """Tell that no plan file was found, and which files would be some."""
    say("warning: no plan file matched `plans:` in the settings", "warning")
    for path in templates:
        say(f"warning: {TEMPLATE.format(path)}", "warning")
