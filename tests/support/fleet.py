"""Many small repositories on one sandbox, the people who tick in them, and what stands between webhooks and serves."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import requests
from service.hooks import request
from support.ports import free_port
from support.world import PLAN, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

SMALLEST = """\
# Store

## Phase 1: Build

### 1.1 The page

- [ ] it opens
- [ ] it is quick
"""
BOXES = ("it opens", "it is quick")
TITLES = ["1.1 The page", "Phase 1: Build", "Store"]  # of the issues that this makes
_SETTINGS = """\
api_url: {url}
credentials: {{token: {{env: PLANBOT_TEST_TOKEN}}}}
repositories: ["octo/*"]
schedule: {{every: 1d, jitter: 0s}}
workers: {workers}
cache: {{folder: cache}}
webhooks: {{listen: "127.0.0.1:{hooks}", quiet: 1s, secrets: [{{env: PLANBOT_TEST_SECRET}}]}}
pages: {{listen: "127.0.0.1:{pages}"}}
limits: {{pace: 0, request: 8s}}
"""


class Fleet:
    """Hold so many repositories, each with one plan file of one task, a bot and a person."""

    def __init__(self, folder: Path, sandbox: Sandbox, count: int, plan: str = SMALLEST) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.names = [f"octo/plans-{number:04}" for number in range(count)]
        self.bot_token = sandbox.add_user("planbot", role="write")
        self.person_token = sandbox.add_user("maya", role="write")
        sandbox.limits.requests_per_hour = 10**9
        template = self._template(plan)
        for name in self.names:
            shutil.copytree(template, self._origin(name))
            sandbox.create_repository(name, git_dir=self._origin(name))

    def _origin(self, name: str) -> Path:
        return self.folder / "origins" / name

    def _template(self, plan: str) -> Path:
        git(self.folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", "template.git")
        git(self.folder, "clone", "--quiet", "template.git", "work")
        (self.folder / "work" / PLAN).write_text(plan)
        git(self.folder / "work", "add", PLAN)
        git(self.folder / "work", "commit", "--quiet", "--message", "Plan")
        git(self.folder / "work", "push", "--quiet", "origin", "HEAD:main")
        return self.folder / "template.git"

    def settings(self, name: str, passes: int = 2) -> Path:
        """Write the settings of one process, with ports of its own."""
        path = self.folder / f"{name}.yml"
        ports = {"hooks": free_port(), "pages": free_port()}
        path.write_text(_SETTINGS.format(url=self.sandbox.url, workers=passes, **ports))
        return path

    def hook(self, url: str, secret: str) -> None:
        """Have all webhooks sent to an address."""
        for name in self.names:
            self.sandbox.add_webhook(name, url, secret=secret, events=("issues", "push", "pull_request"))

    def plan(self, name: str) -> str:
        """Return the plan file as the branch has it."""
        read = ["git", "cat-file", "blob", f"main:{PLAN}"]
        return subprocess.run(read, cwd=self._origin(name), capture_output=True, check=True, text=True).stdout

    def titles(self, name: str) -> list[str]:
        """Return the titles of all issues that there are, open and closed."""
        return sorted(issue["title"] for issue in self._issues(name))

    def tick(self, name: str, box: str) -> bool:
        """Tick a box in an issue, as a person does; return whether there is such an issue yet."""
        old, new = (f"[{mark}] {box}" for mark in " x")
        for issue in self._issues(name):
            if old in issue["body"]:
                url = f"{self.sandbox.url}/repos/{name}/issues/{issue['number']}"
                body = {"body": issue["body"].replace(old, new)}
                requests.patch(url, json=body, headers=self._person, timeout=60).raise_for_status()
                return True
        return False

    @property
    def _person(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.person_token}", "User-Agent": "tests"}

    def _issues(self, name: str) -> list[dict[str, str]]:
        url = f"{self.sandbox.url}/repos/{name}/issues?state=all"
        listed: list[dict[str, str]] = requests.get(url, headers=self._person, timeout=60).json()
        return listed


class People(threading.Thread):
    """Tick all boxes of every repository, one after the other, once their issues are there."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(name="people", daemon=True)
        self._fleet = fleet
        self._left = {name: [*BOXES] for name in fleet.names}
        self.start()

    def run(self) -> None:
        while self._left:
            for name, boxes in list(self._left.items()):
                if not boxes:
                    del self._left[name]
                elif self._fleet.tick(name, boxes[0]):
                    boxes.pop(0)
            time.sleep(2)


@dataclass(slots=True)
class Relay:
    """Hand each webhook to one of several serves in turn, to the next one where it is not taken; some to all of them.

    A proxy does so, and GitHub where a person asks for a delivery again.
    """

    targets: list[str]
    url: str = ""
    taken: int = 0
    repeated: int = 0
    lost: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def hand_on(self, headers: dict[str, str], body: bytes) -> int:
        """Return the status of whoever took it, 503 if nobody did."""
        number = next(self.numbers)
        statuses: list[int] = []
        for at in range(len(self.targets)):
            statuses.append(_post(self.targets[(number + at) % len(self.targets)], headers, body))
            if statuses[-1] == 202 and number % 5:
                break
        taken = statuses.count(202)
        self.taken, self.lost = self.taken + bool(taken), self.lost + (not taken)
        self.repeated += taken > 1
        return 202 if taken else 503


def _post(url: str, headers: dict[str, str], body: bytes) -> int:
    try:
        return request(url, "POST", body, headers).status
    except (OSError, HTTPException):
        return 0


@contextmanager
def relay(*targets: str) -> Iterator[Relay]:
    """Take webhooks until the block ends."""
    relaying = Relay([*targets])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = ("Content-Type", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256")
            self.send_response(relaying.hand_on({name: self.headers[name] for name in names}, body))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        relaying.url = f"http://127.0.0.1:{server.server_port}/webhook"
        try:
            yield relaying
        finally:
            server.shutdown()
            thread.join()
