"""What happened: an event, as GitHub describes it in a workflow run's file or in a webhook.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planbot.tracker.records import UserRecord

ISSUE_ACTIONS = ("edited", "closed", "reopened")  # what of an issue can mean something for a plan


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """Hold the pull request of an event; `fork` says that its branch is in another repository."""

    number: int
    head: str
    base: str
    fork: bool
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Hold an event: `sender` is who caused it and `bot` whether that is no person, `issue` an issue's number.

    `body` is the issue's text, `old_body` what it was before an edit, `labels` the names of its labels; `ref` is what a
    push moved or, where it is `deleted`, took away, `committer` the address of who made its newest commit.
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
    repository: str = ""
    default_branch: str = ""
    labels: frozenset[str] = frozenset()
    ref: str = ""
    deleted: bool = False

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
        repository=_text(_record(payload, "repository"), "full_name"),
        default_branch=_text(_record(payload, "repository"), "default_branch"),
        labels=_labels(_record(payload, "issue")),
        ref=_text(payload, "ref"),
        deleted=isinstance(payload, dict) and payload.get("deleted") is True,
    )


def _pull_request(data: dict[str, Any]) -> PullRequestEvent | None:
    number = _number(data)
    if number is None:
        return None
    head, base = _record(data, "head"), _record(data, "base")
    # a fork that was deleted meanwhile is null, and no less a fork
    fork = _record(head, "repo").get("id") != _record(base, "repo").get("id")
    return PullRequestEvent(number, _text(head, "sha"), _text(base, "ref"), fork, _text(head, "ref"))


def _labels(issue: dict[str, Any]) -> frozenset[str]:
    listed = issue.get("labels")
    return frozenset(_text(one, "name") for one in listed) if isinstance(listed, list) else frozenset()


def _record(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _text(data: Any, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _number(data: dict[str, Any]) -> int | None:
    value = data.get("number")
    return value if isinstance(value, int) else None
