"""One repository on GitHub or GitHub Enterprise Server: its name, its connection, its issues one by one."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from planbot.errors import NotFoundError
from planbot.tracker import convert
from planbot.tracker.comments import GitHubComments
from planbot.tracker.gateway import Gateway
from planbot.tracker.patience import MAX_WAIT
from planbot.tracker.pull_requests import GitHubPullRequests
from planbot.tracker.removal import GitHubRemoval
from planbot.tracker.retry import MovedError
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from planbot.tracker.answers import AnswerCache
    from planbot.tracker.records import Account, IssueRecord, Quota, RepositoryRecord

_T = TypeVar("_T")


class GitHubRepository:
    """Talk to one repository on GitHub; a renamed one is found under its new name.

    `account` is whom the token acts as, None as long as nothing had to know it.
    """

    def __init__(self, gateway: Gateway, repository: str, *, trust_permissions: bool = True) -> None:
        self._gateway = gateway
        self._name = repository
        self._name_is_checked = False
        self._is_installation = not trust_permissions
        self.account: Account | None = None
        self.pulls = GitHubPullRequests(gateway, self._path)
        self.removal = GitHubRemoval(gateway, self._path)
        self.comments = GitHubComments(gateway, self._path)

    @classmethod
    def connect(  # noqa: PLR0913 - all but three have defaults, and are given by name
        cls,
        api_url: str,
        token: str,
        repository: str,
        *,
        max_wait: float = MAX_WAIT,
        seconds_between_writes: float = 1.0,
        timeout: float = 15,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
        cache: AnswerCache | None = None,
    ) -> Self:
        """Return the tracker of a repository (`owner/name`); nothing is sent yet.

        `max_wait` is the longest wait for a rate limit, `timeout` that for an answer, both in seconds.
        `clock` tells seconds since the epoch. `cache` is for a process that asks the same again and again.
        """
        credential = Token(token)
        gateway = Gateway(
            api_url,
            credential,
            max_wait=max_wait,
            seconds_between_writes=seconds_between_writes,
            timeout=timeout,
            sleep=sleep,
            clock=clock,
            cache=cache,
        )
        # An installation token (of an App or a workflow) acts for no user, and what GitHub tells as
        # permissions is a user's role: `push` is false there whatever the token may do.
        return cls(gateway, repository, trust_permissions=not credential.of_installation)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._gateway.close()

    @property
    def reads(self) -> int:
        """Return how many read requests were sent so far, retries included."""
        return self._gateway.reads

    @property
    def pause(self) -> float:
        """Return in how many seconds the next write may be sent."""
        return self._gateway.pause

    @property
    def writes(self) -> int:
        """Return how many write requests were sent so far, retries included."""
        return self._gateway.writes

    @property
    def quota(self) -> Quota | None:
        """Return what the newest answer told of the quota of requests, None before one that did."""
        return self._gateway.quota

    def patiently(self, do: Callable[[], _T]) -> _T:
        """Do what reads and then writes; where a limit refuses a part of it, wait, and do all of it again."""
        return self._gateway.patiently(do)

    def impatient(self) -> AbstractContextManager[None]:
        """Let whoever calls wait for limits within a block, those of reads too."""
        return self._gateway.impatient()

    def repository(self) -> RepositoryRecord:
        """Return the repository; after a rename, go on under its new name."""
        record = self._look_up(self._name)
        self._name = record.full_name
        self._name_is_checked = True
        return replace(record, push=True) if self._is_installation else record

    def is_private(self, repository: str) -> bool:
        """Return whether another repository (`owner/name`) is private, as one is that this token cannot see."""
        try:
            return self._look_up(repository).private
        except NotFoundError:
            return True

    def _look_up(self, repository: str) -> RepositoryRecord:
        doing = f"read the repository {repository}"
        try:
            record = self._gateway.get(f"/repos/{repository}", convert.repository_record, doing=doing)
        except MovedError as moved:
            record = self._gateway.get(moved.location, convert.repository_record, doing=doing)
        return replace(record, at=convert.http_time(self._gateway.date))

    def issue(self, number: int) -> IssueRecord | None:
        """Return one issue as it is now, or None if it is gone (404, 410, or moved elsewhere)."""
        path = self._path(f"issues/{number}")
        try:
            return self._gateway.get(path, convert.issue_record, doing=self._doing(f"read issue #{number}"))
        except NotFoundError:
            return None
        except MovedError:
            # A transferred issue redirects, and so does every issue of a repository renamed just now.
            before = self._name
            if self.repository().full_name != before:
                raise
            return None

    def _write(
        self, verb: str, path: str, payload: dict[str, Any], parse: Callable[[Any], _T], doing: str
    ) -> _T:
        return self._gateway.send(verb, self._path(path), payload, parse, doing=self._doing(doing))

    def _path(self, path: str = "") -> str:
        # Lists and writes cannot follow a redirect: the name has to be right before the first of them.
        if not self._name_is_checked:
            self.repository()
        return f"/repos/{self._name}/{path}"

    def _doing(self, what: str) -> str:
        return f"{what} in {self._name}"
