"""A plain HTTP client, people who have one, and git as they run it."""

from __future__ import annotations

import http.client
import json
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from planbot.sandbox import Sandbox

REPOSITORY = "/repos/octo/plans"
ISSUES = f"{REPOSITORY}/issues"


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold an answer."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """Return the answer's JSON value."""
        return json.loads(self.content)

    @property
    def message(self) -> str:
        """Return the message of a refusal."""
        return str(self.json["message"])


@dataclass(slots=True)
class Client:
    """Send requests with a token, over one connection that stays open; nothing is followed or tried again."""

    url: str
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        target = urlsplit(self.url)
        self.connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request whose body is a JSON value, or bytes as they are."""
        sent = {
            "User-Agent": "tests",
            "Accept": "application/vnd.github+json",
            **self.headers,
            **(headers or {}),
        }
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, content, sent)
        with self.connection.getresponse() as response:
            return Reply(response.status, dict(response.headers), response.read())

    def get(self, path: str, **headers: str) -> Reply:
        """Send a GET; `If_None_Match="…"` is a header."""
        return self.send(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def post(self, path: str, **body: object) -> Reply:
        """Send a POST."""
        return self.send("POST", path, body or None)

    def patch(self, path: str, **body: object) -> Reply:
        """Send a PATCH."""
        return self.send("PATCH", path, body)

    def put(self, path: str, **body: object) -> Reply:
        """Send a PUT."""
        return self.send("PUT", path, body or None)

    def delete(self, path: str, **body: object) -> Reply:
        """Send a DELETE."""
        return self.send("DELETE", path, body or None)


@dataclass(slots=True)
class People:
    """Make clients and clones for the people of a test, by login."""

    sandbox: Sandbox
    folder: Path
    clients: list[Client] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def client(self, login: str | None = None, **headers: str) -> Client:
        """Return a client with a user's token, or a stranger's."""
        client = Client(self.sandbox.url, self.tokens[login] if login else None, headers)
        self.clients.append(client)
        return client

    def remote(self, login: str | None) -> str:
        """Return the address by which a user clones and pushes."""
        sign_in = f"x-access-token:{self.tokens[login]}@" if login else ""
        return f"{self.sandbox.url.replace('//', f'//{sign_in}')}/octo/plans.git"

    def clone(self, login: str, folder: Path) -> Path:
        """Clone the repository as a user."""
        run_git(folder.parent, "clone", "--quiet", self.remote(login), folder.name)
        return folder


def run_git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git as a person whose settings are the test's."""
    settings = ("user.name=Alice", "user.email=alice@example.org", "commit.gpgsign=false", "gc.auto=0")
    options = [part for setting in settings for part in ("-c", setting)]
    return subprocess.run(
        ["git", *options, *arguments],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        check=check,
    )
