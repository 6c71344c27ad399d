"""procrastinate's side of the queue, as a worker of it asks, without the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.queue.jobs import QUEUE

if TYPE_CHECKING:
    from planbot.queue.database import Database


def claim(database: Database) -> int | None:
    """Fetch the next job for a worker that was registered for it; return its id, None where none may start."""
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT id FROM procrastinate_fetch_job_v2(ARRAY[%s::varchar],"
            " (SELECT worker_id FROM procrastinate_register_worker_v1()))",
            [QUEUE],
        ).fetchone()
    return None if row is None else row[0]


def finish(database: Database, job: int) -> None:
    """End a job."""
    with database.transaction() as connection:
        connection.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", [job])


def todo(database: Database) -> list[float]:
    """Return in how many seconds each job that waits may start."""
    with database.transaction() as connection:
        return [
            float(seconds)
            for (seconds,) in connection.execute(
                "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs"
                " WHERE status = 'todo' ORDER BY scheduled_at"
            )
        ]
