"""How much work it is to find the item that each item was: it grows as the plan does, whatever the plan."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.items import item

from planbot.sync.agreed import AgreedCheck, AgreedItem
from planbot.sync.known import Known
from planbot.sync.matching import Matching

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.sync.desired import Desired

    Text = Callable[[int], str]

SIZES = (500, 1000, 2000, 4000)
STEEPEST = 1.15  # the exponent of the growth: 1 is linear, 2 is each with each
TASK = item(("one", False))


def wanted(at: int, name: str, check: str) -> tuple[str, Desired]:
    (only,) = TASK.content.checks
    content = replace(TASK.content, checks=(replace(only, text=check),))
    task = replace(TASK, kind="task", locator=f"task:{at}", number=str(at), name=name, content=content)
    return "PLAN.md", task


def known(at: int, name: str, check: str) -> Known:
    checks = (AgreedCheck(None, check, ticked=False),)
    return Known(
        "PLAN.md", AgreedItem(f"u{at}", "task", f"task:{at}", str(at), name, issue=at + 1, checks=checks)
    )


def compared(count: int, old: tuple[Text, Text], new: tuple[Text, Text]) -> int:
    """Return how many pairs are compared to match so many tasks with as many of other numbers."""
    before = [known(at, old[0](at), old[1](at)) for at in range(count)]
    now = [wanted(count + at, new[0](at), new[1](at)) for at in range(count)]
    return Matching(now, before).run().compared


CASES: dict[str, tuple[tuple[Text, Text], tuple[Text, Text]]] = {
    "nothing is alike": (
        (lambda at: f"Store{at} keys{at}", lambda at: f"works{at}"),
        (lambda at: f"Page{at} lists{at}", lambda at: f"opens{at}"),
    ),
    "all titles share words": (
        (lambda at: f"Store the key number {at}", lambda at: f"works {at}"),
        (lambda at: f"Store the key again {at}", lambda at: f"works now {at}"),
    ),
    "some titles share a word": (
        (lambda at: f"Store key{at // 40} part{at}", lambda at: f"works {at}"),
        (lambda at: f"Store key{at // 40} piece{at}", lambda at: f"works {at}"),
    ),
    "all titles are equal": (
        (lambda _: "Add a test", lambda at: f"a {at}"),
        (lambda _: "Add a test", lambda at: f"b {at}"),
    ),
    "all checks are equal": (
        (lambda at: f"Store{at}", lambda _: "the tests pass on every machine"),
        (lambda at: f"Page{at}", lambda _: "the tests pass on every machine"),
    ),
    "all checks stay and no title does": (
        (lambda at: f"Store{at}", lambda at: f"a{at} b{at} c{at} d{at}"),
        (lambda at: f"Page{at}", lambda at: f"a{at} b{at} c{at} d{at}"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_work_grows_with_the_plan_and_not_with_its_square(case: str) -> None:
    counts = [compared(size, *CASES[case]) for size in SIZES]
    growth = [math.log2(max(after, 1) / max(before, 1)) for before, after in pairwise(counts)]
    assert max(growth) <= STEEPEST, (counts, growth)


def test_a_task_under_another_number_and_title_is_known_by_checks_that_no_other_had() -> None:
    check = "the stored answer survives a restart"
    before = [known(1, "Keep answers", check), known(2, "Page lists", "lists are short")]
    now = [wanted(7, "Persistence", check), wanted(2, "Page lists", "lists are short")]
    assert Matching(now, before).run().found == {0: 0, 1: 1}


@pytest.mark.parametrize("check", ["the tests pass", "the tests pass on every machine"])
def test_a_new_task_does_not_take_the_issue_of_another_for_checks_that_anybody_has(check: str) -> None:
    before = [known(1, "Keep answers", check), known(2, "Page lists", "the tests pass on every machine")]
    now = [wanted(7, "Persistence", check), wanted(2, "Page lists", "the tests pass on every machine")]
    assert Matching(now, before).run().found == {1: 1}
