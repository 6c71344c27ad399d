"""What is known of a repository as JSON: several processes tell each other so."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from report.passes import result, tick
from service.outcomes import NOON, PAGE
from support.items import issue

from planbot.plan.reader import read_plan
from planbot.report.result import Requests
from planbot.service.model import Outcome
from planbot.service.states import (
    Ending,
    PlanState,
    RepositoryState,
    Trouble,
    Verdict,
    by_end,
    by_start,
)
from planbot.tracker.records import Account, Quota
from planbot.typed_json import dump, load

TEXTS = st.text(st.characters(codec=None), max_size=20)  # lone surrogates stand for bytes that are no text
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(timezones=ZONES)
COUNTS = st.integers(0, 10_000)
ENDINGS = st.builds(Ending, TEXTS, TIMES, st.floats(0, 1e9), st.sampled_from(get_args(Verdict)), TEXTS)
STATES = st.builds(
    RepositoryState,
    name=TEXTS,
    page=TEXTS,
    branch=TEXTS,
    account=st.builds(Account, TEXTS, st.booleans()),
    plans=st.lists(st.builds(PlanState, TEXTS, TEXTS, COUNTS, COUNTS, TEXTS), max_size=2).map(tuple),
    waiting=st.lists(TEXTS, max_size=2).map(tuple),
    last=st.none() | ENDINGS,
    good=st.none() | TIMES,
    did=st.lists(TEXTS, max_size=2).map(tuple),
    did_at=st.none() | TIMES,
    trouble=st.none() | st.builds(Trouble, TEXTS, TEXTS, TIMES, COUNTS),
    next=st.none() | TIMES,
    retry_at=st.none() | TIMES,
    given_up=st.none() | TIMES,
    wanted=COUNTS,
    running=TEXTS,
    running_since=st.none() | TIMES,
    quota=st.none() | st.builds(Quota, COUNTS, COUNTS, TIMES),
)


@given(STATES)
def test_a_state_comes_through_as_it_is(state: RepositoryState) -> None:
    assert load(RepositoryState, dump(state)) == state


def test_so_does_what_a_pass_left() -> None:
    plan = read_plan(
        "PLAN-\udcff.md", b"# Store\n\n## Phase 1: \xff\x00\n\n### 1.1 Keys\n\n- [x] a\n- [ ] b\n"
    )
    told = result(
        page=PAGE, branch="main", plans=(plan,), plan_issues={plan.path: issue()}, waiting=(tick("a", 1),)
    )
    outcome = Outcome(
        told, None, 1, Requests(3, 1), Quota(7, 9, NOON), NOON, Account("planbot", installation=True)
    )
    start = by_start("p1", NOON)(RepositoryState("octo/plans"))
    state = by_end("p2", outcome, NOON + timedelta(seconds=1.5))(start)
    assert (state.last, state.plans, state.quota) != (None, (), None)
    assert load(RepositoryState, dump(state)) == state
