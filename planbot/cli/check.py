"""`planbot check`: lint plan files and settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planbot.cli.common import (
    config_option,
    directory_option,
    given,
    open_repository,
    plans_option,
)
from planbot.cli.console import show, show_json
from planbot.cli.findings import warn_of_no_plan_file
from planbot.cli.output import Shown, output_option, show_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.loading import Given, Loaded
    from planbot.report.text import Line

FINDINGS = 1
UNREADABLE = 2


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@click.option("--list-codes", is_flag=True, help="Explain every finding there can be, and check nothing.")
@click.option(
    "--schema",
    is_flag=True,
    help="Print the settings as a JSON schema, or with --output markdown as a table; check nothing.",
)
@output_option("sarif")
@config_option
@plans_option
@directory_option
def command(
    *,
    files: tuple[Path, ...],
    config: Path | None,
    plans: tuple[str, ...],
    directory: Path,
    strict: bool,
    list_codes: bool,
    schema: bool,
    output: str,
) -> int:
    """Lint plan files and settings.

    Without FILES, every plan file of the work tree that the settings name is checked. Needs no token. Errors
    are what keeps a file from being read: they exit with 2, warnings alone with 0, or with --strict 1.

    \b
    Examples:
      planbot check
      planbot check docs/plans/billing.md --strict
      planbot check --output sarif
      planbot check --list-codes
      planbot check --schema
    """
    if schema or list_codes:
        if output == "sarif":
            raise click.UsageError("--output sarif is for findings, not for what can be looked up")
        (_describe if schema else _explain)(output)
        return 0
    loaded = _load(files, given(config, directory, plans), directory)
    if not loaded.read:
        warn_of_no_plan_file(output, loaded, by_hand=bool(plans))
    _show(loaded, output)
    if any(finding.severity == "error" for _, finding in loaded.findings):
        return UNREADABLE
    return FINDINGS if strict and (loaded.findings or not loaded.read) else 0


def _load(files: tuple[Path, ...], settings: Given, directory: Path) -> Loaded:
    from planbot.cli.files import load_files
    from planbot.loading import load

    if files:
        return load_files(files, settings, directory)
    from planbot.repo.sources import WorktreeSource

    return load(WorktreeSource(open_repository(directory)), settings)


def _show(loaded: Loaded, output: str) -> None:
    if output == "sarif":
        from planbot.report.sarif import sarif_data

        show_json(sarif_data(loaded.findings))
        return
    show_in(
        output,
        Shown(
            lines=lambda: _lines(loaded),
            data=lambda: _data(loaded),
            markdown=lambda: _markdown(loaded),
            findings=loaded.findings,
            findings_are_data=True,
        ),
    )


def _markdown(loaded: Loaded) -> str:
    from planbot.report.markdown import findings_markdown

    return f"{_headline(loaded)}\n{findings_markdown(loaded.findings)}"


def _lines(loaded: Loaded) -> Iterator[Line]:
    from planbot.report.text import finding_lines

    sources = {plan.path: plan.source for plan in loaded.read}
    for path, finding in loaded.findings:
        yield from finding_lines(path, finding, sources.get(path))
    if loaded.read and not loaded.findings:
        yield (("", _headline(loaded)),)


def _data(loaded: Loaded) -> list[dict[str, Any]]:
    from planbot.report.data import plan_data

    return [plan_data(plan, loaded.about(plan.path)) for plan in loaded.read]


def _headline(loaded: Loaded) -> str:
    from planbot.report.lines import plural

    found = plural(len(loaded.findings), "finding") if loaded.findings else "no findings"
    return f"{plural(len(loaded.read), 'plan file')}, {found}"


def _describe(output: str) -> None:
    from planbot.config_json import settings_schema, settings_table

    if output == "markdown":
        show("\n".join(settings_table()))
    else:
        show_json(settings_schema())


def _explain(output: str) -> None:
    from planbot.plan.diagnostics import CODES
    from planbot.report.codes import code_data, code_lines, code_table

    codes = sorted(CODES, key=lambda one: one.code)
    show_in(
        output,
        Shown(
            lines=lambda: code_lines(codes),
            data=lambda: [code_data(code) for code in codes],
            markdown=lambda: "\n".join(code_table(codes)),
        ),
    )
