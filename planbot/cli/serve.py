"""`planbot serve`: passes on a schedule."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from planbot.cli.comments import run_pass
from planbot.cli.common import Interval, connected, engine
from planbot.cli.console import say, say_error
from planbot.cli.staying import QUEUE, database_at, extra_needed, on_end, queue_option, run_service
from planbot.cli.sync import report
from planbot.errors import PlanbotError

if TYPE_CHECKING:
    from planbot.cli.common import Connection
    from planbot.tracker.answers import AnswerCache

EVERY = 900  # seconds


@click.command()
@connected
@click.option("--every", type=Interval(), help="Time from one pass to the next; default: 15m.")
@click.option(
    "--settings",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the repositories that a settings file names; nothing else is taken from the command line then.",
)
@queue_option
@click.pass_context
def command(
    context: click.Context, *, at: Connection, every: int | None, settings: Path | None, queue: str | None
) -> int:
    """Run passes again and again, until told to stop.

    For one repository, from a clone of it: a pass now and then every so often. A pass that fails is told of and tried
    again at its next time. The token is taken from $GITHUB_TOKEN, then $GH_TOKEN.

    For many, with --settings: on a schedule and by webhook, with a token or as a GitHub App, several passes at once,
    with a status page and metrics. It logs one JSON object a line to standard error. SIGHUP and a change of the file
    have it read anew. This takes the extra `service`: pip install 'planbot[service]'.

    With --queue it makes no passes itself: it asks for them in a database, and every `planbot worker` takes some. Any
    number of processes may do so, with the same settings; a webhook and a time of the schedule count once.

    SIGTERM and Ctrl-C end it: a pass under way is finished first, or recorded as far as it came.

    \b
    Examples:
      planbot serve --every 15m
      planbot serve --every 1h -C /srv/plans --repo octo/plans
      planbot serve --settings config/service.yml
      planbot serve --settings config/service.yml --queue postgresql://db/planbot
    """
    if settings is not None:
        _require_alone(context)
        return _serve(settings, queue or os.environ.get(QUEUE))
    if queue is not None:
        raise click.UsageError("--queue goes with --settings")
    from planbot.service.schedule import Schedule
    from planbot.tracker.answers import AnswerCache

    seconds = every or EVERY
    with engine(at):
        pass  # a wrong token name, folder or address is told of at once, and not every so often
    cache = AnswerCache()  # what has not changed since the last pass costs no quota
    schedule = Schedule(seconds, lambda: _pass(at, cache))
    on_end(schedule.stop)
    say(f"a pass every {seconds} s; SIGTERM or Ctrl-C ends it")
    schedule.run()
    say("stopped")
    return 0


def _require_alone(context: click.Context) -> None:
    """Refuse options that would have no effect beside a settings file."""
    for param in context.command.params:
        given = param.name and context.get_parameter_source(param.name) == ParameterSource.COMMANDLINE
        if given and param.expose_value and param.name not in ("settings", "queue"):
            raise click.UsageError(f"{param.opts[-1]} goes with one clone, not with --settings")


def _serve(settings: Path, queue: str | None) -> int:
    """Run the service until it is told to stop: passes run here, or by workers where there is a queue."""
    with extra_needed("service"):
        from planbot.service.serve import Service
    if queue is None:
        return run_service(Service(settings))
    database = database_at(queue)
    from planbot.queue.asks import QueueAsks
    from planbot.queue.board import SharedBoard
    from planbot.queue.schema import require

    require(database)
    with closing(SharedBoard(database)) as board:
        return run_service(Service(settings, QueueAsks(database), board))


def _pass(at: Connection, cache: AnswerCache) -> None:
    try:
        with engine(at, cache=cache) as (bot, to):
            report(run_pass(bot, to.tracker, to.repository), "text", at)
    except PlanbotError as error:
        say_error(error)
        say("the next pass tries again")
