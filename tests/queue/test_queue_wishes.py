"""What is wanted of a repository: asked for once, taken by one job, ended, rescued, given up."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.queueing import claim, finish, todo

from planbot.errors import PlanbotError, RateLimitedError
from planbot.queue import jobs, wishes
from planbot.queue.listing import listed
from planbot.queue.wishes import TRIES, Taken, Wish
from planbot.report.result import PassResult
from planbot.service.model import Outcome, Reason
from planbot.service.turns import MOST_REASONS, Backoff
from planbot.tracker.event import Event
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from planbot.queue.database import Database

NAME, KEY = "Octo/Plans", "octo/plans"
START = Reason("start")
HOOK = Reason("webhook", "d1", Event("issues", "edited", UserRecord("ada", 1), body="\0\ud800", issue=3))
GOOD = Outcome(PassResult(NAME), None, 1)
FAILED = Outcome(None, PlanbotError("it broke\0", hint="mend it"), 1)
LONG = Backoff(1000, 1000, 100)
NONE = Backoff(0, 0, 0)


def want(database: Database, *reasons: Reason, delay: float = 0, name: str = NAME) -> None:
    with database.transaction() as connection:
        wishes.want(connection, name, [Wish(reason, delay) for reason in reasons])


def take(database: Database) -> Taken | None:
    """Fetch a job as a worker does, and take what it is to do."""
    job = claim(database)
    assert job is not None
    with database.transaction() as connection:
        return wishes.take(connection, KEY, job)


def taken(database: Database) -> Taken:
    found = take(database)
    assert found is not None
    return found


def end(
    database: Database, one: Taken, outcome: Outcome = GOOD, backoff: Backoff = LONG
) -> wishes.Ended | None:
    with database.transaction() as connection:
        ended = wishes.end(connection, one, outcome, backoff)
    finish(database, one.job)
    return ended


def test_what_is_asked_for_is_what_is_taken(opened: Database) -> None:
    want(opened, START, HOOK)
    found = taken(opened)
    assert (found.name, found.reasons) == (NAME, (START, HOOK))


def test_a_wish_joins_the_job_that_waits_and_one_pass_runs_at_a_time(opened: Database) -> None:
    for name in (NAME, NAME.upper(), NAME.lower()):
        want(opened, START, name=name)
    assert len(todo(opened)) == 1
    first = taken(opened)
    assert len(first.reasons) == 3
    want(opened, HOOK)
    assert len(todo(opened)) == 1
    assert claim(opened) is None, "the first is still at work"
    end(opened, first)
    second = taken(opened)
    assert second.reasons == (HOOK,)
    end(opened, second)
    assert todo(opened) == []


@pytest.mark.parametrize(
    "reason",
    [HOOK, Reason("schedule", due=datetime(2026, 1, 1, 12, tzinfo=UTC))],
    ids=["webhook", "schedule"],
)
def test_what_several_processes_tell_of_counts_once_and_also_after_it_was_done(
    opened: Database, reason: Reason
) -> None:
    threads = [threading.Thread(target=want, args=(opened, reason)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = taken(opened)
    assert found.reasons == (reason,)
    end(opened, found)
    want(opened, reason)
    assert todo(opened) == []


def test_a_flood_is_one_pass_that_looks_at_everything(opened: Database) -> None:
    want(opened, *(Reason("webhook", f"d{number}", HOOK.event) for number in range(MOST_REASONS * 3)))
    found = taken(opened)
    assert len(found.reasons) == MOST_REASONS
    assert found.reasons[-1] == Reason("webhook")
    end(opened, found)
    assert todo(opened) == [], "those that had no place are done as well"


def test_a_pass_starts_when_the_quiet_time_is_over(opened: Database) -> None:
    want(opened, HOOK, delay=30)
    (at,) = todo(opened)
    assert 25 < at < 31
    assert claim(opened) is None
    want(opened, START)
    assert 25 < todo(opened)[0] < 31


def test_who_fails_rests_and_a_webhook_shortens_that(opened: Database) -> None:
    want(opened, START)
    ended = end(opened, taken(opened), FAILED)
    assert ended is not None
    assert ended.retry_at is not None
    assert 990 < todo(opened)[0] < 1001
    want(opened, Reason("schedule", due=datetime.now(UTC)))
    assert 990 < todo(opened)[0] < 1001
    want(opened, HOOK)
    assert 90 < todo(opened)[0] < 101
    with opened.transaction() as connection:
        (entry,) = listed(connection)
    assert (entry.repository, entry.state, entry.failures) == (NAME, "waiting", 1)


def test_a_rate_limit_is_waited_for_whatever_asks(opened: Database) -> None:
    want(opened, START)
    end(opened, taken(opened), Outcome(None, RateLimitedError("wait", seconds=5000), 1))
    want(opened, HOOK)
    assert 4900 < todo(opened)[0] < 5001


def test_what_came_while_a_pass_failed_waits_for_its_rest(opened: Database) -> None:
    want(opened, START)
    first = taken(opened)
    want(opened, HOOK)
    end(opened, first, FAILED)
    assert 90 < todo(opened)[0] < 101
    assert len(todo(opened)) == 1


def test_one_that_ran_out_of_time_goes_on(opened: Database) -> None:
    want(opened, START)
    end(opened, taken(opened), Outcome(PassResult(NAME, out_of_time=True, problem="x"), None, 1))
    assert taken(opened).reasons == (Reason("retry"),)


def fail_often(database: Database, times: int = TRIES) -> wishes.Ended | None:
    want(database, START)
    ended = None
    for _ in range(times):
        ended = end(database, taken(database), FAILED, NONE)
    return ended


def test_after_many_failures_it_is_given_up_and_says_why(opened: Database) -> None:
    assert fail_often(opened) == wishes.Ended(None, given_up=True)
    assert todo(opened) == []
    with opened.transaction() as connection:
        (entry,) = listed(connection)
    assert (entry.state, entry.failures, entry.hint) == ("given up", TRIES, "mend it")
    assert entry.why == "it broke\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("way", ["retry", "webhook"])
def test_what_was_given_up_is_tried_again_when_it_is_wanted(opened: Database, way: str) -> None:
    fail_often(opened)
    if way == "retry":
        with opened.transaction() as connection:
            assert wishes.retry(connection, KEY)
    else:
        want(opened, HOOK)
    again = taken(opened)
    end(opened, again)
    with opened.transaction() as connection:
        assert listed(connection) == ()


def test_what_was_given_up_and_fails_again_is_not_tried_by_itself(opened: Database) -> None:
    fail_often(opened)
    want(opened, HOOK)
    assert end(opened, taken(opened), FAILED, NONE) == wishes.Ended(None, given_up=True)
    assert todo(opened) == []


def test_a_retry_does_not_wait_for_a_rest(opened: Database) -> None:
    want(opened, START)
    end(opened, taken(opened), FAILED)
    with opened.transaction() as connection:
        assert wishes.retry(connection, KEY)
        assert not wishes.retry(connection, "octo/unknown")
    assert [reason.kind for reason in taken(opened).reasons] == ["retry", "retry"]


def test_success_forgets_the_failures(opened: Database) -> None:
    fail_often(opened, TRIES - 1)
    end(opened, taken(opened))
    assert fail_often(opened, TRIES - 1) is not None
    assert len(todo(opened)) == 1


def rescue(database: Database, one: Taken, silent: float = 0) -> bool:
    with database.transaction() as connection:
        return wishes.rescue(connection, KEY, one.job, NONE, silent=silent)


def test_a_job_whose_worker_is_gone_is_done_by_another(opened: Database) -> None:
    want(opened, HOOK)
    first = taken(opened)
    want(opened, START)
    assert not rescue(opened, first, silent=1000), "it gave a sign of life"
    assert rescue(opened, first)
    assert not rescue(opened, first), "it is rescued once"
    second = taken(opened)
    assert second.reasons == (HOOK, START, Reason("retry"))
    assert end(opened, second) is not None


def test_a_pass_that_was_taken_over_does_not_end_the_other_one(opened: Database) -> None:
    want(opened, HOOK)
    first = taken(opened)
    rescue(opened, first)
    second = taken(opened)
    with opened.transaction() as connection:
        assert wishes.end(connection, first, FAILED, LONG) is None
    with opened.transaction() as connection:
        assert wishes.take(connection, KEY, first.job) is None
    ended = end(opened, second)
    assert ended == wishes.Ended(None, given_up=False)
    assert todo(opened) == []


def test_a_pass_that_kills_its_worker_every_time_is_given_up(opened: Database) -> None:
    want(opened, START)
    for _ in range(TRIES):
        assert rescue(opened, taken(opened))
    assert todo(opened) == []
    with opened.transaction() as connection:
        (entry,) = listed(connection)
    assert entry.state == "given up"
    assert "worker" in entry.why


def test_what_a_worker_leaves_is_taken_at_once(opened: Database) -> None:
    want(opened, HOOK)
    first = taken(opened)
    with opened.transaction() as connection:
        wishes.release(connection, KEY, first.job)
    finish(opened, first.job)
    assert taken(opened).reasons == (HOOK,)


def test_wishes_without_a_job_are_found(opened: Database) -> None:
    want(opened, HOOK)
    with opened.transaction() as connection:
        jobs.drop(connection, KEY)
    assert todo(opened) == []
    with opened.transaction() as connection:
        assert wishes.adopt(connection, LONG) == 1
        assert wishes.adopt(connection, LONG) == 0
    assert taken(opened).reasons == (HOOK,)


def test_a_pass_whose_end_could_not_be_noted_has_failed(opened: Database) -> None:
    want(opened, START)
    finish(opened, taken(opened).job)
    with opened.transaction() as connection:
        assert wishes.adopt(connection, LONG) == 1
    assert 990 < todo(opened)[0] < 1001


def test_what_is_forgotten_is_not_made_and_what_runs_ends_quietly(opened: Database) -> None:
    want(opened, HOOK)
    first = taken(opened)
    want(opened, START)
    with opened.transaction() as connection:
        wishes.forget(connection, KEY)
    assert todo(opened) == []
    assert end(opened, first) is not None, "nobody has taken over"
    assert todo(opened) == []


def test_a_pass_whose_end_was_noted_and_the_answer_was_lost_was_not_taken_over(opened: Database) -> None:
    want(opened, HOOK)
    first = taken(opened)
    with opened.transaction() as connection:
        assert wishes.end(connection, first, FAILED, LONG) is not None
    waits = todo(opened)
    with opened.transaction() as connection:
        assert wishes.end(connection, first, FAILED, LONG) == wishes.Ended(None, given_up=False)
    assert len(todo(opened)) == len(waits) == 1
    assert 990 < todo(opened)[0] < 1001, "it is one failure"


def test_a_reason_that_a_newer_version_wrote_is_a_pass_over_everything(opened: Database) -> None:
    want(opened, HOOK)
    with opened.transaction() as connection:
        connection.execute('UPDATE planbot_wishes SET reason = \'{"kind": "whim"}\'')
    assert taken(opened).reasons == (Reason("webhook"),)


@pytest.mark.parametrize(("age", "left"), [("2 hours", 3), ("2 days", 1), ("8 days", 0)])
def test_what_was_done_is_forgotten_after_a_while(opened: Database, age: str, left: int) -> None:
    want(opened, HOOK, Reason("schedule", due=datetime.now(UTC)))
    end(opened, taken(opened))
    want(opened, Reason("schedule", due=datetime(2026, 1, 1, tzinfo=UTC)))
    end(opened, taken(opened))
    with opened.transaction() as connection:
        connection.execute("UPDATE planbot_wishes SET done = done - %s::interval", [age])
        wishes.purge(connection)
        assert count(connection, "planbot_wishes") == left
        assert count(connection, "planbot_repositories") == bool(left)


def test_what_is_given_up_is_not_forgotten(opened: Database) -> None:
    fail_often(opened)
    with opened.transaction() as connection:
        wishes.purge(connection)
        assert len(listed(connection)) == 1


def test_what_is_wanted_while_old_repositories_are_forgotten_stays(opened: Database) -> None:
    with opened.transaction() as connection:
        connection.execute("INSERT INTO planbot_repositories (repository, name) VALUES (%s, %s)", [KEY, NAME])

    def purge() -> None:
        with opened.transaction() as connection:
            wishes.purge(connection)

    purging = threading.Thread(target=purge)
    with opened.transaction() as connection:
        wishes.want(connection, NAME, [Wish(HOOK)])
        purging.start()
        while purging.is_alive() and not blocked(opened):
            purging.join(0.01)
    purging.join()
    assert taken(opened).reasons == (HOOK,)


def blocked(database: Database) -> bool:
    """Return whether a statement waits for a lock."""
    with database.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return row is not None and row[0] > 0


def count(connection: Any, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(row[0])
