"""One pass over one repository: its clone, its tracker, the engine, and how it ended."""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.engine import Engine, Means, Options
from planbot.errors import GitError, PlanbotError
from planbot.people import own_event
from planbot.report.result import Requests
from planbot.service.model import Outcome
from planbot.tracker.github_tracker import GitHubTracker
from planbot.upkeep import run_pass

if TYPE_CHECKING:
    import threading

    from planbot.people import Myself
    from planbot.report.result import PassResult
    from planbot.service.answers import KeptAnswers
    from planbot.service.clones import Clones
    from planbot.service.credentials import Credentials
    from planbot.service.model import Reason
    from planbot.service.settings import ServiceSettings

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passes:
    """Make passes with one state of the settings; once `stopping` is set, those that run end at the next safe place."""

    settings: ServiceSettings
    credentials: Credentials
    clones: Clones
    answers: KeptAnswers
    stopping: threading.Event

    def run(self, repository: str, reasons: tuple[Reason, ...]) -> Outcome:
        """Make one pass over a repository (`owner/name`) and return how it ended; a failure is no exception."""
        started = time.monotonic()
        _LOG.info("a pass starts: %s", ", ".join(dict.fromkeys(reason.kind for reason in reasons)))
        try:
            token = self.credentials.token(repository)
        except PlanbotError as error:
            return Outcome(None, error, time.monotonic() - started)
        limits = self.settings.limits
        with (
            self.answers.lend(repository, token) as cache,
            GitHubTracker.connect(
                self.settings.api_url,
                token.reveal(),
                repository,
                seconds_between_writes=limits.pace,
                timeout=limits.request,
                sleep=self.stopping.wait,
                cache=cache,
            ) as tracker,
        ):
            result: PassResult | None = None
            failure: PlanbotError | None = None
            try:
                result = self._synced(repository, tracker, _options(reasons, tracker, limits.pass_time))
            except PlanbotError as error:
                failure = error
            except OSError as error:
                failure = GitError(f"the clone cannot be kept: {error}", hint="Is the disk full?")
            requests = Requests(tracker.reads, tracker.writes)
            seconds = time.monotonic() - started
            return Outcome(result, failure, seconds, requests, tracker.quota, account=tracker.account)

    def _synced(self, repository: str, tracker: GitHubTracker, options: Options) -> PassResult:
        try:
            return self._sync(repository, tracker, options)
        except GitError:
            # git does not follow a repository that was renamed, for it would take the token along
            name = tracker.repository().full_name
            if name.casefold() == repository.casefold():
                raise
            _LOG.warning("%s is now %s: name it so in the settings", repository, name)
            return self._sync(name, tracker, options)

    def _sync(self, name: str, tracker: GitHubTracker, options: Options) -> PassResult:
        means = Means(
            time.time,
            self.stopping.wait,
            lambda: secrets.token_hex(4),
            _LOG.info,
            lambda done, total, text: _LOG.debug("%s/%s %s", done, total, text),
            self.settings.limits.pace,
            self.stopping.is_set,
        )
        with self.clones.lend(name, self.credentials.token(name)) as clone:
            engine = Engine(clone, tracker, options, means)
            return run_pass(engine, tracker, lambda _result: "", _LOG.warning)


def _options(reasons: tuple[Reason, ...], me: Myself, pass_time: float) -> Options:
    """Return what is asked of a pass; what started it matters where it is one thing alone.

    What planbot did itself counts only where there is nothing else: then the pass finds so, and is over. Another pass
    is not waited for: that would hold a thread, and the dispatcher comes back.
    """
    causes = tuple(reason for reason in reasons if not own_event(reason.event, me)) or reasons[:1]
    refs = {reason.ref for reason in causes}
    return Options(
        wait=0,
        time_budget=pass_time,
        event=causes[0].event if len(causes) == 1 else None,
        ref=refs.pop() if len(refs) == 1 else None,
    )
