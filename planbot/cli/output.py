"""`--output`: one result, in the format that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from planbot.cli.console import show, show_json, show_lines
from planbot.cli.findings import report_findings
from planbot.cli.workflow import annotate, give_out, only_text, summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planbot.plan.model import Diagnostic
    from planbot.report.result import PassResult
    from planbot.report.text import Line

FORMATS = ("text", "json", "markdown", "github")


def output_option(*more: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add `--output`, with more formats where a command has some of its own."""
    return click.option(
        "--output",
        type=click.Choice((*FORMATS, *more)),
        default=FORMATS[0],
        show_default=True,
        help="What to print; github is for a step of a workflow: annotations, summary and outputs.",
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold how a result looks in each format, made when it is asked for.

    `findings` become annotations, and are told beside the data unless they are the data. `annotations` are workflow
    commands for what has no place in a file.
    """

    lines: Callable[[], Iterable[Line]]
    data: Callable[[], Any]
    markdown: Callable[[], str]
    findings: tuple[tuple[str, Diagnostic], ...] = ()
    findings_are_data: bool = False
    annotations: Callable[[], Iterable[str]] = tuple


def show_in(output: str, result: Shown) -> None:
    """Print a result; `github` also writes the job's summary and the step's outputs."""
    beside = () if result.findings_are_data else result.findings
    if output != "github":
        report_findings(beside)
    match output:
        case "json":
            show_json(result.data())
        case "markdown":
            show(result.markdown().rstrip("\n"))
        case "github":
            with only_text():
                report_findings(beside)
                show_lines(result.lines())
            annotate(result.findings)
            for line in result.annotations():
                show(line)
            summarise(result.markdown().rstrip("\n") + "\n")
            give_out(result.data())
        case _:
            show_lines(result.lines())


def show_result(result: PassResult, output: str) -> None:
    """Print what a pass did or would do."""
    from planbot.report.data import result_data
    from planbot.report.markdown import result_markdown
    from planbot.report.text import result_lines

    show_in(
        output,
        Shown(
            lines=lambda: result_lines(result),
            data=lambda: result_data(result),
            markdown=lambda: result_markdown(result),
            findings=tuple(result.findings),
        ),
    )
