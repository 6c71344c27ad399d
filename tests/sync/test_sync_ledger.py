"""A base while it is being written."""

from __future__ import annotations

from dataclasses import replace

from planbot.sync.agreed import Agreed, AgreedItem, AgreedMilestone, AgreedPlan, Lease
from planbot.sync.ledger import Ledger

ONE = AgreedItem("u1", "task", "task:1.1", "1.1", "One", issue=1)
TWO = AgreedItem("u2", "task", "task:1.2", "1.2", "Two", issue=2)
STONE = AgreedMilestone("u0", 7, "Phase 1", "")
BASE = Agreed((AgreedPlan("a.md", (ONE, TWO), (STONE,)),), repository=5)


def test_a_ledger_that_nothing_is_put_into_is_its_base() -> None:
    assert Ledger(BASE).agreed() == BASE


def test_an_item_takes_the_place_of_the_one_with_its_uid() -> None:
    ledger = Ledger(BASE)
    changed = replace(ONE, name="Other")
    ledger.put("a.md", changed)
    assert ledger.item("u1") == changed
    assert ledger.agreed().plans == (AgreedPlan("a.md", (changed, TWO), (STONE,)),)


def test_an_item_moves_to_another_plan_file_and_is_nowhere_twice() -> None:
    ledger = Ledger(BASE)
    ledger.put("b.md", ONE)
    assert ledger.agreed().plans == (AgreedPlan("a.md", (TWO,), (STONE,)), AgreedPlan("b.md", (ONE,)))


def test_a_milestone_moves_too_and_a_plan_file_without_anything_is_left_out() -> None:
    ledger = Ledger(BASE)
    for item in (ONE, TWO):
        ledger.put("0.md", item)
    ledger.put_milestone("0.md", replace(STONE, title="Other"))
    assert ledger.agreed().plans == (AgreedPlan("0.md", (ONE, TWO), (replace(STONE, title="Other"),)),)


def test_an_unknown_item_is_none() -> None:
    assert Ledger(BASE).item("u9") is None


def test_what_was_put_in_is_forgotten_and_what_the_base_has_comes_back() -> None:
    ledger = Ledger(BASE)
    ledger.put("a.md", replace(TWO, uid="u3"))
    ledger.put("b.md", replace(ONE, begun=9))
    ledger.forget("u3")
    ledger.forget("u1")
    ledger.forget("u9")
    assert ledger.item("u1") == ONE
    assert {item.uid for _, item in ledger.agreed().entries()} == {"u1", "u2"}


def test_a_link_is_noted() -> None:
    ledger = Ledger(BASE)
    ledger.link("u1", "u2")
    assert ledger.item("u1") == replace(ONE, parent="u2")


def test_the_frozen_base_is_known_and_has_the_lease_it_is_given() -> None:
    ledger = Ledger(Agreed(known=False))
    assert ledger.agreed() == Agreed()
    lease = Lease("me", 9)
    assert ledger.agreed(lease).lease == lease


def test_that_the_server_has_no_sub_issues_is_kept() -> None:
    ledger = Ledger(BASE)
    ledger.sub_issues = False
    assert not ledger.agreed().sub_issues
