"""`planbot serve --settings` as a process of its own, and what it logs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from support.postgres import PASSWORD
from support.world import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.world import World


SECRET = "it is a secret"
# a lease outlives who held it, who failed rests, lists are waited for: each is long for a test
HASTY = """\
from functools import partial
from planbot.repo import lease
from planbot.service import dispatcher, serve, turns
serve.Dispatcher = partial(dispatcher.Dispatcher, backoff=turns.Backoff(1, 1, 1))
lease.SECONDS, lease.RENEWAL, lease.MARGIN, turns.BUSY = 6, 2, 1, 1
from planbot.sync import reconcile
reconcile.LAG = 2
from planbot.cli.main import main
main()
"""


class Ground(Protocol):
    """Hold what a process needs to know of the world it runs in."""

    bot_token: str


class Serving:
    """Read what a service logs while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.entries: list[dict[str, Any]] = []
        self.text = ""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._changed:
                self.text += line
                self.entries.append(json.loads(line) if line.startswith("{") else {"message": line})
                self._changed.notify_all()
        with self._changed:
            self.process.stderr.close()
            self._changed.notify_all()

    def until(self, found: Callable[[], object]) -> None:
        """Wait until something is true of what was logged; fail with all of it once the process is gone."""
        with self._changed:
            while not found():
                assert self._reader.is_alive(), self.text
                self._changed.wait(1)

    def until_logged(self, text: str, times: int = 1) -> None:
        """Wait until a text was logged so many times."""
        self.until(lambda: sum(text in entry["message"] for entry in self.entries) >= times)

    def passes(self, repository: str = NAME) -> list[str]:
        """Return how each pass over a repository ended, in a word."""
        return [
            entry["verdict"]
            for entry in list(self.entries)
            if entry.get("repository") == repository and "seconds" in entry
        ]

    def until_passes(self, count: int, repository: str = NAME) -> None:
        """Wait until so many passes over a repository have ended."""
        self.until(lambda: len(self.passes(repository)) >= count)

    def address(self, of: str) -> str:
        """Return an address that the service told: `webhooks` or `status page`."""
        self.until_logged("the status page is at")
        (told,) = [
            entry["message"]
            for entry in self.entries
            if of in entry["message"] and " at " in entry["message"]
        ]
        return str(told.partition(" at ")[2].partition(",")[0])

    def send(self, signum: int) -> None:
        """Send a signal."""
        self.process.send_signal(signum)

    def end(self, signum: int = signal.SIGTERM) -> None:
        """End the service and require that it says so with exit code 0, and shows neither traceback nor token."""
        self.send(signum)
        self.gone()

    def gone(self) -> None:
        """Wait until the service has ended as it should."""
        assert self.process.wait() == 0, self.text
        self._reader.join()
        assert "Traceback" not in self.text


def write_settings(world: World, **changes: str) -> Path:
    """Write settings for a sandbox: each top-level key with its YAML; a key of None is left out."""
    settings = {
        "api_url": world.sandbox.url,
        "credentials": "{token: {env: PLANBOT_TEST_TOKEN}}",
        "repositories": f"[{NAME}]",
        "schedule": "{every: 1h, jitter: 0s}",
        "cache": "{folder: cache}",
        "webhooks": "{listen: '127.0.0.1:0', quiet: 1s, secrets: [{env: PLANBOT_TEST_SECRET}]}",
        "pages": "{listen: '127.0.0.1:0'}",
        "limits": "{pace: 0, request: 5s}",
        **changes,
    }
    path = world.folder / "service.yml"
    fresh = world.folder / "service.yml.fresh"
    fresh.write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    fresh.replace(path)
    return path


@contextmanager
def serving(world: World, *, prelude: str = "", **changes: str) -> Iterator[Serving]:
    """Start the service; it is gone at the end in any case."""
    with started(world, "serve", "--settings", write_settings(world, **changes), prelude=prelude) as running:
        yield running


@contextmanager
def started(world: Ground, *args: object, prelude: str = "", **env: str) -> Iterator[Serving]:
    """Start a command that stays; it is gone at the end in any case."""
    process = subprocess.Popen(
        [sys.executable, *(["-c", prelude] if prelude else ["-m", "planbot"]), *map(str, args)],
        env={**os.environ, "PLANBOT_TEST_TOKEN": world.bot_token, "PLANBOT_TEST_SECRET": SECRET, **env},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    running = Serving(process)
    try:
        yield running
    finally:
        process.kill()
        process.wait()
        running._reader.join()
        assert world.bot_token not in running.text
        assert SECRET not in running.text
        assert PASSWORD not in running.text
