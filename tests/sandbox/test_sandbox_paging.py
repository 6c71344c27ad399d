"""Lists a page at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox.people import ISSUES, REPOSITORY, Client

from planbot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

PAGING = "rest/using-the-rest-api/using-pagination-in-the-rest-api"


def links(header: str) -> dict[str, str]:
    return {rel: target for target, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}


def walk(client: Client, path: str, between: Callable[[], object] = lambda: None) -> list[int]:
    found: list[int] = []
    while True:
        reply = client.get(path)
        found += [item["number"] for item in reply.json]
        following = links(reply.headers.get("Link", "")).get("next")
        if following is None:
            return found
        path = following.removeprefix(client.url)
        between()


@pytest.mark.follows("GET …/issues", PAGING)
def test_issues_are_paged_by_cursor_without_a_last_page(sandbox: Sandbox, alice: Client) -> None:
    for number in range(5):
        alice.post(ISSUES, title=str(number))
    first = alice.get(f"{ISSUES}?per_page=2&state=all")
    target = links(first.headers["Link"])
    assert set(target) == {"next"}
    assert re.match(rf"{sandbox.url}/repositories/\d+/issues\?", target["next"])
    query = parse_qs(urlsplit(target["next"]).query)
    assert (query["per_page"], query["state"], set(query) >= {"after"}) == (["2"], ["all"], True)
    assert walk(alice, f"{ISSUES}?per_page=2&state=all") == [5, 4, 3, 2, 1]


@pytest.mark.follows("GET …/issues", PAGING)
def test_a_cursor_leads_back_too(alice: Client) -> None:
    for number in range(5):
        alice.post(ISSUES, title=str(number))
    second = links(alice.get(f"{ISSUES}?per_page=2").headers["Link"])["next"].removeprefix(alice.url)
    previous = links(alice.get(second).headers["Link"])["prev"].removeprefix(alice.url)
    assert [issue["number"] for issue in alice.get(previous).json] == [5, 4]


@pytest.mark.follows("GET …/issues", PAGING)
def test_an_issue_opened_meanwhile_moves_no_other(alice: Client) -> None:
    for number in range(6):
        alice.post(ISSUES, title=str(number))
    found = walk(alice, f"{ISSUES}?per_page=2", lambda: alice.post(ISSUES, title="meanwhile"))
    assert found == [6, 5, 4, 3, 2, 1]


def test_a_cursor_that_is_none_is_422(alice: Client) -> None:
    assert alice.get(f"{ISSUES}?after=nonsense").status == 422


@pytest.mark.follows("GET …/milestones", PAGING)
def test_other_lists_are_paged_by_number(alice: Client) -> None:
    for number in range(5):
        alice.post(f"{REPOSITORY}/milestones", title=str(number))
    path = f"{REPOSITORY}/milestones?per_page=2"
    pages = {
        page: {
            rel: parse_qs(urlsplit(target).query)["page"][0]
            for rel, target in links(alice.get(f"{path}&page={page}").headers.get("Link", "")).items()
        }
        for page in (1, 2, 3, 9)
    }
    assert pages == {
        1: {"next": "2", "last": "3"},
        2: {"prev": "1", "next": "3", "last": "3", "first": "1"},
        3: {"prev": "2", "first": "1"},
        9: {"prev": "3", "first": "1"},
    }
    assert walk(alice, path) == [1, 2, 3, 4, 5]


@pytest.mark.follows("*", PAGING)
def test_a_page_has_thirty_and_a_hundred_at_most(sandbox: Sandbox, alice: Client) -> None:
    sandbox.limits.requests_per_hour = 10_000
    for number in range(101):
        alice.post(f"{REPOSITORY}/labels", name=f"label {number}")

    def count(query: str) -> int:
        return len(alice.get(f"{REPOSITORY}/labels{query}").json)

    assert [count(query) for query in ("", "?per_page=50", "?per_page=100")] == [30, 50, 100]


@settings(max_examples=25)
@given(
    closings=st.lists(st.integers(1, 9), max_size=4),
    size=st.integers(1, 10),
    sort=st.sampled_from(["created", "updated", "comments"]),
    direction=st.sampled_from(["asc", "desc"]),
    state=st.sampled_from(["open", "closed", "all"]),
)
def test_the_pages_put_together_are_the_list(
    paged: tuple[Sandbox, Client], closings: list[int], size: int, sort: str, direction: str, state: str
) -> None:
    sandbox, client = paged
    for number in closings:
        sandbox.clock.advance(1)
        current: dict[str, Any] = client.get(f"{ISSUES}/{number}").json
        client.patch(f"{ISSUES}/{number}", state="closed" if current["state"] == "open" else "open")
    path = f"{ISSUES}?state={state}&sort={sort}&direction={direction}"
    whole = [issue["number"] for issue in client.get(f"{path}&per_page=100").json]
    assert walk(client, f"{path}&per_page={size}") == whole
    assert len(set(whole)) == len(whole)


@pytest.fixture(scope="module")
def paged() -> Any:
    with Sandbox() as sandbox:
        sandbox.limits.requests_per_hour = 100_000
        sandbox.create_repository("octo/plans")
        client = Client(sandbox.url, sandbox.add_user("alice"))
        for number in range(9):
            client.post(ISSUES, title=str(number))
        yield sandbox, client
        client.connection.close()
