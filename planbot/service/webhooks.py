"""Webhooks: who sent them, whether they are new, what they ask for.

https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import parse_qs

from planbot.service.meaning import meaning_of
from planbot.service.model import Reason
from planbot.tracker.event import read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planbot.people import Myself
    from planbot.service.model import Asks, FrontOptions
    from planbot.tracker.event import Event

_LOG = logging.getLogger(__name__)

MOST_BYTES = 25 * 1024 * 1024  # https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap
REMEMBERED = 10_000  # deliveries; those of some hours, where GitHub repeats one within minutes
_LONGEST = 100  # characters of a delivery id; GitHub's have 36
_FORM = "application/x-www-form-urlencoded"

Verdict = Literal["asked", "refreshed", "ignored", "repeated", "not kept", "refused", "unreadable", "off"]


@dataclass(frozen=True, slots=True)
class Posted:
    """Hold what was posted: headers as they are called here, and the body."""

    event: str
    delivery: str
    signature: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what a webhook is answered: the verdict that is counted, an HTTP status and a line for people."""

    verdict: Verdict
    status: HTTPStatus
    text: str


class Known(Protocol):
    """Tell what earlier passes have learnt of a repository."""

    def branch_of(self, repository: str) -> str:
        """Return the branch that is kept in step, "" if no pass has told."""

    def account_of(self, repository: str) -> Myself:
        """Return whom passes act as; nobody if none has told."""


class Deliveries:
    """Remember the newest delivery ids, so that one that comes twice counts once."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def first(self, delivery: str) -> bool:
        """Return whether an id was not seen before, and remember it."""
        with self._lock:
            new = delivery not in self._seen
            self._seen[delivery] = None
            self._seen.move_to_end(delivery)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return new

    def forget(self, delivery: str) -> None:
        """Let an id count as not seen."""
        with self._lock:
            self._seen.pop(delivery, None)


def is_signed(body: bytes, signature: str, secrets: Iterable[bytes]) -> bool:
    """Return whether a body was signed with one of the secrets; how long it takes tells nothing of them.

    https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    """
    given = signature.encode("utf-8", "replace")
    right = [f"sha256={hmac.digest(secret, body, 'sha256').hex()}".encode() for secret in secrets]
    return any([hmac.compare_digest(given, one) for one in right])  # noqa: C419  # each is compared in any case


class Webhooks:
    """Take webhooks: ask for passes and have repositories listed anew, and do nothing else."""

    def __init__(
        self, options: FrontOptions, asks: Asks, known: Known, refresh: Callable[[], object]
    ) -> None:
        self.options = options
        self._asks = asks
        self._known = known
        self._refresh = refresh
        self._deliveries = Deliveries()

    def take(self, posted: Posted) -> Answer:
        """Return the answer to a webhook; nothing of it is parsed before its signature is found right."""
        if not self.options.secrets:
            return Answer(
                "off", HTTPStatus.NOT_FOUND, "webhooks are off: the settings hold no secret for them"
            )
        if not is_signed(posted.body, posted.signature, self.options.secrets):
            _LOG.warning("refused a webhook: it is not signed with the secret", extra=_extra(posted))
            return Answer("refused", HTTPStatus.UNAUTHORIZED, "the signature is missing or wrong")
        try:
            payload = _payload(posted)
        except (ValueError, KeyError, RecursionError):
            return Answer("unreadable", HTTPStatus.BAD_REQUEST, "the payload is no JSON object")
        if not posted.event or not 0 < len(posted.delivery) <= _LONGEST:  # no signature covers these
            text = "X-GitHub-Event or X-GitHub-Delivery is missing or none"
            return Answer("unreadable", HTTPStatus.BAD_REQUEST, text)
        if not self._deliveries.first(posted.delivery):
            return _accepted("repeated", "this delivery was taken before")
        event = read_event(posted.event, payload)
        verdict = ""
        try:
            answer = self._act(event, posted.delivery)
            verdict = answer.verdict
        finally:
            if verdict not in ("asked", "refreshed"):  # sent once more, it may be
                self._deliveries.forget(posted.delivery)
        told = f"{event.name}.{event.action}" if event.action else event.name
        extra = {**_extra(posted), "repository": event.repository, "verdict": answer.verdict}
        _LOG.info("webhook %s: %s", told, answer.text, extra=extra)
        return answer

    def _act(self, event: Event, delivery: str) -> Answer:
        repository = event.repository
        meaning = meaning_of(event, self._known.account_of(repository), self._known.branch_of(repository))
        if meaning.wish == "refresh":
            self._refresh()
            return _accepted("refreshed", meaning.why)
        if meaning.wish == "nothing":
            return _accepted("ignored", meaning.why)
        reason = Reason("webhook", delivery, event, event.ref or None)
        if not self._asks.ask(repository, reason, delay=self.options.quiet):
            return _accepted("not kept", f"{repository or 'the repository'} is not one that is kept in step")
        return _accepted("asked", "a pass is wanted")


def _accepted(verdict: Verdict, text: str) -> Answer:
    return Answer(verdict, HTTPStatus.ACCEPTED, text)


def _extra(posted: Posted) -> dict[str, str]:
    return {"delivery": posted.delivery[:_LONGEST]}


def _payload(posted: Posted) -> dict[str, Any]:
    """Return what a body holds: JSON, or a form with JSON in it, which is what GitHub's page offers first."""
    body = posted.body
    if posted.content_type.partition(";")[0].strip().lower() == _FORM:
        body = parse_qs(body, strict_parsing=True)[b"payload"][0]
    data = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("the payload is no object")  # noqa: TRY004  # the payload is at fault, not the caller
    return data
