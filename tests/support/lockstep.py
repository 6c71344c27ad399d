"""Threads that run one at a time, from gate to gate, each only as far as it is told to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60.0  # seconds of real time after which a step is taken to hang


class Killed(BaseException):
    """End a thread on the spot, like SIGKILL: no `except` of planbot's takes it for an error of its own."""


class Walker:
    """Run a function in a thread of its own that stops at every gate until it is told to go on.

    Whoever made it and the thread never run at the same time, so that what they share needs no lock, and the same
    steps have the same outcome every time.
    """

    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._dead = False
        self.ended = False
        self.at = ""
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._main, daemon=True)

    def start(self) -> None:
        """Start the thread and let it run to its first gate."""
        self._thread.start()
        self._wait()

    def go_on(self) -> bool:
        """Let the thread run to its next gate, and return whether it has not ended."""
        if not self.ended:
            self._go.release()
            self._wait()
        return not self.ended

    def kill(self) -> None:
        """End the thread where it stands; it passes no gate any more."""
        self._dead = True
        while self.go_on():
            pass

    def gate(self, name: str) -> None:
        """Stop here until told to go on. To be called by the thread itself."""
        if self._dead:
            raise Killed
        self.at = name
        self._stopped.release()
        self._go.acquire()
        if self._dead:
            raise Killed

    def require_life(self) -> None:
        """End the thread if it was killed, for then even its cleaning up must not happen."""
        if self._dead:
            raise Killed

    def _main(self) -> None:
        try:
            self._run()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - it is told to whoever made the thread
            self.error = error
        finally:
            self.ended = True
            self._stopped.release()

    def _wait(self) -> None:
        assert self._stopped.acquire(timeout=PATIENCE), f"it hangs after {self.at}"
        if self.ended:
            self._thread.join()
