"""Primary and secondary rate limits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY

if TYPE_CHECKING:
    from sandbox.people import People

    from planbot.sandbox import Sandbox

LIMITS = "rest/using-the-rest-api/rate-limits-for-the-rest-api"
SECONDARY = f"{LIMITS}#about-secondary-rate-limits"


@pytest.mark.follows("*", f"{LIMITS}#checking-the-status-of-your-rate-limit")
def test_every_answer_tells_what_is_left(sandbox: Sandbox, people: People) -> None:
    sandbox.clock.hold()
    alice = people.client("alice")
    headers = [alice.get(path).headers for path in (REPOSITORY, "/nowhere")]
    assert [(h["X-RateLimit-Used"], h["X-RateLimit-Remaining"]) for h in headers] == [
        ("1", "4999"),
        ("2", "4998"),
    ]
    assert headers[0]["X-RateLimit-Limit"] == "5000"
    assert headers[0]["X-RateLimit-Resource"] == "core"
    assert int(headers[0]["X-RateLimit-Reset"]) == int(sandbox.clock.now() + 3600)


@pytest.mark.follows("GET /rate_limit", "rest/rate-limit/rate-limit")
def test_asking_for_the_limit_costs_nothing(people: People) -> None:
    alice = people.client("alice")
    alice.get(REPOSITORY)
    for _ in range(2):
        assert alice.get("/rate_limit").json["resources"]["core"]["used"] == 1
    assert people.client("tina").get("/rate_limit").json["rate"]["used"] == 0


@pytest.mark.follows("*", f"{LIMITS}#exceeding-the-rate-limit")
def test_a_used_up_hour_refuses_until_it_ends(sandbox: Sandbox, people: People) -> None:
    sandbox.limits.requests_per_hour = 1
    alice = people.client("alice")
    alice.get(REPOSITORY)
    refused = alice.post(ISSUES, title="t")
    assert refused.status == 403
    assert refused.message.startswith("API rate limit exceeded for")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert people.client("tina").get(REPOSITORY).status == 200
    sandbox.clock.advance(3601)
    assert alice.get(f"{ISSUES}?state=all").json == []


@pytest.mark.follows("*", f"{LIMITS}#primary-rate-limit-for-unauthenticated-users")
def test_strangers_have_sixty_requests(people: People) -> None:
    assert people.client().get(REPOSITORY).headers["X-RateLimit-Limit"] == "60"


@pytest.mark.follows("POST /graphql", "graphql/overview/rate-limits-and-query-limits-for-the-graphql-api")
def test_graphql_has_an_hour_of_its_own(people: People) -> None:
    alice = people.client("alice")
    headers = alice.post("/graphql", query="{ viewer { login } }").headers
    assert (headers["X-RateLimit-Resource"], headers["X-RateLimit-Used"]) == ("graphql", "1")
    assert alice.get("/rate_limit").json["resources"]["core"]["used"] == 0


@pytest.mark.follows("*", SECONDARY)
def test_too_much_created_in_a_minute_is_refused_for_a_while(sandbox: Sandbox, people: People) -> None:
    sandbox.limits.creations_per_minute = 2
    alice = people.client("alice")
    statuses = [alice.post(ISSUES, title="t").status for _ in range(3)]
    refused = alice.post(ISSUES, title="t")
    assert (statuses, refused.status) == ([201, 201, 403], 403)
    assert refused.headers["Retry-After"] == "60"
    assert refused.message.startswith("You have exceeded a secondary rate limit.")
    assert refused.json["documentation_url"].endswith("#about-secondary-rate-limits")
    assert alice.get(REPOSITORY).status == 200
    sandbox.clock.advance(61)
    assert alice.post(ISSUES, title="t").json["number"] == 3


@pytest.mark.follows("*", SECONDARY)
def test_too_much_created_in_an_hour_is_refused(sandbox: Sandbox, people: People) -> None:
    sandbox.limits.creations_per_hour = 1
    sandbox.limits.retry_after = None
    alice = people.client("alice")
    alice.post(ISSUES, title="t")
    sandbox.clock.advance(1800)
    refused = alice.post(ISSUES, title="t")
    assert refused.status == 403
    assert "Retry-After" not in refused.headers


@pytest.mark.follows("*", SECONDARY)
def test_writes_cost_five_points_a_minute_and_reads_one(sandbox: Sandbox, people: People) -> None:
    sandbox.limits.points_per_minute = 12
    alice = people.client("alice")
    statuses = [alice.post(ISSUES, title="t").status, alice.patch(f"{ISSUES}/1", title="u").status]
    statuses += [alice.get(REPOSITORY).status for _ in range(3)]
    assert statuses == [201, 200, 200, 200, 403]


@pytest.mark.follows("*", SECONDARY)
def test_too_many_requests_at_once_are_refused(sandbox: Sandbox, people: People) -> None:
    sandbox.limits.concurrent = 1
    reached, released = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        released.wait()

    sandbox.faults.run(hold, path=REPOSITORY)
    slow, fast = people.client("alice"), people.client("alice")
    waiting = threading.Thread(target=slow.get, args=(REPOSITORY,))
    waiting.start()
    reached.wait()
    refused = fast.get(ISSUES)
    released.set()
    waiting.join()
    assert refused.message.startswith("You have exceeded a secondary rate limit.")
    assert fast.get(ISSUES).status == 200
