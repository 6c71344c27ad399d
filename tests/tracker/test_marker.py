from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from planbot.tracker.marker import (
    END,
    Managed,
    Marker,
    Unreadable,
    digest,
    neutralise,
    plain_newlines,
    replace_block,
    replace_milestone,
    split,
    split_milestone,
    wrap,
    wrap_milestone,
)

MARKER = Marker("docs/PLAN.md", "task:1.2", "u1", "0123456789abcdef", "01", "s1")

# Any text at all, surrogates of undecodable file names included, and often what could break a comment.
hostile = st.sampled_from(
    (
        *("-->", "--", "---", "<!--", "<!-- planbot:end -->", "<!-- planbot:begin v=1", " -->", "%2D", "="),
        *('"', "\r\n", "\n", "\r", " ", "\t", "\x00", "\u202e", "\udc80", "é", "\ufeff", "\u2028"),
        "<!-- planbot:milestone v=1 -->",
    )
)
anything = st.lists(st.text(st.characters(), max_size=8) | hostile, max_size=8).map("".join)
markers = st.builds(
    Marker,
    plan=anything,
    locator=anything,
    uid=anything,
    digest=anything,
    ticks=st.text("01", max_size=20),
    stamp=anything,
    retired=st.booleans(),
)


def block(marker: Marker = MARKER, text: str = "text") -> str:
    return wrap(marker, text)


def managed(body: str) -> Managed:
    found = split(body)
    assert isinstance(found, Managed)
    return found


@given(markers, anything)
def test_a_block_comes_apart_as_it_was_put_together(marker: Marker, text: str) -> None:
    harmless = neutralise(text)
    found = managed(wrap(marker, harmless))
    assert (found.marker, found.text) == (marker, plain_newlines(harmless))


@given(markers, anything, anything, anything)
def test_what_people_write_around_a_block_is_kept_to_the_character(
    marker: Marker, before: str, text: str, after: str
) -> None:
    before, after = neutralise(before), neutralise(after)
    body = before + wrap(marker, neutralise(text)) + after
    found = managed(body)
    assert (found.before, found.after) == (before, after)
    assert found.before + found.block + found.after == body


@given(markers)
def test_a_marker_is_one_comment_of_plain_ascii_words(marker: Marker) -> None:
    first, *_ = wrap(marker, "").split("\n")
    inside = first.removeprefix("<!-- planbot:begin ").removesuffix(" -->")
    assert re.fullmatch(r"[ -~]+", inside)
    assert "--" not in inside
    assert not set("'\"<>`@#") & set(inside)


@given(anything)
def test_a_neutralised_text_is_never_taken_for_a_marker(text: str) -> None:
    assert split(neutralise(text)) is None
    assert split_milestone(neutralise(text)) is None


@given(anything)
def test_neutralising_adds_nothing_that_shows_and_happens_once(text: str) -> None:
    assume("\N{WORD JOINER}" not in text)
    harmless = neutralise(text)
    assert harmless.replace("\N{WORD JOINER}", "") == text
    assert neutralise(harmless) == harmless


def test_other_planbot_comments_are_not_neutralised() -> None:
    text = "### 1.1 Task <!-- planbot: #12 -->\n<!-- planbot:progress -->"
    assert neutralise(text) == text


@given(markers, anything)
def test_a_body_that_a_person_saved_in_the_browser_still_comes_apart(marker: Marker, text: str) -> None:
    body = wrap(marker, neutralise(text)).replace("\n", "\r\n")
    found = managed(body)
    assert (found.marker, found.text) == (marker, plain_newlines(neutralise(text)))
    assert found.before + found.block + found.after == body


@given(markers, anything, anything)
def test_a_new_block_takes_the_place_of_the_old_one_and_nothing_else(
    marker: Marker, before: str, after: str
) -> None:
    before, after = neutralise(before), neutralise(after)
    body = replace_block(before + block() + after, marker, "new")
    assert body == before + wrap(marker, "new") + after


def test_a_body_without_a_block_gets_one_after_what_people_wrote() -> None:
    assert replace_block("A report.", MARKER, "text") == f"A report.\n\n{block()}"
    assert replace_block(" \n", MARKER, "text") == block()


def test_of_several_blocks_the_first_counts() -> None:
    copied = wrap(Marker("other.md", "plan", "u2", "d", "", "s2"), "copy")
    found = managed(f"{block()}\n{copied}")
    assert found.marker == MARKER
    assert found.after == f"\n{copied}"


def test_a_block_pasted_into_another_ends_with_its_own_end() -> None:
    inner = wrap(Marker("other.md", "plan", "u2", "d", "", "s2"), "copy")
    found = managed(f"{block(text=inner)}\npeople")
    assert found.text == inner
    assert found.after == "\npeople"


def test_a_block_that_lost_its_end_does_not_swallow_the_next_one() -> None:
    body = f"{block().removesuffix(END)}people wrote this\n{block()}"
    assert split(body) == Unreadable("damaged", MARKER)


@pytest.mark.parametrize(
    "body",
    [
        block().replace(" uid=u1", ""),
        block().replace("ticks=01", "ticks=0x"),
        block().replace("v=1", "v=one"),
        block().replace("v=1", "v=0"),
        block().replace("plan=docs", "plan=%FF"),
        block().replace("stamp=s1 -->", "stamp=s1"),
        block().replace("<!-- planbot:begin", "planbot:begin"),
    ],
)
def test_a_block_that_somebody_cut_into_is_told_from_none(body: str) -> None:
    assert split(body) == Unreadable("damaged")


def test_talk_about_the_marker_before_the_block_does_no_harm() -> None:
    talk = "The body starts with `<!-- planbot:begin … -->`:\n"
    found = managed(talk + block())
    assert (found.before, found.marker) == (talk, MARKER)


def test_a_block_of_a_newer_planbot_is_left_alone() -> None:
    body = block().replace("v=1", "v=2")
    assert split(body) == Unreadable("newer")
    with pytest.raises(ValueError, match="newer"):
        replace_block(body, MARKER, "text")


def test_words_that_this_version_does_not_know_are_passed_over() -> None:
    assert managed(block().replace("stamp=s1", "stamp=s1 mood=fine")).marker == MARKER


def test_a_damaged_block_is_never_written_over() -> None:
    with pytest.raises(ValueError, match="damaged"):
        replace_block(block().removesuffix(END), MARKER, "text")


@given(markers, anything)
def test_a_milestone_comes_apart_as_it_was_put_together(marker: Marker, text: str) -> None:
    harmless = neutralise(text)
    for description in (
        wrap_milestone(marker, harmless),
        wrap_milestone(marker, harmless).replace("\n", "\r\n"),
    ):
        found = split_milestone(description)
        assert isinstance(found, Managed)
        assert (found.marker, found.text) == (marker, plain_newlines(harmless))


def test_what_people_add_after_a_milestones_marker_stays() -> None:
    description = wrap_milestone(MARKER, "Goal") + "\nWe meet on Mondays."
    assert (
        replace_milestone(description, MARKER, "Aim")
        == wrap_milestone(MARKER, "Aim") + "\nWe meet on Mondays."
    )


def test_a_description_without_a_marker_is_kept_after_the_new_one() -> None:
    ours = wrap_milestone(MARKER, "Goal")
    assert replace_milestone("People's words.", MARKER, "Goal") == f"{ours}\n\nPeople's words."
    assert replace_milestone("\n", MARKER, "Goal") == ours


def test_a_milestone_with_a_newer_or_damaged_marker_is_never_written_over() -> None:
    newer = wrap_milestone(MARKER, "Goal").replace("v=1", "v=9")
    damaged = wrap_milestone(MARKER, "Goal").removesuffix("-->")
    assert split_milestone(newer) == Unreadable("newer")
    assert split_milestone(damaged) == Unreadable("damaged")
    with pytest.raises(ValueError, match="newer"):
        replace_milestone(newer, MARKER, "Aim")


def test_an_issues_marker_is_no_milestones_marker() -> None:
    assert split_milestone(block()) is None
    assert split(wrap_milestone(MARKER, "Goal")) is None


def test_the_digest_is_short_and_blind_to_line_ends() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", digest("- [ ] one\n- [ ] two"))
    assert digest("one\r\ntwo") == digest("one\ntwo")
    assert digest("one") != digest("two")


def test_a_body_full_of_half_markers_is_damaged() -> None:
    assert split("<!-- planbot:begin v=1 " * 3000) == Unreadable("damaged")
