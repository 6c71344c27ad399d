"""Diagnostics on standard error, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.cli.console import say, say_lines, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.model import Diagnostic

TEMPLATE = "{} is left alone until its title is yours: a title in brackets marks a template"


def report_findings(findings: Iterable[tuple[str, Diagnostic]]) -> None:
    """Tell diagnostics beside a command's data."""
    from planbot.report.text import finding_lines

    for path, finding in findings:
        say_lines(finding_lines(path, finding))


def warn_of_no_plan_file(output: str, templates: Iterable[str] = ()) -> None:
    """Tell that no plan file was found, and which files would be some."""
    texts = ("no plan file matched `plans:` in the settings", *map(TEMPLATE.format, templates))
    for text in texts:
        say(f"warning: {text}", "warning")
    if output == "github":
        from planbot.report.annotations import workflow_command

        show(workflow_command("warning", "planbot", "\n".join(texts)))
