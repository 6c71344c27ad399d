"""Records to JSON and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.typed_json import dump, load

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Whole:
    parts: tuple[Part, ...]
    at: datetime | None = None
    kind: Literal["one", "two"] = "one"
    first: Part | None = None


PARTS = st.builds(
    Part,
    st.text(st.characters(codec=None)),  # lone surrogates and NUL as well
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9),
)
WHOLES = st.builds(
    Whole,
    st.lists(PARTS, max_size=3).map(tuple),
    st.none() | st.datetimes(timezones=ZONES),
    st.sampled_from(["one", "two"]),
    st.none() | PARTS,
)


@given(WHOLES)
def test_what_was_written_is_read(whole: Whole) -> None:
    text = dump(whole)
    assert text.isascii()
    assert load(Whole, text) == whole


def test_fields_of_a_newer_version_are_read_past_and_missing_ones_have_their_default() -> None:
    text = '{"parts": [{"text": "a", "colour": "red"}], "size": 3}'
    assert load(Whole, text) == Whole((Part("a"),))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expecting value"),
        ("[]", r"Whole cannot be \[\]"),
        ("{}", "Whole is not whole: .*parts"),
        ('{"parts": [{"text": 3}]}', r"Whole\.parts\[0\]\.text cannot be 3"),
        ('{"parts": [], "kind": "three"}', r"Whole\.kind cannot be 'three'"),
        ('{"parts": [], "at": "soon"}', "Invalid isoformat string: 'soon'"),
        ('{"parts": [], "first": []}', r"Whole\.first cannot be \[\]"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_such_record_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        load(Whole, text)
