"""Beyond one repository: what a token can see, where a GitHub App is installed, and the tokens it makes there."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from github import Auth
from jwt import PyJWTError

from planbot.errors import UsageError
from planbot.tracker import convert
from planbot.tracker.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.tracker.records import InstallationRecord, InstallationToken, RepositoryRecord
    from planbot.tracker.target import Token

MAX_WAIT = 60.0  # seconds that a rate limit is waited for


class GitHubApp:
    """Ask as a GitHub App: where it is installed, and for tokens; `timeout` is in seconds.

    May be used by several threads at once: each question has a connection of its own.

    https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app

    Raises:
        UsageError: if the private key is none.
    """

    def __init__(self, api_url: str, app_id: int | str, key: str, *, timeout: float) -> None:
        self._api_url = api_url
        self._timeout = timeout
        try:
            self._auth = Auth.AppAuth(app_id, key)
            self._auth.create_jwt()
        except (PyJWTError, ValueError, TypeError, AssertionError):
            raise UsageError(
                "the App's private key is none",
                hint="It is a file in PEM form, made on the page of the App's settings.",
            ) from None  # the cause may quote the key

    def installations(self) -> tuple[InstallationRecord, ...]:
        """Return where the App is installed.

        https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app
        """
        doing = "list the App's installations"
        with _gateway(self._api_url, self._auth, self._timeout) as gateway:
            return tuple(
                gateway.pages("/app/installations", convert.installation_record, doing=doing, query={})
            )

    def token(self, installation: int) -> InstallationToken:
        """Return a fresh token of an installation.

        https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
        """
        path = f"/app/installations/{installation}/access_tokens"
        doing = f"get a token for installation {installation}"
        with _gateway(self._api_url, self._auth, self._timeout) as gateway:
            return gateway.send("POST", path, {}, convert.installation_token, doing=doing)


def visible(api_url: str, token: Token, *, timeout: float) -> tuple[RepositoryRecord, ...]:
    """Return the repositories that a token is for: its user's, or those that its installation covers.

    https://docs.github.com/rest/repos/repos#list-repositories-for-the-authenticated-user
    https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation
    """
    path, under = "/user/repos", ""
    if token.of_installation:
        path, under = "/installation/repositories", "repositories"
    doing = "list the repositories that the token can see"
    with _gateway(api_url, token, timeout) as gateway:
        return tuple(gateway.pages(path, convert.repository_record, doing=doing, query={}, under=under))


@contextmanager
def _gateway(api_url: str, credential: Token | Auth.Auth, timeout: float) -> Iterator[Gateway]:
    gateway = Gateway(
        api_url,
        credential,
        max_wait=MAX_WAIT,
        seconds_between_writes=0,
        timeout=timeout,
        sleep=time.sleep,
        clock=time.time,
    )
    try:
        yield gateway
    finally:
        gateway.close()
