"""As whom passes are made: with one token, or with the tokens of a GitHub App, each for the installation it is of."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

from planbot.errors import NotFoundError, TrackerError
from planbot.tracker.github_account import GitHubApp, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.service.settings import ServiceSettings
    from planbot.tracker.records import InstallationToken, RepositoryRecord
    from planbot.tracker.target import Token

_LOG = logging.getLogger(__name__)


class Credentials(Protocol):
    """Hand out tokens; may be used by several threads at once.

    `lists` says that a listing is needed before a token for any repository can be found.
    """

    lists: bool

    @property
    def partial(self) -> bool:
        """Return whether the last listing lacked something, which an earlier one may stand in for."""

    def token(self, repository: str) -> Token:
        """Return a token for a repository (`owner/name`), good for as long as a pass may take.

        Raises:
            TrackerError: if there is none.
        """

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """List the repositories that these credentials are for.

        Raises:
            TrackerError: if they cannot be listed.
        """


class OneToken:
    """Use the same token for everything."""

    lists = False
    partial = False

    def __init__(self, api_url: str, token: Token, *, timeout: float) -> None:
        self._api_url = api_url
        self._token = token
        self._timeout = timeout

    def token(self, repository: str) -> Token:  # noqa: ARG002  # it is for all of them
        """Return the token."""
        return self._token

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """List the repositories of the token's account that it may write to."""
        found = visible(self._api_url, self._token, timeout=self._timeout)
        return tuple(one for one in found if one.push or self._token.of_installation)


class AppTokens:
    """Use the tokens of a GitHub App's installations, made anew before they end.

    A token lives for an hour. One is handed out while it is good for `needed` more seconds, which is longer than a pass
    may take; so no token ends in the midst of one.
    """

    lists = True

    def __init__(
        self, app: GitHubApp, api_url: str, *, needed: float, timeout: float, clock: Callable[[], float]
    ) -> None:
        self._app = app
        self._api_url = api_url
        self._needed = needed
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[int, InstallationToken] = {}
        self._locks: dict[int, threading.Lock] = {}
        self._covers: dict[int, tuple[RepositoryRecord, ...]] = {}
        self._installations: dict[str, int] = {}
        self.partial = False

    def follow(self, before: AppTokens) -> None:
        """Take over what others on the same server had listed, for installations that cannot be listed now."""
        if before._api_url == self._api_url:  # ids of installations are the server's
            self._covers = before._covers

    def token(self, repository: str) -> Token:
        """Return a token of the installation that covers a repository, as far as the last listing told."""
        installation = self._installations.get(repository.casefold())
        if installation is None:
            raise NotFoundError(
                f"the App is not installed on {repository}",
                hint="Install it there, on the page of the App, and give it access to the repository.",
            )
        return self._token_of(installation)

    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """List the repositories of every installation that is not suspended.

        One that cannot be listed keeps those that it had: it does not stand in the way of the others.
        """
        self.partial = False
        covered = {one.id: self._covered(one.id) for one in self._app.installations() if not one.suspended}
        self._covers = covered
        self._installations = {
            record.full_name.casefold(): number for number, records in covered.items() for record in records
        }
        return tuple(record for records in covered.values() for record in records)

    def _covered(self, installation: int) -> tuple[RepositoryRecord, ...]:
        try:
            return visible(self._api_url, self._token_of(installation), timeout=self._timeout)
        except TrackerError as error:
            _LOG.warning(
                "installation %s keeps the repositories that it had: %s", installation, error.message
            )
            self.partial = True
            return self._covers.get(installation, ())

    def _token_of(self, installation: int) -> Token:
        """Return a token that lasts; who waits for another's to be made waits for one installation's alone."""
        with self._lock:
            lock = self._locks.setdefault(installation, threading.Lock())
        with lock:
            known = self._tokens.get(installation)
            if known is None or known.expires - self._clock() < self._needed:
                known = self._tokens[installation] = self._app.token(installation)
            return known.token


def credentials_of(
    settings: ServiceSettings, clock: Callable[[], float], before: Credentials | None = None
) -> Credentials:
    """Return the credentials that settings name; they know what those before had listed.

    Raises:
        UsageError: if the App's private key is none.
    """
    timeout = settings.limits.request
    if settings.app is None:
        if settings.token is None:
            raise AssertionError("settings were not checked")
        return OneToken(settings.api_url, settings.token, timeout=timeout)
    app = GitHubApp(settings.api_url, settings.app.id, settings.app.key, timeout=timeout)
    tokens = AppTokens(app, settings.api_url, needed=settings.limits.longest, timeout=timeout, clock=clock)
    if isinstance(before, AppTokens):
        tokens.follow(before)
    return tokens
