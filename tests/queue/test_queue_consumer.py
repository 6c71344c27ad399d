"""Jobs are taken, whatever becomes of the database meanwhile."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool
from support.postgres import Postgres, postgres

from planbot.queue import consumer, wishes
from planbot.queue.consumer import Consumer
from planbot.queue.database import Database, pool_options
from planbot.queue.schema import set_up
from planbot.queue.wishes import Wish
from planbot.service.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "octo/plans"
BEAT = "SELECT last_heartbeat FROM procrastinate_workers"
CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'planbot'"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Run a PostgreSQL that these tests may stop."""
    with postgres() as running:
        yield running


def want(address: str) -> None:
    with psycopg.connect(address) as connection:
        wishes.want(connection, NAME, [Wish(Reason("start"))])


def set_up_at(address: str) -> str:
    """Set up a database; return how to reach it."""
    made = Database(address)
    set_up(made)
    return made.conninfo


def test_a_database_that_is_away_for_long_at_the_start_is_waited_for(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AsyncConnectionPool.open, "__defaults__", (False, 0.5))  # seconds, instead of 30
    conninfo = set_up_at(server.database())
    done: SimpleQueue[str] = SimpleQueue()
    made = Consumer(conninfo, 1, lambda _, key: done.put(key))
    server.stop()
    try:
        made.start()
        time.sleep(3)
    finally:
        server.start()
    want(conninfo)
    assert done.get(timeout=60) == NAME
    assert made.stop(60)


def test_connections_that_are_cut_again_and_again_cost_no_job(server: Postgres) -> None:
    address = server.database()
    conninfo = set_up_at(address)
    done: SimpleQueue[str] = SimpleQueue()
    made = Consumer(conninfo, 1, lambda _, key: done.put(key))
    made.start()
    for _ in range(5):
        want(conninfo)
        server.tell(address, CUT)
        assert done.get(timeout=60) == NAME
    assert made.stop(60)


def test_a_worker_that_ends_gives_signs_of_life_until_its_jobs_are_over(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "HEARTBEAT", 0.2)
    address = server.database()
    conninfo = set_up_at(address)
    began, end = threading.Event(), threading.Event()

    def work(_job: int, _key: str) -> None:
        began.set()
        end.wait()

    made = Consumer(conninfo, 1, work)
    made.start()
    want(conninfo)
    began.wait()
    ending = threading.Thread(target=made.stop, args=(10,))
    ending.start()
    time.sleep(1)  # nothing but the job is left of it by then
    first = last = server.tell(address, BEAT)
    while ending.is_alive() and last == first:
        last = server.tell(address, BEAT)
    end.set()
    ending.join()
    assert "" < first < last


def test_a_pool_asks_a_database_that_was_away_again_within_seconds() -> None:
    options = pool_options(3)
    assert options["max_size"] == 3
    assert options["reconnect_timeout"] <= 2
