"""The way to the database: connections that come back after it was away, and failures in words."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from planbot.errors import AwayError, QueueError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOG = logging.getLogger(__name__)

AGAIN = 1.0  # seconds until a database that was away is asked again
WAIT = 5.0  # seconds for a connection
_RECONNECT = (
    2.0  # seconds for one attempt of a pool: with more its pauses grow to as long as the database was away
)
# a server that vanishes without a word is noticed
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_DEFAULTS: dict[str, Any] = {
    "application_name": "planbot",
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# a server that has become the standby of another one refuses to write, until it is found out
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)

T = TypeVar("T")


class Database:
    """Run transactions in the database at an address; may be used by several threads at once.

    `connections` are the most that it holds at a time. Nothing shows the address, which may hold a password.

    Raises:
        UsageError: if the address is none.
    """

    def __init__(self, address: str, connections: int = 4) -> None:
        self.conninfo = _conninfo(address)
        self._pool = ConnectionPool(
            self.conninfo,
            open=False,
            check=ConnectionPool.check_connection,
            **pool_options(connections),
        )
        self._lock = threading.Lock()
        self._answered = time.monotonic()
        self._away = False

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Lend a connection of its own, in which each statement is a transaction.

        Raises:
            AwayError: if the database does not answer, or not to this user.
            QueueError: if it refuses what it is told.
        """
        try:
            with psycopg.connect(self.conninfo, autocommit=True) as connection:
                yield connection
        except psycopg.Error as error:
            raise _failure(error) from error

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """Lend a connection; what was done with it counts once the block has ended, and not at all if it raises.

        Raises:
            AwayError: if the database is away; tried again, it may be back.
            QueueError: if it refuses what it is told.
        """
        try:
            with self._lock:
                self._pool.open()
            with self._pool.connection() as connection:
                yield connection
        except (psycopg.Error, ConnectorException) as error:
            failure = _failure(error)
            if isinstance(failure, AwayError):
                self._note(failure)
            raise failure from error
        self._note(None)

    def patiently(self, act: Callable[[psycopg.Connection], T]) -> T:
        """Return what `act` does in a transaction, once the database is there; it may be done anew from its start."""
        while True:
            try:
                with self.transaction() as connection:
                    return act(connection)
            except AwayError:
                time.sleep(AGAIN)

    def close(self) -> None:
        """Let go of all connections."""
        self._pool.close()

    def silent_for(self) -> float:
        """Return how many seconds ago the database answered last, as far as it was asked."""
        return time.monotonic() - self._answered

    def _note(self, failure: AwayError | None) -> None:
        """Tell when the database goes away, and when it is back."""
        with self._lock:
            before, self._away = self._away, failure is not None
            if failure is None:
                self._answered = time.monotonic()
        if failure is not None and not before:
            _LOG.warning("%s: it is asked again until it does", failure.message)
        elif failure is None and before:
            _LOG.info("the queue's database is back")


def pool_options(connections: int) -> dict[str, Any]:
    """Return what all pools have in common: at most so many connections, soon there again once the database is."""
    return {"min_size": 1, "max_size": connections, "timeout": WAIT, "reconnect_timeout": _RECONNECT}


def _conninfo(address: str) -> str:
    try:
        given: dict[str, Any] = conninfo_to_dict(address)
    except psycopg.ProgrammingError:  # what it says may hold the password
        given = {}
    if not given or _misread(given):
        raise UsageError(
            "the queue's address is not that of a PostgreSQL database",
            hint="Write it as postgresql://user@host:5432/database, the password into $PGPASSWORD or ~/.pgpass.",
        )
    return make_conninfo(**{**_DEFAULTS, **given})


def _misread(given: dict[str, Any]) -> bool:
    """Return whether a password that is not percent-encoded may stand in what messages show."""
    ports = str(given.get("port", "")).split(",")
    return any("@" in str(given.get(name, "")) for name in ("host", "dbname")) or not all(
        port.isdecimal() for port in ports if port
    )


def _failure(error: Exception) -> QueueError:
    cause = error.__cause__ if isinstance(error, ConnectorException) and error.__cause__ else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    if is_away(error):
        return AwayError(
            f"the queue's database does not answer: {text}", hint="Does it run, and does it let planbot in?"
        )
    return QueueError(f"the queue's database refuses: {text}")


def is_away(error: BaseException) -> bool:
    """Return whether a failure is one of the connection, not of what was asked."""
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    return isinstance(cause, _AWAY)
