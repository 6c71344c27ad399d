"""What commands share that stay until they are told to stop, and those that look into the queue."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from planbot.cli.console import leave_logs
from planbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from planbot.queue.database import Database

F = TypeVar("F", bound="Callable[..., Any]")

QUEUE = "PLANBOT_QUEUE"  # of the environment


def queue_option(command: F) -> F:
    """Add `--queue`."""
    return click.option(
        "--queue",
        metavar="ADDRESS",
        help=f"Database of the queue, as postgresql://user@host/name; default: ${QUEUE}. "
        "A password is better in $PGPASSWORD or ~/.pgpass, where no list of processes shows it.",
    )(command)


def database_at(address: str | None) -> Database:
    """Return the database at an address, else at the one that the environment names.

    Raises:
        UsageError: if there is no address, or it is none.
    """
    address = address or os.environ.get(QUEUE)
    if not address:
        raise UsageError("the queue has no address", hint=f"Give --queue ADDRESS, or set ${QUEUE}.")
    with extra_needed("queue"):
        from planbot.queue.database import Database

    return Database(address)


class Staying(Protocol):
    """Run until told to stop."""

    def run(self) -> bool:
        """Return whether all came to its end."""

    def reload(self) -> None:
        """Have the settings read anew; may be called from a signal handler."""

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler."""


@contextmanager
def extra_needed(name: str) -> Iterator[None]:
    """Say which extra is missing where an import fails."""
    try:
        yield
    except ImportError as error:
        library = (error.name or "").partition(".")[0]
        raise UsageError(
            f"the {name} needs the library {library}", hint=f"pip install 'planbot[{name}]'"
        ) from error


def run_service(service: Staying) -> int:
    """Run a process that stays, with logs for machines, until it is told to stop."""
    from planbot.service.logs import start_logs

    start_logs(sys.stderr, leave_logs())
    on_end(service.stop)
    signal.signal(signal.SIGHUP, lambda _signum, _frame: service.reload())
    if not service.run():
        logging.getLogger(__name__).warning("what was not over is left: the next start goes on from there")
    return 0


def on_end(act: Callable[[], None]) -> None:
    """Call `act` at the first SIGTERM or Ctrl-C; a second one ends the process at once."""
    ends = (signal.SIGTERM, signal.SIGINT)

    def end(_signum: int, _frame: object) -> None:
        for signum in ends:
            signal.signal(signum, signal.SIG_DFL)
        act()

    for signum in ends:
        signal.signal(signum, end)
