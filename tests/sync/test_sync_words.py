"""Keys of texts, and their similarity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.sync.words import key, similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Add *exports*", "add exports"),
        ("_Add_ `exports`", "Add exports"),
        ("ask @alice about #12", "ask @<!-- -->alice about #<!-- -->12"),
        ("see [the guide](docs/a.md)", "see [the guide](https://github.test/o/r/blob/main/docs/a.md)"),
        ("see [the guide][1]", "see the guide"),
        ("![the picture](a.png)", "the picture"),
        ("https://github.test/o/r/issues/1", "https:<!-- -->//github.test/o/r/issues/1"),
        ("\uff26\uff55\uff4c\uff4c width", "full width"),
        ("zero\u200bwidth", "zerowidth"),
        ("snake_case", "snake case"),
    ],
)
def test_markup_and_rendering_leave_the_key_as_it_is(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("step 1", "step 2"), ("lint", "test"), ("检查", "修复")])
def test_other_words_have_other_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.text(), st.text())
def test_similarity_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == similarity(other, one)
    assert similarity(one, one) == 1


def test_similarity_counts_shared_words() -> None:
    assert similarity("store the keys", "store all keys") == pytest.approx(2 / 3)
    assert similarity("store keys", "page lists") == 0
    assert similarity("", "store keys") == 0
