"""What happened: events, written when they happen and delivered to webhooks afterwards.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planbot.sandbox.resources.repositories import repository_resource
from planbot.sandbox.resources.users import simple_user

if TYPE_CHECKING:
    from planbot.sandbox.model import Repository, User
    from planbot.sandbox.store import Store
    from planbot.sandbox.view import View


@dataclass(frozen=True, slots=True)
class Event:
    """Hold a webhook event's name, the repository it belongs to and its payload."""

    name: str
    repository_id: int
    payload: dict[str, Any]


class Outbox:
    """Collect the events of one request; the sender is who asked."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.events: list[Event] = []

    @property
    def store(self) -> Store:
        """Return the sandbox's state."""
        return self.view.store

    @property
    def now(self) -> float:
        """Return the time of the sandbox's clock."""
        return self.store.clock.now()

    @property
    def sender(self) -> User:
        """Return who does it. Raises LookupError for a stranger, who can do nothing."""
        if self.view.viewer is None:
            raise LookupError("nobody is signed in")
        return self.view.viewer

    def add(self, name: str, repository: Repository, payload: dict[str, Any]) -> None:
        """Add an event, completed with what every payload has."""
        resource = repository_resource(self.view, repository)
        resource.pop("permissions", None)
        common = {"repository": resource, "sender": simple_user(self.view, self.sender)}
        self.events.append(Event(name, repository.id, common | payload))

    def put_last_first(self) -> None:
        """Let the last event go before the others: an issue is opened before it is labeled."""
        if self.events:
            self.events.insert(0, self.events.pop())
