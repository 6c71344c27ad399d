"""Runs that real events started: each is a whole pass, or one line."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from support.payloads import examples
from support.plans import SMALL
from support.world import PLAN, World

if TYPE_CHECKING:
    from pathlib import Path

    from cli.commands import Planbot

COMMANDS = {"issues": ("sync", "--pace", "0"), "push": ("sync", "--pace", "0"), "pull_request": ("diff",)}


class Started:
    """Run the command of an event, as its workflow does."""

    def __init__(self, planbot: Planbot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._planbot = planbot
        self._file = folder / "event.json"
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(self._file))

    def __call__(self, name: str, payload: Any) -> str:
        self._file.write_text(json.dumps(payload))
        self._monkeypatch.setenv("GITHUB_EVENT_NAME", name)
        if "ref" in payload:
            self._monkeypatch.setenv("GITHUB_REF", payload["ref"])
        return self._planbot(*COMMANDS[name], "--output", "github").require().out


@pytest.fixture
def started(planbot: Planbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    return Started(planbot, tmp_path, monkeypatch)


@pytest.fixture
def synced(at_work: World) -> World:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    return at_work


def test_every_real_issue_event_starts_a_whole_pass(started: Started, synced: World) -> None:
    """Whatever issue it is about: a run may stand for others that it replaced."""
    for payload in examples()["issues"]:
        synced.set_box("Phase 1", "the page opens", ticked=b"[ ] the page opens" in synced.plan())
        before = synced.plan()
        assert "1 box in step; commit" in started("issues", payload)
        assert synced.plan() != before


def test_every_real_push_is_of_another_ref(started: Started, synced: World) -> None:
    before = synced.refs()
    for payload in examples()["push"]:
        assert f"{payload['ref']} is not the branch main: nothing to do" in started("push", payload)
    assert started("push", {**examples()["push"][0], "ref": "refs/heads/main"})
    assert synced.refs() == before


def test_every_real_pull_request_is_previewed_or_goes_elsewhere(started: Started, synced: World) -> None:
    (synced.work / PLAN).write_text(SMALL.replace("1.1 Store", "1.1 Keep"))
    for payload in deepcopy(examples()["pull_request"]):
        base = payload["pull_request"]["base"]["ref"]
        assert f"refs/heads/{base} is not the branch main" in started("pull_request", payload)
        payload["pull_request"]["base"]["ref"] = "main"
        out = started("pull_request", payload)
        assert "Would update" in out


def test_an_event_that_cannot_be_read_is_bad_usage(
    planbot: Planbot, synced: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "issues")
    for text in (None, "{"):
        file = tmp_path / "broken.json"
        if text is not None:
            file.write_text(text)
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(file))
        before = len(synced.sandbox.requests)
        assert "$GITHUB_EVENT_PATH cannot be read" in planbot("sync").require(2).err
        assert len(synced.sandbox.requests) == before
