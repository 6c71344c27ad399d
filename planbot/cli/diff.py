"""`planbot diff`: what sync would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from planbot.cli.comments import preview
from planbot.cli.common import (
    allow_option,
    connected,
    engine,
    event,
    output_option,
)
from planbot.cli.output import FORMATS
from planbot.cli.sync import report
from planbot.cli.workflow import failures_told

if TYPE_CHECKING:
    from planbot.cli.common import Connection

DIFFERENCES = 1


@click.command()
@connected
@allow_option
@click.option("--commit", metavar="REV", help="Read the plan files of this commit instead of the work tree.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences.")
@output_option(*FORMATS)
def command(
    *,
    at: Connection,
    allow: frozenset[str],
    commit: str | None,
    exit_code: bool,
    output: str,
) -> int:
    """Show what sync would do, and do nothing.

    Reads the plan files of the work tree, so that a plan can be tried before it is committed.

    The token is taken from $GITHUB_TOKEN, then $GH_TOKEN; it need not be able to write.

    \b
    Examples:
      planbot diff
      planbot diff --commit HEAD~1 --output json
      planbot diff --exit-code
    """
    from planbot.repo.sources import CommitSource, WorktreeSource

    with failures_told(output), engine(at, allow) as (bot, repository):
        worktree = commit is None
        source = (
            WorktreeSource(repository)
            if worktree
            else CommitSource(repository, repository.commit(commit or ""))
        )
        result = bot.diff(source)
        if output == "github":
            result = preview(bot, result, event())
    code = report(result, output)
    return DIFFERENCES if exit_code and code == 0 and not result.in_sync else code
