"""One try at a pass, whoever grants it: it is known what the thread is at work on, and a mistake of ours is told."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from planbot.errors import PlanbotError
from planbot.report.text import summary
from planbot.service.model import CURRENT_PASS, Outcome, PassContext, Reason
from planbot.service.states import verdict_of

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


def log_end(outcome: Outcome) -> None:
    """Log how a pass ended; where the pages are of this process, call it once they show that."""
    extra = {"verdict": verdict_of(outcome), "seconds": round(outcome.seconds, 3)}
    if outcome.error is not None:
        _LOG.error("the pass failed: %s %s", outcome.error.message, outcome.error.hint, extra=extra)
    elif outcome.result is not None:
        result = outcome.result
        text = " ".join(result.notices) if result.skipped else summary(result)
        text += " The next pass goes on from there." if result.out_of_time else ""
        _LOG.log(logging.WARNING if result.problem else logging.INFO, "the pass ended: %s", text, extra=extra)


def _own_mistake(error: Exception) -> PlanbotError:
    return PlanbotError(
        f"planbot failed: {type(error).__name__}: {error}",
        hint="This is a mistake of planbot's own: please report it, with what the log says.",
    )
