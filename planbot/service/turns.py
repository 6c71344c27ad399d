"""When the next pass over a repository may start: quiet times, bursts as one, rests after failures.

One rule for the dispatcher of one process and for the queue that several work off; time is whatever clock they keep.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.errors import RateLimitedError
from planbot.service.model import Reason

if TYPE_CHECKING:
    from planbot.service.model import Outcome

PATIENCE = 60.0  # seconds that a burst without end puts a pass off
BUSY = 45.0  # seconds until a repository is looked at again where another process is at work: half of a lease
MOST_REASONS = 100  # of one pass: a flood of webhooks is one wish, and its texts need not be kept


@dataclass(frozen=True, slots=True)
class Backoff:
    """Hold how long a repository rests after failures, in seconds: doubling, to a cap; a webhook shortens it."""

    first: float = 30
    most: float = 3600
    for_webhook: float = 60

    def after(self, failures: int) -> float:
        """Return the rest after so many failures in a row."""
        return float(min(self.most, self.first * 2 ** min(failures - 1, 30)))


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold when the next pass over a repository may start, in seconds of one clock.

    `since` is when the oldest wish that waits came, None where none does, `due` when the quiet time is over; `rests` is
    until when the repository rests after so many `failures` in a row, `rests_less` that for webhooks.
    """

    since: float | None = None
    due: float = 0.0
    failures: int = 0
    rests: float = 0.0
    rests_less: float = 0.0

    def ready(self, *, by_webhook: bool) -> float:
        """Return when the pass that waits may start."""
        return max(self.due, self.rests_less if by_webhook else self.rests)

    def wanted(self, delay: float, now: float) -> Turn:
        """Return the turn once one more pass is wanted, in `delay` seconds."""
        since = now if self.since is None else self.since
        due = now + delay if self.since is None else max(self.due, now + delay)
        return replace(self, since=since, due=min(due, since + max(delay, PATIENCE)))

    def taken(self) -> Turn:
        """Return the turn once a pass has taken all that was wanted."""
        return replace(self, since=None)

    def failed(self, backoff: Backoff, now: float, asked: float = 0) -> Turn:
        """Return the turn after one more failure; `asked` seconds are what a rate limit wants to be left alone."""
        rest = max(backoff.after(self.failures + 1), asked)
        return self._rested(self.failures + 1, rest, max(backoff.for_webhook, asked), now)

    def after(self, outcome: Outcome, backoff: Backoff, now: float) -> tuple[Turn, float | None]:
        """Return the turn after a pass, and how long until that is made again, None if it need not be."""
        result = outcome.result
        if outcome.error is None and result is not None:
            if result.busy:
                return self._rested(0, BUSY, BUSY, now), BUSY
            if result.complete or result.out_of_time:
                return self._rested(0, 0, 0, now), 0 if result.out_of_time else None
        asked = outcome.error.seconds if isinstance(outcome.error, RateLimitedError) else 0.0
        turn = self.failed(backoff, now, asked)
        return turn, turn.rests - now

    def _rested(self, failures: int, seconds: float, for_webhook: float, now: float) -> Turn:
        return replace(
            self, failures=failures, rests=now + seconds, rests_less=now + min(seconds, for_webhook)
        )


def join(reasons: list[Reason], reason: Reason) -> None:
    """Add a reason to those of the pass that waits."""
    if len(reasons) < MOST_REASONS:
        reasons.append(reason)
    else:  # with neither event nor ref, so that the pass looks at everything
        reasons[-1] = Reason(reason.kind)
