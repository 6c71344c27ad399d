"""Deliveries: events sent to the webhooks that a repository has, one after the other, signed.

https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
"""

from __future__ import annotations

import hmac
import http.client
import json
import queue
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from planbot.sandbox.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.sandbox.model import Repository, Webhook
    from planbot.sandbox.store import Store

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold one delivery; `status` is the receiver's, or None where it could not be reached."""

    id: str
    event: str
    url: str
    payload: dict[str, Any]
    status: int | None


class Deliverer:
    """Send events from a thread of its own, in their order."""

    def __init__(self, store: Store) -> None:
        self.deliveries: list[Delivery] = []
        self._store = store
        self._waiting: queue.Queue[tuple[Repository, Webhook, Event] | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Deliver what waits, then end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def wait(self) -> None:
        """Wait until everything is delivered."""
        self._waiting.join()

    def send(self, events: Iterable[Event]) -> None:
        """Let events be delivered to each active webhook that wants them."""
        for event in events:
            repository = self._store.state.repositories[event.repository_id]
            for webhook in repository.webhooks.values():
                if event.name in webhook.events or "*" in webhook.events:
                    self._waiting.put((repository, webhook, event))

    def ping(self, repository: Repository, webhook: Webhook, payload: dict[str, Any]) -> None:
        """Let a fresh webhook know that it is registered."""
        self._waiting.put((repository, webhook, Event("ping", repository.id, payload)))

    def _run(self) -> None:
        while (entry := self._waiting.get()) is not None:
            repository, webhook, event = entry
            delivery_id = str(uuid.uuid4())
            webhook.status = _post(webhook, repository, event, delivery_id)
            self.deliveries.append(
                Delivery(delivery_id, event.name, webhook.url, event.payload, webhook.status)
            )
            self._waiting.task_done()
        self._waiting.task_done()


def _post(webhook: Webhook, repository: Repository, event: Event, delivery_id: str) -> int | None:
    body = json.dumps(event.payload, ensure_ascii=False).encode()
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/sandbox",
        "X-GitHub-Delivery": delivery_id,
        "X-GitHub-Event": event.name,
        "X-GitHub-Hook-ID": str(webhook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(repository.id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
    }
    for name, algorithm in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
        headers[name] = f"{algorithm}={hmac.new(webhook.secret.encode(), body, algorithm).hexdigest()}"
    target = urlsplit(webhook.url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("POST", path, body, headers)
        with connection.getresponse() as response:
            response.read()
            return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
