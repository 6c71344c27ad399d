from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planbot.plan.model import Span
from planbot.plan.source import Source

MARK = b"\xef\xbb\xbf"
# pieces whose neighbours could be mistaken for line ends or characters
PIECES = st.sampled_from(
    [
        b"a",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\x0b",
        b"\x0c",
        b"\x85",
        b"\xe2\x80\xa8",
        b"\xe7\x95\x8c",
        b"\xff",
        b"\xe2",
    ]
)
FILES = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=30).map(b"".join)).flatmap(
    lambda data: st.sampled_from([data, MARK + data])
)


def test_only_three_line_ends_end_a_line() -> None:
    source = Source.of("a\r\nb\rc\nd\x0be\x0cf\x85g\u2028h".encode())
    assert source.lines == ("a", "b", "c", "d\x0be\x0cf\x85g\u2028h")
    assert source.starts == (0, 3, 5, 7, 19)


def test_a_byte_order_mark_is_no_text_but_counts_as_bytes() -> None:
    source = Source.of(MARK + b"a\nb")
    assert source.text == "a\nb"
    assert source.starts == (3, 5, 6)
    assert source.position(0) == (1, 1)
    assert source.position(5) == (2, 1)


def test_an_empty_file_has_one_empty_line() -> None:
    source = Source.of(b"")
    assert (source.lines, source.starts) == (("",), (0, 0))
    assert source.position(0) == (1, 1)


def test_columns_count_characters() -> None:
    source = Source.of("é界x\n".encode())
    assert source.position(5) == (1, 3)
    assert source.offset(0, 2) == 5


def test_bytes_that_are_not_utf_8_keep_their_places() -> None:
    source = Source.of(b"a\xff\xfeb\n")
    assert source.offset(0, 3) == 3
    assert source.slice(Span(1, 3)) == b"\xff\xfe"


@given(FILES)
def test_the_lines_lie_end_to_end_over_the_whole_file(data: bytes) -> None:
    source = Source.of(data)
    mark = len(MARK) if data.startswith(MARK) else 0
    assert len(source.starts) == len(source.lines) + 1
    assert (source.starts[0], source.starts[-1]) == (mark, len(data))
    for number, line in enumerate(source.lines):
        raw = data[source.starts[number] : source.starts[number + 1]]
        assert raw.rstrip(b"\r\n") == line.encode("utf-8", "surrogateescape")
        assert raw[len(raw.rstrip(b"\r\n")) :] in {b"", b"\n", b"\r", b"\r\n"}


@given(FILES, st.data())
def test_a_place_leads_back_to_its_byte(data: bytes, draw: st.DataObject) -> None:
    source = Source.of(data)
    line = draw.draw(st.integers(0, len(source.lines) - 1))
    column = draw.draw(st.integers(0, len(source.lines[line])))
    offset = source.offset(line, column)
    found = source.position(offset)
    assert source.offset(found[0] - 1, found[1] - 1) == offset
    assert found == (line + 1, column + 1) or column == len(source.lines[line])
