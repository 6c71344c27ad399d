"""Names of items inside their plan file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.plan.model import Phase, Task
from planbot.sync.locators import Locators, without_ordinal

NUMBERS = st.none() | st.sampled_from(["1", "2", "1.1", "A2"])
TITLES = st.sampled_from(["Store", "Page it", "→", ""])


def phase(number: str | None, title: str = "Store keys", line: int = 1) -> Phase:
    return Phase(number, title, line, ())


def task(number: str | None, title: str = "Page lists") -> Task:
    return Task(number, title, 1, ())


@pytest.mark.parametrize(
    ("number", "title", "locator"),
    [
        ("1", "Store keys", "phase:1"),
        ("9a", "Store keys", "phase:9a"),
        (None, "**Store** Keys!", "phase:store-keys"),
        (None, "→", "phase:untitled"),
        (None, "word " * 20, "phase:word-word-word-word-word-word-word-word-"),
    ],
)
def test_a_phase_is_named_by_its_number_or_else_its_title(
    number: str | None, title: str, locator: str
) -> None:
    assert Locators().phase(phase(number, title)) == locator


@pytest.mark.parametrize(
    ("above", "number", "locator"),
    [
        (None, "3", "task:3"),
        (None, None, "task:page-lists"),
        ("1", "1.2", "task:1.2"),
        ("1", "12", "task:1/12"),
        ("1", "T001", "task:1/T001"),
        ("1", None, "task:1/page-lists"),
    ],
)
def test_a_task_is_named_after_its_phase_unless_its_number_is(
    above: str | None, number: str | None, locator: str
) -> None:
    assert Locators().task(task(number), phase(above) if above else None) == locator


def test_a_name_that_is_taken_gets_an_ordinal() -> None:
    names = Locators()
    assert [names.task(task("1.1"), None) for _ in range(3)] == ["task:1.1", "task:1.1~2", "task:1.1~3"]
    assert without_ordinal("task:1.1~3") == without_ordinal("task:1.1") == "task:1.1"


def test_the_locator_of_a_phase_is_remembered() -> None:
    names = Locators()
    first, second = phase("1", line=3), phase("1", line=9)
    assert [names.phase(first), names.phase(second)] == [names.known(first), names.known(second)]


@given(st.lists(st.tuples(NUMBERS, TITLES, st.none() | st.tuples(NUMBERS, TITLES)), max_size=12))
def test_no_two_items_have_one_locator(
    items: list[tuple[str | None, str, tuple[str | None, str] | None]],
) -> None:
    names = Locators()
    found = [
        names.task(task(number, title), phase(*above) if above else None) for number, title, above in items
    ]
    found += [names.phase(phase(number, title, line)) for line, (number, title, _) in enumerate(items)]
    assert len(set(found)) == len(found)
