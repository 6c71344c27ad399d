"""How a process that stays waits for its end."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, SimpleQueue

LOOK = 1.0  # seconds between two looks


class Ending:
    """Let the main thread wait until somebody tells it to go on, a signal handler too."""

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()  # a handler may interrupt it anywhere

    def tell(self) -> None:
        """End the wait."""
        self._told.put(None)

    def wait(self) -> None:
        """Wait to be told.

        Python runs handlers in the main thread, and a signal that the system hands to another one does not wake it:
        only whoever looks up now and then hears of it.
        """
        while True:
            with suppress(Empty):
                return self._told.get(timeout=LOOK)
