"""Rendering an item's own Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.markdown import TEXTS, code, live, reading

from planbot.plan.model import Span
from planbot.plan.source import Source
from planbot.sync.body import boxes_of
from planbot.sync.inline import Place
from planbot.sync.render import fit, head, own_spans, own_text, render
from planbot.tracker.marker import split, split_milestone

PLACE = Place("https://github.test/octo/plans", "main", "docs/PLAN.md")
BLOB = "https://github.test/octo/plans/blob/main"
MARKED = "planbot:"


@given(TEXTS)
def test_rendering_changes_no_box(text: str) -> None:
    assert [box.ticked for box in boxes_of(render(text, PLACE))] == [box.ticked for box in boxes_of(text)]


@given(TEXTS.filter(lambda text: MARKED not in text))
def test_rendering_changes_no_code(text: str) -> None:
    assert code(render(text, PLACE)) == code(text)


@given(TEXTS)
def test_a_rendered_text_reads_as_before(text: str) -> None:
    assert reading(render(text, PLACE)) == reading(text)


@given(TEXTS)
def test_nothing_rendered_notifies_or_links_anybody(text: str) -> None:
    assert live(render(text, PLACE)) == []


@given(TEXTS)
def test_nothing_rendered_is_taken_for_a_marker(text: str) -> None:
    rendered = render(text, PLACE)
    assert split(rendered) is None
    assert split_milestone(rendered) is None


@given(TEXTS)
def test_nothing_rendered_swallows_what_follows(text: str) -> None:
    rendered = render(text, PLACE)
    assert len(boxes_of(f"{rendered}\n\n---\n\n- [ ] after")) == len(boxes_of(rendered)) + 1


@given(TEXTS)
def test_a_rendered_text_stays_as_it_is(text: str) -> None:
    rendered = render(text, PLACE)
    assert render(rendered, PLACE) == rendered


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("# Ask @alice\n\nand #12", "# Ask @<!-- -->alice\n\nand #<!-- -->12"),
        ("Ask @alice\n===", "Ask @<!-- -->alice\n==="),
        ("> - ask @alice", "> - ask @<!-- -->alice"),
        ("| a |\n|---|\n| @alice `@b` |", "| a |\n|---|\n| @<!-- -->alice `@b` |"),
        ("| a |\n|---|\n| `x\\|@b` \\| @c |", "| a |\n|---|\n| `x\\|@b` \\| @<!-- -->c |"),
        ("<div>\n@alice\n</div>", "<div>\n@<!-- -->alice\n</div>"),
        ("[a]: b.md\n\n[a]", f"[a]: {BLOB}/docs/b.md\n\n[a]"),
        ("- x\n\n  [a]: b.md", f"- x\n\n  [a]: {BLOB}/docs/b.md"),
        ("> [a]: b.md\n> [a]: c.md", f"> [a]: {BLOB}/docs/b.md\n> [a]: {BLOB}/docs/c.md"),
    ],
)
def test_every_kind_of_block_is_rendered(text: str, rendered: str) -> None:
    assert render(text, PLACE) == rendered


@pytest.mark.parametrize(
    "text",
    [
        "```\n@alice #12 [a](b.md)\n```",
        "~~~python\n@decorator\n~~~",
        "    @alice #12",
        "    [a]: b.md",
        "- item\n\n      [a]: b.md",
        "`@alice\n#12`",
        "- [ ] `#12`",
    ],
)
def test_code_stays_as_it_is(text: str) -> None:
    assert render(text, PLACE) == text


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("```\ncode", "\n```"),
        ("~~~~\ncode\n~~~", "\n~~~~"),
        ("<!-- never closed\n\nnote", "\n-->"),
        ("<script>\nlet a", "\n</script>"),
        ("<Pre>\nlet a", "\n</Pre>"),
        ("<?php\nlet a", "\n?>"),
        ("<!DOCTYPE\nlet a", "\n>"),
        ("<![CDATA[\nlet a", "\n]]>"),
    ],
)
def test_what_is_never_closed_is_closed(text: str, end: str) -> None:
    assert render(text, PLACE) == text + end


@pytest.mark.parametrize("text", ["- ```\n  code", "> ```\n> code", "<div>\ntext", "- <!-- note", "a `b"])
def test_what_ends_with_its_container_is_not_closed(text: str) -> None:
    assert render(text, PLACE) == text


def test_own_spans_are_what_the_children_leave() -> None:
    spans = [Span(0, 100), Span(200, 250)]
    assert own_spans(spans, []) == [(0, 100), (200, 250)]
    assert own_spans(spans, [Span(10, 20), Span(90, 210)]) == [(0, 10), (20, 90), (210, 250)]
    assert own_spans(spans, [Span(15, 30), Span(10, 20)]) == [(0, 10), (30, 100), (200, 250)]
    assert own_spans(spans, [Span(0, 300)]) == []


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted), max_size=6),
)
def test_own_spans_hold_each_byte_that_no_child_has(cuts: list[list[int]]) -> None:
    left = own_spans([Span(0, 30)], [Span(*cut) for cut in cuts])
    kept = [at for start, end in left for at in range(start, end)]
    assert kept == [at for at in range(30) if not any(low <= at < high for low, high in cuts)]


def test_own_text_has_one_kind_of_line_end_and_no_blank_lines_around() -> None:
    source = Source.of(b"\r\n---\r\nOne\r\n\r\n---\r\n\x00\xff\rTwo\n\n***\n")
    end = source.data.index(b"\x00")
    assert own_text(source, [(0, end), (end, len(source.data))]) == "One\n\n\ufffd\ufffd\nTwo"


def test_a_rule_under_a_paragraph_is_a_heading_and_stays() -> None:
    source = Source.of(b"text\n\nTitle\n---\n\n---\n")
    assert own_text(source, [(0, len(source.data))]) == "text\n\nTitle\n---"


def test_code_gives_way_the_longest_first_and_no_more_than_needed() -> None:
    short, long = "```\n" + "a\n" * 200 + "```", "> - ~~~\n" + ">   b\n" * 300 + ">   ~~~"
    text = f"before\n\n{short}\n\n- [ ] check\n\n{long}\n\nafter"
    assert fit(text, len(text), PLACE) == text
    note = f"*(left out here for its length: see [the plan file]({PLACE.url()}))*"
    assert fit(text, 1000, PLACE) == f"before\n\n{short}\n\n- [ ] check\n\n> - {note}\n\nafter"
    assert fit(text, 300, PLACE) == f"before\n\n\n{note}\n\n- [ ] check\n\n> - {note}\n\nafter"


def test_code_that_is_shorter_than_the_link_stays() -> None:
    text = "```\na\n```\n\n" + "word " * 100
    assert fit(text, 50, PLACE) == text


@given(TEXTS, st.integers(0, 300))
def test_fitting_loses_no_box_and_makes_nothing_longer(text: str, limit: int) -> None:
    rendered = render(text, PLACE)
    fitted = fit(rendered, limit, PLACE)
    assert [box.text for box in boxes_of(fitted)] == [box.text for box in boxes_of(rendered)]
    assert len(fitted) <= len(rendered)


def test_the_head_of_a_text_is_whole_blocks_and_a_link_to_the_rest() -> None:
    text = "# One\n\n" + "word " * 20 + "\n\n- a\n- b\n\nlast " * 30
    short = head(text, 300, PLACE)
    assert len(short) <= 300
    assert short.startswith("# One\n\nword word")
    assert short.endswith(f"({PLACE.url()}))*")
    assert head(text, len(text), PLACE) == text
    assert head(text, 10, PLACE).startswith("*(left out here")


@pytest.mark.parametrize(
    "text",
    ["```\n" * 25_000, "- " * 50_000, "> " * 50_000, "<!-- " * 20_000, "| a " * 25_000, "[a]: b\n" * 14_000],
    ids=lambda text: repr(text[:7]),
)
def test_hostile_text_is_rendered_in_linear_time(text: str) -> None:
    fit(render(text, PLACE), 1000, PLACE)
