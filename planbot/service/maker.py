"""What one state of the settings asks for: credentials, clones, passes, the roster."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from planbot.service.answers import KeptAnswers
from planbot.service.clones import Clones
from planbot.service.credentials import credentials_of
from planbot.service.keeper import Made
from planbot.service.passes import Passes
from planbot.service.roster import Roster

if TYPE_CHECKING:
    from planbot.service.credentials import Credentials
    from planbot.service.settings import ServiceSettings


class Maker:
    """Make what settings ask for; once `stopping` is set, passes that run end at the next safe place."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._credentials: Credentials | None = None

    def made(self, settings: ServiceSettings) -> Made:
        """Return what one state of the settings asks for; what credentials before it had listed is known to it."""
        credentials = credentials_of(settings, time.time, self._credentials)
        self._credentials = credentials
        clones = Clones(
            settings.cache.folder, settings.cache.size, settings.html_url, timeout=settings.limits.git
        )
        answers = KeptAnswers(settings.cache.answers)
        roster = Roster(settings.repositories, credentials)
        return Made(settings, Passes(settings, credentials, clones, answers, self.stopping), roster)
