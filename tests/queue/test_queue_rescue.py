"""Jobs that nobody is at work on: of workers that are gone, and of answers that were lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from support.queueing import claim, todo

from planbot.queue import patient, rescue, wishes
from planbot.queue.patient import PatientConnector
from planbot.queue.rescue import Rescue
from planbot.queue.wishes import Wish
from planbot.service.model import Reason
from planbot.service.turns import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.queue.database import Database

NAME = "octo/plans"


def want(database: Database) -> None:
    with database.transaction() as connection:
        wishes.want(connection, NAME, [Wish(Reason("start"))])


def claimed(database: Database) -> tuple[int, int]:
    """Take the next job; return its id and its worker's."""
    job = claim(database)
    assert job is not None
    with database.transaction() as connection:
        row = connection.execute("SELECT worker_id FROM procrastinate_jobs WHERE id = %s", [job]).fetchone()
    assert row is not None
    return job, row[0]


def rescuer(database: Database, worker: int | None = None, *known: int) -> Rescue:
    return Rescue(database, Backoff(0, 0, 0), lambda: (worker, known), lambda: None)


def age(database: Database, seconds: float) -> None:
    """Let every worker have been silent for so long."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - %s * interval '1 second'", [seconds]
        )


def test_a_worker_that_is_silent_for_long_has_its_job_rescued(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescue, "SILENCE", 0.1)  # the server has been up for longer
    want(opened)
    job, _ = claimed(opened)
    with opened.transaction() as connection:
        assert wishes.take(connection, NAME, job) is not None
    age(opened, -1000)
    rescuer(opened).look()
    assert todo(opened) == [], "it gave a sign of life"
    age(opened, 1000)
    rescuer(opened).look()
    assert len(todo(opened)) == 1


def test_silence_is_not_held_against_workers_while_the_database_was_away(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescue, "SILENCE", 10_000_000)  # the server has not been up for so long
    want(opened)
    claimed(opened)
    age(opened, 20_000_000)
    rescuer(opened).look()
    assert todo(opened) == []


def test_a_job_that_its_worker_knows_nothing_of_is_left_to_others_at_the_second_look(
    opened: Database,
) -> None:
    want(opened)
    job, worker = claimed(opened)
    busy = rescuer(opened, worker, job)
    lost = rescuer(opened, worker)
    for _ in range(3):
        busy.look()
    lost.look()
    assert todo(opened) == [], "it may be just beginning"
    lost.look()
    assert len(todo(opened)) == 1
    second, _ = claimed(opened)
    assert second != job


def losing(ask: Callable[[], object]) -> Callable[[], object]:
    """Return what asks, and loses the first answer."""
    answers = iter([True])

    async def act() -> object:
        found = await ask()  # type: ignore[misc]
        if next(answers, False):
            raise ConnectorException from psycopg.OperationalError("the connection is lost")
        return found

    return act


def test_a_job_that_was_ended_although_the_answer_was_lost_is_no_failure(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient, "AGAIN", 0)
    want(opened)
    job, _ = claimed(opened)

    async def end() -> None:
        app = App(connector=PatientConnector(conninfo=opened.conninfo))
        async with app.open_async():
            whole = Job(id=job, status="doing", queue="planbot", lock=NAME, queueing_lock=NAME, task_name="x")
            finish = app.job_manager.finish_job
            await patient._patiently(losing(lambda: finish(whole, Status.SUCCEEDED, delete_job=True)))  # type: ignore[arg-type]
            with pytest.raises(ConnectorException):
                await finish(whole, Status.SUCCEEDED, delete_job=True)

    asyncio.run(end())
