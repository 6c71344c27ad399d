"""`planbot serve`: passes on a schedule."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click

from planbot.cli.comments import run_pass
from planbot.cli.common import Interval, connected, engine
from planbot.cli.console import say, say_error
from planbot.cli.sync import report
from planbot.errors import PlanbotError

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.cli.common import Connection


@click.command()
@connected
@click.option(
    "--every", type=Interval(), default="15m", show_default=True, help="Time from one pass to the next."
)
def command(*, at: Connection, every: int) -> int:
    """Run a pass now and then every so often, until told to stop.

    For one repository, from a clone of it. A pass that fails is told of and tried again at its next time. SIGTERM
    and Ctrl-C end it: a pass under way is finished first.

    The token is taken from $GITHUB_TOKEN, then $GH_TOKEN.

    \b
    Examples:
      planbot serve --every 15m
      planbot serve --every 1h -C /srv/plans --repo octo/plans
    """
    from planbot.service.schedule import Schedule

    with engine(at):
        pass  # a wrong token name, folder or address is told of at once, and not every so often
    schedule = Schedule(every, lambda: _pass(at))
    _on_end(schedule.stop)
    say(f"a pass every {every} s; SIGTERM or Ctrl-C ends it")
    schedule.run()
    say("stopped")
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


def _pass(at: Connection) -> None:
    try:
        with engine(at) as (bot, to):
            report(run_pass(bot, to.tracker), "text")
    except PlanbotError as error:
        say_error(error)
        say("the next pass tries again")
