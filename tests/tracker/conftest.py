from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tracker.github_json import TOKEN, repository_json
from tracker.manual_time import ManualTime
from tracker.scripted_server import Answer, ScriptedServer

from planbot.tracker.github_tracker import GitHubTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.on("GET /repos/o/r", Answer(data=repository_json()))
        yield running


@pytest.fixture
def connect(server: ScriptedServer, time: ManualTime) -> Iterator[Callable[..., GitHubTracker]]:
    opened: list[GitHubTracker] = []

    def open_tracker(**settings: object) -> GitHubTracker:
        defaults = {"api_url": server.url, "token": TOKEN, "repository": "o/r"}
        clocked = {"sleep": time.sleep, "clock": time.clock}
        opened.append(GitHubTracker.connect(**{**defaults, **clocked, **settings}))  # type: ignore[arg-type]  # settings of many kinds
        return opened[-1]

    yield open_tracker
    for tracker in opened:
        tracker.close()


@pytest.fixture
def tracker(connect: Callable[..., GitHubTracker], server: ScriptedServer) -> GitHubTracker:
    """A tracker that has looked at its repository already, so that a test sees only its own requests."""
    connected = connect()
    connected.repository()
    server.asked.clear()
    return connected
