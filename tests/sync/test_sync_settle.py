"""The base after a pass, or after a part of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.items import base, body, issue, item, matched, own_box

from planbot.sync.agreed import Agreed, AgreedCheck, AgreedItem, AgreedPlan
from planbot.sync.changes import ChangeSet, IssueChange
from planbot.sync.merge import Merged, merge, merge_item
from planbot.sync.settle import Ticks, Written, begin, settle, understood

SIDES = st.tuples(st.booleans(), st.booleans(), st.none() | st.booleans())  # plan, issue, base
LANDED = Ticks(landed=True)


def merged_of(sides: list[tuple[bool, bool, bool | None]]) -> Merged:
    """Merge checks given as plan, issue and base; those without a base are new to the journal."""
    known = [(f"check {at}", agreed) for at, (_, _, agreed) in enumerate(sides) if agreed is not None]
    return merge_item(
        matched(
            item(*((f"check {at}", plan) for at, (plan, _, _) in enumerate(sides))),
            base(*known),
            issue(body(*((f"check {at}", there) for at, (_, there, _) in enumerate(sides)))),
        )
    )


def change(merged: Merged, **fields: object) -> IssueChange:
    given: dict[str, object] = {"action": "update", "issue": 7, "body": True} | fields
    return IssueChange(
        kind="phase",
        path="PLAN.md",
        locator="phase:1",
        title="Phase 1: One",
        merged=merged,
        **given,  # type: ignore[arg-type]
    )


def agreed_ticks(after: AgreedItem | None) -> list[bool]:
    assert after is not None
    return [check.ticked for check in after.checks]


@given(st.lists(SIDES, min_size=1, max_size=4))
def test_when_all_is_written_and_has_landed_the_values_are_the_base(
    sides: list[tuple[bool, bool, bool | None]],
) -> None:
    merged = merged_of(sides)
    after = settle(merged, change(merged), Written(issue(), "s2"), LANDED)
    assert agreed_ticks(after) == [merge(*three) for three in sides]
    assert after is not None
    assert after.stamp == "s2"
    values = [(f"check {at}", value) for at, value in enumerate(merged.ticks)]
    there = issue(body(*values, ticks="".join("01"[plan] for plan, _, _ in sides), stamp="s2"))
    again = merge_item(matched(item(*values), after, there))
    assert again.ticks == merged.ticks
    assert settle(again, None, None, Ticks()) == after, "a second pass has nothing to note"


@given(st.lists(SIDES, min_size=1, max_size=4))
def test_before_anything_is_written_nothing_is_agreed_that_only_one_side_has(
    sides: list[tuple[bool, bool, bool | None]],
) -> None:
    merged = merged_of(sides)
    after = settle(merged, change(merged), None, Ticks())
    assert after is not None
    noted = {check.text: check.ticked for check in after.checks}
    for box in merged.boxes:
        if box.base is not None or merged.bases == ():
            assert noted[box.text] is (box.value if box.plan == box.issue else not box.value)
    again = merge_item(replace(merged.matched, base=after))
    assert again.ticks == merged.ticks, "a pass that is killed here is done again as it was"


@given(st.lists(SIDES, min_size=1, max_size=4))
def test_ticks_that_cannot_land_wait_and_are_not_lost(sides: list[tuple[bool, bool, bool | None]]) -> None:
    merged = merged_of(sides)
    after = settle(merged, None, None, Ticks(waiting="refused"))
    assert after is not None
    for box in merged.boxes:
        (check,) = (one for one in after.checks if one.text == box.text)
        assert (check.waiting == "refused") is (box.value != box.plan)
    again = merge_item(replace(merged.matched, base=after))
    assert [box.value for box in again.boxes if box.value != box.plan] == [
        box.value for box in merged.boxes if box.value != box.plan
    ]


def test_a_text_that_is_not_written_keeps_the_checks_of_the_one_that_stands() -> None:
    merged = merge_item(
        matched(
            item(("all tests pass", False)), base(("tests pass", False)), issue(body(("tests pass", True)))
        )
    )
    after = settle(merged, change(merged), None, LANDED)
    assert after is not None
    assert after.checks == (AgreedCheck(None, "tests pass", ticked=True),)
    after = settle(merged, change(merged), Written(issue(), "s2"), LANDED)
    assert after is not None
    assert after.checks == (AgreedCheck(None, "all tests pass", ticked=True),)


def test_fields_move_to_the_base_when_they_are_written_and_not_before() -> None:
    wanted = replace(item(), title="Phase 1: New", labels=("bug",))
    merged = replace(merge_item(matched(wanted, base(), issue(body()))), phase="u9", complete=True)
    before = settle(merged, change(merged, new_title="Phase 1: New"), None, Ticks())
    assert before is not None
    assert (before.title, before.labels, before.milestone, before.complete) == (
        "Phase 1: One",
        (),
        None,
        False,
    )
    after = settle(merged, change(merged, new_title="Phase 1: New"), Written(issue(), "s2"), Ticks())
    assert after is not None
    assert (after.title, after.labels, after.milestone, after.complete) == (
        "Phase 1: New",
        ("bug",),
        "u9",
        True,
    )


def test_fields_of_an_item_that_was_never_agreed_on_are_a_persons_at_once() -> None:
    """Else an issue found again after the journal was lost would be retitled by the pass after the next."""
    wanted = replace(item(("one", True)), labels=("bug",))
    merged = replace(merge_item(matched(wanted, None, issue(body(("one", False))))), complete=True)
    after = settle(merged, change(merged), None, Ticks())
    assert after is not None
    assert (after.title, after.labels, after.complete) == ("Phase 1: One", ("bug",), True)


@pytest.mark.parametrize(
    ("state", "complete", "was", "closed"),
    [
        ("closed", True, False, True),
        ("open", False, True, False),
        (None, True, True, True),
        (None, True, False, False),
        (None, False, True, False),
    ],
)
def test_whether_planbot_closed_an_issue_is_remembered(
    state: str | None,
    complete: bool,  # noqa: FBT001
    was: bool,  # noqa: FBT001
    closed: bool,  # noqa: FBT001
) -> None:
    merged = merge_item(matched(item(), replace(base(), closed=was), issue(body())))
    merged = replace(merged, complete=complete)
    after = settle(merged, change(merged, state=state), Written(issue(), "s2"), Ticks())
    assert after is not None
    assert (after.complete, after.closed) == (complete, closed)


def test_a_fresh_issue_is_open_whatever_the_plan_says_of_its_task() -> None:
    merged = merge_item(matched(own_box(ticked=True)))
    made = settle(merged, change(merged, action="create", state=None), Written(issue(), "s1"), Ticks())
    assert made is not None
    assert made.box is not None
    assert not made.box.ticked
    closed = settle(merged, change(merged, action="create", state="closed"), Written(issue(), "s1"), Ticks())
    assert closed is not None
    assert closed.box is not None
    assert closed.box.ticked


def test_the_time_moves_only_with_the_base() -> None:
    later = replace(issue(body(("one", True))), updated_at="2026-02-02T00:00:00Z")
    agreed = base(("one", True))
    assert settle(merge_item(matched(item(("one", True)), agreed, later)), None, None, Ticks()) == agreed
    both = merge_item(matched(item(("one", True)), base(("one", False)), later))
    assert settle(both, None, None, Ticks()) == replace(agreed, updated_at=later.updated_at)


def test_an_issue_that_is_left_alone_keeps_its_base() -> None:
    one = replace(matched(item(("one", True)), base(("one", False)), issue()), hands_off="damaged")
    assert settle(merge_item(one), None, None, LANDED) == base(("one", False))


def test_an_item_without_an_issue_has_no_base() -> None:
    assert settle(merge_item(matched(item())), None, None, Ticks()) is None


def test_what_is_about_to_be_made_is_announced_with_its_stamp_and_its_ticks() -> None:
    merged = merge_item(matched(item(("one", True))))
    wanted = ChangeSet(Agreed(), changes=(change(merged, action="create", issue=None),), items=(merged,))
    ledger = understood(wanted, Ticks())
    assert ledger.item("u1") is None
    assert begin(ledger, wanted, lambda: "fresh", 99) == {"u1": "fresh"}
    begun = ledger.item("u1")
    assert begun is not None
    assert (begun.issue, begun.stamp, begun.begun) == (None, "fresh", 99)
    assert begun.checks == (AgreedCheck(None, "one", ticked=True),)


def test_what_the_tracker_has_yet_to_be_told_is_not_understood() -> None:
    merged = merge_item(matched(item(("one", True)), base(("one", False)), issue(body(("one", False)))))
    known = Agreed((AgreedPlan("PLAN.md", (base(("one", False)),)),))
    ledger = understood(ChangeSet(known, changes=(change(merged),), items=(merged,)), Ticks())
    assert agreed_ticks(ledger.item("u1")) == [False]
    ledger = understood(ChangeSet(known, items=(merged,)), Ticks())
    assert agreed_ticks(ledger.item("u1")) == [False], "the issue does not show it"
