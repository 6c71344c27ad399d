"""The contract with GitHub's description: it finds what is wrong, and what it forgives is listed."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sandbox.people import ISSUES, REPOSITORY
from support import npm_package
from support.github_openapi import EVERYWHERE, GAPS, NULLS, Description

from planbot.sandbox.routes import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.people import Client

    from planbot.sandbox import Request, Sandbox


@pytest.fixture
def exchange(sandbox: Sandbox, alice: Client) -> Request:
    """Return an exchange that keeps the contract."""
    alice.post(f"{REPOSITORY}/milestones", title="M")
    alice.post(ISSUES, title="t", labels=["x"], milestone=1)
    return sandbox.requests[-1]


def changed(exchange: Request, change: Callable[[Any], object]) -> Request:
    answer = copy.deepcopy(exchange.answer)
    change(answer)
    return replace(exchange, answer=answer)


def test_a_true_answer_keeps_the_contract(description: Description, exchange: Request) -> None:
    assert description.problems(exchange) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda issue: issue.pop("user"),
        lambda issue: issue.update(extra=1),
        lambda issue: issue["user"].update(extra=1),
        lambda issue: issue["labels"][0].update(extra=1),
        lambda issue: issue["milestone"].pop("title"),
        lambda issue: issue.update(number="1"),
        lambda issue: issue.update(state="done"),
        lambda issue: issue.update(state_reason="because"),
        lambda issue: issue.update(author_association="FRIEND"),
        lambda issue: issue.update(created_at="2026-01-01 12:00"),
        lambda issue: issue.update(created_at="2026-01-01T12:00:00.123Z"),
        lambda issue: issue.update(closed_at="2026-01-01T12:00:00Z"),
        lambda issue: issue.update(url="/repos/octo/plans/issues/1"),
        lambda issue: issue.update(html_url="https://github.com/octo/plans/issues/1"),
        lambda issue: issue.update(node_id="1"),
        lambda issue: issue["labels"][0].update(color="red"),
        lambda issue: issue["user"].update(type="Person"),
    ],
)
def test_an_answer_that_breaks_it_is_found(
    description: Description, exchange: Request, change: Callable[[Any], object]
) -> None:
    assert description.problems(changed(exchange, change))


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 200},
        {"status": 418},
        {"method": "PUT"},
        {"path": "/repos/octo/plans/nowhere"},
        {"body": {"body": "no title"}},
        {"body": {"title": "t", "colour": "red"}},
        {"query": "colour=red"},
        {"headers": {}},
    ],
)
def test_a_request_that_breaks_it_is_found(
    description: Description, exchange: Request, fields: dict[str, Any]
) -> None:
    assert description.problems(replace(exchange, **fields))


def test_a_refusal_is_held_to_its_shape(description: Description, sandbox: Sandbox, alice: Client) -> None:
    alice.post(ISSUES, title="")
    refused = sandbox.requests[-1]
    assert description.problems(refused) == []
    assert description.problems(changed(refused, lambda body: body.pop("documentation_url")))
    assert description.problems(changed(refused, lambda body: body["errors"][0].pop("code")))
    assert description.problems(changed(refused, lambda body: body.update(status="500")))


def test_payloads_are_held_to_their_description(description: Description) -> None:
    assert description.payload_problems("issues", "opened", {"action": "opened"})


def test_every_gap_is_still_one(description: Description) -> None:
    operations = {(o.method, o.template): o.entry["responses"] for o in description.operations}
    for (method, template, status), page in GAPS.items():
        assert str(status) not in operations[method, template], (method, template, status)
        assert page.startswith("https://docs.github.com/")
    assert all(page.startswith("https://docs.github.com/") for page in EVERYWHERE.values())


def test_every_field_that_may_be_null_is_described_as_another(description: Description) -> None:
    operations = {
        (o.method, o.template): o.entry["requestBody"]
        for o in description.operations
        if "requestBody" in o.entry
    }
    for method, template, name in NULLS:
        schema = operations[method, template]["content"]["application/json"]["schema"]
        assert schema["properties"][name]["type"] == "string"


def test_every_endpoint_is_described_and_names_its_page(description: Description) -> None:
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace("<path:", "<").replace("<", "{").replace(">", "}")
        described = description.operation(endpoint.method, path.replace("{", "").replace("}", ""))
        assert described is not None or path == "/graphql", endpoint
        assert endpoint.docs.startswith("https://docs.github.com/"), endpoint


def test_the_newest_version_is_described_without_what_it_dropped(description: Description) -> None:
    newest = Description.fetch("2026-03-10")
    for version, there in ((description, True), (newest, False)):
        operation = version.operation("GET", f"{ISSUES}/1")
        assert operation is not None
        issue = version.schema("issue")
        assert ("assignee" in issue["properties"], "assignee" in issue["required"]) == (there, there)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_npm_the_contract_is_skipped_but_never_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(npm_package, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(npm_package.MissingError, match="npm is not installed") as missing:
        npm_package.member("@octokit/openapi", "0.0.0", "generated/api.github.com.json")
    with pytest.raises(outcome, match="npm is not installed"):
        npm_package.skip_without(missing.value)
