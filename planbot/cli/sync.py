"""`planbot sync`: one pass."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.comments import run_pass
from planbot.cli.common import (
    Interval,
    allow_option,
    connected,
    engine,
    given,
    open_repository,
)
from planbot.cli.console import is_quiet
from planbot.cli.findings import warn_of_no_plan_file, warn_together
from planbot.cli.output import output_option, show_result
from planbot.errors import PlanbotError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.cli.common import Connection
    from planbot.loading import Given
    from planbot.repo.sources import Source
    from planbot.report.result import PassResult
    from planbot.sync.saved import Saved

UNREADABLE, PARTIAL, OUT_OF_TIME = 2, 3, 5


@click.command()
@allow_option()
@click.option(
    "--wait",
    type=Interval(),
    default="2m",
    show_default=True,
    help="How long to wait for another pass that is running.",
)
@click.option(
    "--time-budget",
    type=Interval(),
    help="Stop cleanly after so long, with exit code 5; the next pass goes on.",
)
@click.option(
    "--changes",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Apply the change set saved in this file by diff --save; refuse (exit code 4) if the world has moved.",
)
@click.option("--dry-run", is_flag=True, help="Stop before the first write and show what it would have been.")
@output_option()
@connected
def command(
    *,
    at: Connection,
    allow: frozenset[str],
    wait: int,
    time_budget: int | None,
    changes: Path | None,
    dry_run: bool,
    output: str,
) -> int:
    """Bring plan files and issues in step: one pass.

    Reads the plan files of the branch on `origin` (never the work tree) and the issues that planbot manages, and
    brings ticks to the side that lacks them. Plan files change by one commit that replaces just those boxes.
    A second pass right after has nothing to do.

    The token is taken from $GITHUB_TOKEN, then $GH_TOKEN.

    \b
    Examples:
      planbot sync --dry-run
      planbot sync --repo octo/plans
      planbot sync --allow closes
      planbot sync --time-budget 20m
      planbot sync --changes changes.json
    """
    if changes is not None and dry_run:
        raise click.UsageError("--changes and --dry-run do not go together: diff shows what would be done")
    with (
        engine(at, allow, wait=wait, time_budget=time_budget, saved=_saved(changes)) as (bot, to),
        refusals_shown(output),
    ):
        result = bot.diff() if dry_run else run_pass(bot, to.tracker, to.repository)
    return report(result, output, at)


def _saved(file: Path | None) -> Saved | None:
    from planbot.sync.saved import read_saved

    if file is None:
        return None
    try:
        return read_saved(file.read_bytes(), str(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


@contextmanager
def refusals_shown(output: str) -> Iterator[None]:
    """Show what a refused pass wanted; in text the message says it all."""
    from planbot.report.result import RefusedPassError

    try:
        yield
    except RefusedPassError as refused:
        if output != "text":
            show_result(refused.result, output)
        raise


def report(result: PassResult, output: str, at: Connection, source: Source | None = None) -> int:
    """Print a pass's result and return its exit code; `source` took the place of the branch's plan files.

    Who wants quiet hears nothing of a pass with nothing to do.
    """
    code = _code(result)
    if is_quiet() and output == "text" and code == 0 and _is_idle(result):
        return code
    show_result(result, output)
    if not result.plans and not result.skipped:
        _warn_of_no_plan_file(result, output, at, source)
    return code


def _warn_of_no_plan_file(result: PassResult, output: str, at: Connection, source: Source | None) -> None:
    from planbot.loading import load
    from planbot.repo.sources import CommitSource
    from planbot.report.lines import few

    settings = given(at.config, at.directory, at.plans)
    unpushed = [] if source else _in_work_tree(at, settings)
    if unpushed:
        it = "it" if len(unpushed) == 1 else "them"
        text = f"this work tree has {few(unpushed)}: commit and push {it}"
        warn_together(output, [f"{result.branch} on origin has no plan file to bring in step; {text}"])
    else:
        source = source or CommitSource(open_repository(at.directory), result.ref)
        warn_of_no_plan_file(output, load(source, settings), by_hand=bool(at.plans))


def _in_work_tree(at: Connection, settings: Given) -> list[str]:
    """Return the plan files that the work tree has, if there is one to tell."""
    from planbot.loading import load
    from planbot.repo.sources import WorktreeSource

    with suppress(PlanbotError):
        loaded = load(WorktreeSource(open_repository(at.directory)), settings)
        return [plan.path for plan, _ in loaded.plans]
    return []


def _is_idle(result: PassResult) -> bool:
    return result.busy or bool(result.in_sync and result.plans and not result.notices)


def _code(result: PassResult) -> int:
    if result.out_of_time:
        return OUT_OF_TIME
    if result.undone or result.problem:
        return PARTIAL
    return UNREADABLE if any(finding.severity == "error" for _, finding in result.findings) else 0
