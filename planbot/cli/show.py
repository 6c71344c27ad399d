"""`planbot show`: a plan file as planbot reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.common import config_option, given
from planbot.cli.output import Shown, output_option, show_in

if TYPE_CHECKING:
    from planbot.loading import Loaded

UNREADABLE = 2


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@output_option()
@config_option
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
    from planbot.report.text import reading_lines

    loaded = load_files(files, given(config))
    data = [plan_data(plan, loaded.about(plan.path)) for plan in loaded.read]
    show_in(
        output,
        Shown(
            lines=lambda: reading_lines(loaded.read),
            data=lambda: data[0] if len(files) == 1 else data,
            markdown=lambda: _markdown(loaded),
            findings=loaded.findings,
        ),
    )
    return UNREADABLE if loaded.unreadable else 0


def _markdown(loaded: Loaded) -> str:
    from planbot.report.reading import reading_markdown

    return "\n".join(reading_markdown(loaded.read))
