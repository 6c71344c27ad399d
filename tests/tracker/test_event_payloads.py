"""Events: every payload that GitHub gives as an example is understood."""

from __future__ import annotations

from typing import Any

import pytest
from support.payloads import examples

from planbot.tracker.event import Event, PullRequestEvent, read_event
from planbot.tracker.records import UserRecord

NAMES = ("issues", "push", "pull_request", "schedule", "workflow_dispatch")


@pytest.mark.parametrize("name", ["issues", "push", "pull_request"])
def test_real_payloads_say_what_they_say(name: str) -> None:
    payloads = examples()[name]
    assert payloads
    for payload in payloads:
        event = read_event(name, payload)
        sender = payload["sender"]
        assert event.sender == UserRecord(sender["login"], sender["id"])
        assert event.bot == (sender["type"] != "User")
        assert event.person == (None if event.bot else event.sender)
        assert event.action == payload.get("action", "")
        assert event.repository == payload["repository"]["full_name"]
        assert event.default_branch == payload["repository"]["default_branch"]
        assert (event.ref, event.deleted) == (payload.get("ref", ""), payload.get("deleted", False))
        issue = payload.get("issue", {})
        assert event.issue == issue.get("number")
        assert event.labels == {label["name"] for label in issue.get("labels", [])}
        assert (event.pull_request is None) == (name != "pull_request")


def test_real_pull_requests_tell_forks_from_branches() -> None:
    events = [read_event("pull_request", one).pull_request for one in examples()["pull_request"]]
    for payload, event in zip(examples()["pull_request"], events, strict=True):
        head, base = payload["pull_request"]["head"], payload["pull_request"]["base"]
        assert event is not None
        assert (event.head, event.branch, event.base) == (head["sha"], head["ref"], base["ref"])
        assert event.fork == (head["repo"]["full_name"] != base["repo"]["full_name"])


def test_every_other_payload_of_github_is_put_up_with() -> None:
    for name, payloads in examples().items():
        for payload in payloads:
            assert read_event(name, payload).name == name


def test_a_fork_that_was_deleted_is_a_fork() -> None:
    payload = {
        "pull_request": {
            "number": 3,
            "head": {"sha": "a", "repo": None},
            "base": {"ref": "main", "repo": {"id": 1}},
        }
    }
    assert read_event("pull_request", payload).pull_request == PullRequestEvent(3, "a", "main", fork=True)


@pytest.mark.parametrize(
    "payload", [None, [], "x", {}, {"sender": 3, "issue": [], "pull_request": {"number": "1"}}]
)
@pytest.mark.parametrize("name", NAMES)
def test_a_payload_of_another_shape_tells_nothing(name: str, payload: Any) -> None:
    assert read_event(name, payload) == Event(name, bot=True)
