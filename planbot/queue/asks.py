"""What a `serve` wants, brought into the queue by a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from planbot.errors import AwayError, QueueError
from planbot.queue import wishes
from planbot.queue.database import AGAIN
from planbot.queue.wishes import Wish
from planbot.service.turns import MOST_REASONS, join

if TYPE_CHECKING:
    from collections.abc import Collection

    from planbot.queue.database import Database
    from planbot.service.model import Reason

_LOG = logging.getLogger(__name__)

_ALL = ""  # in the place of a repository


@dataclass(slots=True)
class _Waiting:
    """Hold what is to be written of one repository; `forgotten` comes before the wishes."""

    name: str
    reasons: list[Reason] = field(default_factory=list)
    dues: list[float] = field(default_factory=list)  # of the monotonic clock
    forgotten: bool = False
    only: frozenset[str] | None = None  # of all repositories


class QueueAsks:
    """Take wishes for passes that workers make; implements `Granting`.

    What is asked for stands in memory until the database has it, for a moment or for as long as that is away: of each
    repository no more than one pass could use, beside what is being written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, _Waiting] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="planbot-asks", daemon=True)
        self._thread.start()

    def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:
        """Want a pass over a repository in `delay` seconds; return whether it will be made, as before a stop."""
        with self._changed:
            if self._stopped:
                return False
            waiting = self._waiting.setdefault(repository.casefold(), _Waiting(repository))
            join(waiting.reasons, reason)
            waiting.dues = [*waiting.dues[: MOST_REASONS - 1], time.monotonic() + delay]
            self._changed.notify_all()
        return True

    def forget(self, repository: str) -> None:
        """Drop what is wanted for a repository; a pass that runs goes on."""
        with self._changed:
            self._waiting[repository.casefold()] = _Waiting(repository, forgotten=True)
            self._changed.notify_all()

    def only(self, repositories: Collection[str]) -> None:
        """Drop what is wanted for all repositories but these; passes that run go on."""
        keys = frozenset(name.casefold() for name in repositories)
        with self._changed:
            self._waiting[_ALL] = _Waiting("what is not kept", only=keys)
            self._changed.notify_all()

    def resize(self, workers: int) -> None:
        """Do nothing: passes run elsewhere."""

    def stop(self, grace: float) -> bool:
        """Take no more; return whether all that was asked for is in the queue within `grace` seconds."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(grace)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            self._write(*taken)

    def _next(self) -> tuple[str, _Waiting] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopped)
            # what is kept only since must not be dropped
            key = _ALL if _ALL in self._waiting else next(iter(self._waiting), None)
            return None if key is None else (key, self._waiting.pop(key))

    def _write(self, key: str, waiting: _Waiting) -> None:
        try:
            with self._database.transaction() as connection:
                if waiting.only is not None:
                    wishes.forget_others(connection, waiting.only)
                if waiting.forgotten:
                    wishes.forget(connection, key)
                if waiting.reasons:
                    wishes.want(connection, waiting.name, _wishes(waiting))
        except AwayError:
            self._put_back(key, waiting)
            time.sleep(AGAIN)
        except QueueError as error:
            _LOG.error("a pass over %s cannot be asked for: %s", waiting.name, error.message)
        except Exception:  # noqa: BLE001 - a mistake of ours must not end the thread
            _LOG.exception("a pass over %s cannot be asked for, by a mistake of planbot's own", waiting.name)

    def _put_back(self, key: str, waiting: _Waiting) -> None:
        """Keep what could not be written, in front of what came meanwhile."""
        with self._changed:
            newer = self._waiting.pop(key, None)
            if newer is not None and (newer.forgotten or newer.only is not None):
                waiting = newer
            elif newer is not None:
                for reason in newer.reasons:
                    join(waiting.reasons, reason)
                waiting.dues = [*waiting.dues, *newer.dues][:MOST_REASONS]
            self._waiting[key] = waiting


def _wishes(waiting: _Waiting) -> list[Wish]:
    now = time.monotonic()
    return [
        Wish(reason, max(due - now, 0.0)) for reason, due in zip(waiting.reasons, waiting.dues, strict=True)
    ]
