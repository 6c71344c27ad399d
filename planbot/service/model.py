"""What the parts of the service tell each other: why a pass is wanted, how it ended, who hears of it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 # likewise
from typing import TYPE_CHECKING, Literal, Protocol

from planbot.report.result import Requests
from planbot.tracker.event import Event  # noqa: TC001 # reasons are read from JSON by the types of their fields

if TYPE_CHECKING:
    from collections.abc import Collection

    from planbot.errors import PlanbotError
    from planbot.report.result import PassResult
    from planbot.tracker.records import Account, Quota

Kind = Literal["start", "schedule", "webhook", "retry"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Hold why a pass is wanted.

    Of a webhook its delivery id, its event, and the ref that a push moved; of a schedule the time that it was due.
    """

    kind: Kind
    delivery: str = ""
    event: Event | None = None
    ref: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold how a pass ended: with a result or with an error, after so many seconds.

    Where a limit refused the pass, `error` is a `RefusedPassError`, which holds what was wanted. `retry_at` is when a
    pass that failed is tried again; `account` is whom the pass acted as, where it had to know that.
    """

    result: PassResult | None
    error: PlanbotError | None
    seconds: float
    requests: Requests = field(default_factory=Requests)
    quota: Quota | None = None
    retry_at: datetime | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class PassContext:
    """Hold which pass a thread is at work on, for what it logs; `deliveries` are the webhooks that asked for it."""

    repository: str
    pass_id: str
    deliveries: tuple[str, ...] = ()


CURRENT_PASS: ContextVar[PassContext | None] = ContextVar("CURRENT_PASS", default=None)


class Asks(Protocol):
    """Take wishes for passes: the dispatcher of this process, or a queue that others work off."""

    def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:
        """Want a pass over a repository in `delay` seconds; return whether the repository is kept.

        Never blocks and never raises. One pass runs at a time for each repository and one waits at most: a wish joins
        the one that waits, which starts when the longest quiet time is over, and no later than a cap.
        """


class Granting(Asks, Protocol):
    """Take wishes, and see to it that they are granted."""

    def resize(self, workers: int) -> None:
        """Let so many passes run at once from now on, where they run here."""

    def forget(self, repository: str) -> None:
        """Drop what is wanted for a repository; a pass that runs goes on."""

    def only(self, repositories: Collection[str]) -> None:
        """Drop what is wanted, from before this process, for repositories that are none of these."""

    def stop(self, grace: float) -> bool:
        """Take no more; return whether all that must end here did so within `grace` seconds."""


class Board(Protocol):
    """Keep what is known of every repository; every method may be called by any thread and returns at once."""

    def kept(self, names: Collection[str]) -> None:
        """Take the repositories that are kept from now on; what is known of others is forgotten."""

    def planned(self, repository: str, at: datetime | None) -> None:
        """Take the time of the next pass that is foreseen, None for none."""

    def asked(self, repository: str, reason: Reason) -> None:
        """Note that a pass is wanted."""

    def started(self, repository: str, pass_id: str, reasons: tuple[Reason, ...]) -> None:
        """Note that a pass starts."""

    def ended(self, repository: str, pass_id: str, outcome: Outcome) -> None:
        """Note how a pass ended."""


@dataclass(frozen=True, slots=True)
class FrontOptions:
    """Hold what the web server needs of the settings.

    Webhooks are taken at `host` and `port`, not at all where the host is ""; status page and metrics have an address of
    their own, so that what lets webhooks in does not show them as well. Port 0 is any that is free. `secrets` sign
    webhooks, any one of them will do, none takes no webhooks at all; `quiet` is the delay in seconds for a pass that a
    webhook asks for.
    """

    host: str
    port: int
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    quiet: float = 5
    pages_host: str = "127.0.0.1"
    pages_port: int = 8322
