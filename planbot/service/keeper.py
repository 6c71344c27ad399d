"""What changes the service as a whole: new settings and newly listed repositories, one after the other."""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal

from planbot.errors import PlanbotError, SettingsError
from planbot.service.settings import load_service_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from planbot.service.passes import Passes
    from planbot.service.roster import Kept, Roster
    from planbot.service.settings import ServiceSettings

_LOG = logging.getLogger(__name__)

LOOK = 2.0  # seconds between two looks at the settings file
AGAIN = 15.0  # seconds until what failed is tried again; doubles
AGAIN_MOST = 900.0

Task = Literal["reload", "list"]


@dataclass(frozen=True, slots=True)
class Made:
    """Hold what is made of one state of the settings."""

    settings: ServiceSettings
    passes: Passes
    roster: Roster


class Keeper:
    """Read the settings when they change, list the repositories when asked to, in a thread of its own.

    `make` makes what settings ask for; `take` is handed that and the repositories that are kept, whenever either is
    new. Settings with a mistake, or with which nothing can be listed, are told of, and those before stay.
    """

    def __init__(
        self,
        path: Path,
        make: Callable[[ServiceSettings], Made],
        take: Callable[[Made, tuple[Kept, ...]], None],
    ) -> None:
        self._path = path
        self._make = make
        self._take = take
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._seen = _stamp(path)
        self._failures = 0
        self._again: tuple[float, Task] | None = None
        self.now = make(load_service_settings(path, os.environ))

    def start(self) -> None:
        """Begin; the repositories are listed at once."""
        if kept := self.now.roster.kept():
            self._take(self.now, kept)  # those that settings name need not wait for a listing
        self.refresh()
        threading.Thread(target=self._run, name="planbot-keeper", daemon=True).start()

    def reload(self) -> None:
        """Have the settings read anew; may be called from a signal handler."""
        self._tasks.put("reload")

    def refresh(self) -> None:
        """Have the repositories listed anew; never blocks."""
        self._tasks.put("list")

    def _run(self) -> None:
        while True:
            task = self._next()
            if task is not None:
                self._do(task)

    def _do(self, task: Task) -> None:
        self._again = None
        try:
            made = self.now
            if task == "reload":
                made = self._make(load_service_settings(self._path, os.environ))
            kept = made.roster.refresh()
            if task == "reload":
                _LOG.info("the settings are taken: %s", self._path)
            self.now = made
            self._take(made, kept)
        except SettingsError as error:
            for mistake in error.mistakes:
                _LOG.error("the settings stay as they were: %s", mistake)
            self._again = (time.monotonic(), "list")  # a listing may have been asked for as well
        except PlanbotError as error:
            _LOG.error("the repositories stay as they were: %s %s", error.message, error.hint)
            self._put_off(task)
        except Exception:  # noqa: BLE001 - a mistake of ours must not end the thread
            _LOG.exception("the repositories stay as they were, by a mistake of planbot's own")
            self._put_off(task)
        else:
            self._listed(made)

    def _listed(self, made: Made) -> None:
        if made.roster.partial:
            self._put_off("list")
        else:
            self._failures = 0

    def _next(self) -> Task | None:
        """Return what there is to do: what was asked for, all of it at once, or what is found by looking."""
        tasks = set()
        try:
            tasks.add(self._tasks.get(timeout=LOOK))
            while True:
                tasks.add(self._tasks.get_nowait())
        except Empty:
            pass
        if self._again is not None and (tasks or self._again[0] <= time.monotonic()):
            tasks.add(self._again[1])
        seen, self._seen = self._seen, _stamp(self._path)
        if "reload" in tasks or seen != self._seen:
            return "reload"
        return "list" if tasks else None

    def _put_off(self, task: Task) -> None:
        self._failures += 1
        pause = min(AGAIN_MOST, AGAIN * 2 ** min(self._failures - 1, 10))
        self._again = (time.monotonic() + pause, task)


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does; nothing for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
