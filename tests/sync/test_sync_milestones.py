"""Milestones: one a phase, with a title of their own, and what people decide about them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.sync.agreed import Agreed, AgreedMilestone, AgreedPlan
from planbot.sync.desired import DesiredMilestone
from planbot.sync.milestones import Milestones, Stone, milestones
from planbot.sync.wording import MILESTONE_LIMIT
from planbot.tracker.marker import Marker, wrap_milestone
from planbot.tracker.records import MilestoneRecord, State

TITLE = "Billing: Phase 1 – Foundation"
STONE = Stone("PLAN.md", "u1", "phase:1", 5, DesiredMilestone("phase:1", TITLE, "One invoice."), True, False)  # noqa: FBT003 - wanted, not complete
DONE = replace(STONE, complete=True)
BASE = AgreedMilestone("u1", 7, TITLE, "One invoice.")


def record(
    uid: str = "u1", number: int = 7, *, title: str = TITLE, text: str = "One invoice.", state: State = "open"
) -> MilestoneRecord:
    marker = Marker("PLAN.md", "phase:1", uid, "d", "", "s")
    return MilestoneRecord(number, title, wrap_milestone(marker, text), state)


def known(*bases: AgreedMilestone) -> Agreed:
    return Agreed((AgreedPlan("PLAN.md", (), bases),))


def titled(stone: Stone, title: str) -> Stone:
    return replace(stone, desired=replace(stone.desired, title=title))


def titles(result: Milestones) -> list[str]:
    return [change.title for change in result.changes]


def test_a_phase_makes_a_milestone() -> None:
    result = milestones([STONE], known(), [])
    (change,) = result.changes
    assert (change.action, change.new_title, change.description) == ("create", TITLE, "One invoice.")
    assert change.state is None
    assert change.base == replace(BASE, number=0)
    assert result.numbers == {}


def test_a_milestone_that_is_not_wanted_yet_is_not_made_but_one_that_is_there_is_kept() -> None:
    finished = replace(STONE, wanted=False, complete=True)
    assert milestones([finished], known(), []) == Milestones({}, (), ())
    assert milestones([finished], known(BASE), [record()]).numbers == {"u1": 7}


def test_a_milestone_whose_phase_is_done_already_is_made_and_closed() -> None:
    (change,) = milestones([DONE], known(), []).changes
    assert (change.action, change.state) == ("create", "closed")
    assert (change.base.complete, change.base.closed) == (True, True)


def test_one_in_step_wants_nothing() -> None:
    result = milestones([STONE], known(BASE), [record()])
    assert result == Milestones({"u1": 7}, (("PLAN.md", BASE),), ())


def test_a_renamed_phase_renames_its_milestone() -> None:
    renamed = titled(STONE, "Billing: Phase 1 – Base")
    result = milestones([renamed], known(BASE), [record()])
    (change,) = result.changes
    assert (change.action, change.fields, change.new_title) == (
        "update",
        ("title",),
        "Billing: Phase 1 – Base",
    )
    assert result.bases == (("PLAN.md", BASE),), "nothing is agreed before it is written"


def test_a_persons_title_is_kept_even_when_the_phase_is_renamed() -> None:
    theirs = record(title="Q3")
    result = milestones([STONE], known(BASE), [theirs])
    assert result.changes == ()
    renamed = titled(STONE, "Billing: Phase 1 – Base")
    result = milestones([renamed], known(BASE), [theirs])
    assert result.changes == ()
    assert result.bases[0][1].title == "Billing: Phase 1 – Base"


def test_a_new_goal_is_written_unless_a_person_wrote_another() -> None:
    stone = replace(STONE, desired=replace(STONE.desired, description="Two invoices."))
    (change,) = milestones([stone], known(BASE), [record()]).changes
    assert (change.fields, change.description) == (("description",), "Two invoices.")
    assert milestones([stone], known(BASE), [record(text="Mine.")]).changes == ()


def test_a_milestone_is_found_by_its_marker_where_the_journal_does_not_know_it() -> None:
    result = milestones([STONE], known(), [record(number=9)])
    assert result.numbers == {"u1": 9}
    assert result.bases == (("PLAN.md", replace(BASE, number=9)),)
    assert result.changes == ()


def test_of_two_milestones_with_one_marker_the_older_counts() -> None:
    result = milestones([STONE], known(), [record(number=9, title="copy"), record(number=4)])
    assert result.numbers == {"u1": 4}


def test_one_that_a_person_deleted_is_not_made_again() -> None:
    assert milestones([STONE], known(BASE), []) == Milestones({}, (), (), frozenset({"u1"}))


@pytest.mark.parametrize(
    ("complete", "base_complete", "closed", "state", "action"),
    [
        (True, False, False, "open", "close"),
        (True, False, False, "closed", None),
        (True, True, True, "open", None),
        (True, True, True, "closed", None),
        (False, True, True, "closed", "reopen"),
        (False, True, True, "open", None),
        (False, True, False, "closed", None),
        (False, False, False, "closed", None),
        (False, False, True, "closed", "reopen"),
    ],
    ids=[
        "all below it is done: close",
        "a person closed it first: leave it",
        "a person reopened it: leave it",
        "closed as wanted",
        "something opened again, and planbot closed it: reopen",
        "a person reopened it first",
        "a person closed it: leave it",
        "a person closed it though work is open: leave it",
        "a close was announced and done: reopen",
    ],
)
def test_state_follows_the_phase_and_no_decision_of_a_person_is_undone(
    complete: bool,  # noqa: FBT001 - a column of the table
    base_complete: bool,  # noqa: FBT001
    closed: bool,  # noqa: FBT001
    state: State,
    action: str | None,
) -> None:
    base = replace(BASE, complete=base_complete, closed=closed)
    result = milestones([replace(STONE, complete=complete)], known(base), [record(state=state)])
    assert [change.action for change in result.changes] == ([action] if action else [])


def test_a_making_that_was_interrupted_before_the_close_is_finished() -> None:
    (change,) = milestones([DONE], known(), [record()]).changes
    assert change.action == "close"


def test_without_a_journal_nobody_knows_who_reopened_a_milestone() -> None:
    assert milestones([DONE], Agreed(known=False), [record()]).changes == ()


def test_a_milestone_whose_marker_a_person_took_away_is_not_edited() -> None:
    theirs = MilestoneRecord(7, TITLE, "All mine.", "open")
    stone = titled(DONE, "Billing: Phase 1 – Base")
    assert milestones([stone], known(BASE), [theirs]).changes == ()


def test_a_persons_milestone_of_the_same_title_stays_and_ours_takes_the_path() -> None:
    theirs = MilestoneRecord(3, TITLE, "Mine.", "open")
    (change,) = milestones([STONE], known(), [theirs]).changes
    assert change.new_title == f"{TITLE} (PLAN.md)"


def test_an_added_path_stays_when_the_other_milestone_is_gone() -> None:
    long = f"{TITLE} (PLAN.md)"
    base = replace(BASE, title=long)
    result = milestones([STONE], known(base), [record(title=long)])
    assert result.changes == ()
    assert result.bases[0][1].title == long


def test_titles_of_one_pass_do_not_collide() -> None:
    other = replace(STONE, path="docs/b.md", uid="u2")
    twin = replace(STONE, uid="u3")
    third = replace(STONE, uid="u4")
    assert titles(milestones([STONE, other, twin, third], known(), [])) == [
        TITLE,
        f"{TITLE} (docs/b.md)",
        f"{TITLE} (PLAN.md)",
        f"{TITLE} (PLAN.md) 2",
    ]


WANTED = st.tuples(st.sampled_from(["A", "B", "x" * MILESTONE_LIMIT]), st.sampled_from(["a.md", "d/" * 200]))


@given(st.lists(WANTED, max_size=6))
def test_titles_are_unique_fit_and_stay(wanted: list[tuple[str, str]]) -> None:
    stones = [
        replace(titled(STONE, title), path=path, uid=f"u{at}") for at, (title, path) in enumerate(wanted)
    ]
    made = milestones(stones, known(), []).changes
    assert len({change.title for change in made}) == len(stones)
    assert all(len(change.title) <= MILESTONE_LIMIT for change in made)
    there = [
        record(change.base.uid, at, title=change.title, text=change.base.description)
        for at, change in enumerate(made, 1)
    ]
    bases = [replace(change.base, number=at) for at, change in enumerate(made, 1)]
    again = milestones(stones, known(*bases), there)
    assert again.changes == ()
    assert [base for _, base in again.bases] == bases


def test_the_number_of_a_milestone_that_is_wanted_no_more_is_still_told() -> None:
    gone = AgreedMilestone("u0", 3, "Gone", "")
    assert milestones([STONE], known(gone, BASE), [record(), record("u0", 3)]).numbers == {"u0": 3, "u1": 7}
