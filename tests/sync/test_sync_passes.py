"""Passes over random plans, random issues and random people: what holds after each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from support.memory_tracker import Crash, crash, lose_answers, recover
from support.memory_world import MemoryWorld
from support.plan_edits import (
    DIALECTS,
    EDITS,
    OPTIONS,
    PHASES,
    Dialect,
    Edit,
    Names,
    People,
    Phase,
    around,
    boxes,
    shown_boxes,
    template,
)

from planbot.sync.merge import merge
from planbot.sync.options import FileOptions, IssueOptions
from planbot.tracker.marker import Managed, split

FEWER = settings(max_examples=settings().max_examples // 4)
PLANS = st.tuples(st.lists(PHASES, max_size=3), DIALECTS)
ROUNDS = st.lists(st.lists(EDITS, max_size=4), max_size=3)
FINISHED = st.sampled_from(
    [FileOptions(), FileOptions(issues=IssueOptions(finished="import"), milestones=False)]
) | st.just(FileOptions(issues=IssueOptions(finished="import")))
HEADINGS = FileOptions(issues=IssueOptions(plan=False, phase=False, task="headings"), milestones=False)
REQUESTS = st.sampled_from(
    ["create_issue", "create_issues", "update_issue", "create_milestone", "add_sub_issue", "create_label"]
)


def people_of(
    plan: tuple[list[Phase], Dialect], options: FileOptions, *, sub_issues: bool = True
) -> People[MemoryWorld]:
    """Write a plan into a new world, and return who works on it."""
    phases, dialect = plan
    names = Names()
    path, text = dialect(phases, names)
    world = MemoryWorld(sub_issues=sub_issues, options=options)
    world.write(text, path)
    return People(world, path, names)


def require_step(world: MemoryWorld) -> None:
    """Require that both sides agree, that a further pass wants nothing, and that no item has two issues."""
    world.quiet()
    for item in world.reconcile().items:
        for box in item.every_box():
            assert box.issue == box.plan == box.value, (item.matched.desired.locator, box)
    bodies = [split(issue.body) for issue in world.tracker.issues("planbot")]
    uids = Counter(body.marker.uid for body in bodies if isinstance(body, Managed))
    assert all(count == 1 for count in uids.values()), uids


def require_merged(
    base: dict[str, bool], plan: dict[str, bool], shown: dict[str, bool], after: dict[str, bool]
) -> None:
    """Require of every check that was on both sides all along that it has the value of the three-way merge."""
    for name in base.keys() & plan.keys() & shown.keys() & after.keys():
        expected = merge(plan[name], shown[name], base[name])
        assert after[name] == expected, (name, plan[name], shown[name], base[name])


@FEWER
@given(PLANS, ROUNDS, FINISHED, st.booleans())
def test_after_a_pass_both_sides_agree_and_a_second_pass_has_nothing_to_do(
    plan: tuple[list[Phase], Dialect],
    rounds: list[list[Edit]],
    options: FileOptions,
    sub_issues: bool,  # noqa: FBT001 - what the server can do
) -> None:
    people = people_of(plan, options, sub_issues=sub_issues)
    world = people.world
    world.sync()
    require_step(world)
    for edits in rounds:
        agreed, there = boxes(world.text(people.path)), shown_boxes(world)
        base = {name: ticked for name, ticked in agreed.items() if there.get(name) == ticked}
        for edit in edits:
            people.do(edit)
        note(world.text(people.path))
        planned, shown, theirs = boxes(world.text(people.path)), shown_boxes(world), around(world)
        titles = {issue.number: issue.title for issue in world.tracker.issues("planbot")}
        world.sync()
        require_step(world)
        require_merged(base, planned, shown, boxes(world.text(people.path)))
        assert around(world).items() >= theirs.items()
        for issue in world.tracker.issues("planbot"):
            if titles.get(issue.number, "").startswith("mine"):
                assert issue.title == titles[issue.number]


# a check whose line a person reworded in the issue goes from the task to its phase
@example(
    plan=([("store", [(False, "store", [(False, "store")])], [])], template),
    rounds=[
        (HEADINGS, [("reword issue", 0, 0)]),
        (replace(HEADINGS, issues=IssueOptions(plan=False, phase=True, task="none")), []),
    ],
)
@FEWER
@given(PLANS, st.lists(st.tuples(OPTIONS, st.lists(EDITS, max_size=2)), min_size=1, max_size=3))
def test_settings_that_change_between_passes_leave_both_sides_in_step(
    plan: tuple[list[Phase], Dialect],
    rounds: list[tuple[FileOptions, list[Edit]]],
) -> None:
    people = people_of(plan, FileOptions())
    for options, edits in rounds:
        people.world.options = options
        people.world.sync()
        require_step(people.world)
        for edit in edits:
            people.do(edit)
    people.world.sync()
    require_step(people.world)


@FEWER
@given(PLANS, ROUNDS, FINISHED, st.integers(0, 12), st.booleans())
def test_a_pass_that_is_killed_anywhere_is_finished_by_the_next(
    plan: tuple[list[Phase], Dialect],
    rounds: list[list[Edit]],
    options: FileOptions,
    at: int,
    done: bool,  # noqa: FBT001 - before or after the request
) -> None:
    people = people_of(plan, options)
    world = people.world
    for edits in [[], *rounds]:
        base, planned = boxes(world.text(people.path)), {}
        for edit in edits:
            people.do(edit)
        planned, shown = boxes(world.text(people.path)), shown_boxes(world)
        crash(world.tracker, at, done=done)
        try:
            world.sync()
        except Crash:
            note("killed")
        recover(world.tracker)
        world.sync()
        require_step(world)
        require_merged(base, planned, shown, boxes(world.text(people.path)))


@FEWER
@given(PLANS, ROUNDS, FINISHED, st.lists(REQUESTS, min_size=1, max_size=2))
def test_lost_answers_make_nothing_twice(
    plan: tuple[list[Phase], Dialect],
    rounds: list[list[Edit]],
    options: FileOptions,
    lost: list[str],
) -> None:
    people = people_of(plan, options)
    world = people.world
    for edits in [[], *rounds]:
        for edit in edits:
            people.do(edit)
        for name in lost:
            lose_answers(world.tracker, name)
        world.sync()
        recover(world.tracker)
        world.sync()
        world.sync()
        require_step(world)


TICKS = st.tuples(st.sampled_from(["tick plan", "tick issue"]), st.integers(0, 5), st.just(0))
MODES = st.sampled_from(["on", "off", "refused"])
FIXED: list[Phase] = [
    ("store", [(False, "keys", [(False, "lock")])], [(False, "page"), (True, "retry"), (False, "guard")])
]


@FEWER
@given(DIALECTS, st.lists(st.tuples(MODES, st.lists(TICKS, min_size=1, max_size=6)), min_size=1, max_size=4))
def test_ticks_that_cannot_reach_the_plan_wait_in_their_issues_and_none_is_lost(
    dialect: Dialect, rounds: list[tuple[str, list[Edit]]]
) -> None:
    people = people_of((FIXED, dialect), FileOptions(issues=IssueOptions(finished="import")))
    world = people.world
    world.sync()
    for mode, edits in rounds:
        base = boxes(world.text(people.path))
        for edit in edits:
            people.do(edit)
        planned, shown = boxes(world.text(people.path)), shown_boxes(world)
        world.write_back, world.refuse_pushes = mode != "off", mode == "refused"
        world.sync()
        world.quiet()
        require_merged(base, planned, shown, shown_boxes(world))
        after = boxes(world.text(people.path))
        waiting = {tick.text.split()[-1] for tick in world.reconcile().waiting}
        assert waiting == {name for name, ticked in shown_boxes(world).items() if after[name] != ticked}
        if mode != "on":
            assert after == planned
