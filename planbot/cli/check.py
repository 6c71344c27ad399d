"""`planbot check`: lint plan files and settings."""

from __future__ import annotations

from pathlib import Path

import click

from planbot.cli.common import config_option, directory_option, open_repository, output_option, settings_file
from planbot.cli.console import say, show, show_json, show_lines

FINDINGS = 1
UNREADABLE = 2


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@config_option
@directory_option
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@output_option("text", "json")
def command(
    *, files: tuple[Path, ...], config: Path | None, directory: Path, strict: bool, output: str
) -> int:
    """Lint plan files and settings.

    Without FILES, every plan file of the work tree that the settings name is checked. Needs no token.

    \b
    Examples:
      planbot check
      planbot check docs/plans/billing.md --strict
    """
    from planbot.cli.files import load_files
    from planbot.loading import load
    from planbot.report.data import plan_data
    from planbot.report.lines import plural
    from planbot.report.text import finding_lines

    settings = settings_file(config, directory)
    if files:
        loaded = load_files(files, settings, directory)
    else:
        from planbot.repo.sources import WorktreeSource

        loaded = load(WorktreeSource(open_repository(directory)), settings)
    if not loaded.read:
        say("warning: no plan file matched `plans:` in the settings", "warning")
    if output == "json":
        show_json([plan_data(plan, loaded.about(plan.path)) for plan in loaded.read])
    else:
        for path, finding in loaded.findings:
            show_lines(finding_lines(path, finding))
        if loaded.read and not loaded.findings:
            show(f"{plural(len(loaded.read), 'plan file')}, no findings")
    return UNREADABLE if loaded.unreadable else FINDINGS if strict and loaded.findings else 0
