"""The pull request's text: whatever a plan says, nothing in it is live, as Markdown or as a commit message."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report.passes import tick
from support.markdown import TEXTS, live

from planbot.report.pull_request import (
    END,
    TITLE,
    Lines,
    box_line,
    is_withdrawn,
    neutral_text,
    pull_request_body,
    taken_out,
    withdrawn_body,
)

CONTENT = "c0ffee"
BEGIN = f"<!-- planbot:proposal {CONTENT} -->"
WITHDRAWN = "<!-- planbot:proposal withdrawn -->"
PAGE = "https://github.test/octo/plans"
HOSTILE = (
    "closes #1",
    "Fixes: #1",
    "resolves octo/plans#1 and GH-1",
    "closes https://github.com/octo/plans/issues/1",
    "@octo/team, @alice",
    "[skip ci]",
    "***NO_CI***",
    "skip-checks: true",
    "`closes #1`",
    "``` a",
    "a\n\nCo-authored-by: mallory <m@example.com>",
    "a\r\n- [x] mine\n\n# Title",
    "Signed-off-by: mallory <m@example.com>",
    f"{END} {WITHDRAWN}",
    "<!-- hidden",
    "<script>alert(1)</script><img src=x onerror=y>",
    "![x](https://evil.test/a.png) [y](javascript:z)",
    "&#35;1 &num;1 &commat;alice",
    "0123456789abcdef0123456789abcdef01234567",
    "x\u2028@alice \u202e#1",
    "www.github.com/octo/plans/issues/1",
    "ends in closes",
    "${{ github.token }} ::error::x %0A",
)
# In a commit message neither code nor escapes count.
RAW = re.compile(
    r"""(?:clos|fix|resolv)\w*:?\s+(?:\S*\#\d|GH-\d|https?://) | \#\d | (?<!\w)@\w | GH-\d | \[(?:skip|no)\ ci\]
    | \*\*\*NO_CI | skip-checks:\ true | ::error | \b[0-9a-f]{7,40}\b""",
    re.VERBOSE | re.IGNORECASE,
)
LINK = re.compile(rf"\[issue \d+\]\({re.escape(PAGE)}/issues/\d+\): ")


def body_of(*texts: str) -> str:
    return pull_request_body("", [tick(text, line) for line, text in enumerate(texts, 1)], PAGE, CONTENT)


def test_the_body_is_a_list_of_boxes_with_links_to_their_issues() -> None:
    other = replace(tick("Untick me", 9, ticked=False), path="docs/b.md", issue=None)
    lines = pull_request_body("", [tick("the tests pass", 4), other], PAGE, CONTENT).splitlines()
    assert lines[0] == BEGIN
    assert lines[3:] == [
        "In `PLAN.md`:",
        "",
        f"- [x] [issue 2]({PAGE}/issues/2): the tests pass",
        "",
        "In `docs/b.md`:",
        "",
        "- [ ] Untick me",
        "",
        END,
    ]


def test_what_people_write_around_it_stays() -> None:
    before = f"Mine.\n\n{body_of('first')}\n\nMine as well."
    after = pull_request_body(before, [tick("second", 1)], PAGE, CONTENT)
    assert after == before.replace("first", "second")
    assert pull_request_body("Mine.", [], PAGE, CONTENT).startswith(f"Mine.\n\n{BEGIN}")
    closed = withdrawn_body(after)
    assert closed.startswith("Mine.\n\n")
    assert closed.endswith("\n\nMine as well.")
    assert is_withdrawn(closed)
    assert not is_withdrawn(after)
    assert not is_withdrawn(pull_request_body(closed, [tick("three", 1)], PAGE, CONTENT))


def lines_of(*texts: str, ticked: bool = True) -> list[Lines]:
    return [frozenset({box_line(text, 2, PAGE, ticked=ticked)}) for text in texts]


def test_a_line_that_a_person_took_out_is_known_and_so_is_a_box_set_back() -> None:
    body, (one, two, three) = body_of("one", "two", "three"), lines_of("one", "two", "three")
    assert taken_out(body, CONTENT, [one, two, three]) == set()
    edited = body.replace(f"{min(one)}\n", "").replace(min(two), min(two).replace("[x]", "[ ]"))
    assert taken_out(edited, CONTENT, [one, two, three]) == {one, two}
    assert taken_out(edited.replace("\n", "\r\n"), CONTENT, [one, two, three]) == {one, two}
    assert taken_out(body.replace("[x]", "[X]"), CONTENT, [one, two, three]) == set()
    (untick,) = lines_of("one", ticked=False)
    assert taken_out(body, CONTENT, [untick, two, three]) == {untick}


def test_a_box_that_moved_is_known_by_the_line_with_the_issue_it_left() -> None:
    body, (one, two) = body_of("one", "two"), lines_of("one", "two")
    moved = one | {box_line("one", 7, PAGE, ticked=True)}
    assert taken_out(body, CONTENT, [moved, two]) == set()
    assert taken_out(body.replace(f"{min(one)}\n", ""), CONTENT, [moved, two]) == {moved}
    back = body.replace(min(one), min(one).replace("[x]", "[ ]"))
    assert taken_out(back, CONTENT, [moved, two]) == {moved}


def test_a_body_that_is_behind_tells_nothing() -> None:
    body, (one, two) = body_of("one"), lines_of("one", "two")
    assert taken_out(body, "another", [two]) == set()
    assert taken_out("Mine.", CONTENT, [one]) == set()
    assert taken_out(body, CONTENT, [two]) == set(), "the text of the box may have changed"
    many = [f"{'long ' * 200}{number}" for number in range(300)]
    assert taken_out(body_of(*many), CONTENT, lines_of(*many)) == set(), "not all of them are listed"


@pytest.mark.parametrize("text", ["long ", "[", "#"])
def test_many_boxes_are_counted_rather_than_listed(text: str) -> None:
    body = body_of(*(f"{text * 200}{number}" for number in range(300)))
    listed = body.count("- [x]")
    assert 50 < listed < 300
    assert f"Boxes that are not listed: {300 - listed}." in body
    assert len(body) < 55_000


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_one_dead_line(text: str) -> None:
    plain = body_of("text")
    body = body_of(text)
    line = neutral_text(text)
    assert body == plain.replace("text", line)
    assert RAW.search(LINK.sub("", body)) is None
    assert live(line) == []
    assert body.count(END) == 1


@given(TEXTS | st.text(max_size=60))
@example("closes\n#1")
@example("#" * 10 + "1")
@example("a" * 300)
def test_no_text_comes_to_life(text: str) -> None:
    line = neutral_text(text)
    assert len(line.splitlines()) <= 1
    assert live(line) == []
    assert RAW.search(line) is None
    html = MarkdownIt("commonmark").render(f"- [x] {line}\n")
    assert html.count("<") == 4, "a list, an item, and their ends: nothing else is markup"


def test_a_text_reads_as_it_does_in_the_plan() -> None:
    text = "`pytest -q` passes, see *this* [link](a.md) & a_b <c> – 100 % über #3"
    html = MarkdownIt("commonmark").renderInline(neutral_text(text)).replace("\N{WORD JOINER}", "")
    assert html == text.replace("&", "&amp;").replace("<c>", "&lt;c&gt;")


def test_git_sees_no_trailer_in_a_squashed_description() -> None:
    message = f"{TITLE} (#7)\n\n{body_of(*HOSTILE)}\n".encode("utf-8", "replace")
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, check=True
    )
    assert done.stdout == b""
