"""The pages of the sandbox in a real browser."""

from __future__ import annotations

import contextlib
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import screenshots
from cli.commands import ended, running
from cli.test_cli_demo import bare
from playwright.sync_api import expect
from support.browser import PHONE, WIDE, Colors, Tab, chromium, tab
from support.plans import SMALL
from support.world import NAME, PLAN, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from planbot.sandbox import Sandbox

PAGES = f"/{NAME}"
PLAN_PAGE = f"{PAGES}/blob/main/{PLAN}"
EVERY_PAGE = (
    PAGES,
    f"{PAGES}/issues",
    f"{PAGES}/issues?state=closed",
    f"{PAGES}/issues/1",
    f"{PAGES}/issues/2",
    f"{PAGES}/milestones",
    f"{PAGES}/milestone/1",
    PLAN_PAGE,
    f"{PLAN_PAGE}?plain=1",
    "/-/requests",
    "/nobody/nothing",
)

ATTACKS = """\
<script>window.ran = 1; alert(1)</script> <img src="https://evil.example/x" onerror="alert(2)">
<svg onload="alert(3)"><a xlink:href="javascript:alert(4)">x</a></svg>
<iframe srcdoc="<script>alert(5)</script>"></iframe>
<a class="trap" href="javascript:alert(6)" onclick="alert(7)">click me</a> [click me too](javascript:alert%288%29)
<b class="trap" onmouseover="alert(9)" tabindex="0" onfocus="alert(10)">look</b> ![i](https://evil.example/i.png)
<form action="https://evil.example/"><button>press</button></form> <style>@import "https://evil.example/s.css";</style>
<link rel="stylesheet" href="https://evil.example/s.css"> <base href="https://evil.example/">
<details ontoggle="alert(11)" open>d</details>
"""
HOSTILE = f"""\
# <img src=x onerror=alert(20)> "Plan"

## Context Summary

{ATTACKS}

## Remediation Plan

### Phase 1: <script>alert(21)</script> (MVP-Critical)

**Goal**: <script>alert(22)</script> <a href="javascript:alert(23)">goal</a>

#### 1.1 Task "><script>alert(24)</script>

{ATTACKS}

## Verification

### Phase 1 Verification

**Automated**:
- [ ] "><script>alert(25)</script> <b onmouseover="alert(26)">box</b> [link](javascript:alert%2827%29)
- [ ] ` " onfocus="alert(28)" autofocus x="`
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one browser for all tests."""
    with chromium() as running_one:
        yield running_one


@pytest.fixture
def opened(browser: Browser, sandbox: Sandbox) -> Iterator[Callable[..., Tab]]:
    """Return what opens a page of the sandbox; when the test ends, nothing may have gone wrong in any of them."""
    tabs: list[Tab] = []
    base = sandbox.url
    with contextlib.ExitStack() as contexts:

        def open_tab(path: str, size: tuple[int, int] = WIDE, colors: Colors = "light") -> Tab:
            made = contexts.enter_context(tab(browser, base, size=size, colors=colors))
            tabs.append(made)
            made.page.goto(path)
            return made

        yield open_tab
        problems = [problem for each in tabs for problem in each.problems]
        elsewhere = [url for each in tabs for url in each.asked if not url.startswith(base)]
    assert problems == []
    assert elsewhere == []


@pytest.fixture
def planned(world: World) -> World:
    """Sync a small plan, with a comment and a closed task; whoever opens the pages is maya."""
    world.sandbox.let_act_as("maya")
    world.commit({PLAN: SMALL})
    world.sync()
    task = world.issue("1.2")
    world.person.comment(task.number, "Not **now**.\n\n- [x] thought about")
    world.person.update_issue(task.number, state="closed", state_reason="not_planned")
    return world


def test_open_tick_close_and_see_the_plan_change(browser: Browser, tmp_path: Path) -> None:
    """The whole demo: `planbot demo --serve`, its plan in one window and an issue in another."""
    with running("demo", "--serve", cwd=tmp_path, env=bare(tmp_path)) as demo:
        assert demo.stdout is not None
        address = re.search(
            r"http://[\d.:]+", demo.stdout.readline() + demo.stdout.readline() + demo.stdout.readline()
        )
        assert address is not None
        with tab(browser, address[0]) as plan, tab(browser, address[0]) as issue:
            plan.page.goto("/octo/orders/blob/main/PLAN.md")
            expect(plan.page.get_by_text("0 of 20 boxes ticked")).to_be_visible()
            issue.page.goto("/octo/orders/issues/2")
            first = "The same request sent by 50 threads makes one order"
            issue.page.get_by_role("checkbox", name=first).check()
            expect(plan.page.get_by_text("1 of 20 boxes ticked")).to_be_visible()
            expect(plan.page.get_by_role("checkbox", name=first)).to_be_checked()
            expect(plan.page.get_by_role("link", name="Tick 1 box")).to_be_visible()
            expect(issue.page.get_by_text("1 of 8 ticked")).to_be_visible()
            issue.page.goto("/octo/orders/issues/3")
            issue.page.get_by_label("Add a comment").fill("It is merged.")
            issue.page.get_by_role("button", name="Close as completed").click()
            expect(issue.page.get_by_text("Closed as completed", exact=True)).to_be_visible()
            expect(issue.page.get_by_role("article", name="Comment by maya")).to_contain_text("It is merged.")
            issue.page.goto("/octo/orders/milestones")
            expect(issue.page.get_by_role("progressbar").first).to_have_attribute("value", "1")
            assert plan.problems + issue.problems == []
        demo.send_signal(signal.SIGTERM)
        ended(demo).require()


def test_an_open_page_follows_what_others_do(planned: World, opened: Callable[..., Tab]) -> None:
    phase = planned.issue("Phase 1")
    page = opened(f"{PAGES}/issues/{phase.number}").page
    page.get_by_label("Add a comment").fill("I am just writing")
    planned.set_box("Phase 1", "the page opens")
    expect(page.get_by_role("checkbox", name="the page opens")).to_be_checked()
    planned.person.update_issue(phase.number, title="Phase 1: Renamed")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Phase 1: Renamed")
    planned.person.update_issue(phase.number, state="closed", state_reason="completed")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.get_by_label("Add a comment")).to_have_value("I am just writing")


def test_a_page_that_refused_a_form_follows_as_well(planned: World, opened: Callable[..., Tab]) -> None:
    phase = planned.issue("Phase 1")
    tab = opened(f"{PAGES}/issues/{phase.number}")
    tab.page.get_by_role("button", name="Comment").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("write something first")
    planned.set_box("Phase 1", "the page opens")
    expect(tab.page.get_by_role("checkbox", name="the page opens")).to_be_checked()
    tab.problems.clear()  # the browser itself notes the 422


def test_many_ticks_at_once_all_arrive(planned: World, opened: Callable[..., Tab]) -> None:
    boxes = "".join(f"- [ ] number {number}\n" for number in range(12))
    issue = planned.person.create_issue("Many", boxes)
    page = opened(f"{PAGES}/issues/{issue.number}").page
    page.evaluate("document.querySelectorAll('input[name=box]').forEach((box) => box.click())")
    expect(page.get_by_text("12 of 12 ticked")).to_be_visible()
    found = planned.person.issue(issue.number)
    assert found is not None
    assert found.body == boxes.replace("[ ]", "[x]")


def test_a_stale_tick_is_explained_and_the_text_brought_up_to_date(
    planned: World, opened: Callable[..., Tab]
) -> None:
    issue = planned.person.create_issue("Stale", "- [ ] old")
    tab = opened(PAGES)
    page = tab.page
    page.route("**/-/events*", lambda route: route.abort())
    page.goto(f"{PAGES}/issues/{issue.number}")
    planned.person.update_issue(issue.number, body="- [ ] new\n- [ ] old")
    page.get_by_role("checkbox", name="old").click()
    expect(page.get_by_role("alert")).to_contain_text("no box was ticked")
    expect(page.get_by_role("checkbox", name="new")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="old")).not_to_be_checked()
    found = planned.person.issue(issue.number)
    assert found is not None
    assert "[x]" not in found.body
    tab.problems.clear()  # the browser itself notes the 422, and the events that were kept away


def test_a_tick_that_is_not_kept_is_taken_back_and_explained(
    planned: World, opened: Callable[..., Tab]
) -> None:
    tab = opened(f"{PAGES}/issues/{planned.issue('Phase 1').number}")
    check, alert = tab.page.get_by_role("checkbox", name="the page opens"), tab.page.get_by_role("alert")
    tab.page.evaluate("document.querySelectorAll('[name=token]').forEach((field) => (field.value = 'old'))")
    check.click()
    expect(alert).to_contain_text("This form has expired")
    expect(check).not_to_be_checked()
    tab.page.reload()
    planned.sandbox.stop()
    check.click()
    expect(alert).to_contain_text("The sandbox does not answer, so the tick was not kept.")
    expect(check).not_to_be_checked()
    tab.problems.clear()  # the browser itself notes the 403, and the connections that were refused


def test_without_a_script_boxes_are_kept_by_a_button(planned: World, browser: Browser) -> None:
    issue = planned.person.create_issue("Plain", "- [ ] one\n- [ ] two")
    context = browser.new_context(java_script_enabled=False, base_url=planned.sandbox.url)
    page = context.new_page()
    page.goto(f"{PAGES}/issues/{issue.number}")
    page.get_by_role("checkbox", name="two").check()
    page.get_by_role("button", name="Keep these ticks").click()
    expect(page.get_by_text("1 of 2 ticked")).to_be_visible()
    context.close()
    found = planned.person.issue(issue.number)
    assert found is not None
    assert found.body == "- [ ] one\n- [x] two"


def test_the_keyboard_is_enough(planned: World, opened: Callable[..., Tab]) -> None:
    phase = planned.issue("Phase 1")
    page = opened(f"{PAGES}/issues/{phase.number}").page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    check = page.get_by_role("checkbox", name="the page opens")
    for _ in range(10):
        page.keyboard.press("Tab")
        if check.evaluate("box => box === document.activeElement"):
            break
    expect(check).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#body summary")).to_contain_text("edited")
    expect(check).to_be_checked()
    expect(check).to_be_focused()


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_serious_and_nothing_overflows(
    opened: Callable[..., Tab], size: tuple[int, int], colors: Colors
) -> None:
    found, wide = [], []
    tab = opened(PAGES, size, colors)
    for path in EVERY_PAGE:
        tab.page.goto(path)
        found += [f"{path} {finding}" for finding in tab.accessibility()]
        wide += [path] if tab.overflow() > 0 else []
    tab.problems[:] = [each for each in tab.problems if "404" not in each]  # the page of what is not there
    assert found == []
    assert wide == []


def test_what_a_plan_says_does_not_run(world: World, opened: Callable[..., Tab]) -> None:
    world.sandbox.let_act_as("maya")
    world.commit({PLAN: HOSTILE}, message="<script>alert(30)</script>")
    world.sync()
    issue = world.person.create_issue("<script>alert(31)</script>", ATTACKS)
    world.person.comment(issue.number, ATTACKS)
    tab = opened(PAGES)
    paths = [*(f"{PAGES}/issues/{number}" for number in range(1, issue.number + 1)), *EVERY_PAGE[:-1]]
    for path in paths:
        tab.page.goto(path)
        for trap in tab.page.locator(".markdown a, .markdown b, .markdown summary").all():
            trap.hover()
            address = trap.get_attribute("href")
            assert address is None or not re.match(r"\s*(javascript|data|vbscript):", address, re.IGNORECASE)
        assert tab.page.evaluate("window.ran") is None
        attributes = tab.page.evaluate(
            "[...document.querySelectorAll('main *')].flatMap((e) => [...e.attributes].map((a) => a.name))"
        )
        assert [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc")] == []
        assert (
            tab.page.locator("main script, main iframe, main style, main link, main base, main img").count()
            == 0
        )
    first = tab.page.goto(f"{PAGES}/issues/2")
    assert first is not None
    tab.page.get_by_role("checkbox").first.click()
    expect(tab.page.get_by_text("1 of 2 ticked")).to_be_visible()


def test_long_words_and_wide_tables_stay_within_a_phone(world: World, opened: Callable[..., Tab]) -> None:
    world.sandbox.let_act_as("maya")
    long = "long" * 60
    table = f"|{'column|' * 20}\n|{'---|' * 20}\n|{'cell|' * 20}"
    body = f"# {long}\n\n- [ ] {long} `{long}`\n\n{table}\n\n```\n{long}\n```\n\n> > > {long}\n"
    world.commit({PLAN: body, f"{long}.md": body}, message=long)
    issue = world.person.create_issue(long, body)
    world.person.comment(issue.number, body)
    world.person.create_milestone(long, long)
    tab = opened(PAGES, PHONE)
    for path in (*EVERY_PAGE[:-1], f"{PAGES}/issues/{issue.number}"):
        if "/issues/2" not in path:
            tab.page.goto(path)
            assert tab.overflow() <= 0, path


def test_the_picture_of_the_readme_can_be_made_again_and_is_small(browser: Browser, tmp_path: Path) -> None:
    made = tmp_path / "demo.png"
    screenshots.make(browser, made)
    shown = Path(__file__).parent.parent / "docs" / "demo.png"
    for picture in (made, shown):
        content = picture.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 150_000
    assert "(docs/demo.png)" in (shown.parent.parent / "README.md").read_text(encoding="utf-8")
