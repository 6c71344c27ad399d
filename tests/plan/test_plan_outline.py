from __future__ import annotations

from planbot.plan.outline import Fence, FoundBox, Html, List, Quote, Table, boxes_in, items_of, outline
from planbot.plan.source import Source


def _found(text: str) -> list[tuple[str, bool, int]]:
    return [(box.text, box.ticked, box.line) for box in boxes_in(text.encode())]


def _box(text: str, offset: int, line: int, *, ticked: bool = False) -> FoundBox:
    return FoundBox(text, ticked, offset, line)


def test_boxes_are_found_with_their_text_state_and_place() -> None:
    assert boxes_in(b"- [ ] one\n- [x] two\n") == (_box("one", 3, 1), _box("two", 13, 2, ticked=True))


def test_every_bullet_and_number_may_have_a_box() -> None:
    text = "- [ ] a\n\n+ [x] b\n\n* [X] c\n\n1. [ ] d\n\n2) [ ] e\n"
    assert [ticked for _, ticked, _ in _found(text)] == [False, True, True, False, False]


def test_boxes_in_code_comments_tables_and_raw_html_are_none() -> None:
    text = (
        "```\n- [ ] fence\n```\n\n    - [ ] indented\n\n<!--\n- [ ] comment\n-->\n\n"
        "| a |\n|---|\n| - [ ] b |\n\n<div>\n- [ ] raw\n</div>\n\n- [ ] yes\n"
    )
    assert _found(text) == [("yes", False, 19)]


def test_look_alikes_are_no_boxes() -> None:
    assert (
        _found("- [~] a\n- [-] b\n- [✓] c\n- [] d\n- [ ]* e\n- [x]f\n- [ ]\n- [x](url) g\n- text [ ] h\n")
        == []
    )


def test_boxes_in_quotes_and_twelve_levels_down_are_found() -> None:
    nested = "".join(f"{'  ' * level}- level {level}\n" for level in range(11)) + f"{'  ' * 11}- [x] deep\n"
    assert _found(nested) == [("deep", True, 12)]
    assert _found("> [!NOTE]\n> - [ ] quoted\n") == [("quoted", False, 2)]


def test_a_box_may_stand_below_its_bullet() -> None:
    assert boxes_in(b"-\n  [ ] late\n")[0] == _box("late", 5, 2)


def test_a_box_in_an_item_that_begins_with_code_is_found() -> None:
    assert _found("-     code\n  - [ ] a\n") == [("a", False, 2)]


def test_the_text_of_a_box_is_one_line() -> None:
    assert _found("- [ ] one\n  two\n\tthree\n") == [("one two three", False, 1)]


def test_an_unclosed_fence_swallows_the_rest() -> None:
    assert _found("- [ ] a\n\n```\n- [ ] b\n") == [("a", False, 1)]


def test_a_link_definition_before_a_box_moves_nothing() -> None:
    data = b"- [a]: /b\n  [x] c\n"
    assert [data[box.offset : box.offset + 1] for box in boxes_in(data)] == [b"x"]


def test_sections_nest_by_level_and_know_their_lines() -> None:
    found = outline(Source.of(b"intro\n\n# T\n\n## A\n\ntext\n\n#### deep\n\n## B\n"))
    lines = [(one.level, one.title, one.line, one.own_end, one.end) for one in found.sections]
    assert lines == [
        (0, "", 0, 2, 12),
        (1, "T", 2, 4, 12),
        (2, "A", 4, 8, 10),
        (4, "deep", 8, 10, 10),
        (2, "B", 10, 12, 12),
    ]
    assert found.title is found.sections[1]
    assert [one.title for one in found.sections[3].above()] == ["A", "T", ""]


def test_a_setext_heading_is_a_heading_and_one_in_a_list_is_none() -> None:
    found = outline(Source.of(b"Title\n=====\n\n- # item\n\nSub\n---\n"))
    assert [(one.level, one.title, one.body) for one in found.sections[1:]] == [
        (1, "Title", 2),
        (2, "Sub", 7),
    ]


def test_blocks_are_told_apart() -> None:
    text = b"- a\n  1. b\n\n> c\n\n```py\nd\n```\n\n|e|f|\n|-|-|\n|g|h|\n\n<!-- i -->\n"
    blocks = outline(Source.of(text)).root.blocks
    assert [type(block) for block in blocks] == [List, Quote, Fence, Table, Html]
    assert [item.number for item in items_of(blocks)] == [None, "1"]


def test_lines_of_front_matter_are_left_out() -> None:
    found = outline(Source.of(b"---\na: b\n---\n- [ ] c\n"), first=3)
    assert [item.line for item in found.parsed.boxed] == [3]


def test_a_very_long_link_title_is_no_definition() -> None:
    lines = "t\n" * 200
    assert _found(f'[a]: /url "{lines}"\n\n- [ ] after\n') == [("after", False, 203)]
    assert _found('[a]: /url "t\nt"\n- [ ] after\n') == [("after", False, 3)]


def test_quotes_nest_no_deeper_than_anyone_quotes() -> None:
    assert _found(">" * 10 + " - [ ] a\n") == [("a", False, 1)]
    assert _found(">" * 11 + " - [ ] a\n") == []


def test_a_row_of_absurd_length_ends_its_table() -> None:
    long_row = "|" + "a" * 60_000 + "|"
    found = outline(Source.of(f"|h|\n|-|\n|b|\n{long_row}\n\n- [ ] c\n".encode()))
    tables = [block for block in found.root.blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [2]
    assert len(found.parsed.boxed) == 1
