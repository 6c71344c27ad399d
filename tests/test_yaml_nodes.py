from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.yaml_nodes import (
    MAX_BYTES,
    ListNode,
    MappingNode,
    Mistake,
    Node,
    ScalarKind,
    ScalarNode,
    node_of,
    read_yaml,
)

BOMB = b"".join(
    b"%c: &%c [%s]\n" % (name, name, b", ".join([b"*%c" % (name - 1) if name > 97 else b"x"] * 9))
    for name in range(97, 107)
)


def read(data: bytes) -> Node | None:
    mistakes: list[Mistake] = []
    node = read_yaml(data, mistakes)
    assert mistakes == []
    return node


def mistakes_in(data: bytes) -> list[Mistake]:
    mistakes: list[Mistake] = []
    read_yaml(data, mistakes)
    return mistakes


def test_values_know_their_line() -> None:
    assert read(b"\xef\xbb\xbf# settings\na:\n  - one\n  - b: 2\n") == MappingNode(
        (
            (
                ScalarNode("a", "text", 2),
                ListNode(
                    (
                        ScalarNode("one", "text", 3),
                        MappingNode(((ScalarNode("b", "text", 4), ScalarNode("2", "number", 4)),), 4),
                    ),
                    3,
                ),
            ),
        ),
        2,
    )


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_file_holds_nothing(data: bytes) -> None:
    node = read(data)
    assert node is None or node == ScalarNode("", "null", node.line)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"off", "bool"),
        (b"Yes", "bool"),
        (b"'off'", "text"),
        (b"010", "number"),
        (b"1.10", "number"),
        (b"12:30", "number"),
        (b"'3'", "text"),
        (b"~", "null"),
        (b"2026-12-01", "text"),
        (b"none", "text"),
        (b"!!str 12", "text"),
        (b"=", "text"),
    ],
)
def test_a_value_keeps_its_text(text: bytes, kind: ScalarKind) -> None:
    node = read(text)
    assert isinstance(node, ScalarNode)
    assert node.kind == kind
    assert node.text == text.decode().split(" ")[-1].strip("'")


@pytest.mark.parametrize(("word", "true"), [(b"on", True), (b"YES", True), (b"off", False), (b"'on'", False)])
def test_the_words_for_true_are_known(word: bytes, *, true: bool) -> None:
    node = read(word)
    assert isinstance(node, ScalarNode)
    assert node.is_true == true


def test_keys_are_text_even_where_yaml_takes_them_for_more() -> None:
    node = read(b"on: x\n1: y\n")
    assert isinstance(node, MappingNode)
    assert [key.text for key, _ in node.entries] == ["on", "1"]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"a: 1\nb: [1,\n", 3, "cannot be read as YAML"),
        (b"a: 1\n\tb: 2\n", 2, "cannot be read as YAML"),
        (b"a: *nobody\n", 1, "undefined alias"),
        (b"a: 1\n---\nb: 1\n", 2, "single document"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        ("a: ü".encode("utf-16"), 1, "not UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "special characters are not allowed"),
        (b"a: 1\n\na: 2\n", 3, "`a` is here again: it was set on line 1"),
        (b"? [a, b]\n: c\n", 1, "a key must be a single word"),
        (b"[" * 2000, 1, "nested too deeply"),
        (b"a: &a [*a]\n", 1, "nested too deeply"),
        (BOMB, 1, "aliases repeat too many"),
        (b"a: 1\nb: !!python/object/apply:os.system x", 2, "`!!python/object/apply:os.system` means nothing"),
        (b"a: &a [!secret b]\nb: [*a, *a]", 1, "the tag `!secret` means nothing here"),
        (b"a: {!secret b: c}", 1, "the tag `!secret` means nothing here"),
        (b"#" * (MAX_BYTES + 1), 1, "100,001 bytes"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(data: bytes, line: int, words: str) -> None:
    [mistake] = mistakes_in(data)
    assert mistake.line == line
    assert words in mistake.text


def test_every_key_that_stands_twice_is_told() -> None:
    assert [mistake.line for mistake in mistakes_in(b"a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n")] == [2, 3, 4]


def test_a_mistake_shows_its_hint() -> None:
    assert str(Mistake(3, "wrong", "do this")) == "wrong — do this"
    assert str(Mistake(3, "wrong")) == "wrong"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    mistakes: list[Mistake] = []
    node = read_yaml(data, mistakes)
    assert node is None or isinstance(node, Node)
    assert all(mistake.line >= 1 for mistake in mistakes)


@given(st.text(st.sampled_from(":-[]{}&*!|>'\"#%@`, \nab0~")))
def test_any_text_that_looks_like_yaml_is_read_or_told(text: str) -> None:
    mistakes: list[Mistake] = []
    read_yaml(text.encode(), mistakes)
    assert all(1 <= mistake.line <= text.count("\n") + 2 for mistake in mistakes)


def test_values_read_elsewhere_become_nodes() -> None:
    value = {"a": [1, None, False], True: dt.date(2026, 12, 1)}
    assert node_of(value, []) == MappingNode(
        (
            (
                ScalarNode("a", "text", 1),
                ListNode(
                    (ScalarNode("1", "number", 1), ScalarNode("", "null", 1), ScalarNode("false", "bool", 1)),
                    1,
                ),
            ),
            (ScalarNode("True", "text", 1), ScalarNode("2026-12-01", "text", 1)),
        ),
        1,
    )


def test_values_read_elsewhere_may_not_be_endless() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    bomb: list[object] = []
    for _ in range(30):
        bomb = [bomb, bomb]
    for value in (endless, bomb):
        mistakes: list[Mistake] = []
        assert node_of(value, mistakes) is None
        assert "nested too deeply" in mistakes[0].text
