"""What several processes tell each other of repositories, and how the queue is: statements, no memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.queue.jobs import QUEUE
from planbot.service.states import RepositoryState
from planbot.typed_json import dump, load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from psycopg import Connection

    from planbot.service.states import Change

KEPT = "90 days"  # after its last change, of what nobody keeps any more
_OVERLAP = "15 seconds"  # a change shows only once its transaction ends: what is read once is read again


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Hold since when a repository is given up, what its newest pass failed of, and how many have failed on end."""

    at: datetime
    why: str
    hint: str
    failures: int


@dataclass(frozen=True, slots=True)
class Waits:
    """Hold how the queue is: times at which jobs that wait could start, jobs at work, and what is given up."""

    waiting: dict[str, datetime]
    running: frozenset[str]
    given_up: dict[str, GivenUp]
    now: datetime


def change(connection: Connection, name: str, act: Change) -> None:
    """Change what is known of a repository."""
    key = name.casefold()
    found = connection.execute(
        "SELECT state FROM planbot_states WHERE repository = %s FOR UPDATE", [key]
    ).fetchone()
    state = act(read(name, found[0]) if found else RepositoryState(name))
    connection.execute(
        "INSERT INTO planbot_states (repository, state) VALUES (%s, %s) ON CONFLICT (repository)"
        " DO UPDATE SET state = excluded.state, changed = clock_timestamp()",
        [key, dump(state)],
    )


def changed(connection: Connection, since: datetime | None) -> list[tuple[str, str, datetime]]:
    """Return what may have changed since a change that was seen: key, JSON, and time of the change."""
    found: list[tuple[str, str, datetime]] = connection.execute(
        "SELECT repository, state, changed FROM planbot_states"
        " WHERE %(since)s::timestamptz IS NULL OR changed > %(since)s::timestamptz - %(overlap)s::interval",
        {"since": since, "overlap": _OVERLAP},
    ).fetchall()
    return found


def waits(connection: Connection) -> Waits:
    """Return how the queue is."""
    found = connection.execute(
        "SELECT lock, status = 'doing', scheduled_at FROM procrastinate_jobs"
        " WHERE queue_name = %s AND status IN ('todo', 'doing')",
        [QUEUE],
    ).fetchall()
    given_up = connection.execute(
        "SELECT repository, given_up, why, hint, failures FROM planbot_repositories WHERE given_up IS NOT NULL"
    ).fetchall()
    ((now,),) = connection.execute("SELECT now()").fetchall()
    return Waits(
        {key: at for key, runs, at in found if not runs},
        frozenset(key for key, runs, _ in found if runs),
        {key: GivenUp(*told) for key, *told in given_up},
        now,
    )


def forget(connection: Connection, kept: Iterable[str]) -> None:
    """Forget repositories that are not kept, once nothing was told of them for long."""
    connection.execute(
        "DELETE FROM planbot_states WHERE changed < now() - %s::interval AND repository <> ALL(%s)",
        [KEPT, [name.casefold() for name in kept]],
    )


def read(name: str, text: str) -> RepositoryState:
    """Return a state; nothing is known where a version of planbot wrote it that this one does not understand."""
    try:
        return load(RepositoryState, text)
    except ValueError:
        return RepositoryState(name)
