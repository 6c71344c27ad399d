"""Webhooks: what is delivered, when, to whom and how it is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest
from sandbox.people import ISSUES, REPOSITORY, run_git
from sandbox.receiver import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.people import Client, People
    from sandbox.receiver import Receiver
    from support.github_openapi import Description

    from planbot.sandbox import Delivery, Sandbox

PAYLOADS = "webhooks/webhook-events-and-payloads"
SECRET = "open sesame"


@pytest.fixture
def hook(sandbox: Sandbox, people: People) -> Iterator[Receiver]:
    assert people.tokens
    with receiver() as taken:
        sandbox.add_webhook("octo/plans", taken.url, secret=SECRET)
        yield taken


def delivered(sandbox: Sandbox) -> list[Delivery]:
    """Return what was delivered after the ping."""
    return sandbox.deliveries[1:]


def events(sandbox: Sandbox) -> list[tuple[str, str | None]]:
    return [(delivery.event, delivery.payload.get("action")) for delivery in delivered(sandbox)]


@pytest.mark.follows("issues", f"{PAYLOADS}#delivery-headers")
def test_a_delivery_is_signed_over_its_bytes(sandbox: Sandbox, alice: Client, hook: Receiver) -> None:
    alice.post(ISSUES, title="ü")
    (delivery,) = delivered(sandbox)
    headers, body = hook.received[-1]
    assert (
        headers["X-Hub-Signature-256"]
        == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    )
    assert headers["X-Hub-Signature"] == f"sha1={hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()}"
    assert (headers["X-GitHub-Event"], headers["Content-Type"]) == ("issues", "application/json")
    assert headers["X-GitHub-Delivery"] == delivery.id
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert json.loads(body) == delivery.payload
    assert delivery.status == 200


@pytest.mark.usefixtures("hook")
@pytest.mark.follows("issues", f"{PAYLOADS}#issues")
def test_everything_that_happens_to_an_issue_is_an_event(
    sandbox: Sandbox, people: People, description: Description
) -> None:
    alice = people.client("alice")
    alice.post(f"{REPOSITORY}/milestones", title="M")
    alice.post(ISSUES, title="t", labels=["a"], assignees=["alice"], milestone=1)
    alice.patch(f"{ISSUES}/1", title="u", body="new", labels=["b"], assignees=["tina"], milestone=None)
    alice.patch(f"{ISSUES}/1", state="closed")
    alice.patch(f"{ISSUES}/1", state="open")
    assert [action for _, action in events(sandbox)] == [
        "opened",
        "milestoned",
        "assigned",
        "labeled",
        "edited",
        "demilestoned",
        "unassigned",
        "assigned",
        "unlabeled",
        "labeled",
        "closed",
        "reopened",
    ]
    for delivery in delivered(sandbox):
        action = delivery.payload["action"]
        assert description.payload_problems("issues", action, delivery.payload) == [], action


@pytest.mark.usefixtures("hook")
@pytest.mark.follows("issues", f"{PAYLOADS}#issues")
def test_an_edit_carries_what_was_there_before_and_who_did_it(sandbox: Sandbox, people: People) -> None:
    people.client("alice").post(ISSUES, title="t", body="- [ ] a")
    people.client("tina").patch(f"{ISSUES}/1", body="- [x] a")
    payload = delivered(sandbox)[-1].payload
    assert (payload["action"], payload["sender"]["login"]) == ("edited", "tina")
    assert payload["changes"] == {"body": {"from": "- [ ] a"}}
    assert payload["issue"]["body"] == "- [x] a"
    assert payload["repository"]["full_name"] == "octo/plans"


@pytest.mark.usefixtures("hook")
@pytest.mark.follows("issues", f"{PAYLOADS}#issues")
def test_a_box_that_closing_ticks_is_an_edit_too(sandbox: Sandbox, alice: Client) -> None:
    alice.post(ISSUES, title="named")
    alice.post(ISSUES, title="list", body="- [ ] #1")
    alice.patch(f"{ISSUES}/1", state="closed")
    assert events(sandbox)[-2:] == [("issues", "closed"), ("issues", "edited")]
    assert delivered(sandbox)[-1].payload["changes"] == {"body": {"from": "- [ ] #1"}}


@pytest.mark.usefixtures("hook")
def test_what_changes_nothing_or_is_refused_is_no_event(sandbox: Sandbox, people: People) -> None:
    alice = people.client("alice")
    alice.post(ISSUES, title="t", body="b")
    alice.patch(f"{ISSUES}/1", title="t", body="b", state="open")
    alice.patch(f"{ISSUES}/1", title="", body="new")
    people.client("rita").patch(f"{ISSUES}/1", body="mine")
    assert events(sandbox) == [("issues", "opened")]


@pytest.mark.usefixtures("hook")
@pytest.mark.follows("push", f"{PAYLOADS}#push")
def test_a_push_tells_its_commits_and_files(
    sandbox: Sandbox, people: People, tmp_path: Path, description: Description
) -> None:
    clone = people.clone("alice", tmp_path / "clone")
    before = run_git(clone, "rev-parse", "HEAD").stdout.strip()
    (clone / "new.md").write_text("new\n")
    (clone / "PLAN.md").write_text("# Plan\n\n- [x] first\n")
    run_git(clone, "rm", "--quiet", "docs/guide.md")
    run_git(clone, "add", ".")
    run_git(clone, "commit", "--quiet", "--message=Tick 1 box")
    after = run_git(clone, "rev-parse", "HEAD").stdout.strip()
    run_git(clone, "push", "--quiet", "origin", "main", "main:refs/planbot/journal")
    (delivery,) = delivered(sandbox)
    payload = delivery.payload
    assert (payload["ref"], payload["before"], payload["after"]) == ("refs/heads/main", before, after)
    assert (payload["created"], payload["deleted"], payload["forced"]) == (False, False, False)
    (commit,) = payload["commits"]
    assert (commit["id"], commit["message"]) == (after, "Tick 1 box")
    assert (commit["added"], commit["removed"], commit["modified"]) == (
        ["new.md"],
        ["docs/guide.md"],
        ["PLAN.md"],
    )
    assert (payload["pusher"]["name"], payload["sender"]["login"]) == ("alice", "alice")
    assert description.payload_problems("push", None, payload) == []


@pytest.mark.usefixtures("hook")
@pytest.mark.follows("push", f"{PAYLOADS}#push")
def test_branches_and_tags_come_and_go_by_push_events(
    sandbox: Sandbox, people: People, tmp_path: Path, description: Description
) -> None:
    clone = people.clone("alice", tmp_path / "clone")
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message=More")
    run_git(clone, "push", "--quiet", "origin", "HEAD:topic", "HEAD:refs/tags/v1")
    run_git(clone, "commit", "--quiet", "--amend", "--allow-empty", "--message=Other")
    run_git(clone, "push", "--quiet", "--force", "origin", "HEAD:topic")
    run_git(clone, "push", "--quiet", "origin", ":topic")
    payloads = [delivery.payload for delivery in delivered(sandbox)]
    assert [(p["ref"], p["created"], p["deleted"], p["forced"], len(p["commits"])) for p in payloads] == [
        ("refs/heads/topic", True, False, False, 1),
        ("refs/tags/v1", True, False, False, 1),
        ("refs/heads/topic", False, False, True, 1),
        ("refs/heads/topic", False, True, False, 0),
    ]
    for payload in payloads:
        assert description.payload_problems("push", None, payload) == []


@pytest.mark.usefixtures("hook")
@pytest.mark.follows("pull_request", f"{PAYLOADS}#pull_request")
def test_a_pull_request_has_events_of_its_own(
    sandbox: Sandbox, people: People, tmp_path: Path, description: Description
) -> None:
    alice = people.client("alice")
    clone = people.clone("alice", tmp_path / "clone")
    run_git(clone, "checkout", "--quiet", "-b", "topic")
    for message in ("One", "Two"):
        run_git(clone, "commit", "--quiet", "--allow-empty", f"--message={message}")
        run_git(clone, "push", "--quiet", "origin", "topic")
        if message == "One":
            alice.post(f"{REPOSITORY}/pulls", title="p", head="topic", base="main", body="b")
    alice.patch(f"{REPOSITORY}/pulls/1", title="q")
    alice.patch(f"{REPOSITORY}/pulls/1", state="closed")
    alice.patch(f"{REPOSITORY}/pulls/1", state="open")
    alice.put(f"{REPOSITORY}/pulls/1/merge")
    found = events(sandbox)
    assert found == [
        ("push", None),
        ("pull_request", "opened"),
        ("push", None),
        ("pull_request", "synchronize"),
        ("pull_request", "edited"),
        ("pull_request", "closed"),
        ("pull_request", "reopened"),
        ("pull_request", "closed"),
        ("push", None),
    ]
    pulls = [d.payload for d in delivered(sandbox) if d.event == "pull_request"]
    assert [p["pull_request"]["merged"] for p in pulls] == [False] * 5 + [True]
    for payload in pulls:
        assert description.payload_problems("pull_request", payload["action"], payload) == [], payload[
            "action"
        ]


@pytest.mark.follows("ping", f"{PAYLOADS}#ping")
def test_a_fresh_webhook_is_pinged_and_gets_the_events_it_wants(
    sandbox: Sandbox, alice: Client, description: Description
) -> None:
    with receiver() as taken:
        sandbox.add_webhook("octo/plans", taken.url, secret=SECRET, events=["push"])
        alice.post(ISSUES, title="t")
        (delivery,) = sandbox.deliveries
        assert [headers["X-GitHub-Event"] for headers, _ in taken.received] == ["ping"]
    assert delivery.payload["zen"]
    assert delivery.payload["hook"]["config"]["secret"] == "********"
    assert description.payload_problems("ping", None, delivery.payload) == []


def test_a_receiver_that_fails_or_is_gone_holds_nothing_up(sandbox: Sandbox, people: People) -> None:
    alice = people.client("alice")
    with receiver() as taken:
        taken.status = 500
        sandbox.add_webhook("octo/plans", taken.url, secret=SECRET)
        alice.post(ISSUES, title="t")
        assert [delivery.status for delivery in delivered(sandbox)] == [500]
    alice.post(ISSUES, title="t")
    assert [delivery.status for delivery in delivered(sandbox)] == [500, None]


@pytest.mark.usefixtures("hook")
def test_a_redelivered_payload_is_no_shared_object(sandbox: Sandbox, alice: Client) -> None:
    alice.post(ISSUES, title="first", labels=["a"])
    alice.patch(f"{ISSUES}/1", title="second", labels=["b"])
    opened: Any = delivered(sandbox)[0].payload["issue"]
    assert (opened["title"], [label["name"] for label in opened["labels"]]) == ("first", ["a"])
