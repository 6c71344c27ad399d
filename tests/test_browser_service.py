"""The service's status page, in a real browser."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from report.passes import change, tick
from service.hooks import Fronted, fronted
from service.outcomes import board, done, failed
from support.browser import PHONE, WIDE, Colors, chromium, tab
from support.items import issue
from support.plans import SMALL

from planbot.errors import PermissionDeniedError
from planbot.plan.reader import read_plan
from planbot.queue.board import SharedBoard
from planbot.queue.database import Database
from planbot.queue.schema import set_up
from planbot.queue.wishes import Wish, want
from planbot.service.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from support.postgres import Postgres

WISH = Reason("start")
LONG = "A_name_that_has_no_space_to_break_at_" * 4
HOSTILE = '"><img src="https://evil.example/x" onerror="window.ran = 1"><script>window.ran = 1</script>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def served() -> Iterator[Fronted]:
    """Serve a page with repositories of every kind."""
    many = [f"octo/more-{number}" for number in range(60)]
    kept = board("octo/fine", "octo/waits", "octo/broken", "octo/runs", f"octo/{LONG}", *many)
    plan = replace(read_plan("PLAN.md", SMALL.replace("- [ ] the", "- [x] the").encode()), title=HOSTILE)
    wide = replace(plan, title=LONG, path=f"docs/plans/{LONG}.md")
    fine = done(
        plans=(plan, wide), plan_issues={"PLAN.md": issue()}, changes=(change("create", "task", HOSTILE),)
    )
    kept.ended("octo/fine", "p", fine)
    kept.ended("octo/waits", "p", done(waiting=(tick(HOSTILE, 4), tick(LONG, 5))))
    kept.ended("octo/broken", "p", failed(PermissionDeniedError(f"could not {HOSTILE}", hint=LONG)))
    kept.started("octo/runs", "p", (WISH,))
    with fronted(board=kept) as serving:
        yield serving


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_fits_is_accessible_and_complains_of_nothing(
    browser: Browser, served: Fronted, size: tuple[int, int], colors: Colors
) -> None:
    with tab(browser, served.pages, size=size, colors=colors) as opened:
        opened.page.goto("/")
        for summary in opened.page.locator("summary").all():
            summary.click()
        assert opened.overflow() <= 0
        assert opened.accessibility() == []
        assert opened.problems == []


def test_the_page_asks_for_nothing_and_runs_nothing_that_others_say(
    browser: Browser, served: Fronted
) -> None:
    with tab(browser, served.pages) as opened:
        opened.page.goto("/")
        assert opened.page.evaluate("typeof window.ran") == "undefined"
        assert set(opened.asked) <= {f"{served.pages}{path}" for path in ("/", "/style.css", "/favicon.ico")}


def test_a_repository_is_found_by_its_name_and_the_rest_by_turning_pages(
    browser: Browser, served: Fronted
) -> None:
    with tab(browser, served.pages) as opened:
        opened.page.goto("/")
        assert opened.page.locator("section").count() == 50
        opened.page.get_by_role("link", name="After").click()
        assert opened.page.locator("section").count() == 15
        opened.page.get_by_label("Find a repository").fill("BROKEN")
        opened.page.get_by_role("button", name="Find").click()
        assert opened.page.locator("section").all_inner_texts()[0].startswith("octo/broken")
        assert "What to do:" in opened.page.locator("main").inner_text()
        assert opened.problems == []


def test_it_is_loaded_again_by_itself_for_who_asks(browser: Browser, served: Fronted) -> None:
    with tab(browser, served.pages) as opened:
        opened.page.goto("/?find=fine")
        opened.page.get_by_role("link", name="Load it again").click()
        assert "Loaded again every 30 s" in opened.page.locator("header").inner_text()
        opened.page.get_by_role("link", name="stop that").click()
        assert opened.page.locator("section").count() == 1
        assert served.get("/?refresh=1").headers["Refresh"] == "30"
        assert "Refresh" not in served.get("/").headers


@pytest.fixture
def shared(database: str) -> Iterator[Fronted]:
    """Serve a page of a queue that several processes share: a repository given up, one that waits."""
    address = Database(database)
    set_up(address)
    with closing(address), closing(SharedBoard(address)) as kept:
        kept.kept([f"octo/{LONG}", "octo/waits"])
        kept.ended(f"octo/{LONG}", "p", failed(PermissionDeniedError(f"could not {HOSTILE}")))
        with address.transaction() as connection:
            for name in (f"octo/{LONG}", "octo/waits"):
                want(connection, name, [Wish(WISH)])
            connection.execute("UPDATE planbot_repositories SET given_up = now() WHERE name <> 'octo/waits'")
        with fronted(board=kept) as serving:
            while not (kept.queue().given_up and kept.states()[0].last):
                time.sleep(0.1)
            yield serving


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_of_a_queue_says_how_it_is_and_fits(
    browser: Browser, shared: Fronted, size: tuple[int, int], colors: Colors
) -> None:
    with tab(browser, shared.pages, size=size, colors=colors) as opened:
        opened.page.goto("/")
        assert "The queue: 2 passes wait; the oldest could have started" in opened.page.inner_text("header")
        assert "planbot queue retry octo/" in opened.page.inner_text(".trouble")
        assert opened.overflow() <= 0
        assert opened.accessibility() == []
        assert opened.problems == []


def test_the_page_of_a_queue_says_that_its_database_is_away(
    browser: Browser, shared: Fronted, cluster: Postgres
) -> None:
    cluster.stop()
    try:
        while (queue := shared.board.queue()) is None or queue.lost is None:
            time.sleep(0.1)
        with tab(browser, shared.pages) as opened:
            opened.page.goto("/")
            assert "The queue's database has not answered for" in opened.page.inner_text("header .trouble")
            assert opened.page.locator("section").count() == 2
            assert opened.accessibility() == []
    finally:
        cluster.start()
