"""The board: what is known of a repository after each thing that happens to it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from report.passes import change, result, tick
from service.outcomes import NOON, PAGE, board, done, failed
from support.items import issue
from support.plans import SMALL
from support.world import PLAN

from planbot.errors import AuthenticationError, BusyError, LimitError, TrackerError
from planbot.plan.reader import read_plan
from planbot.report.result import RefusedPassError
from planbot.service.board import StatusBoard
from planbot.service.model import Outcome, Reason
from planbot.service.states import MOST_LINES, RepositoryState, Trouble, verdict_of
from planbot.sync.changes import Undone
from planbot.sync.limits import Refusal
from planbot.tracker.records import Account, Quota

if TYPE_CHECKING:
    from planbot.service.states import Verdict

NAME = "octo/plans"
WISH = Reason("webhook", "d1")
CHANGE = change("create", "task", "1.1 Store keys", issue=3, line=7)
FORBIDDEN = TrackerError("could not list the issues", hint="Give the token its rights.")


def only(kept: StatusBoard) -> RepositoryState:
    (state,) = kept.states()
    return state


def ended(kept: StatusBoard, *outcomes: Outcome) -> RepositoryState:
    for number, outcome in enumerate(outcomes):
        kept.started(NAME, f"p{number}", (WISH,))
        kept.ended(NAME, f"p{number}", outcome)
    return only(kept)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (done(), "in step"),
        (done(changes=(CHANGE,)), "changed"),
        (done(ticks=(tick("a box", 4),)), "changed"),
        (done(changes=(CHANGE,), problem="the lease is lost"), "partial"),
        (done(undone=(Undone(CHANGE, "it was forbidden"),)), "partial"),
        (done(skipped=True, notices=("archived",)), "skipped"),
        (failed(BusyError("another pass is running")), "skipped"),
        (failed(LimitError("too much")), "refused"),
        (failed(RefusedPassError(result(refusals=(Refusal("closes", PLAN, "5 of 9"),)))), "refused"),
        (failed(FORBIDDEN), "failed"),
        (Outcome(None, None, 1), "failed"),
    ],
)
def test_how_a_pass_ended_is_one_word(outcome: Outcome, verdict: Verdict) -> None:
    assert verdict_of(outcome) == verdict


def test_an_end_that_is_told_late_ends_no_other_pass() -> None:
    kept = board()
    kept.started(NAME, "p1", (WISH,))
    kept.started(NAME, "p2", (WISH,))
    kept.ended(NAME, "p1", done())
    assert only(kept).running == "p2"
    kept.ended(NAME, "p2", done())
    assert (only(kept).running, only(kept).running_since) == ("", None)


def test_a_repository_goes_from_unknown_over_wanted_and_running_to_in_step() -> None:
    kept = board()
    assert only(kept) == RepositoryState(NAME)
    kept.planned(NAME, NOON)
    kept.asked(NAME, WISH)
    kept.asked(NAME, WISH)
    assert only(kept) == RepositoryState(NAME, next=NOON, wanted=2)
    kept.started(NAME, "p1", (WISH, WISH))
    assert only(kept) == RepositoryState(
        NAME, next=NOON, running="p1", running_since=NOON + timedelta(minutes=1)
    )
    kept.asked(NAME, WISH)  # while the pass runs: another one waits
    kept.ended(NAME, "p1", done())
    state = only(kept)
    assert (state.running, state.running_since, state.wanted) == ("", None, 1)
    assert state.last is not None
    assert (state.last.verdict, state.last.at) == ("in step", NOON + timedelta(minutes=2))
    assert state.last.text == "Nothing to do: 1 plan file and the issues of octo/plans are in step."
    assert state.good == state.last.at
    assert (state.page, state.branch) == (PAGE, "main")


def test_progress_is_what_the_plan_files_say() -> None:
    plan = read_plan(PLAN, SMALL.replace("- [ ] the", "- [x] the").encode())
    state = ended(board(), done(plans=(plan,), plan_issues={PLAN: issue()}))
    (shown,) = state.plans
    assert (shown.path, shown.name) == (PLAN, plan.title)
    assert 0 < shown.done <= shown.total
    assert shown.url == issue().html_url


def test_ticks_that_wait_stand_there_until_they_do_not() -> None:
    kept = board()
    waiting = done(waiting=(replace(tick("a box", 12), waiting="proposed"),))
    assert ended(kept, waiting).waiting == (f"waiting: {PLAN}:12: [x] a box (#2)",)
    assert ended(kept, failed(FORBIDDEN)).waiting != ()
    assert ended(kept, done()).waiting == ()


def test_trouble_is_told_with_its_advice_and_counted_until_a_pass_is_good() -> None:
    kept = board()
    first = ended(kept, done(), failed(FORBIDDEN))
    assert first.trouble is not None
    assert first.trouble == Trouble(FORBIDDEN.message, FORBIDDEN.hint, first.trouble.since)
    again = ended(kept, failed(AuthenticationError("no")), done(skipped=True))
    assert again.trouble == Trouble("no", "", first.trouble.since, passes=2)
    assert again.good == first.good
    assert ended(kept, done()).trouble is None


def test_when_it_is_tried_again_is_told_until_it_was() -> None:
    kept = board()
    later = NOON + timedelta(hours=1)
    kept.planned(NAME, later)
    state = ended(kept, replace(failed(FORBIDDEN), retry_at=NOON))
    assert (state.next, state.retry_at) == (later, NOON)
    state = ended(kept, done())
    assert (state.next, state.retry_at) == (later, None)


def test_a_pass_in_part_tells_what_it_left() -> None:
    state = ended(board(), done(changes=(CHANGE,), undone=(Undone(CHANGE, "it was forbidden"),)))
    assert state.trouble is not None
    assert state.trouble.text == "not done: create task #3 1.1 Store keys: it was forbidden"
    assert state.trouble.hint == "The next pass goes on where this one stopped."


def test_what_was_done_last_stays_while_there_is_nothing_to_do() -> None:
    kept = board()
    changed = ended(kept, done(changes=(CHANGE,)))
    assert changed.did[-1] == "Created 1 issue."
    assert any("1.1 Store keys" in line for line in changed.did)
    later = ended(kept, done(), failed(FORBIDDEN), done(skipped=True))
    assert (later.did, later.did_at) == (changed.did, changed.did_at)


def test_no_repository_keeps_more_lines_than_a_person_reads() -> None:
    many = tuple(replace(CHANGE, title=f"1.{number} Task", line=number) for number in range(500))
    state = ended(board(), done(changes=many, undone=tuple(Undone(one, "why not") for one in many)))
    assert state.trouble is not None
    assert len(state.did) == len(state.trouble.text.split("\n")) == MOST_LINES


def test_what_passes_learn_is_remembered_and_not_unlearnt() -> None:
    kept = board()
    me, quota = Account("planbot", installation=True), Quota(10, 5000, NOON)
    ended(kept, replace(done(), account=me, quota=quota))
    state = ended(kept, failed(FORBIDDEN), done(skipped=True))
    assert (state.account, state.quota, state.branch) == (me, quota, "main")
    assert (kept.account_of("Octo/Plans"), kept.branch_of("OCTO/plans")) == (me, "main")
    assert (kept.account_of("a/b"), kept.branch_of("a/b")) == (Account(""), "")


def test_who_is_not_kept_is_forgotten_and_leaves_no_trace() -> None:
    kept = board("a/one", "b/two")
    ended_before = kept.states()
    kept.ended("c/three", "p1", done())
    assert kept.states() == ended_before
    kept.ended("A/One", "p1", done())
    kept.kept(("a/one", "d/four"))
    assert {state.name: state.last is not None for state in kept.states()} == {"a/one": True, "d/four": False}


def test_before_the_repositories_are_listed_nothing_is_known() -> None:
    kept = StatusBoard()
    kept.asked(NAME, WISH)
    assert not kept.ready
    assert kept.states() == ()
    kept.kept(())
    assert kept.ready


def test_many_threads_lose_nothing() -> None:
    kept = board()

    def ask() -> None:
        for _ in range(500):
            kept.asked(NAME, WISH)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert only(kept).wanted == 4000
