"""`planbot show`: a plan file as planbot reads it."""

from __future__ import annotations

from pathlib import Path

import click

from planbot.cli.common import config_option, given, output_option
from planbot.cli.console import show, show_json, show_lines
from planbot.cli.findings import report_findings

UNREADABLE = 2


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@config_option
@output_option("text", "json", "markdown")
def command(*, files: tuple[Path, ...], config: Path | None, output: str) -> int:
    """Show plan files as planbot reads them: phases, tasks and checks, each with its line.

    Needs no repository, no token and no network.

    \b
    Examples:
      planbot show docs/plans/billing.md
      planbot show PLAN.md --output json
    """
    from planbot.cli.files import load_files
    from planbot.report.data import plan_data
    from planbot.report.reading import reading_markdown
    from planbot.report.text import plan_lines

    loaded = load_files(files, given(config))
    if output == "json":
        data = [plan_data(plan, loaded.about(plan.path)) for plan in loaded.read]
        show_json(data[0] if len(files) == 1 else data)
    elif output == "markdown":
        for line in reading_markdown(loaded.read):
            show(line)
        report_findings(loaded.findings)
    else:
        for number, plan in enumerate(loaded.read):
            if number:
                show("")
            show_lines(plan_lines(plan))
        report_findings(loaded.findings)
    return UNREADABLE if loaded.unreadable else 0
