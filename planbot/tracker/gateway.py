"""Requests to GitHub's API, counted, paced and with every failure a `TrackerError`.

PyGithub brings the connection, authentication, JSON and the checks on hosts. Its objects are left aside:
they fetch themselves when an attribute is missing, follow a redirect without its query, and hide how many
requests were sent.
"""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from github import Auth, Github
from requests.structures import CaseInsensitiveDict
from requests.utils import parse_header_links

from planbot import __version__
from planbot.tracker.answers import Answer
from planbot.tracker.convert import quota
from planbot.tracker.failures import FAILURES, tracker_error
from planbot.tracker.pacing import Pacer
from planbot.tracker.patience import patiently
from planbot.tracker.retry import SafeRetry, rate_limit
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from planbot.tracker.answers import AnswerCache
    from planbot.tracker.records import Quota
_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)

API_VERSION = "2022-11-28"
PER_PAGE = 100


class Gateway:
    """Send requests with one token, or what else PyGithub signs in with; not for use by several threads at once.

    `timeout` is in seconds and rounded up to whole ones, the only ones that PyGithub takes. `quota` is the REST API's,
    as the newest answer told it; GraphQL has one of its own. `date` is the header of that name of the newest answer.
    What `cache` holds is not told again as long as it has not changed.
    """

    def __init__(
        self,
        api_url: str,
        credential: Token | Auth.Auth,
        *,
        max_wait: float,
        seconds_between_writes: float,
        timeout: float,
        sleep: Callable[[float], object],
        clock: Callable[[], float],
        cache: AnswerCache | None = None,
    ) -> None:
        self._cache = cache
        self.reads = 0
        self.writes = 0
        self.quota: Quota | None = None
        self.date = ""
        self._writing = False
        self._waits = True
        self._max_wait = max_wait
        self._sleep = sleep
        self._clock = clock
        self._pacer = Pacer(seconds_between_writes, sleep=sleep, clock=clock)
        self._github = Github(
            auth=Auth.Token(credential.reveal()) if isinstance(credential, Token) else credential,
            base_url=api_url,
            timeout=math.ceil(timeout),
            user_agent=f"planbot/{__version__}",
            per_page=PER_PAGE,
            retry=SafeRetry(sent=self._count, sleep=sleep, clock=clock),
            seconds_between_requests=0,
            seconds_between_writes=0,
            lazy=True,
            api_version=API_VERSION,
        )

    def close(self) -> None:
        """Close the connections."""
        self._github.close()

    def get(self, path: str, parse: Callable[[Any], _T], *, doing: str) -> _T:
        """Read one thing; `path` may be a URL that the server gave."""
        value: _T = self._get(path, {}, parse, parse, doing).value
        return value

    def ask(self, path: str, *, doing: str) -> tuple[dict[str, str], Any]:
        """Read one thing with the headers of its answer, names in lower case."""
        return self._read(
            partial(self._json, "GET", path), lambda headers, data: (_lower(headers), data), doing
        )

    def pages(
        self,
        path: str,
        parse: Callable[[Any], _T],
        *,
        doing: str,
        query: Mapping[str, str],
        under: str = "",
        keep: bool = True,
    ) -> Iterator[_T]:
        """Read a list, following the links from page to page; `under` names it where an answer holds more than it.

        With `keep` off it is not put into the cache: nobody asks for it twice.
        """
        parameters: dict[str, Any] = {**query, "per_page": PER_PAGE}
        target: str | None = path
        while target is not None:
            answer = self._get(
                target, parameters, parse, lambda data: _items(_within(data, under), parse), doing, keep=keep
            )
            target, parameters = answer.following, {}
            yield from answer.value

    @property
    def pause(self) -> float:
        """Return in how many seconds the next write may be sent."""
        return self._pacer.pause

    def send(
        self, verb: str, path: str, payload: Mapping[str, Any], parse: Callable[[Any], _T], *, doing: str
    ) -> _T:
        """Write, when it is time to.

        Raises:
            RateLimitedError: if a limit refuses it: whoever writes waits for that, see `patiently`.
            LostAnswerError: if the answer never came or cannot be read, so that it may have worked.
        """
        with self._pacer.turn(), self._failures(doing, writing=True):
            _, data = self._json(verb, path, payload=payload or None)
            return parse(data)

    def query(
        self, query: str, variables: Mapping[str, Any], parse: Callable[[Any], _T], *, doing: str
    ) -> _T:
        """Ask the GraphQL API; a POST, but one that changes nothing."""
        requester = self._github.requester
        payload = {"query": query, "variables": variables}
        return self._read(
            partial(requester.requestJsonAndCheck, "POST", requester.graphql_url, input=payload),
            lambda headers, data: parse(self._unlimited(headers, data)),
            doing,
        )

    def mutate(
        self,
        query: str,
        variables: Mapping[str, Any],
        parse: Callable[[Any], _T],
        *,
        doing: str,
        writes: int,
    ) -> _T:
        """Write through the GraphQL API, when it is time to; `writes` is how much a request writes.

        Raises:
            RateLimitedError: if a limit refuses all of it: whoever writes waits for that, see `patiently`.
            LostAnswerError: if the answer never came or cannot be read, so that it may have worked.
        """
        requester = self._github.requester
        with self._pacer.turn(writes), self._failures(doing, writing=True):
            payload = {"query": query, "variables": variables}
            headers, data = requester.requestJsonAndCheck("POST", requester.graphql_url, input=payload)
            return parse(data if is_begun(data) else self._unlimited(headers, data))

    def patiently(self, do: Callable[[], _T]) -> _T:
        """Do what reads and then writes; where a limit refuses a part of it, wait, and do all of it again."""
        return patiently(do, self._sleep, self._max_wait) if self._waits else do()

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Let whoever calls wait for limits within this block, those of reads too."""
        waits, self._waits = self._waits, False
        try:
            yield
        finally:
            self._waits = waits

    def _read(
        self,
        request: Callable[[], tuple[dict[str, Any], Any]],
        parse: Callable[[dict[str, Any], Any], _T],
        doing: str,
    ) -> _T:
        def once() -> _T:
            with self._failures(doing):
                return parse(*request())

        return self.patiently(once)

    def _unlimited(self, headers: dict[str, Any], data: Any) -> Any:
        """Return an answer of the GraphQL API, which tells of its limit with status 200.

        https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
        """
        errors = data.get("errors") if isinstance(data, dict) else None
        listed = errors if isinstance(errors, list) else []
        limited = any(isinstance(one, dict) and _is_limit(one) for one in listed)
        told: CaseInsensitiveDict[str] = CaseInsensitiveDict(headers)
        if limited and (limit := rate_limit(HTTPStatus.TOO_MANY_REQUESTS, told, "", self._clock())):
            raise limit
        return data

    def _get(
        self,
        target: str,
        parameters: dict[str, Any],
        parse: Hashable,
        read: Callable[[Any], object],
        doing: str,
        *,
        keep: bool = True,
    ) -> Answer:
        """Return what a GET tells; it is kept under what it was asked for and the `parse` of its parts."""
        key = target, tuple(parameters.items()), parse
        cache = self._cache if keep else None
        kept = cache.get(key) if cache else None

        def answer(headers: dict[str, Any], data: Any) -> Answer:
            if kept is not None and data is None:  # 304 has no content
                return kept
            told = Answer(str(headers.get("etag", "")), read(data), _next(headers))
            if cache is not None and told.tag:
                cache.put(key, told)
            return told

        tag = kept.tag if kept else ""
        return self._read(partial(self._json, "GET", target, parameters, tag=tag), answer, doing)

    def _json(
        self,
        verb: str,
        target: str,
        parameters: dict[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
        tag: str = "",
    ) -> tuple[dict[str, Any], Any]:
        conditions = {"If-None-Match": tag} if tag else None
        requester = self._github.requester
        headers, data = requester.requestJsonAndCheck(verb, target, parameters, conditions, payload)
        self.quota = quota(headers) or self.quota
        self.date = str(headers.get("date", ""))
        return headers, data

    def _count(self) -> None:
        if self._writing:
            self.writes += 1
        else:
            self.reads += 1

    @contextmanager
    def _failures(self, doing: str, *, writing: bool = False) -> Iterator[None]:
        self._writing = writing
        _LOG.debug("tracker: %s", doing)
        try:
            yield
        except FAILURES as error:
            raise tracker_error(error, doing, writing=writing) from error


def is_begun(answer: Any) -> bool:
    """Return whether a server began to do what a document of the GraphQL API says.

    https://spec.graphql.org/October2021/#sec-Data
    """
    return isinstance(answer, dict) and "data" in answer


def _is_limit(error: Mapping[str, Any]) -> bool:
    """Say whether an error tells of a limit; GitHub has more than one word for that.

    https://github.com/yanyongyu/githubkit/issues/271
    """
    words = str(error.get("message")).casefold()
    kinds = (error.get("type"), error.get("code"))
    return (
        not {*kinds}.isdisjoint(("RATE_LIMITED", "RATE_LIMIT", "graphql_rate_limit")) or "rate limit" in words
    )


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}


def _within(data: Any, under: str) -> Any:
    return data.get(under) if under and isinstance(data, dict) else data


def _items(data: Any, parse: Callable[[Any], _T]) -> tuple[_T, ...]:
    if not isinstance(data, list):
        raise ValueError("the answer is no list")  # noqa: TRY004  # the answer is at fault, not the caller
    return tuple(parse(item) for item in data)


def _next(headers: Mapping[str, Any]) -> str | None:
    links = parse_header_links(str(headers.get("link", "")))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)
