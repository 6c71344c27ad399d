"""The page that `planbot status --html` writes, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.browser import PHONE, WIDE, Colors, chromium, tab
from support.items import issue
from support.plans import SMALL

from planbot.plan.reader import read_plan
from planbot.report.standing.burnup import Point
from planbot.report.standing.page import standing_page
from planbot.report.standing.value import standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

DAY = 86_400
HOSTILE = """\
# <script>window.ran = 1</script> </title><script>window.ran = 1</script>

## Phase 1: "><img src="https://evil.example/x" onerror="window.ran = 1">

### 1.1 [x](javascript:window.ran=1) <svg onload="window.ran = 1">

**Owner**: <b onmouseover="window.ran = 1">@bob</b>

- [ ] a box
"""
BUSY = (
    SMALL.replace("- [ ] the", "- [x] the")
    .replace("Nothing to add.", "**Depends on**: 1.1\n\n**Owner**: @somebody-with-a-very-long-login-indeed")
    .replace("1.2 Answer repeated keys", "1.2 " + "A_task_whose_name_has_no_space_to_break_at_" * 3)
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Write a page with a busy plan and a hostile one."""
    points = (Point(0, 0, 3), Point(2 * DAY, 1, 4), Point(5 * DAY, 2, 5))
    plans = [read_plan("PLAN.md", BUSY.encode()), read_plan("docs/plans/hostile.md", HOSTILE.encode())]
    standings = [standing(plan, {("plan", plan.line): issue()}) for plan in plans]
    path = tmp_path / "status.html"
    path.write_text(standing_page([(one, points) for one in standings], 9 * DAY), encoding="utf-8")
    return path


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_fits_is_accessible_and_complains_of_nothing(
    browser: Browser, page: Path, size: tuple[int, int], colors: Colors
) -> None:
    with tab(browser, page.as_uri(), size=size, colors=colors) as opened:
        opened.page.goto(page.as_uri())
        assert opened.overflow() <= 0
        assert opened.accessibility() == []
        assert opened.problems == []


def test_the_page_asks_for_nothing_and_runs_nothing_that_a_plan_says(browser: Browser, page: Path) -> None:
    with tab(browser, page.as_uri()) as opened:
        opened.page.goto(page.as_uri())
        opened.page.get_by_text("@bob").first.hover()
        assert opened.asked == [page.as_uri()]
        assert opened.page.evaluate("typeof window.ran") == "undefined"
        assert opened.page.locator("svg.burnup").count() == 2


def test_the_figures_of_the_chart_can_be_read_without_seeing_it(browser: Browser, page: Path) -> None:
    with tab(browser, page.as_uri()) as opened:
        opened.page.goto(page.as_uri())
        opened.page.get_by_text("The figures").first.click()
        rows = opened.page.locator("table").first.locator("tr").all_inner_texts()
        assert rows == ["day\tdone\tof", "1970-01-01\t0\t3", "1970-01-03\t1\t4", "1970-01-06\t2\t5"]
