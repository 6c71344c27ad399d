"""Limits that protect people."""

from __future__ import annotations

import pytest

from planbot.sync.agreed import Agreed
from planbot.sync.changes import Change, ChangeSet, Tally
from planbot.sync.limits import refusals
from planbot.sync.options import LimitOptions

USUAL = LimitOptions()


def refused(*tallies: Tally, allowed: tuple[str, ...] = (), limits: LimitOptions = USUAL) -> tuple[str, ...]:
    return tuple(map(str, refusals(ChangeSet(Agreed(), tallies=tallies), limits, allowed)))


def created(count: int, kind: str = "task") -> tuple[str, ...]:
    one = Change(action="create", kind=kind, path="PLAN.md", locator="", title="")  # type: ignore[arg-type]
    return tuple(map(str, refusals(ChangeSet(Agreed(), changes=(one,) * count), USUAL, ())))


@pytest.mark.parametrize(
    ("closes", "there", "over"),
    [(3, 3, False), (4, 4, True), (4, 13, True), (4, 14, False), (30, 100, False), (31, 100, True)],
)
def test_closes_are_refused_above_three_and_above_thirty_percent(closes: int, there: int, over: bool) -> None:  # noqa: FBT001 - a column of the table
    assert bool(refused(Tally("PLAN.md", open=there, closes=closes))) is over
    assert bool(refused(Tally("PLAN.md", ticked=there, unticks=closes))) is over


def test_a_refusal_says_where_and_how_much() -> None:
    assert refused(Tally("PLAN.md", open=5, closes=4, ticked=9, unticks=8)) == (
        "PLAN.md: 4 of 5 open issues would be closed, their items gone",
        "PLAN.md: 8 of 9 ticked boxes would be unticked",
    )


def test_what_is_allowed_is_not_refused() -> None:
    both = Tally("PLAN.md", open=5, closes=4, ticked=9, unticks=8)
    assert len(refused(both, allowed=("closes",))) == 1
    assert refused(both, allowed=("closes", "unticks")) == ()


def test_a_deleted_plan_file_is_refused_from_its_first_issue_on() -> None:
    assert refused(Tally("PLAN.md", open=1, closes=1, deleted=True)) == (
        "PLAN.md is gone: 1 issue would be closed",
    )
    assert refused(Tally("PLAN.md", open=1, closes=1, deleted=True), allowed=("closes",)) == ()
    assert refused(Tally("PLAN.md", deleted=True)) == ()


def test_many_small_closes_add_up_over_the_repository() -> None:
    files = [Tally(f"{name}.md", open=4, closes=2) for name in "abc"]
    assert refused(*files) == ("the repository: 6 of 12 open issues would be closed, their items gone",)
    large = Tally("large.md", open=100)
    assert refused(*files, large) == ()


def test_one_file_that_is_the_whole_repository_is_told_once() -> None:
    assert len(refused(Tally("PLAN.md", open=4, closes=4))) == 1


def test_creates_are_counted_without_labels_and_milestones() -> None:
    assert created(100) == ()
    assert created(101) == ("101 issues would be created, more than 100",)
    assert created(101, "milestone") == created(101, "label") == ()


def test_the_settings_move_the_limits() -> None:
    tally = Tally("PLAN.md", open=10, closes=5)
    assert refused(tally, limits=LimitOptions(closes=5)) == ()
    assert refused(tally, limits=LimitOptions(share=50)) == ()
    assert refused(Tally("PLAN.md", open=10, closes=1), limits=LimitOptions(closes=0, share=0)) != ()
