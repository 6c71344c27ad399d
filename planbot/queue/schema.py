"""What the queue needs in its database: procrastinate's tables and planbot's, set up and brought up to date."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from procrastinate.schema import SchemaManager

from planbot.errors import QueueError

if TYPE_CHECKING:
    from psycopg import Connection

    from planbot.queue.database import Database

_LOCK = 0x706C616E626F74  # "planbot": one process at a time sets up
_ENGINE, _OWN = "procrastinate/", "planbot/"
_SET_UP = "Run `planbot queue setup`."


def set_up(database: Database) -> tuple[str, ...]:
    """Bring the database to what this version needs, and return the names of what was applied, none if nothing was.

    Several processes may do so at once, and others may be at work.

    Raises:
        QueueError: if that is not possible.
    """
    with database.connect() as connection:
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])  # goes with the connection
            connection.execute(
                "CREATE TABLE IF NOT EXISTS planbot_migrations"
                " (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
            )
            return (*_set_up_engine(connection), *_migrate(connection, _own()))
        except psycopg.Error as error:
            raise QueueError(f"the queue's database cannot be set up: {error}") from error


def require(database: Database) -> None:
    """Refuse a database in which something is missing.

    Raises:
        AwayError: if it does not answer.
        QueueError: for one that is not set up, or by an older version, or that does not let this user read.
    """
    with database.connect() as connection:
        done = _done(connection)
    if not done:
        raise QueueError("the queue's database is not set up", hint=_SET_UP)
    if {*_engine(), *_own()} - done:
        raise QueueError("the queue's database was set up by an older version", hint=_SET_UP)


def _set_up_engine(connection: Connection) -> tuple[str, ...]:
    """Make procrastinate's tables or migrate them; the whole of them holds what all its migrations do."""
    if any(name.startswith(_ENGINE) for name in _done(connection)):
        return _migrate(connection, _engine())
    if _exists(connection, "procrastinate_jobs"):
        raise QueueError(
            "the queue's database holds tables of procrastinate that planbot did not set up",
            hint="Give planbot a database of its own.",
        )
    with connection.transaction():
        connection.execute(SchemaManager.get_schema())
        for name in _engine():
            _record(connection, name)
    return (f"{_ENGINE}schema",)


def _migrate(connection: Connection, wanted: dict[str, str]) -> tuple[str, ...]:
    names = sorted(wanted.keys() - _done(connection))
    for name in names:
        with connection.transaction():
            connection.execute(wanted[name].encode())
            _record(connection, name)
    return tuple(names)


def _record(connection: Connection, name: str) -> None:
    connection.execute("INSERT INTO planbot_migrations (name) VALUES (%s)", [name])


def _done(connection: Connection) -> set[str]:
    if not _exists(connection, "planbot_migrations"):
        return set()
    return {name for (name,) in connection.execute("SELECT name FROM planbot_migrations")}


def _exists(connection: Connection, table: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    return found is not None and found[0] is not None


def _engine() -> dict[str, str]:
    """Return procrastinate's migrations, by name."""
    files = Path(SchemaManager.get_migrations_path()).glob("*.sql")
    return {f"{_ENGINE}{path.stem}": path.read_text("utf-8") for path in files}


def _own() -> dict[str, str]:
    """Return planbot's migrations, by name."""
    files = resources.files(__package__).joinpath("migrations").iterdir()
    return {f"{_OWN}{path.name.removesuffix('.sql')}": path.read_text("utf-8") for path in files}
