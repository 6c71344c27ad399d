"""The PostgreSQL that tests run: that it is one, and does what tests of accidents ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.ports import listens

if TYPE_CHECKING:
    from support.postgres import Postgres, Way


def test_every_database_is_empty_and_a_different_one(cluster: Postgres, database: str) -> None:
    other = cluster.database()
    cluster.tell(database, "CREATE TABLE one (value int)")
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert (cluster.tell(database, tables), cluster.tell(other, tables)) == ("1", "0")


@pytest.mark.parametrize("way", ["fast", "immediate"])
def test_after_a_restart_it_listens_where_it_did_and_has_what_it_had(
    cluster: Postgres, database: str, way: Way
) -> None:
    cluster.tell(database, "CREATE TABLE one AS SELECT 7 AS value")
    cluster.stop(way)
    assert not listens(cluster.port)
    cluster.start()
    assert listens(cluster.port)
    assert cluster.tell(database, "SELECT value FROM one") == "7"


def test_the_password_is_asked_for(cluster: Postgres, database: str) -> None:
    assert f":{cluster.port}/" in database
    lines = "SELECT count(*) FROM pg_hba_file_rules WHERE type = 'host' AND auth_method <> 'scram-sha-256'"
    assert cluster.tell(database, lines) == "0"
