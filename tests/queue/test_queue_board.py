"""The board that processes share: what one tells shows at the others, and what they see without a database."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from report.passes import change, tick
from service.outcomes import NOON, Clock, board, done, failed
from support.queueing import claim, finish

from planbot.errors import BusyError, PermissionDeniedError
from planbot.plan.reader import read_plan
from planbot.queue import board as board_module
from planbot.queue import database as database_module
from planbot.queue import states as table
from planbot.queue import wishes
from planbot.queue.board import SharedBoard
from planbot.queue.database import Database
from planbot.queue.schema import set_up
from planbot.queue.wishes import Wish
from planbot.service.model import Reason
from planbot.service.states import QueueState, RepositoryState
from planbot.service.status_page import status_page
from planbot.service.turns import Backoff
from planbot.tracker.records import Account, Quota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.postgres import Postgres

NAME = "Octo/Plans"
WISH = Reason("webhook", "d1")


@pytest.fixture
def shared(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Return a database that is set up; changes show quickly."""
    monkeypatch.setattr(board_module, "EVERY", 0.05)
    monkeypatch.setattr(database_module, "WAIT", 1.0)
    made = Database(database)
    set_up(made)
    with closing(made):
        yield made


@pytest.fixture
def boards(shared: Database) -> Iterator[tuple[SharedBoard, SharedBoard]]:
    """Return the boards of a worker and of a serve; the worker's clock is one of tests."""
    with ExitStack() as stack:
        clock = Clock()
        worker, serve = SharedBoard(shared, clock), SharedBoard(shared)
        clock.now = NOON
        for one in (worker, serve):
            stack.enter_context(closing(one))
            one.kept([NAME])
        yield worker, serve


def until(found: Callable[[], object]) -> None:
    while not found():
        time.sleep(0.01)


def only(kept: SharedBoard) -> RepositoryState:
    (state,) = kept.states()
    return state


def test_what_a_worker_tells_is_what_a_board_of_one_process_would_show(
    boards: tuple[SharedBoard, SharedBoard],
) -> None:
    worker, serve = boards
    alone = board(NAME)
    plan = read_plan(
        "PLAN-\udcff.md", b"# Store\n\n## Phase 1: \xff\x00\n\n### 1.1 Keys\n\n- [x] a\n- [ ] b\n"
    )
    outcomes = (
        replace(done(plans=(plan,), waiting=(tick("a", 1),)), quota=Quota(7, 9, NOON)),
        replace(failed(PermissionDeniedError("it may not", hint="Let it.")), retry_at=NOON),
        failed(BusyError("another pass is running")),
        replace(done(changes=(change("create", "task", "1.1"),)), account=Account("planbot")),
    )
    for number, outcome in enumerate(outcomes):
        for one in (worker, alone):
            one.started(NAME, f"p{number}", (WISH,))
            one.ended(NAME, f"p{number}", outcome)
        until(lambda: serve.states() == alone.states())
    assert (serve.branch_of("octo/plans"), serve.account_of(NAME)) == ("main", Account("planbot"))
    until(lambda: worker.states() == alone.states())


def test_a_pass_under_way_shows_and_the_end_of_an_older_one_does_not_hide_it(
    boards: tuple[SharedBoard, SharedBoard], shared: Database
) -> None:
    worker, serve = boards
    take(shared)
    worker.started(NAME, "cut off", ())
    worker.started(NAME, "rescued", ())
    worker.ended(NAME, "cut off", done())
    until(lambda: only(serve).last and only(serve).running)
    assert (only(serve).running, only(serve).running_since) == ("rescued", NOON + timedelta(minutes=2))


def take(shared: Database) -> int:
    """Let a worker take what is wanted, and return its job."""
    with shared.transaction() as connection:
        wishes.want(connection, NAME, [Wish(Reason("start"))])
    job = claim(shared)
    assert job is not None
    with shared.transaction() as connection:
        assert wishes.take(connection, NAME.casefold(), job) is not None
    return job


def test_a_pass_that_killed_its_workers_until_it_was_given_up_says_so_on_the_page(
    boards: tuple[SharedBoard, SharedBoard], shared: Database
) -> None:
    worker, serve = boards
    worker.ended(NAME, "good", done())
    worker.started(NAME, "killed", ())
    for _ in range(wishes.TRIES):
        job = take(shared)
        until(lambda: only(serve).running == "killed")
        with shared.transaction() as connection:
            assert wishes.rescue(connection, NAME.casefold(), job, Backoff(0, 0, 0), silent=0)
    until(lambda: only(serve).given_up)
    page = status_page(serve.states(), {}, datetime.now(UTC), serve.queue()).html.decode()
    for told in ("Its worker is gone", "memory", f"{wishes.TRIES} passes on end", ">failed<", "1 in trouble"):
        assert told in page
    assert "under way" not in page
    assert b"planbot_passes_running 0.0" in serve.metrics.text()


def test_without_the_database_everything_is_answered_and_nothing_is_lost(
    boards: tuple[SharedBoard, SharedBoard], cluster: Postgres
) -> None:
    worker, serve = boards
    worker.ended(NAME, "p1", done())
    until(lambda: only(serve).last)
    cluster.stop()
    try:
        worker.started(NAME, "p2", ())
        worker.ended(NAME, "p2", failed(PermissionDeniedError("it may not")))
        until(lambda: serve.queue().lost)
        assert (only(serve).trouble, serve.branch_of(NAME), serve.ready) == (None, "main", True)
        assert b"planbot_queue_up 0.0" in serve.metrics.text()
    finally:
        cluster.start()
    until(lambda: only(serve).trouble)
    assert serve.queue() == QueueState()


def test_how_the_queue_is_comes_from_its_tables(
    boards: tuple[SharedBoard, SharedBoard], shared: Database
) -> None:
    _, serve = boards
    until(lambda: serve.ready)
    assert serve.queue() == QueueState()
    with shared.transaction() as connection:
        for name in (NAME, "octo/other", "octo/later"):
            wishes.want(connection, name, [Wish(WISH, 3600 if name == "octo/later" else 0)])
    until(lambda: serve.queue().depth == 3)
    assert (only(serve).wanted, serve.queue().given_up) == (1, 0)
    assert serve.queue().oldest is not None
    with shared.transaction() as connection:
        connection.execute("UPDATE planbot_repositories SET given_up = now() WHERE name = %s", [NAME])
    until(lambda: serve.queue().given_up)
    assert only(serve).given_up is not None


def test_what_waits_for_a_pass_over_the_same_repository_could_not_have_started(shared: Database) -> None:
    job = take(shared)
    with shared.transaction() as connection:
        wishes.want(connection, NAME, [Wish(WISH)])
    with closing(SharedBoard(shared)) as serve:  # only now, for it could have looked before the job was taken
        serve.kept([NAME])
        until(lambda: serve.ready)
        assert serve.queue() == QueueState(depth=1)
        finish(shared, job)
        until(lambda: serve.queue().oldest)


def test_what_another_version_wrote_and_nobody_can_read_is_unknown_until_the_next_pass(
    boards: tuple[SharedBoard, SharedBoard], shared: Database
) -> None:
    worker, serve = boards
    with shared.transaction() as connection:
        connection.execute("INSERT INTO planbot_states VALUES ('octo/plans', '{\"name\": 3}')")
    until(lambda: serve.ready)
    assert only(serve) == RepositoryState(NAME)
    worker.ended(NAME, "p1", done())
    until(lambda: only(serve).last)


def test_who_is_not_kept_shows_nowhere_and_is_forgotten_in_time(
    boards: tuple[SharedBoard, SharedBoard], shared: Database
) -> None:
    _, serve = boards
    with shared.transaction() as connection:
        for name in (NAME, "octo/old", "octo/fresh"):
            table.change(connection, name, lambda state: replace(state, branch="main"))
        connection.execute(
            "UPDATE planbot_states SET changed = now() - interval '91 days' WHERE repository <> 'octo/fresh'"
        )
    serve.kept([NAME])

    def left() -> set[str]:
        with shared.transaction() as connection:
            return {key for (key,) in connection.execute("SELECT repository FROM planbot_states")}

    until(lambda: left() == {"octo/plans", "octo/fresh"})
    assert [state.name for state in serve.states()] == [NAME]


def test_the_times_of_a_schedule_are_each_process_s_own(boards: tuple[SharedBoard, SharedBoard]) -> None:
    worker, serve = boards
    serve.planned(NAME, NOON)
    assert (only(serve).next, only(worker).next) == (NOON, None)


def test_before_the_repositories_are_listed_nothing_is_shown(shared: Database) -> None:
    with closing(SharedBoard(shared)) as kept:
        kept.ended(NAME, "p", done())
        assert (kept.ready, kept.states(), kept.queue()) == (False, (), QueueState())
