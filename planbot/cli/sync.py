"""`planbot sync`: one pass."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from planbot.cli.comments import run_pass
from planbot.cli.common import (
    Interval,
    allow_option,
    connected,
    engine,
    output_option,
)
from planbot.cli.console import say
from planbot.cli.output import FORMATS, show_result
from planbot.cli.workflow import failures_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.cli.common import Connection
    from planbot.report.result import PassResult

UNREADABLE, PARTIAL, OUT_OF_TIME = 2, 3, 5


@click.command()
@connected
@allow_option
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
@click.option("--dry-run", is_flag=True, help="Stop before the first write and show what it would have been.")
@output_option(*FORMATS)
def command(
    *,
    at: Connection,
    allow: frozenset[str],
    wait: int,
    time_budget: int | None,
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
    """
    with (
        failures_told(output),
        engine(at, allow, wait=wait, time_budget=time_budget) as (bot, _),
        refusals_shown(output),
    ):
        result = bot.diff() if dry_run else run_pass(bot)
    return report(result, output)


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


def report(result: PassResult, output: str) -> int:
    """Print a pass's result and return its exit code."""
    show_result(result, output)
    if not result.plans and not result.skipped:
        say("warning: no plan file matched `plans:` in the settings", "warning")
    if result.out_of_time:
        return OUT_OF_TIME
    if result.undone or result.problem:
        return PARTIAL
    return UNREADABLE if any(finding.severity == "error" for _, finding in result.findings) else 0
