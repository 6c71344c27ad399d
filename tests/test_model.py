"""Two bots and people at work on one plan, in any order, with any accident: what holds once it is quiet again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.model_bot import FAULTS, Bot, Fault
from support.model_world import NOTES, Commit, Figures, ModelWorld
from support.plan_edits import CHECKS, DEEDS, DIALECTS, TITLES, Deed, Dialect, Edit, Names, People, Phase

if TYPE_CHECKING:
    import pytest

SHARE = 5  # the part of a profile's examples that is run here
STEPS = 15
BUSY = 6  # deeds of people after which it may be quiet for once
GATES = ("git fetch", "issues", "git push", "git ls-remote", "issue", "update_issue", "create_issue")
TASKS = st.tuples(st.booleans(), TITLES, st.lists(CHECKS, max_size=2))
PHASES = st.tuples(TITLES, st.lists(TASKS, max_size=2), st.lists(CHECKS, min_size=1, max_size=2))
SETTINGS = st.sampled_from(["", "issues: {finished: import}\n", "issues: {task: all}\nmilestones: false\n"])
BOTS = st.integers(0, 1)
CHOICES = st.integers(0, 40)
TICKS: tuple[Deed, ...] = ("tick plan", "tick issue")
OTHERS = tuple(deed for deed in DEEDS if deed not in (*TICKS, "turn back"))
EDITS = st.tuples(st.sampled_from(OTHERS), CHOICES, CHOICES)
Move = tuple[int, str | int | Edit]
STOPS = st.sampled_from(GATES)
MOVES = st.tuples(BOTS, STOPS | STOPS | st.integers(0, 9) | EDITS)
NAMES = (
    ("PLAN.md", "docs/plans/next.md"),
    ("openspec/changes/x/tasks.md", "openspec/changes/y/tasks.md"),
    (".kiro/specs/x/tasks.md", ".kiro/specs/y/tasks.md"),
    ("specs/x/tasks.md", "specs/y/tasks.md"),
)
RENAMED = dict(NAMES) | {new: old for old, new in NAMES}


class TwoBots(RuleBasedStateMachine):
    """Let bots and people act in turn; whatever they do, everything is right once all is quiet."""

    figures = Figures()

    def __init__(self) -> None:
        super().__init__()
        self.world: ModelWorld | None = None
        self.copy = Commit("", {}, {})
        self.deeds = 0

    @initialize(
        phases=st.lists(PHASES, min_size=1, max_size=2),
        dialect=DIALECTS,
        options=SETTINGS,
        lag=st.sampled_from([0, 30]),
        synced=st.sampled_from([True, True, False]),
    )
    def begin(self, phases: list[Phase], dialect: Dialect, options: str, lag: float, synced: bool) -> None:  # noqa: FBT001
        names = Names()
        names._count = 10  # some of the names are other people's
        path, text = dialect(phases, names)
        self.world = ModelWorld(self.figures, options, lag)
        self.people = People(self.world, path, names)
        self.world.commit({**NOTES, path: text.encode()}, self.world.head)
        self.copy = self.world.head
        self.figures.counts["runs"] += 1
        if synced:
            self.world.bots[0].whole_pass()

    @rule(moves=st.lists(MOVES, min_size=3, max_size=12))
    def race(self, moves: list[Move]) -> None:
        """Let bots and people act in turn; a pass that has ended begins anew, and goes on to where it is to stop."""
        for who, what in moves:
            match what:
                case int():
                    self._person(TICKS[who], what, 0)
                case str():
                    self._running(who).go_to(what)
                case _:
                    self._person(*what)

    @rule(number=BOTS, steps=st.integers(1, 20))
    def go_on(self, number: int, steps: int) -> None:
        self._running(number).go_on(steps)

    @rule(edits=st.lists(EDITS, min_size=1, max_size=3))
    def edit(self, edits: list[Edit]) -> None:
        for deed, one, two in edits:
            self._person(deed, one, two)

    @rule(copies=st.booleans(), one=CHOICES)
    def write_from_a_copy(self, copies: bool, one: int) -> None:  # noqa: FBT001
        """Take a copy of the plan, or push what somebody made of the last one taken."""
        if not copies and self.people.path in self.copy.files:
            self._world.commit({self.people.path: self.copy.files[self.people.path]}, self.copy)
            self._person("tick plan", one, 0)
        self.copy = self._world.head

    @rule(
        what=st.sampled_from(["comment", "copy a marker", "rename the file", "wait", "wait long"]),
        one=CHOICES,
    )
    def turn(self, what: str, one: int) -> None:
        """Do what must not matter to anybody."""
        numbers = sorted(self._world.known)
        if what == "rename the file":
            new = RENAMED[self.people.path]
            self._world.rename(self.people.path, new)
            self.people.path = new
        elif what.startswith("wait"):
            self._world.now += one * (4 if what == "wait long" else 1)
        elif numbers:
            issue = self._world.issues.by_number[numbers[one % len(numbers)]]
            if what == "comment":
                self._world.tracker.comment(issue.number, "- [x] in a comment")
            else:  # somebody without any rights opens an issue with the body of one of planbot's
                self._world.tracker.create_issue(issue.title, issue.body)

    @rule(number=BOTS, faults=st.lists(st.sampled_from(FAULTS), max_size=2))
    def accident(self, number: int, faults: list[Fault]) -> None:
        """Let the next requests of a pass fail, or kill it."""
        bot = self._running(number)
        if faults:
            bot.faults[:] = faults
        else:
            bot.kill()
            self.figures.counts["kills"] += 1

    @precondition(lambda self: self.deeds >= BUSY)
    @rule()
    def be_quiet(self) -> None:
        self._world.settle()
        self.deeds = 0
        self.figures.counts["times it was quiet"] += 1

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            self.world.settle()
        finally:
            self.world.close()

    @property
    def _world(self) -> ModelWorld:
        assert self.world is not None
        return self.world

    def _running(self, number: int) -> Bot:
        """Return a bot with a pass under way."""
        bot = self._world.bots[number]
        if not bot.running:
            bot.begin()
        return bot

    def _person(self, deed: Deed, one: int, two: int) -> None:
        self.figures.counts["deeds of people"] += 1
        self.deeds += 1
        self.people.do((deed, one, two))


def test_whatever_happens_both_sides_agree_in_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    TwoBots.figures.counts.clear()
    started = time.monotonic()
    runs = max(1, settings().max_examples // SHARE)
    run_state_machine_as_test(TwoBots, settings=settings(max_examples=runs, stateful_step_count=STEPS))
    with capsys.disabled():
        print(f"\n{TwoBots.figures} in {time.monotonic() - started:.0f} s")
