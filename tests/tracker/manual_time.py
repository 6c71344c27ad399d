"""Time that passes only when somebody sleeps."""

from __future__ import annotations


class ManualTime:
    """Hand out a clock and a sleep that belong together."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
