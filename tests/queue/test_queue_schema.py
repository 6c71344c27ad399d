"""The tables of the queue: set up once, by whoever comes first, and brought up to date."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from support.postgres import PASSWORD, USER

from planbot.errors import AwayError, QueueError, UsageError
from planbot.queue.database import Database
from planbot.queue.schema import require, set_up

if TYPE_CHECKING:
    from support.postgres import Postgres

LIST = """
SELECT table_name, column_name, data_type, column_default FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT tablename, indexname, indexdef, NULL FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT proname, pg_get_function_arguments(oid), prosrc, NULL FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT tgname, pg_get_triggerdef(oid), NULL, NULL FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2, 3
"""


def shape(address: str) -> list[tuple[object, ...]]:
    """Return all that a database has of tables, indexes, functions and triggers."""
    with psycopg.connect(address) as connection:
        return connection.execute(LIST).fetchall()


def test_it_is_set_up_once(database: str) -> None:
    opened = Database(database)
    with pytest.raises(QueueError, match="is not set up") as told:
        require(opened)
    assert "planbot queue setup" in told.value.hint
    assert set_up(opened)[0] == "procrastinate/schema"
    require(opened)
    before = shape(database)
    assert set_up(opened) == ()
    assert shape(database) == before


def test_several_may_set_it_up_at_once(database: str) -> None:
    applied: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: applied.append(set_up(Database(database)))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(map(bool, applied)) == [False, False, False, True]
    require(Database(database))


def migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


@pytest.mark.parametrize("left", [1, 7])
def test_tables_of_an_older_procrastinate_are_brought_up_to_date(
    database: str, cluster: Postgres, left: int
) -> None:
    older = migrations()[:-left]
    with psycopg.connect(database, autocommit=True) as connection:
        for path in older:
            connection.execute(path.read_bytes())
        connection.execute(
            "CREATE TABLE planbot_migrations (name text PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        for path in older:
            connection.execute("INSERT INTO planbot_migrations VALUES (%s)", [f"procrastinate/{path.stem}"])
    opened = Database(database)
    with pytest.raises(QueueError, match="by an older version"):
        require(opened)
    assert len([name for name in set_up(opened) if name.startswith("procrastinate/")]) == left
    require(opened)
    fresh = cluster.database()
    set_up(Database(fresh))
    assert {row[:2] for row in shape(database)} == {row[:2] for row in shape(fresh)}


def test_tables_of_somebody_else_are_left_alone(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SchemaManager.get_schema().encode())
    before = shape(database)
    with pytest.raises(QueueError, match="planbot did not set up"):
        set_up(Database(database))
    assert [row for row in shape(database) if "planbot_migrations" not in str(row[0])] == before


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sesame",
        f"postgresql://u:{PASSWORD}@[",
        f"host=a {PASSWORD}",
        f"postgresql://u:p@{PASSWORD}@host/db",
        f"postgresql://u:p@{PASSWORD}@host:5432,other:5433/db",
        f"postgresql://u:{PASSWORD}/p@host/db",
        f"postgresql://u:5432/{PASSWORD}@host/db",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(UsageError, match="not that of a PostgreSQL database") as told:
        Database(address)
    assert PASSWORD not in f"{told.value.message}{told.value.hint}"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql:///db",
        "postgresql://one,other:5433/db",
        "postgresql://u%40x:p%40%2Fq@[::1]:5432/db",
        "host=/run/postgresql password=p@q",
    ],
)
def test_what_is_an_address_is_taken(address: str) -> None:
    Database(address)


def test_who_is_not_let_in_is_told_and_the_password_is_not(database: str, cluster: Postgres) -> None:
    for address, why in (
        (database.replace(PASSWORD, f"{PASSWORD}-no"), "password authentication failed"),
        (database.replace(str(cluster.port), "1"), "refused"),
    ):
        opened = Database(address)
        with pytest.raises(AwayError, match=why) as told:
            require(opened)
        assert PASSWORD not in f"{told.value.message}{told.value.hint}"


def test_who_may_not_read_is_told_in_a_sentence(database: str, cluster: Postgres) -> None:
    set_up(Database(database))
    cluster.tell(database, f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    stranger = Database(database.replace(f"{USER}:", "reader:"))
    with pytest.raises(QueueError, match="refuses: permission denied for table planbot_migrations"):
        require(stranger)
