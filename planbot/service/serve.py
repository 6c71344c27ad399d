"""The service as a whole: settings, roster, timetable, dispatcher and web server, started, reloaded and stopped."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planbot.service.board import StatusBoard
from planbot.service.dispatcher import Dispatcher
from planbot.service.ending import Ending
from planbot.service.keeper import Keeper
from planbot.service.maker import Maker
from planbot.service.model import FrontOptions, Reason
from planbot.service.timetable import Timetable
from planbot.service.web import front

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from planbot.service.keeper import Made
    from planbot.service.model import Asks, Granting, Outcome
    from planbot.service.roster import Kept
    from planbot.service.settings import ServiceSettings
    from planbot.service.web import Shown

_LOG = logging.getLogger(__name__)

_EPOCH = datetime(
    1970, 1, 1, tzinfo=UTC
)  # what processes that know nothing of each other count intervals from


class KeptOnly:
    """Pass on wishes for repositories that are kept, under the name that the server writes; implements `Asks`."""

    def __init__(self, asks: Asks) -> None:
        self._asks = asks
        self._names: dict[str, str] = {}

    def ask(self, repository: str, reason: Reason, *, delay: float = 0) -> bool:
        """Want a pass over a repository; return whether it is kept."""
        name = self._names.get(repository.casefold())
        return name is not None and self._asks.ask(name, reason, delay=delay)

    def keep(self, names: Iterable[str]) -> set[str]:
        """Take the repositories that are kept from now on; return those that were."""
        before, self._names = self._names, {name.casefold(): name for name in names}
        return set(before.values())


class Service:
    """Keep many repositories in step, from `run` until `stop`.

    Passes run in this process; `granting` takes the wishes for them elsewhere, where other processes may want the same.
    What becomes of them is read off `board` then.

    Raises:
        SettingsError, UsageError: at once, for settings that cannot work.
    """

    def __init__(self, path: Path, granting: Granting | None = None, board: Shown | None = None) -> None:
        self._ending = Ending()
        self._board: Shown = board or StatusBoard()
        self._maker = Maker()
        self._granting = granting or Dispatcher(self._pass, self._board)
        self._asks = KeptOnly(self._granting)
        self._timetable = Timetable(
            lambda name, due: self._asks.ask(name, Reason("schedule", due=due)),
            self._board.planned,
            since=None if granting is None else _EPOCH,
        )
        self._keeper = Keeper(path, self._maker.made, self._take)
        self._now = self._keeper.now
        self._listed = False
        options = _front_options(self._now.settings)
        self._front = front(options, asks=self._asks, board=self._board, refresh=self._keeper.refresh)

    def run(self) -> bool:
        """Serve until told to stop; return whether every pass that ran came to its end within the grace time."""
        self._front.start()
        self._timetable.start(self._keeper.refresh)
        self._keeper.start()
        self._ending.wait()
        grace = self._now.settings.grace
        _LOG.info("stopping: passes that run have %s s to end", grace)
        self._maker.stopping.set()
        self._front.drain()
        self._timetable.stop()
        ended = self._granting.stop(grace)
        self._front.stop()
        return ended

    def reload(self) -> None:
        """Have the settings read anew; may be called from a signal handler."""
        self._keeper.reload()

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler."""
        self._ending.tell()

    def _pass(self, repository: str, reasons: tuple[Reason, ...]) -> Outcome:
        return self._now.passes.run(repository, reasons)

    def _take(self, made: Made, kept: tuple[Kept, ...]) -> None:
        """Go on with settings and repositories, perhaps new ones; passes that run go on with those they began with."""
        names = [one.name for one in kept]
        if made is not self._now:
            self._now = made
            self._front.reload(_front_options(made.settings))
        self._granting.resize(made.settings.workers)
        before = self._asks.keep(names)
        self._board.kept(names)
        self._timetable.keep(kept)
        if made.roster.whole and not self._listed:
            self._listed = True
            self._granting.only(names)  # settings may have changed since the process before
        for name in before.difference(names):
            self._granting.forget(name)
            made.passes.answers.forget(name)
        for name in names:
            if name not in before:
                self._granting.ask(name, Reason("start"))


def _front_options(settings: ServiceSettings) -> FrontOptions:
    webhooks, pages = settings.webhooks, settings.pages
    return FrontOptions(*webhooks.listen, webhooks.secrets, webhooks.quiet, *pages.listen)
