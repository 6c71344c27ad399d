"""`planbot worker`: the passes that a queue asks for."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from planbot.cli.staying import database_at, extra_needed, queue_option, run_service


def _listen(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, int] | None:
    if value is None:
        return None
    from planbot.service.settings_schema import listening_address

    try:
        return listening_address(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option(
    "--settings",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    required=True,
    help="Settings file of the service: the one that `planbot serve` has.",
)
@queue_option
@click.option(
    "--listen",
    metavar="HOST:PORT",
    callback=_listen,
    help="Where status page and metrics are; default: where the settings say.",
)
def command(*, settings: Path, queue: str | None, listen: tuple[str, int] | None) -> int:
    """Run the passes that `planbot serve --queue` asks for, until told to stop.

    Any number of workers may run, on any number of machines, each with the settings file that `planbot serve` has: as
    many passes at once as its `workers` says, one at a time for each repository. A pass whose worker is gone is made
    by another one. At the start the database has to answer; one that is away later is waited for. This takes the extra
    `queue`: pip install 'planbot[queue]'.

    SIGTERM and Ctrl-C end it as they end `planbot serve`; SIGHUP and a change of the file have that read anew.

    \b
    Examples:
      planbot worker --settings config/service.yml --queue postgresql://db/planbot
      planbot worker --settings config/service.yml --listen 127.0.0.1:8323
    """
    with extra_needed("queue"):
        from planbot.queue.board import SharedBoard
        from planbot.queue.worker import WorkerService

    database = database_at(queue)
    with closing(SharedBoard(database)) as board:
        return run_service(WorkerService(settings, database, listen=listen, board=board))
