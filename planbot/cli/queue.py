"""`planbot queue`: the database in which passes wait for workers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING

import click

from planbot.cli.console import say, show_json, show_lines
from planbot.cli.staying import database_at, queue_option
from planbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.queue.database import Database
    from planbot.queue.listing import Listed
    from planbot.report.text import Line

_STATES = {"given up": "given up since", "running": "a pass runs since", "waiting": "a pass may start at"}


@click.command()
@click.argument("action", type=click.Choice(("setup", "jobs", "retry")), metavar="{setup|jobs|retry}")
@click.argument("repositories", nargs=-1, metavar="[REPOSITORY]...")
@click.option("--all", "everything", is_flag=True, help="With retry: every repository that is given up.")
@click.option(
    "--output",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="What jobs prints.",
)
@queue_option
def command(
    *, action: str, repositories: tuple[str, ...], everything: bool, output: str, queue: str | None
) -> int:
    """Set up the queue's database, look into the queue, try again what was given up.

    setup makes the tables that this version needs, and brings those of an older one up to date: once before the first
    start, and with every new version. It may run while others do, and does nothing where nothing is to be done.

    jobs lists repositories that are given up, passes that run and passes that wait. A repository is given up after ten
    failures in a row: planbot does not try again by itself then, only at its next time or webhook.

    retry has passes over repositories made at once, whatever they rest for.

    \b
    Examples:
      planbot queue setup --queue postgresql://db/planbot
      planbot queue jobs
      planbot queue retry octo/plans
      planbot queue retry --all
    """
    if (action == "retry") != bool(repositories or everything) or (repositories and everything):
        raise click.UsageError("retry takes repositories or --all; setup and jobs take neither")
    with closing(database_at(queue)) as database:
        if action == "setup":
            return _set_up(database)
        from planbot.queue.schema import require

        require(database)
        return _show_jobs(database, output) if action == "jobs" else _retry(database, repositories)


def _set_up(database: Database) -> int:
    from planbot.queue.schema import set_up

    applied = set_up(database)
    for name in applied:
        say(f"applied {name}")
    say("the queue's database is set up" if applied else "there was nothing to do")
    return 0


def _show_jobs(database: Database, output: str) -> int:
    from planbot.queue.listing import listed

    with database.transaction() as connection:
        found = listed(connection)
    if output == "json":
        show_json([{**asdict(one), "at": one.at.isoformat()} for one in found])
    elif found:
        show_lines(line for one in found for line in _lines(one))
    else:
        say("nothing runs, nothing waits, nothing is given up")
    return 0


def _lines(one: Listed) -> Iterable[Line]:
    from planbot.report.lines import plural

    at = one.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    failures = f", {plural(one.failures, 'failure')} in a row" if one.failures else ""
    style = "error" if one.state == "given up" else ""
    yield ((style, f"{one.repository}: {_STATES[one.state]} {at}{failures}"),)
    for text in (*one.why.splitlines(), one.hint):
        if text:
            yield (("", f"  {text}"),)


def _retry(database: Database, repositories: Iterable[str]) -> int:
    from planbot.queue.listing import given_up
    from planbot.queue.wishes import retry
    from planbot.report.lines import plural

    with database.transaction() as connection:
        keys = [name.casefold() for name in repositories] or given_up(connection)
    unknown = []
    for key in keys:
        with database.transaction() as connection:
            if not retry(connection, key):
                unknown.append(key)
    if unknown:
        raise UsageError(f"the queue knows nothing of {', '.join(unknown)}")
    say(f"{plural(len(keys), 'pass', 'passes')} asked for")
    return 0
