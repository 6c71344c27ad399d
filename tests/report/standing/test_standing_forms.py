"""How far a plan is, as text, data, Markdown and a page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.items import issue
from support.markdown import live

from planbot.plan.reader import read_plan
from planbot.report.layout import bar, columns, percent, wrapped
from planbot.report.standing.burnup import Point, burnup
from planbot.report.standing.data import standing_data
from planbot.report.standing.markdown import standing_markdown
from planbot.report.standing.page import standing_page
from planbot.report.standing.text import standing_lines
from planbot.report.standing.value import Standing, standing

if TYPE_CHECKING:
    from planbot.report.standing.value import Kind
    from planbot.tracker.records import IssueRecord

PLAN = """\
# Billing

### Phase 1: Foundation

#### 1.1 Store keys

**Owner**: @ada

#### 1.2 Answer repeated keys with the answer that was given first, whoever asks for it

**Depends on**: 1.1

- [x] the first answer
- [ ] the second answer
"""
HOSTILE = """\
# <script>alert(1)</script> @ada #12 | [x](javascript:alert(2)) </title>

## Phase 1: "><img src=x onerror=alert(3)>

### 1.1 </li></ul><svg onload=alert(4)> ]]> -->

**Owner**: <b onclick="alert(5)">@bob</b>

- [ ] a box
"""
DAY = 86_400


def measured(text: str = PLAN, issues: dict[tuple[Kind, int], IssueRecord] | None = None) -> Standing:
    return standing(read_plan("PLAN.md", text.encode()), issues)


def text_of(plan: Standing, width: int | None = None) -> str:
    return "\n".join("".join(piece for _, piece in line) for line in standing_lines([plan], width))


def test_text_at_eighty_columns_breaks_names_between_words() -> None:
    assert (
        text_of(measured(), 80)
        == """\
[#####-----]  50 %     1/2 PLAN.md: Billing
[#####-----]  50 %     1/2   [ ] Phase 1: Foundation
                               [ ] 1.1 Store keys (@ada)
[#####-----]  50 %     1/2     [!] 1.2 Answer repeated keys with the answer that
                               was given first, whoever asks for it waits for
                               1.1
Blocked: 1.2 Answer repeated keys with the answer that was given first, whoever
         asks for it: waits for 1.1
Next: 1.1 Store keys (@ada)"""
    )


def test_text_without_a_terminal_has_one_line_a_part() -> None:
    lines = text_of(measured()).splitlines()
    assert len(lines) == 6
    assert "whoever asks for it waits for 1.1" in lines[3]


def test_text_shows_issues_and_whether_they_are_closed() -> None:
    text = text_of(measured(issues={("task", 5): issue(state="closed"), ("plan", 1): issue()}))
    assert "[x] 1.1 Store keys #7 closed (@ada)" in text
    assert "PLAN.md: Billing #7\n" in text


def test_many_next_tasks_are_counted() -> None:
    tasks = measured(
        "# P\n\n## Phase 1: A\n\n" + "".join(f"### 1.{n} Task\n\nText.\n\n" for n in range(1, 9))
    )
    assert text_of(tasks).endswith("1.5 Task\n      and 3 more tasks")


@given(st.text(max_size=80), st.integers(2, 40))
def test_a_wrapped_text_fits_and_keeps_its_words(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_bar_is_full_only_for_all_and_empty_only_for_nothing(one: int, other: int) -> None:
    done, total = sorted((one, other))
    shown = bar(done, total)
    assert len(shown) == 12
    assert ("-" not in shown) == (done == total > 0)
    assert ("#" not in shown) == (done == 0)
    assert (percent(done, total) == "100 %") == (done == total > 0)


def test_data_has_the_promised_shape() -> None:
    data = json.loads(json.dumps(standing_data(measured(issues={("task", 5): issue()}))))
    assert (data["path"], data["kind"], data["done"], data["total"]) == ("PLAN.md", "plan", 1, 3)
    assert (data["blocked"], data["next"]) == ([9], [5])
    (phase,) = data["parts"]
    assert phase["parts"][0] == {
        "kind": "task",
        "number": "1.1",
        "title": "Store keys",
        "line": 5,
        "state": "open",
        "done": 0,
        "total": 1,
        "people": ["@ada"],
        "waits_for": [],
        "issue": {
            "number": 7,
            "state": "open",
            "assignees": [],
            "url": "https://github.test/octo/plans/issues/7",
        },
        "parts": [],
    }
    assert phase["parts"][1]["waits_for"] == ["1.1"]


def test_markdown_is_a_table_with_what_is_blocked_and_next() -> None:
    text = "\n".join(standing_markdown([measured()]))
    assert text.startswith(
        "### Billing\n\n█████░░░░░ 1 of 2 done (50 %) in <code>PLAN\\.md</code>\n\n| part |"
    )
    assert "| **Phase 1:<!-- --> Foundation** | █████░░░░░ 1/2 |  |  |  |" in text
    assert "| &nbsp;&nbsp;1\\.1 Store keys |  |  | @<!-- -->ada |  |" in text
    assert text.endswith("**Next**\n\n- 1\\.1 Store keys (@<!-- -->ada)")


def test_nothing_that_a_plan_says_is_markup_or_reaches_anybody() -> None:
    text = "\n".join(standing_markdown([measured(HOSTILE)]))
    seen = _Reader()
    seen.feed(MarkdownIt("commonmark").enable("table").render(text))
    assert not seen.tags & {"script", "img", "svg", "b", "a"}
    assert '"><img src=x onerror=alert(3)>' in seen.text
    assert live(text) == []


class _Reader(HTMLParser):
    """Collect what a page shows, its tags and its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


def page(text: str = PLAN, points: tuple[Point, ...] = (Point(0, 0, 2), Point(DAY, 1, 2))) -> _Reader:
    seen = _Reader()
    seen.feed(standing_page([(measured(text, {("task", 5): issue()}), points)], 2 * DAY))
    return seen


def test_the_page_shows_the_tree_the_figures_and_the_day() -> None:
    seen = page()
    for text in ("Phase 1: Foundation", "1.1 Store keys", "waits for 1.1", "1 of 2", "1970-01-03", "#7"):
        assert text in seen.text
    assert ("href", "https://github.test/octo/plans/issues/7") in seen.attributes
    assert {"svg", "progress", "table"} <= seen.tags


def test_the_page_needs_nothing_from_anywhere() -> None:
    seen = page()
    assert not seen.tags & {"script", "link", "img", "iframe", "object", "embed"}
    loading = [value for name, value in seen.attributes if name in ("src", "srcset", "data", "action")]
    assert loading == []
    assert "url(" not in standing_page([(measured(), ())], 0)
    assert any("default-src 'none'" in value for _, value in seen.attributes)


def test_nothing_that_a_plan_says_becomes_part_of_the_page() -> None:
    calm, hostile = page(), page(HOSTILE)
    assert hostile.tags <= calm.tags
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    assert "<img src=x onerror=alert(3)>" in hostile.text


def test_an_address_that_is_none_of_the_web_is_no_link() -> None:
    from dataclasses import replace  # noqa: PLC0415 - only this test changes a record

    bad = replace(issue(), html_url="javascript:alert(1)")
    text = standing_page([(measured(issues={("task", 5): bad}), ())], 0)
    assert "javascript:" not in text


def test_the_chart_is_a_staircase_from_the_first_version_to_today() -> None:
    svg = burnup([Point(0, 0, 4), Point(DAY, 2, 4)], 2 * DAY)
    assert 'd="M44.0 190.0H336.0V101.0H628.0"' in svg
    assert 'd="M44.0 12.0H336.0V12.0H628.0"' in svg
    assert "Burn-up: 2 of 4 done on 1970-01-03" in svg


@pytest.mark.parametrize("points", [[Point(5, 0, 0)], [Point(5, 3, 3)], [Point(9, 1, 2), Point(9, 0, 7)]])
def test_a_chart_of_one_moment_or_of_no_boxes_can_be_drawn(points: list[Point]) -> None:
    svg = burnup(points, 5)
    assert "nan" not in svg
    assert "inf" not in svg
