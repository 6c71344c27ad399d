"""A pass that lists what was touched lately wants what one that lists everything wants, or knows that it cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from support.memory_tracker import CREATES, PAGE, lose_answers
from support.memory_world import MemoryWorld, block
from support.plan_edits import DIALECTS, EDITS, OPTIONS, PHASES, Dialect, Edit, Names, People, Phase
from support.plans import SMALL

from planbot.sync.inline import Place
from planbot.sync.options import FileOptions
from planbot.sync.reconcile import Reading, reconcile
from planbot.sync.settle import Ticks, understood
from planbot.sync.unlisted import leaves_alone, listed, recalled

if TYPE_CHECKING:
    from planbot.sync.agreed import Listed
    from planbot.sync.changes import ChangeSet
    from planbot.tracker.records import IssueRecord

PLACE = Place(PAGE, "main", "")
PLANS = st.tuples(st.lists(PHASES, min_size=1, max_size=3), DIALECTS)
TICKS = st.tuples(st.just("tick issue"), st.integers(0, 40), st.integers(0, 40))
ROUNDS = st.lists(st.lists(TICKS, max_size=2) | st.lists(EDITS, max_size=2), min_size=2, max_size=5)


class Watch:
    """Run passes over a world, each from what was touched since the last one wherever that is enough."""

    def __init__(self, world: MemoryWorld, counts: Counter[str]) -> None:
        self.world = world
        self.counts = counts
        self.listed: Listed | None = None
        self.records: dict[int, IssueRecord] = {}

    def recent(self) -> ChangeSet | None:
        """Return what is wanted as far as what was touched lately tells, None if that does not tell all."""
        world = self.world
        agreed = replace(world.agreed(), listed=self.listed)
        if agreed.listed is None:
            return None
        since, plans = agreed.listed.at, tuple((plan, world.options) for plan in world.plans())
        issues = {issue.number: issue for issue in world.tracker.issues("planbot", since=since)}
        unlisted = recalled(agreed, plans, PLACE, issues, since)
        if unlisted is None:
            return None
        self.records = unlisted | issues
        self.counts["unlisted issues"] += len(unlisted)
        reading = Reading(
            plans=plans,
            agreed=agreed,
            page=PAGE,
            branch="main",
            issues=self.records,
            milestones=world.tracker.milestones(),
            untouched=frozenset(world.files) - {plan.path for plan, _ in plans},
            write_back=world.write_back,
            now=world.now,
        )
        changes = reconcile(reading)
        return changes if leaves_alone(changes, unlisted) else None

    def sync(self) -> None:
        """Run a pass; where few issues were enough, require that all of them say the same."""
        recent, at = self.recent(), self.world.tracker.time()
        if recent is None:
            self.counts["whole"] += 1
            self.world.sync()
            self.records = {issue.number: issue for issue in self.world.tracker.issues("planbot")}
            self.listed = listed(self.world.agreed(), self.records, self.world.tracker.time())
            return
        self.counts["recent"] += 1
        self.require_same(recent, self.world.reconcile())
        if recent.plan_ticks:
            self.counts["ticks"] += len(recent.plan_ticks)
            self.world._write_back(recent)
        else:
            self.world._push(understood(recent, Ticks()).agreed())
        self.listed = listed(self.world.agreed(), self.records, at)

    def require_same(self, recent: ChangeSet, whole: ChangeSet) -> None:
        assert whole.changes == ()
        assert (recent.ticks, recent.waiting, recent.held) == (whole.ticks, whole.waiting, whole.held)
        assert recent.tallies == whole.tallies
        for landed in (False, True):
            one, other = (understood(changes, Ticks(landed=landed)).agreed() for changes in (recent, whole))
            assert replace(one, listed=None) == replace(other, listed=None)


def test_few_issues_are_enough_or_all_are_listed() -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=settings().max_examples // 4)
    @given(PLANS, ROUNDS, OPTIONS | st.just(FileOptions()), st.booleans())
    def run(
        plan: tuple[list[Phase], Dialect],
        rounds: list[list[Edit]],
        options: FileOptions,
        write_back: bool,  # noqa: FBT001 - a setting
    ) -> None:
        phases, dialect = plan
        names = Names()
        path, text = dialect(phases, names)
        world = MemoryWorld(options=options)
        world.write(text, path)
        people, watch = People(world, path, names), Watch(world, counts)
        watch.sync()
        for at, edits in enumerate(rounds):
            world.write_back = write_back or at % 2 == 0
            for edit in edits:
                people.do(edit)
            note(world.text(path))
            watch.sync()
            world.write_back = True
        watch.sync()
        world.sync()
        world.quiet()

    run()
    assert counts["recent"], counts
    assert counts["unlisted issues"], counts


@pytest.fixture
def watch() -> Watch:
    world = MemoryWorld()
    world.write(SMALL)
    watch = Watch(world, Counter())
    watch.sync()
    world.tracker.comment(1, "an hour passes")
    assert watch.listed is not None
    return watch


def forget_what_is_old(watch: Watch) -> None:
    """Let a pass note that nothing but the newest is fresh."""
    watch.world.set_box("Phase 1", "the page opens")
    watch.sync()


def test_a_tick_needs_the_one_issue_that_it_was_made_in(watch: Watch) -> None:
    forget_what_is_old(watch)
    watch.counts.clear()
    watch.world.set_box("Phase 2", "paging shows each order once")
    watch.sync()
    assert watch.counts == {"recent": 1, "ticks": 1, "unlisted issues": 4}


def test_a_phase_that_is_done_is_closed_only_after_all_is_listed(watch: Watch) -> None:
    watch.world.set_box("Phase 2", "paging shows each order once")
    watch.sync()
    watch.counts.clear()
    watch.world.tracker.update_issue(watch.world.issue("2.1").number, state="closed")
    watch.sync()
    assert watch.counts["recent"] == 0
    assert watch.world.issue("Phase 2").state == "closed"


def test_what_the_plan_changed_of_others_is_decided_on_all(watch: Watch) -> None:
    forget_what_is_old(watch)
    watch.world.set_box("Billing", "Who answers the phone?")
    text = watch.world.text()
    for old, new in (
        ("#### 1.2 Answer repeated keys", "#### 1.2 Answer all keys"),
        ("See [the guide]", "Read [the guide]"),
        ("[ ] the linter is quiet", "[x] the linter is quiet"),
        ("| High |", "| Low |"),
        ("Nothing to add.", "**Depends on**: 1.1"),
        ("#### 2.1 Page by cursor\n\nNothing to add.\n", ""),
    ):
        watch.world.write(text)
        assert watch.recent() is not None
        watch.world.edit(old, new)
        assert watch.recent() is None, new


def test_nothing_is_sure_while_a_tick_waits(watch: Watch) -> None:
    watch.world.write_back = False
    watch.world.set_box("Phase 1", "the page opens")
    watch.sync()
    assert watch.listed is None


def test_nothing_is_sure_after_a_lost_answer(watch: Watch) -> None:
    watch.world.edit("#### 1.2 Answer", "#### 1.4 A new one\n\nText.\n\n#### 1.2 Answer")
    lose_answers(watch.world.tracker, *CREATES)
    watch.sync()
    assert watch.listed is None


def test_an_issue_whose_text_a_person_cut_is_not_told_by_its_base(watch: Watch) -> None:
    world = watch.world
    issue = world.issue("Phase 1")
    records = {one.number: one for one in world.tracker.issues("planbot")}
    assert listed(world.agreed(), records, "2026-01-01T00:00:00Z")
    for body in (
        issue.body.replace("<!-- planbot:end -->", ""),
        issue.body.replace("- [ ] the page opens", "- [x] the page opens"),
        issue.body.replace(block(issue).marker.stamp, "another"),
    ):
        changed = records | {issue.number: replace(issue, body=body)}
        assert listed(world.agreed(), changed, "2026-01-01T00:00:00Z") is None
    del records[issue.number]
    rest = listed(world.agreed(), records, "2026-01-01T00:00:00Z")
    assert rest is not None, "one that is gone shows nothing, and says nothing of the others"
    assert {one.number for one in rest.issues} == records.keys()
    assert listed(world.agreed(), records, "") is None
