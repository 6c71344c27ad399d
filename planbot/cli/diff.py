"""`planbot diff`: what sync would do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.comments import preview
from planbot.cli.common import (
    allow_option,
    connected,
    engine,
    event,
)
from planbot.cli.output import output_option
from planbot.cli.sync import report

if TYPE_CHECKING:
    from planbot.cli.common import Connection

DIFFERENCES = 1


@click.command()
@allow_option()
@click.option("--commit", metavar="REV", help="Read the plan files of this commit instead of the work tree.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the change set of the commit to this file; sync --changes applies exactly that.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences.")
@output_option()
@connected
def command(
    *,
    at: Connection,
    allow: frozenset[str],
    commit: str | None,
    save: Path | None,
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
      planbot diff --commit origin/main --save changes.json
    """
    from planbot.repo.sources import CommitSource, WorktreeSource
    from planbot.sync.saved import saved_changes

    if save is not None and commit is None:
        raise click.UsageError("--save needs --commit: what is saved is the change set of a commit")
    with engine(at, allow) as (bot, to):
        name = None if commit is None else to.repository.commit(commit)
        source = WorktreeSource(to.repository) if name is None else CommitSource(to.repository, name)
        result = replace(bot.diff(source), ref=name or "")
        if save is not None:
            save.write_bytes(saved_changes(result.repository, name or "", result.changes, result.ticks))
        if output == "github":
            result = preview(to.tracker, result, event())
    code = report(result, output, at, source)
    return DIFFERENCES if exit_code and code == 0 and not result.in_sync else code
