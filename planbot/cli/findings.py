"""Diagnostics on standard error, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.cli.console import say, say_lines, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.loading import Loaded
    from planbot.plan.model import Diagnostic

TEMPLATE = "{} is left alone until its title is yours: a title in brackets marks a template"


def report_findings(findings: Iterable[tuple[str, Diagnostic]]) -> None:
    """Tell diagnostics beside a command's data."""
    from planbot.report.text import finding_lines

    for path, finding in findings:
        say_lines(finding_lines(path, finding))


def warn_of_no_plan_file(output: str, loaded: Loaded, *, by_hand: bool) -> None:
    """Tell why no plan file was found; `by_hand` says that the patterns were given so."""
    warn_together(output, tuple(_absence(loaded, "--plans" if by_hand else "`plans:` in the settings")))


def _absence(loaded: Loaded, patterns: str) -> Iterator[str]:
    from planbot.report.lines import few

    if loaded.off:
        yield f"left alone, for `planbot: off` stands there: {few(loaded.off)}"
    yield from map(TEMPLATE.format, loaded.templates)
    if not (loaded.off or loaded.templates or loaded.read):
        yield f"no plan file matched {patterns}"


def warn_together(output: str, texts: Sequence[str]) -> None:
    """Tell warnings that are about no line of a file; a workflow shows them as one."""
    for text in texts:
        say(f"warning: {text}", "warning")
    if output == "github" and texts:
        from planbot.report.annotations import workflow_command

        show(workflow_command("warning", "planbot", "\n".join(texts)))
