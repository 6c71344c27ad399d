"""What a `serve` asks for reaches the database, now or when that is back."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from support.postgres import postgres
from support.queueing import todo

from planbot.queue import database
from planbot.queue.asks import QueueAsks
from planbot.queue.database import Database
from planbot.queue.schema import set_up
from planbot.service.model import Reason
from planbot.service.turns import MOST_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.postgres import Postgres

A, B = "octo/a", "octo/b"
LONG = 600.0


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Run a PostgreSQL that these tests may stop."""
    with postgres() as running:
        yield running


@pytest.fixture
def own(server: Postgres) -> Iterator[Database]:
    made = Database(server.database())
    set_up(made)
    yield made
    made.close()


def hook(number: int) -> Reason:
    return Reason("webhook", f"d{number}")


def wanted(database: Database) -> list[tuple[str, str]]:
    """Return repository and key of every wish."""
    with database.transaction() as connection:
        found = connection.execute("SELECT repository, key FROM planbot_wishes ORDER BY id").fetchall()
    return [(repository, key) for repository, key in found]


def test_what_is_asked_for_is_in_the_queue_once_it_stops(opened: Database) -> None:
    asks = QueueAsks(opened)
    for number in range(20):
        assert asks.ask(A, hook(number), delay=30)
    assert asks.ask(B, hook(0))
    assert asks.stop(LONG)
    assert not asks.ask(A, hook(99)), "it has stopped"
    assert len(wanted(opened)) == 21
    now, later = todo(opened)
    assert now < 1
    assert 20 < later < 31


def test_several_that_hear_of_one_thing_ask_once(opened: Database) -> None:
    several = [QueueAsks(opened) for _ in range(3)]
    for number in range(10):
        for asks in several:
            asks.ask(A, hook(number))
    for asks in several:
        assert asks.stop(LONG)
    assert sorted(wanted(opened)) == sorted((A, f"delivery d{number}") for number in range(10))


def test_asking_does_not_wait_for_a_database_that_is_away(server: Postgres, own: Database) -> None:
    asks = QueueAsks(own)
    server.stop("immediate")
    try:
        for number in range(MOST_REASONS * 3):
            assert asks.ask(A, hook(number))
            assert asks.ask(B, hook(number))
        assert not asks.stop(0.1), "it says that not all of it is written"
    finally:
        server.start()
    assert asks.stop(LONG)
    found = Counter(repository for repository, _ in wanted(own))
    assert set(found) == {A, B}
    for name, number in found.items():  # beside what waits, one lot may be under way already
        assert MOST_REASONS <= number <= 2 * MOST_REASONS, name
    assert len(todo(own)) == 2


def test_what_was_wanted_before_for_others_is_dropped_and_what_is_kept_only_since_is_not(
    server: Postgres, own: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = QueueAsks(own)
    for name in (A, B, "octo/gone"):
        before.ask(name, hook(1))
    assert before.stop(LONG)
    monkeypatch.setattr(database, "WAIT", 0.2)
    again = Database(own.conninfo)
    asks = QueueAsks(again)
    server.stop("immediate")
    try:
        asks.only([A.upper()])
        asks.ask(B, hook(2))
        while "does not answer" not in caplog.text:
            assert not asks.stop(0.01)
    finally:
        server.start()
    assert asks.stop(LONG)
    again.close()
    assert wanted(own) == [(A, "delivery d1"), (B, "delivery d2")]
    assert len(todo(own)) == 2


def test_what_is_forgotten_takes_along_what_was_asked_before(opened: Database) -> None:
    asks = QueueAsks(opened)
    hold = threading.Event()
    with opened.transaction() as connection:  # the thread waits for this row
        connection.execute("INSERT INTO planbot_repositories (repository, name) VALUES (%s, %s)", [A, A])
        asks.ask(A, hook(1))
        asks.ask(A, hook(2))
        asks.forget(A)
        asks.ask(A, hook(3))
        hold.wait(0.2)
    assert asks.stop(LONG)
    assert wanted(opened) == [(A, "delivery d3")]
