"""Finding each check of one list in another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planbot.sync.align import Line, align

WORDS = ["store", "keys", "page", "cursor", "retry", "lock", "index", "cache"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
LINES = st.lists(st.tuples(st.sampled_from([None, "Automated", "Manual"]), TEXTS), max_size=12)


def lines(*texts: str, group: str | None = None) -> list[Line]:
    return [(group, text) for text in texts]


@given(LINES, LINES)
def test_no_line_is_used_twice_and_none_is_made_up(old: list[Line], new: list[Line]) -> None:
    found = align(old, new)
    assert len(set(found.values())) == len(found)
    assert set(found) <= set(range(len(new)))
    assert set(found.values()) <= set(range(len(old)))


@given(LINES)
def test_equal_lists_are_matched_line_by_line(both: list[Line]) -> None:
    assert align(both, both) == {at: at for at in range(len(both))}


@given(LINES, LINES)
def test_no_equal_lines_are_left_over_on_both_sides(old: list[Line], new: list[Line]) -> None:
    found = align(old, new)
    left = {line for at, line in enumerate(old) if at not in found.values()}
    right = {line for at, line in enumerate(new) if at not in found}
    assert not left & right


@given(st.permutations([f"check {number}" for number in range(8)]))
def test_unique_lines_are_found_in_any_order(texts: list[str]) -> None:
    old = lines(*(f"check {number}" for number in range(8)))
    assert align(old, lines(*texts)) == {at: int(text.split()[1]) for at, text in enumerate(texts)}


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.integers(0, 8), st.integers(0, 8))
def test_unique_lines_stay_themselves_when_one_comes_and_one_goes(
    texts: list[str], gone: int, come: int
) -> None:
    new = texts[:gone] + texts[gone + 1 :]
    new = [*new[:come], "something quite new", *new[come:]]
    found = align(lines(*texts), lines(*new))
    assert all(texts[old] == new[at] for at, old in found.items() if new[at] in texts)
    assert sum(new[at] in texts for at in found) == len(set(texts) & set(new))


def test_of_equal_lines_the_one_with_the_same_neighbours_is_meant() -> None:
    old = lines("parse", "add exports", "print", "add exports", "store")
    new = lines("print", "add exports", "store")
    assert align(old, new) == {0: 2, 1: 3, 2: 4}


def test_equal_lines_in_two_groups_stay_in_their_groups() -> None:
    old = [("Automated", "it runs"), ("Manual", "it runs")]
    assert align(old, old[::-1]) == {0: 1, 1: 0}


def test_a_line_that_moves_to_another_group_is_found() -> None:
    assert align([("Automated", "it runs"), ("Manual", "it looks well")], [("Manual", "it runs")]) == {0: 0}


def test_decoration_and_rendering_do_not_matter() -> None:
    old = lines("ask @alice about [the guide](docs/guide.md)", "fix `#12`")
    new = lines("fix #12", "Ask @<!-- -->alice about [the **guide**](https://github.test/o/r/guide.md)")
    assert align(old, new) == {0: 1, 1: 0}


def test_texts_that_differ_in_signs_alone_are_not_mixed_up() -> None:
    assert align(lines("support C", "support C++"), lines("support C++", "support C")) == {0: 1, 1: 0}


def test_a_reworded_line_is_found_by_its_place() -> None:
    old = lines("first", "the tests pass", "last")
    assert align(old, lines("first", "everything is green", "last")) == {0: 0, 1: 1, 2: 2}


def test_another_line_in_the_place_of_one_is_not_that_one_where_it_is_strict() -> None:
    old = lines("first", "mypy passes", "legal signed the contract", "tests", "the tests pass", "last")
    new = lines(
        "first", "the database was backed up", "the CEO approves", "testing", "all tests are green", "last"
    )
    assert align(old, new) == {at: at for at in range(6)}
    assert align(old, new, strict=True) == {0: 0, 3: 3, 4: 4, 5: 5}


def test_a_reworded_line_beside_a_removed_one_is_found_by_its_words() -> None:
    old = lines("first", "drop the table", "the old tests pass", "last")
    assert align(old, lines("first", "the tests pass again", "last")) == {0: 0, 1: 2, 2: 3}


def test_two_reworded_lines_beside_a_new_one_keep_their_order() -> None:
    old = lines("store the keys", "page by cursor")
    new = lines("store all keys", "something else", "page lists by cursor")
    assert align(old, new) == {0: 0, 2: 1}


def test_a_new_line_beside_an_unlike_one_is_no_rewording() -> None:
    assert align(lines("first", "last"), lines("first", "something new", "last")) == {0: 0, 2: 1}


def test_lines_in_scripts_without_letters_are_told_apart() -> None:
    assert align(lines("→", "←", "検証する"), lines("検証する", "←", "→")) == {0: 2, 1: 1, 2: 0}


def test_long_lists_are_matched_in_linear_time() -> None:
    count = 20_000
    old = lines(*(f"check {number} of many" for number in range(count)))
    assert align(old, old[::-1]) == {at: count - 1 - at for at in range(count)}
    reworded = lines(*(f"other words {number}" for number in range(count)))
    assert len(align(old, reworded)) == count
    assert align(old, reworded[1:] + lines("check one")) == {at: at for at in range(count)}
    equal = lines(*("add exports" for _ in range(count)))
    assert len(align(equal, equal[:-1])) == count - 1
    mixed = [line for pair in zip(old, reworded, strict=True) for line in pair]
    found = align(mixed, old[::-1])
    assert len(found) == count
