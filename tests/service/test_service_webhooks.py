"""The service as a process behind real webhooks: what counts, what does not, and what nobody gets to see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from service.hooks import Answered, delivery_id, request, signature
from service.serving import SECRET, Serving, serving, write_settings
from service.test_metrics import figures
from service.test_webhooks import ISSUE
from support.plans import SMALL
from support.world import NAME, PLAN, World

from planbot.service.status_page import REFRESH

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def service(world: World) -> Iterator[Serving]:
    """Serve a repository after its first pass, with the sandbox's webhooks."""
    world.commit({PLAN: SMALL})
    with serving(world) as running:
        running.until_passes(1)
        world.sandbox.add_webhook(NAME, running.address("webhooks"), secret=SECRET)
        yield running


def post(service: Serving, event: str, payload: Any, delivery: str = "") -> Answered:
    body = json.dumps(payload).encode()
    headers = {
        "X-GitHub-Delivery": delivery or delivery_id(),
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": signature(body, SECRET.encode()),
    }
    return request(service.address("webhooks"), "POST", body, headers)


def shown(service: Serving, path: str) -> Answered:
    return request(f"{service.address('status page').rstrip('/')}{path}", "GET", None, {})


def metrics(service: Serving) -> dict[str, float]:
    return figures(shown(service, "/metrics").body.decode())


def verdicts(service: Serving, event: str) -> list[str]:
    return [one["verdict"] for one in service.entries if one["message"].startswith(f"webhook {event}")]


def test_what_planbot_does_itself_starts_no_pass_once_it_knows_who_it_is(
    world: World, service: Serving
) -> None:
    world.set_box("Phase 1", "the page opens")
    service.until_logged("planbot is planbot itself")  # its own push asked for a pass, which finds out
    service.until_passes(3)
    world.set_box("Phase 1", "the linter is quiet")
    service.until(lambda: len(verdicts(service, "push")) == 2)
    service.until_passes(4)
    service.end()
    assert verdicts(service, "push") == ["asked", "ignored"]
    assert service.passes() == ["changed", "changed", "skipped", "changed"]


def test_a_repeated_or_a_foreign_webhook_starts_nothing(service: Serving) -> None:
    payload = {**ISSUE, "repository": {"full_name": NAME.upper(), "default_branch": "main"}}
    delivery = delivery_id()
    told = [post(service, "issues", payload, delivery).data["verdict"] for _ in range(2)]
    other = {**payload, "repository": {"full_name": "octo/other", "default_branch": "main"}}
    told.append(post(service, "issues", other).data["verdict"])
    assert told == ["asked", "repeated", "not kept"]
    service.until_passes(2)
    found = metrics(service)
    service.end()
    assert found["planbot_pass_seconds_count"] == len(service.passes()) == 2
    assert found["planbot_queue_depth"] == found["planbot_passes_running"] == 0
    assert found["planbot_quota_limit owner=octo"] == 5000
    ended = service.entries[-1] if "deliveries" in service.entries[-1] else None
    of_webhook = [one for one in service.entries if one.get("deliveries") == [delivery]]
    assert of_webhook, ended


def test_a_repository_that_comes_is_kept_from_its_event_on(world: World) -> None:
    world.commit({PLAN: SMALL})
    with serving(world, repositories="['octo/*']") as service:
        service.until_passes(1)
        world.sandbox.create_repository("octo/more", git_dir=world.origin)
        assert post(service, "repository", {"action": "created"}).data["verdict"] == "refreshed"
        service.until_passes(1, "octo/more")
        assert b"octo/more" in shown(service, "/").body
        service.end()


def test_new_settings_that_cannot_be_listed_are_taken_with_the_next_listing(world: World) -> None:
    world.commit({PLAN: SMALL})
    with serving(world, repositories="['octo/*']") as service:
        service.until_passes(1)
        world.sandbox.faults.fail(403, path="/user/repos", times=1)
        write_settings(world, repositories="['octo/*']", workers="3")
        service.until_logged("the repositories stay as they were")
        post(service, "repository", {"action": "created"})
        service.until_logged("the settings are taken")
        service.end()


def test_wrong_settings_stand_in_the_way_of_no_listing(world: World) -> None:
    world.commit({PLAN: SMALL})
    with serving(world, repositories="['octo/*']") as service:
        service.until_passes(1)
        world.sandbox.create_repository("octo/more", git_dir=world.origin)
        world.sandbox.faults.fail(403, path="/user/repos", times=1)
        post(service, "repository", {"action": "created"})
        service.until_logged("the repositories stay as they were")
        write_settings(world, repositories="[octo]")
        service.until_passes(1, "octo/more")
        service.end()
    assert "must be a repository" in service.text


def test_what_fails_is_shown_with_what_to_do_and_no_secret_is(world: World, service: Serving) -> None:
    world.sandbox.faults.fail(403, method="GET", path="/repos/*/milestones", times=1)
    world.set_box("Phase 1", "the page opens")
    service.until(lambda: "failed" in service.passes())
    page = shown(service, "/").body.decode()
    assert "could not list the milestones" in page
    assert "What to do: " in page
    everything = page + "".join(shown(service, path).body.decode() for path in ("/metrics", "/readyz", "/x"))
    service.end()
    assert not any(secret in everything + service.text for secret in (world.bot_token, SECRET))
    assert f"every {REFRESH} s" in page
