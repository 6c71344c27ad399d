"""What started a workflow run: the event, as GitHub describes it in a file.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planbot.tracker.records import UserRecord


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """Hold the pull request of an event; `fork` says that its branch is in another repository."""

    number: int
    head: str
    base: str
    fork: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Hold an event: `sender` is who caused it and `bot` whether that is no person, `issue` an issue's number.

    `body` is the issue's text, `old_body` what it was before an edit; `committer` is the address of who made the newest
    commit of a push.
    """

    name: str
    action: str = ""
    sender: UserRecord | None = None
    bot: bool = False
    issue: int | None = None
    pull_request: PullRequestEvent | None = None
    body: str = ""
    old_body: str = ""
    committer: str = ""

    @property
    def person(self) -> UserRecord | None:
        """Return the person who caused it, None for a bot."""
        return None if self.bot else self.sender


def read_event(name: str, payload: Any) -> Event:
    """Return an event; what its payload lacks, or has in another shape, is left out."""
    sender = _record(payload, "sender")
    login, number = sender.get("login"), sender.get("id")
    known = isinstance(login, str) and isinstance(number, int)
    return Event(
        name,
        _text(payload, "action"),
        UserRecord(login, number) if known else None,  # type: ignore[arg-type] # `known` looked at both
        bot=sender.get("type") != "User" or _text(sender, "login").endswith("[bot]"),
        issue=_number(_record(payload, "issue")),
        pull_request=_pull_request(_record(payload, "pull_request")),
        body=_text(_record(payload, "issue"), "body"),
        old_body=_text(_record(_record(payload, "changes"), "body"), "from"),
        committer=_text(_record(_record(payload, "head_commit"), "committer"), "email"),
    )


def _pull_request(data: dict[str, Any]) -> PullRequestEvent | None:
    number = _number(data)
    if number is None:
        return None
    head, base = _record(data, "head"), _record(data, "base")
    # a fork that was deleted meanwhile is null, and no less a fork
    fork = _record(head, "repo").get("id") != _record(base, "repo").get("id")
    return PullRequestEvent(number, _text(head, "sha"), _text(base, "ref"), fork)


def _record(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _text(data: Any, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _number(data: dict[str, Any]) -> int | None:
    value = data.get("number")
    return value if isinstance(value, int) else None
