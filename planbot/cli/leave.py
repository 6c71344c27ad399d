"""`planbot leave`: take planbot out of a repository again."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import click

from planbot.cli.common import Interval, acting, allow_option, connection
from planbot.cli.console import progress, say
from planbot.cli.output import Shown, output_option, show_in

if TYPE_CHECKING:
    from planbot.cli.common import Connection

PARTIAL = 3


@click.command()
@allow_option("ticks", help="What to allow: ticks leaves boxes behind that only issues have as they are.")
@click.option(
    "--close", is_flag=True, help="Close planbot's open issues, as not planned, instead of keeping them."
)
@click.option("--dry-run", is_flag=True, help="Stop before the first write and show what it would have been.")
@click.option(
    "--wait",
    type=Interval(),
    default="2m",
    show_default=True,
    help="How long to wait for a pass that is running.",
)
@output_option()
@acting
def command(
    *, at: Connection, allow: frozenset[str], close: bool, dry_run: bool, wait: int, output: str
) -> int:
    """Take planbot out of a repository: its marks, its labels and milestones, its branch, and last its journal.

    Issues stay, and what they say stays: only the hidden marks and the label `planbot` go. Labels and milestones go
    where planbot made them and no other issue or pull request uses them. Plan files are not touched. Take the
    workflow away first, or it starts anew. A run that was cut off is gone on with by the next. Where boxes in issues
    are not in the plan yet, nothing is removed.

    The token is taken from $GITHUB_TOKEN, then $GH_TOKEN.

    \b
    Examples:
      planbot leave --dry-run
      planbot leave
      planbot leave --close --repo octo/plans
    """
    from planbot.engine import Means
    from planbot.leaving import Leaver
    from planbot.report.departure import departure_data, departure_lines, departure_markdown

    means = Means(time.time, time.sleep, lambda: secrets.token_hex(4), say, progress, at.pace)
    with connection(at) as to:
        leaver = Leaver(to.repository, to.tracker, means, close=close, allow=allow, wait=wait)
        departure = leaver.leave(dry_run=dry_run)
    show_in(
        output,
        Shown(
            lines=lambda: departure_lines(departure),
            data=lambda: departure_data(departure),
            markdown=lambda: "\n".join(departure_markdown(departure)),
        ),
    )
    return PARTIAL if departure.undone else 0
