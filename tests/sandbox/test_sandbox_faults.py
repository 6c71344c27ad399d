"""Faults on demand, in tests and by the address that steers a sandbox from another process."""

from __future__ import annotations

import http.client
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY

from planbot.sandbox import Fault

if TYPE_CHECKING:
    from sandbox.people import Client

    from planbot.sandbox import Sandbox


def titles(client: Client) -> list[str]:
    return [issue["title"] for issue in client.get(f"{ISSUES}?state=all&direction=asc").json]


def test_an_error_strikes_the_matching_request_once(sandbox: Sandbox, alice: Client) -> None:
    sandbox.faults.fail(502, method="POST", path="/repos/*/issues")
    assert alice.get(ISSUES).status == 200
    assert alice.post(ISSUES, title="lost").status == 502
    assert alice.post(ISSUES, title="kept").status == 201
    assert titles(alice) == ["kept"]


def test_an_error_after_acting_leaves_what_was_done(sandbox: Sandbox, alice: Client) -> None:
    sandbox.faults.fail(504, method="POST", when="after")
    assert alice.post(ISSUES, title="done").status == 504
    assert titles(alice) == ["done"]


def test_the_nth_request_can_be_struck_and_several(sandbox: Sandbox, alice: Client) -> None:
    sandbox.faults.add(Fault(status=500, skip=2, times=2, message="Oops", headers={"Retry-After": "7"}))
    replies = [alice.get(REPOSITORY) for _ in range(5)]
    assert [reply.status for reply in replies] == [200, 200, 500, 500, 200]
    assert (replies[2].message, replies[2].headers["Retry-After"]) == ("Oops", "7")


def test_a_fault_without_a_count_stays_until_it_is_cleared(sandbox: Sandbox, alice: Client) -> None:
    sandbox.faults.fail(503, times=None)
    assert [alice.get(REPOSITORY).status for _ in range(3)] == [503] * 3
    sandbox.faults.clear()
    assert alice.get(REPOSITORY).status == 200


@pytest.mark.parametrize(("when", "kept"), [("before", []), ("after", ["t"])])
def test_a_connection_is_dropped_before_or_after_acting(
    sandbox: Sandbox, alice: Client, when: str, kept: list[str]
) -> None:
    sandbox.faults.add(Fault("POST", drop=True, when=when))  # type: ignore[arg-type]  # parametrized
    with pytest.raises(http.client.RemoteDisconnected):
        alice.post(ISSUES, title="t")
    alice.connection.close()
    assert titles(alice) == kept
    assert [request.status for request in sandbox.requests] == [0, 200]


def test_a_delay_makes_the_client_wait(sandbox: Sandbox, alice: Client) -> None:
    sandbox.faults.delay(0.2, path=REPOSITORY)
    started = time.monotonic()
    alice.get(REPOSITORY)
    assert time.monotonic() - started >= 0.2


def test_somebody_acts_between_two_requests(sandbox: Sandbox, alice: Client) -> None:
    alice.post(ISSUES, title="t", body="- [ ] a")

    def tick() -> None:
        with sandbox.edit("octo/plans") as repository:
            repository.issues[1].body = "- [x] a"

    sandbox.faults.run(tick, method="PATCH")
    assert alice.get(f"{ISSUES}/1").json["body"] == "- [ ] a"
    assert alice.patch(f"{ISSUES}/1", title="u").json["body"] == "- [x] a"


def test_a_fresh_issue_is_missing_from_lists_for_a_while(sandbox: Sandbox, alice: Client) -> None:
    sandbox.clock.hold()
    sandbox.faults.lag_lists(5)
    alice.post(ISSUES, title="fresh")
    assert titles(alice) == []
    assert alice.get(f"{ISSUES}/1").status == 200
    sandbox.clock.advance(5)
    assert titles(alice) == ["fresh"]


def test_frozen_lists_show_older_bodies(sandbox: Sandbox, alice: Client) -> None:
    alice.post(ISSUES, title="old", labels=["planbot"])
    sandbox.faults.freeze_lists()
    alice.patch(f"{ISSUES}/1", title="new", labels=[])
    alice.post(ISSUES, title="later")
    alice.delete(f"{REPOSITORY}/labels/planbot")
    assert titles(alice) == ["old"]
    assert alice.get(f"{ISSUES}/1").json["title"] == "new"
    sandbox.faults.thaw_lists()
    assert titles(alice) == ["new", "later"]


def test_the_clock_can_be_set_held_and_moved(sandbox: Sandbox, alice: Client) -> None:
    sandbox.clock.set(datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    sandbox.clock.hold()
    assert alice.post(ISSUES, title="t").json["created_at"] == "2030-01-02T03:04:05Z"
    sandbox.clock.advance(-5)
    assert alice.post(ISSUES, title="t").json["created_at"] == "2030-01-02T03:04:00Z"
    sandbox.clock.release()
    assert abs(sandbox.clock.now() - time.time()) < 60


def test_another_process_steers_the_sandbox_over_http(sandbox: Sandbox, alice: Client) -> None:
    fault = {"status": 502, "path": "/repos/*", "times": 2}
    assert alice.send("POST", "/_sandbox/faults", fault).status == 204
    assert alice.get(REPOSITORY).status == 502
    assert alice.delete("/_sandbox/faults").status == 204
    alice.put("/_sandbox/clock", time="2030-01-02T03:04:05Z", held=True)
    alice.put("/_sandbox/clock", advance=5)
    alice.put("/_sandbox/lists", lag=60)
    alice.put("/_sandbox/limits", creations_per_minute=1)
    assert alice.post(ISSUES, title="t").json["created_at"] == "2030-01-02T03:04:10Z"
    assert titles(alice) == []
    assert alice.post(ISSUES, title="t").status == 403
    alice.put("/_sandbox/lists", lag=0, frozen=True)
    assert titles(alice) == ["t"]
    assert [request["status"] for request in alice.get("/_sandbox/requests").json] == [
        502,
        201,
        200,
        403,
        200,
    ]
    assert alice.post("/_sandbox/reset").status == 204
    assert sandbox.requests == []
    assert alice.get(REPOSITORY).status == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", {"colour": "red"}, 422),
        ("PUT", "limits", {"speed": 1}, 422),
        ("PUT", "limits", {"_lock": 1}, 422),
        ("PUT", "clock", {"time": "soon"}, 422),
        ("GET", "nowhere", None, 404),
    ],
)
def test_what_cannot_be_steered_is_told(
    alice: Client, method: str, path: str, body: object, status: int
) -> None:
    assert alice.send(method, f"/_sandbox/{path}", body).status == status
