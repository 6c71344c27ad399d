"""One result, in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.cli.console import show, show_json, show_lines
from planbot.cli.findings import report_findings
from planbot.cli.workflow import annotate, give_out, only_text, summarise

if TYPE_CHECKING:
    from planbot.report.result import PassResult

FORMATS = ("text", "json", "markdown", "github")


def show_result(result: PassResult, output: str) -> None:
    """Print what a pass did or would do; `github` also writes the job's summary and the step's outputs."""
    from planbot.report.data import result_data
    from planbot.report.markdown import result_markdown
    from planbot.report.text import result_lines

    if output != "github":
        report_findings(result.findings)
    match output:
        case "json":
            show_json(result_data(result))
        case "markdown":
            show(result_markdown(result).rstrip("\n"))
        case "github":
            with only_text():
                report_findings(result.findings)
                show_lines(result_lines(result))
            annotate(result.findings)
            summarise(result_markdown(result))
            give_out(result_data(result))
        case _:
            show_lines(result_lines(result))
