"""Two bots and people at work on one plan, in any order, with any accident: what holds once it is quiet again."""

from __future__ import annotations

import time
from dataclasses import replace
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
from support.last_words import Commit
from support.model_bot import FAULTS, Bot, Fault
from support.model_boxes import NOTES
from support.model_world import HOUR, Figures, ModelWorld, Ways
from support.plan_edits import CHECKS, DEEDS, DIALECTS, TITLES, Deed, Dialect, Edit, Names, People, Phase

if TYPE_CHECKING:
    import pytest

    from planbot.tracker.records import IssueRecord

SHARE = 5  # a fifth of a profile's examples is run here
PARTS = 20  # so that none runs into the time limit for what hangs
STEPS = 5
BUSY = 6  # deeds of people after which it may be quiet for once
GATES = (
    *("git fetch", "issues", "git push", "git ls-remote", "issue", "update_issue", "create_issue"),
    "create_issues",
    *("pull_requests", "create_pull_request", "update_pull_request", "set_blocked_by", "body_histories"),
    "the end",
)
TASKS = st.tuples(st.booleans(), TITLES, st.lists(CHECKS, max_size=2))
PHASES = st.tuples(TITLES, st.lists(TASKS, max_size=2), st.lists(CHECKS, min_size=1, max_size=2))
SETTINGS = st.sampled_from(["", "issues: {finished: import}\n", "issues: {task: all}\nmilestones: false\n"])
WAYS = st.builds(
    Ways,
    write_back=st.sampled_from(["commit", "commit", "pull-request", "protected"]),
    history=st.sampled_from([True, True, False]),
    lag=st.sampled_from([0, 30]),
    batches=st.sampled_from([True, True, False]),
)
BOTS = st.integers(0, 1)
CHOICES = st.integers(0, 40)
TICKS: tuple[Deed, ...] = ("tick plan", "tick issue")
OTHERS = tuple(deed for deed in DEEDS if deed not in (*TICKS, "turn back"))
EDITS = st.tuples(st.sampled_from(OTHERS), CHOICES, CHOICES)
Move = tuple[int, str | int | Edit | list[Fault]]
STOPS = st.sampled_from((*GATES, "tick in the gap"))
TICKED = st.integers(0, 9)
ACCIDENTS = st.lists(st.sampled_from(FAULTS), max_size=2)  # none of them: the process is killed
REVIEWS = ("merge", "squash", "decline", "strike", "change their mind")
TURNS = (
    *("take a copy", "write from the copy", "comment", "copy a marker"),
    *("rename the file", "wait", "wait long", "unlink"),
)
MOVES = st.tuples(
    BOTS,
    STOPS
    | STOPS
    | STOPS
    | TICKED
    | TICKED
    | EDITS
    | ACCIDENTS
    | st.sampled_from(TURNS)
    | st.sampled_from(REVIEWS),
)
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
    moves = False  # whether people move checks from one item to another

    def __init__(self) -> None:
        super().__init__()
        self.world: ModelWorld | None = None
        self.copy = Commit("", {}, {})
        self.deeds = 0

    @initialize(
        phases=st.lists(PHASES, min_size=1, max_size=2),
        dialect=DIALECTS,
        options=SETTINGS,
        ways=WAYS,
        synced=st.sampled_from([True, True, True, False]),
    )
    def begin(self, phases: list[Phase], dialect: Dialect, options: str, ways: Ways, synced: bool) -> None:  # noqa: FBT001
        names = Names()
        names._count = 10  # some of the names are other people's
        path, text = dialect(phases, names)
        self.world = ModelWorld(self.figures, options, replace(ways, moves=self.moves))
        self.people = People(self.world, path, names)
        self.world.commit({**NOTES, path: text.encode()}, self.world.head)
        self.copy = self.world.head
        self.figures.counts["runs"] += 1
        if synced:
            self._sync_long_ago()

    def _sync_long_ago(self) -> None:
        """Let there be issues that nobody touched since the journal knows what they show."""
        bot = self._world.bots[0]
        bot.whole_pass()
        self._world.now += HOUR
        self._person("tick issue", 0, 0)
        bot.whole_pass()
        self._world.now += HOUR

    @rule(moves=st.lists(MOVES, min_size=5, max_size=20))
    def race(self, moves: list[Move]) -> None:
        """Let bots and people act in turn.

        A pass that has ended begins anew. It goes on to where it is to stop, fails there, or dies.
        """
        for who, what in moves:
            match what:
                case int():
                    self._person(TICKS[who], what, 0)
                case str() if what in REVIEWS:
                    self._review(what)
                case "tick in the gap":
                    if number := self._running(who).about_to_write():
                        self._tick_in(number)
                case str() if what in TURNS:
                    self._turn(what)
                case str():
                    self._running(who).go_to(what)
                case tuple():
                    self._person(*what)
                case []:
                    self._running(who).kill()
                    self.figures.counts["kills"] += 1
                case _:
                    self._running(who).faults[:] = what

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

    def _turn(self, what: str) -> None:
        """Do what must not matter to anybody, or what somebody does who works on an old copy of the plan."""
        world, numbers = self._world, sorted(self._world.known)
        match what:
            case "take a copy":
                self.copy = world.head
            case "write from the copy" if self.people.path in self.copy.files:
                world.commit({self.people.path: self.copy.files[self.people.path]}, self.copy)
            case "rename the file":
                new = RENAMED[self.people.path]
                world.rename(self.people.path, new)
                self.people.path = new
            case "wait" | "wait long":
                world.now += 20 if what == "wait" else 80
            case _ if numbers:
                self._beside(what, world.issues.by_number[numbers[self.deeds % len(numbers)]])

    def _review(self, what: str) -> None:
        """Do something with the pull request."""
        pulls = self._world.pulls
        match what:
            case "merge" | "squash":
                pulls.merge(squash=what == "squash")
            case "decline":
                pulls.decline()
            case "strike":
                pulls.strike()
            case _:
                pulls.change_mind()

    def _beside(self, what: str, issue: IssueRecord) -> None:
        """Do something beside an issue's own text and fields."""
        match what:
            case "comment":
                self._world.tracker.comment(issue.number, "- [x] in a comment")
            case "unlink":
                self._world.relations.unlink(issue.number)
            case "copy a marker":  # into an issue by somebody without any rights
                self._world.tracker.create_issue(issue.title, issue.body)

    def _tick_in(self, number: int) -> None:
        self.figures.counts["deeds of people"] += 1
        self.figures.counts["edits in the round trip"] += 1
        self.deeds += 1
        self.people.tick_in(number)

    def _person(self, deed: Deed, one: int, two: int) -> None:
        self.figures.counts["deeds of people"] += 1
        self.deeds += 1
        self.people.do((deed, one, two))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run all with Hypothesis' long profile in parts."""
    if "part" in metafunc.fixturenames:
        profile = metafunc.config.getoption("--hypothesis-profile")
        parts = PARTS if profile == "long" else 1
        metafunc.parametrize(("part", "parts"), [(part, parts) for part in range(parts)])


def test_whatever_happens_both_sides_agree_in_the_end(
    part: int, parts: int, capsys: pytest.CaptureFixture[str]
) -> None:
    TwoBots.figures.counts.clear()
    started = time.monotonic()
    runs = settings().max_examples // SHARE // parts
    run_state_machine_as_test(TwoBots, settings=settings(max_examples=runs, stateful_step_count=STEPS))
    assert TwoBots.figures.counts["runs"] >= runs
    with capsys.disabled():
        print(f"\n{part}: {TwoBots.figures} in {time.monotonic() - started:.0f} s")
