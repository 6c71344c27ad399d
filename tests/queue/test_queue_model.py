"""Asking, taking, ending, dying, being rescued, in any order: one at a time, one waits, nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.queueing import claim, finish

from planbot.errors import PlanbotError
from planbot.queue import wishes
from planbot.queue.wishes import Taken, Wish
from planbot.report.result import PassResult
from planbot.service import turns
from planbot.service.model import Outcome, Reason
from planbot.service.turns import Backoff

if TYPE_CHECKING:
    import pytest

    from planbot.queue.database import Database

NAMES = st.sampled_from(["octo/a", "Octo/A", "octo/b"])
AT_ONCE = Backoff(0, 0, 0)
OUTCOMES = {
    "good": Outcome(PassResult("octo/a"), None, 1),
    "busy": Outcome(PassResult("octo/a", skipped=True, busy=True), None, 1),
    "out of time": Outcome(PassResult("octo/a", out_of_time=True, problem="x"), None, 1),
    "failed": Outcome(None, PlanbotError("it broke"), 1),
}
STATE = """
SELECT coalesce(j.lock, w.repository), count(DISTINCT j.id) FILTER (WHERE j.status = 'doing'),
    count(DISTINCT j.id) FILTER (WHERE j.status = 'todo'), count(DISTINCT w.id)
FROM procrastinate_jobs j FULL JOIN (SELECT * FROM planbot_wishes WHERE done IS NULL) w ON w.repository = j.lock
GROUP BY 1
"""


class Queue(RuleBasedStateMachine):
    """Let processes do to the queue whatever they may, in any order."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.transaction() as connection:
            connection.execute("TRUNCATE planbot_repositories, procrastinate_jobs CASCADE")
        self.asked: set[tuple[str, str]] = set()
        self.done: Counter[tuple[str, str]] = Counter()
        self.at_work: list[Taken] = []
        self.dead: list[Taken] = []  # whose jobs are others' by now

    @rule(name=NAMES, number=st.integers(0, 5))
    def want(self, name: str, number: int) -> None:
        reason = Reason("webhook", f"d{number}")
        with self.database.transaction() as connection:
            wishes.want(connection, name, [Wish(reason), Wish(Reason("start"))])
        self.asked.add((name.casefold(), reason.delivery))

    @rule()
    def take(self) -> None:
        job = claim(self.database)
        if job is None:
            return
        with self.database.transaction() as connection:
            row = connection.execute("SELECT lock FROM procrastinate_jobs WHERE id = %s", [job]).fetchone()
            assert row is not None
            taken = wishes.take(connection, row[0], job)
        if taken is None:
            finish(self.database, job)
        else:
            assert taken.key not in [one.key for one in self.at_work], "one at a time"
            self.at_work.append(taken)

    @precondition(lambda self: self.at_work)
    @rule(how=st.sampled_from([*OUTCOMES]), which=st.integers(0, 9))
    def end(self, how: str, which: int) -> None:
        taken = self.at_work.pop(which % len(self.at_work))
        with self.database.transaction() as connection:
            assert wishes.end(connection, taken, OUTCOMES[how], AT_ONCE) is not None
        finish(self.database, taken.job)
        self.done.update((taken.key, reason.delivery) for reason in taken.reasons if reason.delivery)

    @precondition(lambda self: self.at_work)
    @rule(which=st.integers(0, 9))
    def die(self, which: int) -> None:
        taken = self.at_work.pop(which % len(self.at_work))
        with self.database.transaction() as connection:
            assert wishes.rescue(connection, taken.key, taken.job, AT_ONCE, silent=0)
        self.dead.append(taken)

    @precondition(lambda self: self.at_work)
    @rule(which=st.integers(0, 9))
    def leave(self, which: int) -> None:
        taken = self.at_work.pop(which % len(self.at_work))
        with self.database.transaction() as connection:
            wishes.release(connection, taken.key, taken.job)
        finish(self.database, taken.job)
        self.dead.append(taken)

    @precondition(lambda self: self.dead)
    @rule(which=st.integers(0, 9))
    def end_late(self, which: int) -> None:
        taken = self.dead.pop(which % len(self.dead))
        with self.database.transaction() as connection:
            assert wishes.end(connection, taken, OUTCOMES["good"], AT_ONCE) is None
            assert wishes.take(connection, taken.key, taken.job) is None

    @rule()
    def look_after_all(self) -> None:
        with self.database.transaction() as connection:
            assert wishes.adopt(connection, AT_ONCE) == 0, "no wish is ever without a job"
            wishes.purge(connection)

    @rule(name=NAMES)
    def retry(self, name: str) -> None:
        with self.database.transaction() as connection:
            wishes.retry(connection, name.casefold())

    @invariant()
    def one_runs_and_one_waits_and_nothing_is_without_a_job(self) -> None:
        with self.database.transaction() as connection:
            for key, doing, todo, wanted in connection.execute(STATE):
                assert doing <= 1
                assert todo <= 1
                assert not wanted or doing + todo, key

    def teardown(self) -> None:
        for _ in range(100):
            while self.at_work:
                self.end("good", 0)
            self.take()
            if not self.at_work:
                break
        assert self.done == Counter(self.asked), "every webhook is in one pass that came to its end"


def test_whatever_happens_each_webhook_is_in_one_pass(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "BUSY", 0.0)
    monkeypatch.setattr(wishes, "TRIES", 1_000_000)
    monkeypatch.setattr(Queue, "database", opened, raising=False)
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
