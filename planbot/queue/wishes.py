"""What is wanted of every repository, and where it stands: asked for, taken, ended, given up.

Each function is to be called within a transaction, which holds the repository's row from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from planbot.queue import jobs
from planbot.service.model import Reason
from planbot.service.states import trouble_of
from planbot.service.turns import MOST_REASONS, Backoff, Turn, join
from planbot.typed_json import dump, load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from psycopg import Connection

    from planbot.service.model import Kind, Outcome

TRIES = 10  # failures in a row, over about three hours, after which planbot does not try again by itself
MOST_AGE = "7 days"  # that a webhook is known for; GitHub delivers one again for three
TIMES_AGE = "1 day"  # that a time of a schedule is known for: processes that tell of it do so at once
GIVEN_UP_AGE = "30 days"
_ROW = (
    "name, running, newest, extract(epoch FROM since)::float8, extract(epoch FROM due)::float8, failures,"
    " extract(epoch FROM rests)::float8, extract(epoch FROM rests_less)::float8,"
    " extract(epoch FROM clock_timestamp())::float8"
)
_UNUSED = (
    "FROM planbot_repositories r WHERE running IS NULL AND (given_up IS NULL OR given_up < now() - %s::interval)"
    " AND NOT EXISTS (SELECT FROM planbot_wishes w WHERE w.repository = r.repository)"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold that a pass is wanted in `delay` seconds."""

    reason: Reason
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Taken:
    """Hold what one job is to do: a pass over a repository, for reasons."""

    job: int
    key: str
    name: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """Hold what follows from a pass: when it is made again, in seconds since 1970, None for not by itself."""

    retry_at: float | None
    given_up: bool


@dataclass(frozen=True, slots=True)
class _Place:
    key: str
    name: str
    running: int | None
    newest: int
    turn: Turn
    now: float = field(compare=False)


def want(connection: Connection, name: str, wishes: Iterable[Wish]) -> None:
    """Want passes over a repository; what another process has asked for already is passed over."""
    row = connection.execute(
        "INSERT INTO planbot_repositories AS r (repository, name) VALUES (%s, %s)"  # noqa: S608 # no input
        f" ON CONFLICT (repository) DO UPDATE SET name = EXCLUDED.name RETURNING {_ROW}",
        [name.casefold(), name],
    ).fetchone()
    place = _place(name.casefold(), row)
    if place is None:
        raise AssertionError("an upsert returns its row")
    fresh = [wish for wish in wishes if _insert(connection, place.key, wish.reason)]
    for wish in fresh:
        place = replace(place, turn=place.turn.wanted(wish.delay, place.now))
    if fresh:
        _save(connection, place)


def take(connection: Connection, key: str, job: int) -> Taken | None:
    """Take all that is wanted of a repository for a job; None where nothing is, or the job is another's by now."""
    place = _locked(connection, key)
    if place is None or not jobs.runs(connection, job):
        return None
    rows = connection.execute(
        "SELECT kind, reason, max(id) OVER () FROM planbot_wishes"
        " WHERE repository = %s AND done IS NULL ORDER BY id LIMIT %s",
        [key, MOST_REASONS + 1],
    ).fetchall()
    if not rows:
        return None
    reasons: list[Reason] = []
    for kind, text, _ in rows:
        join(reasons, _reason(kind, text))
    connection.execute(
        "UPDATE planbot_repositories SET running = %s, running_since = clock_timestamp(), newest = %s, since = NULL"
        " WHERE repository = %s",
        [job, rows[0][2], key],
    )
    return Taken(job, key, place.name, tuple(reasons))


def end(connection: Connection, taken: Taken, outcome: Outcome, backoff: Backoff) -> Ended | None:
    """Note how a pass ended, and let the next one come when it may; None where the job was ended by others."""
    place = _locked(connection, taken.key)
    if place is None or place.running != taken.job:
        # forgotten or released meanwhile, or all this was done and the answer was lost: nobody has taken over
        return Ended(None, given_up=False) if jobs.runs(connection, taken.job) else None
    turn, again = place.turn.after(outcome, backoff, place.now)
    _done(connection, place)
    why = None if again is None or not turn.failures else trouble_of(outcome)
    return _settle(connection, replace(place, turn=turn), again=again is not None, why=why)


def rescue(connection: Connection, key: str, job: int, backoff: Backoff, *, silent: float) -> bool:
    """End a job whose worker is gone, if it still is, and let another one do what it took; return whether it was so.

    A pass that takes its worker along, again and again, is given up as well.
    """
    place = _locked(connection, key)
    if (job, key) not in jobs.stalled(connection, silent) or not jobs.runs(connection, job):
        return False
    jobs.end(connection, job)
    if place is not None and place.running == job:
        _fail(connection, place, backoff)
    elif place is not None:
        _place_job(connection, place)
    return True


def release(connection: Connection, key: str, job: int, *, ended: bool = False) -> None:
    """Leave what a job took to the next one, without a rest; `ended` says that nobody else will end the job."""
    place = _locked(connection, key)
    if ended and jobs.runs(connection, job):
        jobs.end(connection, job)
    if place is not None and place.running == job:
        place = replace(place, running=None, turn=place.turn.wanted(0, place.now))
        _save(connection, place)
    elif place is not None:
        _place_job(connection, place)


def retry(connection: Connection, key: str) -> bool:
    """Want a pass at once over a repository, whatever it rests for; return whether it is known."""
    place = _locked(connection, key)
    if place is None:
        return False
    _insert(connection, key, Reason("retry"))
    _clear(connection, key)
    _save(connection, replace(place, turn=Turn(place.turn.since).wanted(0, place.now)))
    return True


def forget(connection: Connection, key: str) -> None:
    """Drop what is wanted of a repository, and what is known of it; a pass that runs goes on."""
    connection.execute("DELETE FROM planbot_repositories WHERE repository = %s", [key])
    jobs.drop(connection, key)


def forget_others(connection: Connection, kept: Collection[str]) -> None:
    """Forget all repositories but those that are kept."""
    others = connection.execute(
        "SELECT repository FROM planbot_repositories WHERE repository <> ALL(%s) ORDER BY repository FOR UPDATE",
        [[*kept]],
    ).fetchall()
    for (key,) in others:
        forget(connection, key)


def adopt(connection: Connection, backoff: Backoff) -> int:
    """Make jobs for wishes that have none; return how many had none.

    Where a pass had taken them, it did not come to an end that could be noted: that is a failure.
    """
    lost = connection.execute(
        "SELECT repository FROM planbot_repositories r"
        " WHERE EXISTS (SELECT FROM planbot_wishes w WHERE w.repository = r.repository AND done IS NULL)"
        " AND NOT EXISTS (SELECT FROM procrastinate_jobs j"
        " WHERE j.lock = r.repository AND j.status IN ('todo', 'doing'))"
        " ORDER BY repository FOR UPDATE SKIP LOCKED"
    ).fetchall()
    for (key,) in lost:
        place = _locked(connection, key)
        if place is not None and place.running is not None:
            _fail(connection, place, backoff)
        elif place is not None:
            _place_job(connection, place)
    return len(lost)


def purge(connection: Connection) -> None:
    """Forget what was done long ago, and repositories that nobody has asked for since."""
    connection.execute(
        "DELETE FROM planbot_wishes WHERE done < now() - %s::interval"
        " AND (kind <> 'webhook' OR done < now() - %s::interval)",
        [TIMES_AGE, MOST_AGE],
    )
    found = connection.execute(
        f"SELECT repository {_UNUSED} FOR UPDATE SKIP LOCKED", [GIVEN_UP_AGE]
    ).fetchall()
    keys = [key for (key,) in found]
    # only now is it seen what was committed until their rows were held
    connection.execute(f"DELETE {_UNUSED} AND repository = ANY(%s)", [GIVEN_UP_AGE, keys])


def _fail(connection: Connection, place: _Place, backoff: Backoff) -> None:
    """Note that a pass came to no end that anybody told of."""
    place = replace(place, turn=place.turn.failed(backoff, place.now))
    why = (
        "Its worker is gone, or could not tell how it ended.",
        "Look into the worker's log, and at its memory.",
    )
    _settle(connection, place, again=True, why=why)


def _settle(
    connection: Connection, place: _Place, *, again: bool, why: tuple[str, str] | None
) -> Ended | None:
    """Write where a repository stands after a pass; `why` says that it failed."""
    given_up = why is not None and place.turn.failures >= TRIES
    if again and not given_up:
        _insert(connection, place.key, Reason("retry"))
        place = replace(place, turn=place.turn.wanted(0, place.now))
    if given_up:
        _done(connection, place)
        connection.execute(
            "UPDATE planbot_repositories SET given_up = coalesce(given_up, now()), why = %s, hint = %s"
            " WHERE repository = %s",
            [*map(_storable, why or ()), place.key],
        )
    else:
        _clear(connection, place.key)
    _save(connection, replace(place, running=None))
    waits = again and not given_up
    return Ended(max(place.now, place.turn.rests) if waits else None, given_up)


def _clear(connection: Connection, key: str) -> None:
    connection.execute(
        "UPDATE planbot_repositories SET given_up = NULL, why = '', hint = '' WHERE repository = %s", [key]
    )


def _locked(connection: Connection, key: str) -> _Place | None:
    row = connection.execute(
        f"SELECT {_ROW} FROM planbot_repositories WHERE repository = %s FOR UPDATE",  # noqa: S608 # no input
        [key],
    ).fetchone()
    return _place(key, row)


def _place(key: str, row: tuple[Any, ...] | None) -> _Place | None:
    if row is None:
        return None
    name, running, newest, *turn, now = row
    return _Place(key, name, running, newest, Turn(*turn), now)


def _save(connection: Connection, place: _Place) -> None:
    """Write a turn down, and have the job that waits start when it says."""
    turn = place.turn
    connection.execute(
        "UPDATE planbot_repositories SET since = to_timestamp(%s), due = to_timestamp(%s), failures = %s,"
        " rests = to_timestamp(%s), rests_less = to_timestamp(%s), running = %s,"
        " running_since = CASE WHEN %s THEN NULL ELSE running_since END WHERE repository = %s",
        [
            *(turn.since, turn.due, turn.failures, turn.rests, turn.rests_less),
            *(place.running, place.running is None, place.key),
        ],
    )
    _place_job(connection, place)


def _place_job(connection: Connection, place: _Place) -> None:
    found = connection.execute(
        "SELECT bool_or(kind = 'webhook') FROM planbot_wishes WHERE repository = %s AND done IS NULL",
        [place.key],
    ).fetchone()
    if found is not None and found[0] is not None:
        jobs.place(connection, place.key, place.turn.ready(by_webhook=found[0]))


def _insert(connection: Connection, key: str, reason: Reason) -> bool:
    """Note a wish; return whether it is new."""
    made = connection.execute(
        "INSERT INTO planbot_wishes (repository, key, kind, reason) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (repository, key) DO NOTHING",
        [key, _key(reason), reason.kind, dump(reason)],
    )
    return made.rowcount == 1


def _key(reason: Reason) -> str | None:
    if reason.delivery:
        return _storable(f"delivery {reason.delivery}")
    return None if reason.due is None else f"schedule {reason.due.timestamp():.3f}"


def _done(connection: Connection, place: _Place) -> None:
    """Let what the newest pass took be done; of wishes that may come twice the key is still of use."""
    done = [place.key, place.newest]
    connection.execute(
        "DELETE FROM planbot_wishes WHERE repository = %s AND id <= %s AND done IS NULL AND key IS NULL", done
    )
    connection.execute(
        "UPDATE planbot_wishes SET done = now(), reason = '' WHERE repository = %s AND id <= %s AND done IS NULL",
        done,
    )


def _reason(kind: str, text: str) -> Reason:
    """Return a reason as it was written; what a newer planbot wrote is a pass that looks at everything."""
    try:
        return load(Reason, text)
    except ValueError:
        return Reason(cast("Kind", kind))


def _storable(text: str) -> str:
    """Return a text without what PostgreSQL takes for none: NUL, and bytes that are no UTF-8."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
