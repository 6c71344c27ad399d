"""Each sample file is read as the text beside it tells, whatever its line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from plan.reading import SAMPLES, name_of, read_sample
from plan.telling import told

if TYPE_CHECKING:
    from pathlib import Path

MARK = b"\xef\xbb\xbf"


def every_sample() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sample", SAMPLES, ids=name_of)


@every_sample()
def test_a_sample_is_read_as_told(sample: Path) -> None:
    assert told(read_sample(sample)) == sample.with_suffix(".txt").read_text(encoding="utf-8")


@every_sample()
def test_a_sample_is_of_the_dialect_it_stands_under(sample: Path) -> None:
    assert read_sample(sample).dialect == sample.parent.name


@every_sample()
@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
def test_line_ends_make_no_difference(sample: Path, end: bytes) -> None:
    changed = sample.read_bytes().replace(b"\n", end)
    assert told(read_sample(sample, changed)) == told(read_sample(sample))


@every_sample()
def test_a_byte_order_mark_makes_no_difference_but_moves_the_boxes(sample: Path) -> None:
    plain, marked = read_sample(sample), read_sample(sample, MARK + sample.read_bytes())
    assert told(marked) == told(plain)
    assert [box.offset - len(MARK) for box in marked.boxes()] == [box.offset for box in plain.boxes()]


@every_sample()
def test_a_last_line_without_an_end_is_read_like_any_other(sample: Path) -> None:
    assert told(read_sample(sample, sample.read_bytes().rstrip(b"\n"))) == told(read_sample(sample))


@every_sample()
def test_every_box_points_between_its_brackets(sample: Path) -> None:
    plan = read_sample(sample)
    for box in plan.boxes():
        before, mark, after = map(chr, plan.source.data[box.offset - 1 : box.offset + 2])
        assert (before, after) == ("[", "]")
        assert box.ticked == (mark in "xX")
