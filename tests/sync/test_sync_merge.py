"""Merging ticks and state three ways: base, plan, issue."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.items import base, body, issue, item, listed, matched, own_box

from planbot.plan.model import Box
from planbot.sync.agreed import AgreedCheck, Waiting
from planbot.sync.merge import Merged, MergedBox, merge, merge_item, remerge
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from planbot.tracker.records import State, StateReason

BOTH = (False, True)
SIDES = st.tuples(st.booleans(), st.booleans(), st.booleans())  # plan, issue, base


def values(merged: Merged) -> dict[str, bool]:
    return {box.text: box.value for box in merged.boxes}


def three_ways(sides: dict[str, tuple[bool, bool, bool]]) -> Merged:
    """Merge checks given as plan, issue and base."""
    return merge_item(
        matched(
            item(*((text, plan) for text, (plan, _, _) in sides.items())),
            base(*((text, agreed) for text, (_, _, agreed) in sides.items())),
            issue(body(*((text, shown) for text, (_, shown, _) in sides.items()))),
        )
    )


def managed(text: str) -> Managed:
    found = split(text)
    assert isinstance(found, Managed)
    return found


@pytest.mark.parametrize(("plan", "there", "agreed"), list(product(BOTH, BOTH, BOTH)))
def test_the_side_that_differs_from_the_base_wins(plan: bool, there: bool, agreed: bool) -> None:  # noqa: FBT001 - columns of the table
    assert merge(plan, there, agreed) is (plan if plan == there else not agreed)


@pytest.mark.parametrize(("plan", "there"), list(product(BOTH, BOTH)))
def test_without_a_base_a_box_is_ticked_if_either_side_is(plan: bool, there: bool) -> None:  # noqa: FBT001
    assert merge(plan, there, None) is (plan or there)


@pytest.mark.parametrize(("plan", "agreed"), list(product(BOTH, (None, *BOTH))))
def test_where_the_issue_has_no_box_the_plan_decides(plan: bool, agreed: bool | None) -> None:  # noqa: FBT001
    assert merge(plan, None, agreed) is plan


@given(st.dictionaries(st.sampled_from(["store", "keys", "page", "lock", "retry"]), SIDES, min_size=1))
def test_every_check_is_merged_by_itself(sides: dict[str, tuple[bool, bool, bool]]) -> None:
    merged = three_ways(sides)
    assert values(merged) == {text: merge(*three) for text, three in sides.items()}
    assert [(box.plan, box.issue, box.base) for box in merged.boxes] == list(sides.values())


@given(st.lists(SIDES, min_size=2, max_size=5))
def test_checks_with_the_same_text_are_merged_in_their_order(sides: list[tuple[bool, bool, bool]]) -> None:
    merged = merge_item(
        matched(
            item(*(("add exports", plan) for plan, _, _ in sides)),
            base(*(("add exports", agreed) for _, _, agreed in sides)),
            issue(body(*(("add exports", shown) for _, shown, _ in sides))),
        )
    )
    assert [box.value for box in merged.boxes] == [merge(*three) for three in sides]


def test_a_new_item_has_the_values_of_the_plan() -> None:
    merged = merge_item(matched(item(("one", True), ("two", False))))
    assert values(merged) == {"one": True, "two": False}
    assert [box.issue for box in merged.boxes] == [None, None]


def test_a_new_check_has_the_value_of_the_plan() -> None:
    merged = merge_item(
        matched(item(("one", False), ("new", True)), base(("one", False)), issue(body(("one", True))))
    )
    assert values(merged) == {"one": True, "new": True}
    assert merged.boxes[1].issue is None


def test_a_check_reworded_in_the_plan_keeps_the_tick_of_the_issue() -> None:
    merged = merge_item(
        matched(
            item(("all tests pass", False)), base(("tests pass", False)), issue(body(("tests pass", True)))
        )
    )
    assert values(merged) == {"all tests pass": True}


def test_a_check_reworded_in_the_issue_keeps_its_tick() -> None:
    text = body(("tests pass", False), ("last", False)).replace("[ ] tests pass", "[x] my tests pass")
    sides = (("tests pass", False), ("last", False))
    merged = merge_item(matched(item(*sides), base(*sides), issue(text)))
    assert values(merged) == {"tests pass": True, "last": False}


def test_a_box_that_somebody_took_out_of_the_issue_says_nothing() -> None:
    sides = (("one", True), ("two", True))
    text = body(*sides, ticks="11").replace("- [x] one\n", "")
    merged = merge_item(matched(item(*sides), base(*sides), issue(text)))
    assert values(merged) == {"one": True, "two": True}


def test_checks_moved_about_in_the_issue_keep_their_ticks() -> None:
    sides = (("one", False), ("two", False), ("three", False))
    text = body(*sides).replace(listed(sides), listed([("three", True), ("one", False), ("two", False)]))
    assert values(merge_item(matched(item(*sides), base(*sides), issue(text)))) == {
        "one": False,
        "two": False,
        "three": True,
    }


def test_a_block_that_somebody_cut_out_says_nothing() -> None:
    merged = merge_item(matched(item(("one", True)), base(("one", False)), issue("all mine")))
    assert values(merged) == {"one": True}
    merged = merge_item(matched(item(("one", True)), base(("one", True)), issue("all mine")))
    assert values(merged) == {"one": True}


@pytest.mark.parametrize(("plan", "shown", "ticks"), list(product(BOTH, BOTH, "01")))
def test_a_stamp_that_the_journal_does_not_know_makes_the_marker_the_base(
    plan: bool,  # noqa: FBT001
    shown: bool,  # noqa: FBT001
    ticks: str,
) -> None:
    """The write was made from the plan's ticks in the marker, whatever the journal says."""
    for agreed in (base(("one", ticks == "0"), stamp="older"), None):
        text = body(("one", shown), ticks=ticks, stamp="newer")
        merged = merge_item(matched(item(("one", plan)), agreed, issue(text)))
        assert values(merged) == {"one": merge(plan, shown, ticks == "1")}


def test_a_marker_whose_ticks_do_not_fit_its_text_is_read_by_the_journals_checks() -> None:
    """Somebody took a box out of the text of a write that the journal does not know."""
    text = body(("one", True), ("two", False), ticks="10", stamp="newer").replace("- [ ] two\n", "")
    agreed = base(("one", False), ("two", False), stamp="older")
    merged = merge_item(matched(item(("one", True), ("two", False)), agreed, issue(text)))
    assert [box.base for box in merged.boxes] == [True, False]


@pytest.mark.parametrize(("plan", "shown"), list(product(BOTH, BOTH)))
def test_without_any_journal_nothing_is_agreed(plan: bool, shown: bool) -> None:  # noqa: FBT001
    text = body(("one", shown), ticks="1")
    merged = merge_item(matched(item(("one", plan)), None, issue(text), trusted=False))
    assert values(merged) == {"one": plan or shown}


@pytest.mark.parametrize(("plan", "shown"), list(product(BOTH, BOTH)))
def test_the_base_of_an_item_that_left_the_plan_and_is_back_is_void(plan: bool, shown: bool) -> None:  # noqa: FBT001
    agreed = replace(base(("one", True)), retired=True)
    merged = merge_item(matched(item(("one", plan)), agreed, issue(body(("one", shown), retired=True))))
    assert values(merged) == {"one": plan or shown}


@given(st.lists(SIDES, min_size=1, max_size=4), st.data())
def test_a_tick_made_while_a_write_is_on_its_way_is_kept(
    sides: list[tuple[bool, bool, bool]], data: st.DataObject
) -> None:
    named = {f"check {at}": three for at, three in enumerate(sides)}
    first = three_ways(named)
    now = {text: data.draw(st.booleans()) for text in named}
    again = remerge(first, managed(body(*now.items())))
    for box, (text, (plan, shown, agreed)) in zip(again.boxes, named.items(), strict=True):
        assert box.base == agreed, "the base is that of the first reading"
        assert box.issue == shown
        assert box.value == merge(plan, now[text], agreed)


def test_ticks_made_in_a_twin_of_the_issue_are_folded_in() -> None:
    sides = (("one", False), ("two", True), ("three", False))
    twin = managed(body(("one", True), ("two", True), ("three", False), ticks="010"))
    one = matched(item(*sides), base(*sides), issue(body(*sides, ticks="010")))
    assert values(merge_item(replace(one, twins=(twin,)))) == {"one": True, "two": True, "three": False}


@pytest.mark.parametrize(
    ("plan", "state", "reason", "agreed", "value"),
    [
        (False, "open", None, False, False),
        (True, "open", None, False, True),
        (True, "open", "reopened", True, False),
        (True, "closed", "completed", False, True),
        (False, "closed", "completed", False, True),
        (False, "closed", "completed", True, False),
        (False, "closed", None, False, True),
        (True, "closed", "not_planned", True, False),
        (False, "closed", "not_planned", False, False),
        (True, "closed", "not_planned", False, True),
        (True, "closed", "duplicate", True, False),
        (False, "closed", "duplicate", False, False),
        (True, "open", None, None, True),
        (False, "closed", "completed", None, True),
    ],
)
def test_a_tasks_own_box_is_merged_with_open_and_closed(
    plan: bool,  # noqa: FBT001
    state: State,
    reason: StateReason | None,
    agreed: bool | None,  # noqa: FBT001
    value: bool,  # noqa: FBT001
) -> None:
    one = matched(own_box(ticked=plan), base(box=agreed), issue(state=state, reason=reason))
    own = merge_item(one).own
    assert own is not None
    assert own.value is value


def test_the_own_box_of_a_task_whose_issue_is_found_without_a_base_was_open() -> None:
    """A fresh issue is open, whatever the plan says: closing it is a second step."""
    own = merge_item(matched(own_box(ticked=True), None, issue(body()))).own
    assert own is not None
    assert (own.base, own.value) == (False, True)


@pytest.mark.parametrize("trusted", BOTH)
def test_a_void_base_makes_an_own_box_ticked_if_either_side_is(trusted: bool) -> None:  # noqa: FBT001
    agreed = replace(base(box=True), retired=trusted)
    own = merge_item(matched(own_box(ticked=True), agreed, issue(), trusted=trusted)).own
    assert own is not None
    assert (own.base, own.value) == (None, True)


def test_why_a_tick_waits_is_remembered_while_it_waits() -> None:
    waiting = replace(base(), checks=(AgreedCheck(None, "one", ticked=False, waiting="refused"),))
    merged = merge_item(matched(item(("one", False)), waiting, issue(body(("one", True)))))
    assert merged.boxes[0].waiting == "refused"
    merged = merge_item(matched(item(("one", True)), waiting, issue(body(("one", True)))))
    assert merged.boxes[0].waiting == ""


@pytest.mark.parametrize("waiting", ["", "off"])
@pytest.mark.parametrize(("shown", "landed"), list(product(BOTH, BOTH)))
@given(st.booleans(), st.none() | st.booleans(), st.none() | st.booleans())
def test_what_is_agreed_is_the_value_or_what_the_side_that_lacks_it_has(
    shown: bool,  # noqa: FBT001
    landed: bool,  # noqa: FBT001
    waiting: Waiting,
    plan: bool,  # noqa: FBT001
    there: bool | None,  # noqa: FBT001
    agreed: bool | None,  # noqa: FBT001
) -> None:
    value = merge(plan, there, agreed)
    box = MergedBox(None, "one", Box(plan, 0), 1, plan, there, agreed, value)
    after = box.agreed(shown=shown, landed=landed, waiting=waiting)
    plan_has, issue_has = landed or plan == value, shown or there == value
    if plan_has and issue_has:
        assert (after.ticked, after.waiting) == (value, "")
    elif issue_has:
        assert (after.ticked, after.waiting) == (plan, waiting)
    else:
        assert (after.ticked, after.waiting) == (bool(there), "")
    if plan_has or issue_has:
        # whatever came of it, the next pass wants the same value
        assert merge(value if landed else plan, value if shown else there, after.ticked) == value
