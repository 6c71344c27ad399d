"""The status page as HTML: what stands on it, and that nothing of it is anybody else's doing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.passes import change, tick
from service.outcomes import NOON, board, done, failed
from support.items import issue

from planbot.errors import PermissionDeniedError
from planbot.plan.reader import read_plan
from planbot.service.model import Reason
from planbot.service.states import QueueState
from planbot.service.status_page import ROWS, status_page
from planbot.tracker.records import Quota

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.service.board import StatusBoard

NOW = NOON + timedelta(minutes=10)
WISH = Reason("start")


class Read(HTMLParser):
    """Read a page: its text, its links, its elements with their attributes."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def page(kept: StatusBoard, queue: QueueState | None = None, /, **query: str) -> Read:
    return Read(status_page(kept.states(), query, NOW, queue).html)


def test_a_repository_in_step_shows_its_plans_and_its_passes() -> None:
    kept = board()
    plan = read_plan("PLAN.md", b"# Store\n\n## Phase 1: One\n\n### 1.1 Keys\n\n- [x] a\n- [ ] b\n")
    kept.planned("octo/plans", NOW + timedelta(minutes=5))
    kept.ended("octo/plans", "p1", done(plans=(plan,), plan_issues={"PLAN.md": issue()}))
    shown = page(kept)
    assert "octo/plans in step Last pass 9 min ago, in 1.5 s. Next in 5 min." in shown.words
    assert "Store PLAN.md 1 of 2" in shown.words
    assert {"https://github.test/octo/plans", issue().html_url} <= set(shown.links)


def test_what_was_given_up_says_so_and_what_tries_it_again() -> None:
    kept = board()
    kept.planned("octo/plans", NOW + timedelta(minutes=5))
    kept.ended("octo/plans", "p", failed(PermissionDeniedError("it may not")))
    states = [replace(state, given_up=NOW - timedelta(minutes=3)) for state in kept.states()]
    words = Read(status_page(states, {}, NOW).html).words
    assert "1 repository, 1 in trouble, 1 given up." in words
    assert "Given up 3 min ago. Next in 5 min." in words
    assert "by the next webhook, or by planbot queue retry octo/plans." in words


@pytest.mark.parametrize(
    ("queue", "told"),
    [
        (QueueState(), "The queue: 0 passes wait."),
        (
            QueueState(1, NOW - timedelta(minutes=4)),
            "The queue: 1 pass waits; the oldest could have started 4 min ago.",
        ),
        (
            QueueState(lost=NOW - timedelta(seconds=20)),
            "The queue's database has not answered for 20 s; what stands here is from before.",
        ),
    ],
)
def test_how_the_queue_is_stands_on_top(queue: QueueState, told: str) -> None:
    assert told in page(board(), queue).words
    assert "queue" not in page(board()).words


def test_trouble_comes_first_with_what_to_do() -> None:
    kept = board("a/fine", "b/new", "z/broken")
    kept.ended("a/fine", "p", done())
    refused = failed(PermissionDeniedError("it may not", hint="Give it the right."))
    kept.ended("z/broken", "p", replace(refused, retry_at=NOW + timedelta(seconds=30)))
    words = page(kept).words
    assert words.index("z/broken") < words.index("a/fine") < words.index("b/new")
    assert "failed Last pass 8 min ago, in 0.5 s. It is tried again in 30 s." in words
    assert "it may not What to do: Give it the right. It began 8 min ago, 1 pass on end." in words
    assert "3 repositories, 1 in trouble, 1 not looked at yet." in words


def test_what_waits_what_runs_and_what_was_done_is_told() -> None:
    kept = board("a/one", "b/two")
    kept.ended(
        "a/one",
        "p",
        replace(
            done(changes=(change("create", "task", "1.1 Keys", issue=3),), waiting=(tick("a box", 4),)),
            quota=Quota(4987, 5000, NOON),
        ),
    )
    kept.asked("a/one", WISH)
    kept.started("b/two", "p", (WISH,))
    words = page(kept).words
    assert "A pass waits." in words
    assert "1 tick waits waiting: PLAN.md:4: [x] a box (#2)" in words
    assert "What was done 9 min ago" in words
    assert "+ task #3 1.1 Keys" in words
    assert "A pass is under way; it began 8 min ago." in words
    assert "Requests that GitHub still allows: a: 4,987 of 5,000." in words


def test_many_repositories_come_in_pages_and_can_be_found() -> None:
    kept = board(*(f"octo/plans-{number:03}" for number in range(2 * ROWS + 1)))
    first, last = page(kept), page(kept, start=str(2 * ROWS))
    assert first.elements.count("section") == ROWS
    assert last.elements.count("section") == 1
    assert "?find=&start=50" in first.links
    assert page(kept, find="-07").elements.count("section") == 10
    assert "No repository has this in its name." in page(kept, find="nowhere").words
    assert "No repository is kept in step yet." in page(board("x/y"), start="9" * 5).words


@pytest.mark.parametrize("start", ["-1", "x", "٣", "9" * 5000, "1e3", ""])
def test_a_start_that_is_none_is_the_beginning(start: str) -> None:
    assert page(board(), start=start).elements.count("section") == 1


def test_the_page_is_loaded_again_only_for_who_asks_for_it() -> None:
    kept = board()
    assert status_page(kept.states(), {}, NOW).refresh == 0
    assert status_page(kept.states(), {"refresh": "1"}, NOW).refresh == 30
    assert "?find=&start=0&refresh=1" in page(kept).links
    assert "?find=&start=0" in page(kept, refresh="1").links


HOSTILE = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        [
            '"><script>x</script>',
            "</title><img src=x onerror=x>",
            "javascript:x",
            "{{ 7 * 7 }}",
            "\ud800\x00\u202e",
        ]
    ),
)


def everywhere(text: str) -> tuple[StatusBoard, Mapping[str, str]]:
    """Return a board and a query that hold a text wherever others have a say."""
    kept = board(f"o/{text}")
    plan = replace(read_plan("PLAN.md", b"# Store\n\n- [ ] a\n"), title=text, path=text)
    outcome = done(
        plans=(plan,),
        plan_issues={text: replace(issue(), html_url=text)},
        changes=(change("create", "task", text, path=text),),
        waiting=(tick(text, 4),),
        problem=text,
    )
    result = outcome.result
    assert result is not None
    kept.ended(f"o/{text}", text, replace(outcome, result=replace(result, page=text)))
    return kept, {
        "find": text.encode("utf-8", "replace").decode(),
        "start": text,
    }  # as an address can hold it


@given(HOSTILE)
def test_no_text_of_others_is_markup(text: str) -> None:
    kept, query = everywhere(text)
    harmless, _ = everywhere("harmless")
    shown = Read(status_page(kept.states(), {}, NOW).html)
    wanted = Read(status_page(harmless.states(), {}, NOW).html)
    assert (shown.elements, shown.attributes) == (wanted.elements, wanted.attributes)
    assert all(re.match(r"https?://|/|\?", link) for link in shown.links)
    searched = Read(status_page(kept.states(), {**query, "start": "0"}, NOW).html)
    assert not {"script", "img"} & set(searched.elements)
    assert not any(name.startswith("on") for name in searched.attributes)
