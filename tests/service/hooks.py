"""Webhooks as GitHub sends them, to a front that is really there."""

from __future__ import annotations

import hmac
import http.client
import itertools
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from planbot.service.board import StatusBoard
from planbot.service.model import FrontOptions
from planbot.service.web import Shown, WebFront, front

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planbot.service.model import Reason

SECRET, OLD_SECRET = b"It's a Secret to Everybody", b"the one before"
_NUMBERS = itertools.count()


def signature(body: bytes, secret: bytes = SECRET) -> str:
    return f"sha256={hmac.new(secret, body, 'sha256').hexdigest()}"


def delivery_id() -> str:
    return f"00000000-0000-0000-0000-{next(_NUMBERS):012}"


@dataclass(slots=True)
class Wishes:
    """Keep what was asked for: `Asks`, for a service that keeps every repository but those of others."""

    asked: list[tuple[str, Reason, float]] = field(default_factory=list)
    others: frozenset[str] = frozenset()
    refreshed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:
        with self.lock:
            self.asked.append((repository, reason, delay))
        return repository not in self.others

    def refresh(self) -> None:
        self.refreshed += 1


@dataclass(frozen=True, slots=True)
class Answered:
    """Hold an answer to a request."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        return json.loads(self.body)


def request(url: str, method: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
    """Send one request over a connection of its own; in names of headers `_` stands for `-`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request(method, path, body, {name.replace("_", "-"): one for name, one in headers.items()})
        with connection.getresponse() as answer:
            return Answered(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Fronted:
    """Hold a front that listens, and what stands behind it."""

    front: WebFront
    wishes: Wishes
    board: Shown

    @property
    def hooks(self) -> str:
        return self.front.servers[0].url

    @property
    def pages(self) -> str:
        return self.front.servers[-1].url

    def post(self, event: str, payload: Any, secret: bytes = SECRET, **headers: str) -> Answered:
        """Send a webhook as GitHub does."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        sent = {
            "Content_Type": "application/json",
            "User_Agent": "GitHub-Hookshot/044aadd",
            "X_GitHub_Delivery": delivery_id(),
            "X_GitHub_Event": event,
            "X_Hub_Signature_256": signature(body, secret),
        }
        return request(f"{self.hooks}/webhook", "POST", body, sent | headers)

    def get(self, path: str, **headers: str) -> Answered:
        """Ask for a page."""
        return request(f"{self.pages}{path}", "GET", None, headers)


@contextmanager
def fronted(*secrets: bytes, board: Shown | None = None, wishes: Wishes | None = None) -> Iterator[Fronted]:
    """Serve webhooks and pages on ports of their own until the block ends."""
    behind, board = wishes or Wishes(), board or StatusBoard()
    options = FrontOptions("127.0.0.1", 0, secrets or (SECRET,), quiet=5, pages_port=0)
    serving = front(options, asks=behind, board=board, refresh=behind.refresh)
    serving.start()
    try:
        yield Fronted(serving, behind, board)
    finally:
        serving.stop()
