"""`planbot serve`: passes on a schedule."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from planbot.cli.comments import run_pass
from planbot.cli.common import Interval, connected, engine
from planbot.cli.console import leave_logs, say, say_error
from planbot.cli.sync import report
from planbot.errors import PlanbotError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

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
@click.pass_context
def command(context: click.Context, *, at: Connection, every: int | None, settings: Path | None) -> int:
    """Run passes again and again, until told to stop.

    For one repository, from a clone of it: a pass now and then every so often. A pass that fails is told of and tried
    again at its next time. The token is taken from $GITHUB_TOKEN, then $GH_TOKEN.

    For many, with --settings: on a schedule and by webhook, with a token or as a GitHub App, several passes at once,
    with a status page and metrics. It logs one JSON object a line to standard error. SIGHUP and a change of the file
    have it read anew. This takes the extra `service`: pip install 'planbot[service]'.

    SIGTERM and Ctrl-C end it: a pass under way is finished first, or recorded as far as it came.

    \b
    Examples:
      planbot serve --every 15m
      planbot serve --every 1h -C /srv/plans --repo octo/plans
      planbot serve --settings config/service.yml
    """
    if settings is not None:
        _require_alone(context)
        return _serve(settings)
    from planbot.service.schedule import Schedule
    from planbot.tracker.answers import AnswerCache

    seconds = every or EVERY
    with engine(at):
        pass  # a wrong token name, folder or address is told of at once, and not every so often
    cache = AnswerCache()  # what has not changed since the last pass costs no quota
    schedule = Schedule(seconds, lambda: _pass(at, cache))
    _on_end(schedule.stop)
    say(f"a pass every {seconds} s; SIGTERM or Ctrl-C ends it")
    schedule.run()
    say("stopped")
    return 0


def _require_alone(context: click.Context) -> None:
    """Refuse options that would have no effect beside a settings file."""
    for param in context.command.params:
        given = param.name and context.get_parameter_source(param.name) == ParameterSource.COMMANDLINE
        if given and param.expose_value and param.name != "settings":
            raise click.UsageError(f"{param.opts[-1]} goes with one clone, not with --settings")


def _serve(settings: Path) -> int:
    """Run the service until it is told to stop."""
    try:
        from planbot.service.logs import start_logs
        from planbot.service.serve import Service
    except ImportError as error:
        raise UsageError(
            f"the service needs the library {error.name}", hint="pip install 'planbot[service]'"
        ) from error
    service = Service(settings)
    start_logs(sys.stderr, leave_logs())
    _on_end(service.stop)
    signal.signal(signal.SIGHUP, lambda _signum, _frame: service.reload())
    if not service.run():
        logging.getLogger(__name__).warning(
            "passes that still ran are left: the next start goes on from there"
        )
    return 0


def _on_end(act: Callable[[], None]) -> None:
    """Call `act` at the first SIGTERM or Ctrl-C; a second one ends the process at once."""
    ends = (signal.SIGTERM, signal.SIGINT)

    def end(_signum: int, _frame: object) -> None:
        for signum in ends:
            signal.signal(signum, signal.SIG_DFL)
        act()

    for signum in ends:
        signal.signal(signum, end)


def _pass(at: Connection, cache: AnswerCache) -> None:
    try:
        with engine(at, cache=cache) as (bot, to):
            report(run_pass(bot, to.tracker), "text")
    except PlanbotError as error:
        say_error(error)
        say("the next pass tries again")
