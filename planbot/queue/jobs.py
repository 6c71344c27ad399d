"""The jobs of procrastinate: one task, one queue; a repository's name is the lock of its job and of the next one.

They say that a pass is wanted and when it may start; why, and how it went, stands in planbot's own tables.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from procrastinate import App, SyncPsycopgConnector

if TYPE_CHECKING:
    from psycopg import Connection

TASK = "planbot.pass"
QUEUE = "planbot"
_APP = App(connector=SyncPsycopgConnector())  # never opened: jobs are deferred in transactions of others


def place(connection: Connection, key: str, ready: float) -> None:
    """Let the one job that waits start at a time, in seconds since 1970; make it where none does."""
    at = datetime.fromtimestamp(ready, UTC)
    moved = connection.execute(
        "UPDATE procrastinate_jobs SET scheduled_at = %s WHERE queueing_lock = %s AND status = 'todo'",
        [at, key],
    )
    if not moved.rowcount:
        job = _APP.configure_task(
            TASK, queue=QUEUE, lock=key, queueing_lock=key, schedule_at=at, connection=connection
        )
        job.defer(repository=key)


def drop(connection: Connection, key: str) -> None:
    """Take away the job that waits, if one does."""
    connection.execute(
        "SELECT procrastinate_cancel_job_v1(id, false, true) FROM procrastinate_jobs"
        " WHERE queueing_lock = %s AND status = 'todo'",
        [key],
    )


def runs(connection: Connection, job: int) -> bool:
    """Return whether a job is at work as far as the database knows; it stays so until this transaction ends."""
    found = connection.execute(
        "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'doing' FOR UPDATE", [job]
    )
    return found.fetchone() is not None


def end(connection: Connection, job: int) -> None:
    """End a job that nobody is at work on."""
    connection.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', true)", [job])


def stalled(connection: Connection, seconds: float) -> list[tuple[int, str]]:
    """Return jobs, with their locks, whose worker has given no sign of life for so long.

    A database that was away for workers that live is not held against them: it has to be up for as long.
    """
    found: list[tuple[Any, ...]] = connection.execute(
        "SELECT jobs.id, jobs.lock FROM procrastinate_jobs jobs"
        " LEFT JOIN procrastinate_workers workers ON workers.id = jobs.worker_id"
        " WHERE jobs.status = 'doing' AND jobs.queue_name = %(queue)s"
        " AND (workers.id IS NULL OR workers.last_heartbeat < now() - %(seconds)s * interval '1 second')"
        " AND pg_postmaster_start_time() < now() - %(seconds)s * interval '1 second'",
        {"queue": QUEUE, "seconds": seconds},
    ).fetchall()
    return [(job, lock) for job, lock in found]


def held_by(connection: Connection, worker: int) -> list[tuple[int, str]]:
    """Return the jobs, with their locks, that the database takes a worker to be at work on."""
    return [
        (job, lock)
        for job, lock in connection.execute(
            "SELECT id, lock FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s", [worker]
        )
    ]
