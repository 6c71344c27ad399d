"""An issue's text: its boxes, and the block that is written around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.markdown import TEXTS, reading

from planbot.sync.body import boxes_of, compose, emptied, set_boxes, without_boxes
from planbot.sync.inline import Place

PLACE = Place("https://github.test/octo/plans", "main", "docs/PLAN.md")


@given(TEXTS, st.data())
def test_boxes_that_are_set_are_set_and_nothing_else_changes(text: str, data: st.DataObject) -> None:
    count = len(boxes_of(text))
    ticks = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    after = set_boxes(text, ticks)
    assert [box.ticked for box in boxes_of(after)] == ticks
    assert len(after) == len(text)
    assert emptied(after) == emptied(text)


@given(TEXTS)
def test_a_box_that_is_as_wanted_keeps_its_letter(text: str) -> None:
    assert set_boxes(text, [box.ticked for box in boxes_of(text)]) == text


@given(TEXTS)
def test_an_emptied_text_has_only_empty_boxes_and_the_same_words(text: str) -> None:
    boxes = boxes_of(emptied(text))
    assert [box.text for box in boxes] == [box.text for box in boxes_of(text)]
    assert not any(box.ticked for box in boxes)


@given(TEXTS)
def test_a_text_without_boxes_reads_the_same_and_has_none(text: str) -> None:
    plain = without_boxes(text)
    assert boxes_of(plain) == ()
    assert reading(plain) == reading(text)


def test_line_ends_do_not_count_as_a_change() -> None:
    assert emptied("- [x] one\r\n- [ ] two\r") == emptied("- [ ] one\n- [x] two\n")


def test_texts_with_signs_of_several_bytes_and_lone_surrogates_are_ticked() -> None:
    assert set_boxes("- [ ] 检查 \udce9\n- [x] é", [True, False]) == "- [x] 检查 \udce9\n- [ ] é"


def test_boxes_in_code_and_comments_are_none() -> None:
    assert boxes_of("```\n- [ ] a\n```\n<!-- - [ ] b -->\n`- [ ] c`\n\n    - [ ] d\n") == ()


def test_the_foot_names_the_plan_file_and_the_parent_if_no_link_does() -> None:
    url = "https://github.test/octo/plans/blob/main/docs/PLAN.md"
    assert compose("text", PLACE, None) == f"text\n\n---\nPlan file: [`docs/PLAN.md`]({url})"
    assert compose("", PLACE, 7) == f"Part of #7 · Plan file: [`docs/PLAN.md`]({url})"


def test_the_foot_of_a_file_with_a_strange_name_is_still_a_link() -> None:
    place = Place("https://github.test/o/r", "main", "a`b](c)\udce9.md")
    assert compose("", place, None) == (
        "Plan file: [`a'b](c)?.md`](https://github.test/o/r/blob/main/a%60b%5D%28c%29%E9.md)"
    )
