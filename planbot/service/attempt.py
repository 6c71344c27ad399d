"""One try at a pass, whoever grants it: it is known what the thread is at work on, and a mistake of ours is told."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from planbot.errors import PlanbotError
from planbot.service.model import CURRENT_PASS, Outcome, PassContext, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG = logging.getLogger(__name__)

Run = Callable[[str, tuple[Reason, ...]], Outcome]  # repository, why


def new_context(repository: str, reasons: tuple[Reason, ...]) -> PassContext:
    """Return what a new pass is known by."""
    deliveries = tuple(reason.delivery for reason in reasons if reason.delivery)
    return PassContext(repository, secrets.token_hex(4), deliveries)


@contextmanager
def at_work(context: PassContext) -> Iterator[None]:
    """Let everything that this thread logs name a pass."""
    token = CURRENT_PASS.set(context)
    try:
        yield
    finally:
        CURRENT_PASS.reset(token)


def attempt(run: Run, repository: str, reasons: tuple[Reason, ...]) -> Outcome:
    """Make a pass and return how it ended, whatever happens in it."""
    try:
        return run(repository, reasons)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not take a worker along
        _LOG.exception("the pass over %s ended by a mistake of planbot's own", repository)
        return Outcome(None, _own_mistake(error), 0)


def _own_mistake(error: Exception) -> PlanbotError:
    return PlanbotError(
        f"planbot failed: {type(error).__name__}: {error}",
        hint="This is a mistake of planbot's own: please report it, with what the log says.",
    )
