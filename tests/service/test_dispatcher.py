"""Who gets a pass when: one at a time, bursts as one, failing ones less often, a hanging one alone."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from planbot.errors import PlanbotError, RateLimitedError
from planbot.repo.objects import PLANBOT
from planbot.report.result import PassResult
from planbot.service import turns as module
from planbot.service.board import StatusBoard
from planbot.service.dispatcher import Dispatcher
from planbot.service.model import CURRENT_PASS, Outcome, Reason
from planbot.service.passes import _options
from planbot.service.turns import MOST_REASONS, Backoff
from planbot.tracker.event import Event
from planbot.tracker.records import Account, UserRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A, B, C = "octo/a", "octo/b", "octo/c"
START, HOOK, DUE = Reason("start"), Reason("webhook", "d1"), Reason("schedule")
SOON = 0.05
LONG = 3600.0


def done(name: str) -> Outcome:
    return Outcome(PassResult(name), None, 0)


def failed(_name: str) -> Outcome:
    return Outcome(None, PlanbotError("no"), 0)


class Passes:
    """Note every pass; each waits while its repository's gate is closed, and ends as it is told to."""

    def __init__(self) -> None:
        self.made: list[tuple[str, tuple[Reason, ...]]] = []
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.most_at_once = 0
        self.end: Callable[[str], Outcome] = done
        self._closed: set[str] = set()
        self._changed = threading.Condition()

    def __call__(self, name: str, reasons: tuple[Reason, ...]) -> Outcome:
        current = CURRENT_PASS.get()
        assert current is not None
        assert current.repository == name
        assert current.pass_id
        name = name.casefold()
        with self._changed:
            self.made.append((name, reasons))
            self.running[name] += 1
            self.most[name] = max(self.most[name], self.running[name])
            self.most_at_once = max(self.most_at_once, self.running.total())
            self._changed.notify_all()
            self._changed.wait_for(lambda: name not in self._closed)
            self.running[name] -= 1
        return self.end(name)

    def close(self, name: str) -> None:
        self._closed.add(name)

    def open(self) -> None:
        with self._changed:
            self._closed.clear()
            self._changed.notify_all()

    def wait(self, count: int) -> None:
        """Wait until so many passes were begun."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.made) >= count)

    def names(self) -> list[str]:
        return [name for name, _ in self.made]


@pytest.fixture
def passes() -> Passes:
    return Passes()


@pytest.fixture
def board() -> StatusBoard:
    made = StatusBoard()
    made.kept((A, B, C))
    return made


@pytest.fixture
def start(passes: Passes, board: StatusBoard) -> Iterator[Callable[..., Dispatcher]]:
    begun: list[Dispatcher] = []

    def make(workers: int = 2, backoff: Backoff | None = None) -> Dispatcher:
        dispatcher = Dispatcher(passes, board, backoff)
        dispatcher.resize(workers)
        begun.append(dispatcher)
        return dispatcher

    yield make
    passes.open()
    assert all(one.stop(LONG) for one in begun)


def quiet(passes: Passes, count: int) -> None:
    """Require that no more passes come for a while."""
    passes.wait(count)
    time.sleep(SOON * 4)
    assert len(passes.made) == count, passes.made


def test_a_wish_is_granted_with_its_reason(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start()
    assert dispatcher.ask(A, START)
    quiet(passes, 1)
    assert passes.made == [(A, (START,))]


def test_wishes_during_a_pass_are_one_pass_after_it(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start(4)
    passes.close(A)
    dispatcher.ask(A, START)
    passes.wait(1)
    for _ in range(50):
        dispatcher.ask(A.upper(), HOOK)
    assert len(passes.made) == 1
    passes.open()
    quiet(passes, 2)
    assert passes.most[A] == 1
    assert passes.made[1] == (A, (HOOK,) * 50)


def test_a_burst_is_one_pass_when_it_is_quiet(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start()
    began = time.monotonic()
    for _ in range(10):
        dispatcher.ask(A, HOOK, delay=SOON * 20)
        time.sleep(SOON / 10)
    passes.wait(1)
    assert time.monotonic() - began >= SOON * 20
    quiet(passes, 1)


def test_a_burst_without_end_is_not_put_off_for_ever(
    start: Callable[..., Dispatcher], passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", SOON * 2)
    dispatcher = start()
    while not passes.made:
        dispatcher.ask(A, HOOK, delay=SOON)
        time.sleep(SOON / 10)


def test_a_flood_is_no_more_than_so_many_reasons(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start()
    for _ in range(MOST_REASONS * 10):
        dispatcher.ask(A, HOOK, delay=SOON)
    passes.wait(1)
    assert len(passes.made[0][1]) <= MOST_REASONS
    assert len(dispatcher._queue) <= 2


def test_what_comes_behind_a_hundred_events_of_planbots_own_has_a_full_pass(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    me = Account("planbot", installation=True)
    bot = UserRecord("planbot[bot]", 2)
    own = Event("push", sender=bot, bot=True, committer=PLANBOT.email, repository=A, ref="refs/heads/main")
    tick = Event("issues", "edited", sender=UserRecord("ada", 1), issue=3, repository=A)
    dispatcher = start()
    for late in (Reason("webhook", "d2", tick), Reason("retry"), Reason("webhook", "d3", own, own.ref)):
        passes.close(A)
        dispatcher.ask(A, START)
        passes.wait(count := len(passes.made) + 1)
        for _ in range(MOST_REASONS):
            dispatcher.ask(A, Reason("webhook", "d1", own, own.ref))
        dispatcher.ask(A, late)
        passes.open()
        passes.wait(count + 1)
        options = _options(passes.made[count][1], me, 1)
        assert (options.event, options.ref) == (None, None)


@pytest.mark.parametrize("method", ["asked", "started", "ended"])
def test_a_board_that_fails_costs_no_worker(
    method: str,
    start: Callable[..., Dispatcher],
    passes: Passes,
    board: StatusBoard,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(board, method, broken)
    dispatcher = start(1)
    for count in (1, 2):
        assert dispatcher.ask(A, START)
        passes.wait(count)
    assert dispatcher.stop(LONG)
    assert "could not be told of" in caplog.text


def test_who_reads_of_an_end_in_the_log_finds_it_on_the_board(
    start: Callable[..., Dispatcher], passes: Passes, board: StatusBoard
) -> None:
    found: list[tuple[str, bool, int]] = []

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            current = CURRENT_PASS.get()
            state = board.states()[0]
            last = state.last is not None and current is not None and state.last.pass_id == current.pass_id
            found.append((record.__dict__["verdict"], last and not state.running, len(passes.made)))

    reader, log = Reader(), logging.getLogger("planbot.service.attempt")
    log.addHandler(reader)
    try:
        passes.end = failed
        dispatcher = start(4, Backoff(0, 0, 0))
        dispatcher.ask(A, START)
        passes.wait(4)
        assert dispatcher.stop(LONG)
    finally:
        log.removeHandler(reader)
    made = len(passes.made)
    assert found == [
        ("failed", True, number) for number in range(1, made + 1)
    ]  # and the next starts after it


def test_one_that_hangs_holds_one_worker_and_others_go_on(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    dispatcher = start(2)
    passes.close(A)
    for name in (A, A, B, C, A, B):
        dispatcher.ask(name, DUE)
    passes.wait(3)
    for count in range(4, 8):
        dispatcher.ask(C, DUE)
        passes.wait(count)
        dispatcher.ask(A, HOOK)
    assert passes.names().count(A) == 1


def test_no_more_run_at_once_than_there_are_workers(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start(2)
    for name in (A, B, C):
        passes.close(name)
        dispatcher.ask(name, START)
    passes.wait(2)
    time.sleep(SOON)
    assert passes.most_at_once == 2
    dispatcher.resize(3)
    passes.wait(3)
    dispatcher.resize(1)
    passes.open()
    for name in (A, B, C):
        passes.wait(len(passes.made))
        dispatcher.ask(name, DUE)
    passes.wait(6)


def test_who_waits_longest_comes_first(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start(1)
    passes.close(A)
    dispatcher.ask(A, START)
    passes.wait(1)
    for name in (C, B, A):
        dispatcher.ask(name, DUE)
    passes.open()
    passes.wait(4)
    assert passes.names() == [A, C, B, A]


def test_who_fails_rests_longer_each_time_and_is_tried_again(
    start: Callable[..., Dispatcher], passes: Passes, board: StatusBoard
) -> None:
    passes.end = failed
    dispatcher = start(backoff=Backoff(SOON, SOON * 4, SOON * 4))
    began = time.monotonic()
    dispatcher.ask(A, START)
    passes.wait(4)
    assert time.monotonic() - began >= SOON * (1 + 2 + 4)
    assert [reasons for _, reasons in passes.made[1:4]] == [(Reason("retry"),)] * 3
    assert dispatcher.stop(LONG)  # the board has heard of every end
    assert board.states()[0].retry_at is not None


def test_a_schedule_does_not_wake_who_rests_and_a_webhook_does_not_at_once(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    ended: list[float] = []

    def end(name: str) -> Outcome:
        ended.append(time.monotonic())
        return failed(name)

    passes.end = end
    dispatcher = start(backoff=Backoff(LONG, LONG, SOON * 6))
    dispatcher.ask(A, START)
    passes.wait(1)
    for _ in range(5):
        dispatcher.ask(A, DUE)
    quiet(passes, 1)
    dispatcher.ask(A, HOOK)
    passes.wait(2)
    assert time.monotonic() - ended[0] >= SOON * 6


def test_success_ends_the_rests(start: Callable[..., Dispatcher], passes: Passes) -> None:
    ends = iter([failed(A)])
    passes.end = lambda name: next(ends, done(name))
    dispatcher = start(backoff=Backoff(SOON, LONG, SOON))
    dispatcher.ask(A, START)
    quiet(passes, 2)
    dispatcher.ask(A, DUE)
    quiet(passes, 3)


def test_a_rate_limit_is_waited_for_whatever_asks(start: Callable[..., Dispatcher], passes: Passes) -> None:
    limit = RateLimitedError("wait", seconds=LONG)
    passes.end = lambda _: Outcome(None, limit, 0)
    dispatcher = start(backoff=Backoff(SOON, SOON, SOON))
    dispatcher.ask(A, START)
    passes.wait(1)
    dispatcher.ask(A, HOOK)
    quiet(passes, 1)


def test_one_that_ran_out_of_time_goes_on_after_the_others(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    ends = iter([Outcome(PassResult(A, out_of_time=True, problem="x"), None, 0)])
    passes.end = lambda name: next(ends, done(name))
    dispatcher = start(1)
    passes.close(A)
    dispatcher.ask(A, START)
    passes.wait(1)
    dispatcher.ask(B, START)
    passes.open()
    quiet(passes, 3)
    assert passes.names() == [A, B, A]


def test_where_another_process_is_at_work_it_is_looked_at_again(
    start: Callable[..., Dispatcher], passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY", SOON)
    ends = iter([Outcome(PassResult(A, skipped=True, busy=True), None, 0)])
    passes.end = lambda name: next(ends, done(name))
    start().ask(A, START)
    quiet(passes, 2)


def test_a_mistake_of_planbots_own_costs_no_worker(
    start: Callable[..., Dispatcher], passes: Passes, board: StatusBoard, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> Outcome:
        if name == A:
            raise ZeroDivisionError("oh")
        return done(name)

    passes.end = broken
    dispatcher = start(1)
    dispatcher.ask(A, START)
    dispatcher.ask(B, START)
    quiet(passes, 2)
    trouble = next(state.trouble for state in board.states() if state.name == A)
    assert trouble is not None
    assert "planbot failed: ZeroDivisionError: oh" in trouble.text
    assert "Traceback" in caplog.text


def test_who_is_forgotten_gets_no_pass(start: Callable[..., Dispatcher], passes: Passes) -> None:
    passes.end = failed
    dispatcher = start(1, Backoff(SOON, SOON, SOON))
    passes.close(A)
    dispatcher.ask(A, START)
    passes.wait(1)
    dispatcher.ask(B, START)
    dispatcher.forget(A)
    dispatcher.forget(B)
    dispatcher.forget(C)
    passes.open()
    quiet(passes, 1)
    dispatcher.ask(B, START)
    passes.end = done
    passes.wait(2)


def test_who_is_forgotten_and_kept_again_in_a_pass_has_no_two_at_once(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    dispatcher = start(2)
    passes.close(A)
    dispatcher.ask(A, START)
    passes.wait(1)
    dispatcher.forget(A)
    dispatcher.ask(A.upper(), START)
    time.sleep(SOON)
    assert len(passes.made) == 1
    passes.open()
    quiet(passes, 2)


def test_nothing_is_kept_of_who_is_forgotten(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start(1)
    for name in (A, B):
        dispatcher.ask(name, START)
    passes.wait(2)
    for name in (A, B, C):
        dispatcher.forget(name)
    assert dispatcher.stop(LONG)
    assert dispatcher._places == {}


def test_a_worker_that_is_free_takes_what_becomes_due_with_another(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    for _ in range(20):
        dispatcher, count = start(3), len(passes.made)
        for name in (A, B, C):
            passes.close(name)
        for name in (A, B, C):
            dispatcher.ask(name, HOOK, delay=SOON / 5)
        passes.wait(count + 3)
        passes.open()


def test_stopping_waits_for_what_runs_and_takes_nothing_more(
    start: Callable[..., Dispatcher], passes: Passes
) -> None:
    dispatcher = start(1)
    passes.close(A)
    dispatcher.ask(A, START)
    passes.wait(1)
    dispatcher.ask(B, START)
    assert not dispatcher.stop(SOON)
    assert not dispatcher.ask(C, START)
    passes.open()
    assert dispatcher.stop(LONG)
    assert passes.names() == [A]


def test_every_wish_is_granted_whatever_the_order(start: Callable[..., Dispatcher], passes: Passes) -> None:
    dispatcher = start(3)
    names = [f"octo/{n}" for n in range(40)]

    def flood(seed: int) -> None:
        for n in range(200):
            dispatcher.ask(names[(n * seed) % len(names)], HOOK, delay=SOON if n % 3 else 0)

    threads = [threading.Thread(target=flood, args=(seed,)) for seed in (1, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    before = len(passes.made)
    for name in names:
        dispatcher.ask(name, DUE, delay=SOON)
    with passes._changed:
        passes._changed.wait_for(lambda: {*passes.names()[before:]} >= {*names}, timeout=None)
    assert max(passes.most.values()) == 1
    assert passes.most_at_once <= 3
