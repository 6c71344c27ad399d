"""How rate limits are waited for: how long, how often, and what is done afterwards.

A limit refuses a request before it does anything. What was to be written may be old once the wait is over, and the
right to write it gone, so a write is never just sent again: all of what led to it is done anew, from its first read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from planbot.errors import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

MAX_WAIT = 60.0  # seconds
TRIES_AGAIN = 3


def patiently(do: Callable[[], _T], rest: Callable[[float], object], max_wait: float = MAX_WAIT) -> _T:
    """Do something; where a rate limit refuses a part of it, rest as many seconds as it asks, and do all of it again.

    A limit that names no time is given twice as long each time:
    https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately

    Raises:
        RateLimitedError: if one asks for more than `max_wait` seconds, or still holds after some tries; it is `final`.
    """
    met = 0
    while True:
        try:
            return do()
        except RateLimitedError as limit:
            if limit.final:
                raise
            wait = limit.seconds * 2**met if limit.guessed else limit.seconds
            if wait > max_wait or met == TRIES_AGAIN:
                raise _given_up(wait, max_wait) from limit
        rest(wait)
        met += 1


def _given_up(wait: float, max_wait: float) -> RateLimitedError:
    return RateLimitedError(
        f"the tracker limits requests and asks to wait {wait:.0f} s; a pass waits {max_wait:.0f} s",
        hint=f"Run planbot again in {math.ceil(wait / 60)} min.",
        seconds=wait,
        final=True,
    )
