"""What stands in the queue, for people: passes that run, passes that wait, repositories that are given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg.rows import class_row

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

_LIST = """
SELECT r.name AS repository, s.state, s.at, r.failures, r.why, r.hint
FROM planbot_repositories r
CROSS JOIN LATERAL (
    SELECT 'given up' AS state, r.given_up AS at WHERE r.given_up IS NOT NULL
    UNION ALL
    SELECT CASE status WHEN 'doing' THEN 'running' ELSE 'waiting' END,
        CASE status WHEN 'doing' THEN coalesce(r.running_since, scheduled_at) ELSE scheduled_at END
    FROM procrastinate_jobs WHERE lock = r.repository AND status IN ('doing', 'todo')
) s
ORDER BY s.state <> 'given up', s.state <> 'running', s.at, r.repository
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """Hold one entry of the queue.

    `at` is when the pass began, when it may start, or when the repository was given up, after so many `failures` in a
    row; `why` and `hint` say what was wrong then.
    """

    repository: str
    state: Literal["running", "waiting", "given up"]
    at: datetime
    failures: int
    why: str
    hint: str


def listed(connection: Connection) -> tuple[Listed, ...]:
    """Return what stands in the queue: what is given up first, then what runs, then what waits."""
    with connection.cursor(row_factory=class_row(Listed)) as cursor:
        return tuple(cursor.execute(_LIST))


def given_up(connection: Connection) -> tuple[str, ...]:
    """Return the repositories that are given up, as the locks of their jobs."""
    return tuple(
        key
        for (key,) in connection.execute(
            "SELECT repository FROM planbot_repositories WHERE given_up IS NOT NULL ORDER BY repository"
        )
    )
