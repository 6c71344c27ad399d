"""When a request is sent again: only a read, after a failure.

PyGithub's own policy sends a POST again whose answer was lost, which makes a second issue. This one plugs into the
same place, urllib3's `Retry`. Rate limits are waited for elsewhere, see `patience`.
"""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from github.Requester import Requester
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from planbot.errors import RateLimitedError, TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import ConnectionPool

TRIES_AGAIN = 3
PAUSE = 0.5  # seconds before a request is sent again; doubles each time
SECONDARY_WAIT = 60.0  # seconds after a secondary limit that names no time
_REPEATABLE = frozenset({"GET"})
_FORBIDDEN = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


class MovedError(TrackerError):
    """Say that the server redirects a request; `location` is where to."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"the tracker redirects to {location or 'nowhere'}",
            hint="The repository or issue was renamed or moved meanwhile: run planbot again.",
        )
        self.location = location


class SafeRetry(Retry):
    """Decide for one request whether and when it is sent again.

    A connection that could not be made is tried again for every verb. Anything else that fails is sent again
    only if it is a GET. Redirects are never followed: PyGithub would drop the query of a GET and take the
    answer to a POST for an issue. `sent` is called once for each request that may have reached the server.

    Raises:
        RateLimitedError: if a limit refuses the request, whatever the verb.
        MovedError: if the answer is a redirect.
        GithubException: if a 403 is no rate limit.
    """

    def __init__(
        self,
        *,
        sent: Callable[[], None],
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
        **kwargs: Any,
    ) -> None:
        settings = {"total": TRIES_AGAIN, **kwargs}
        # The last answer is handed on as it is, so that it is reported with its status and message.
        settings |= {"allowed_methods": _REPEATABLE, "raise_on_status": False}
        super().__init__(**settings)
        self._sent = sent
        self._sleep = sleep
        self._clock = clock
        self._wait = 0.0

    def new(self, **kw: Any) -> Self:
        """Return a copy for the next try."""
        return super().new(sent=self._sent, sleep=self._sleep, clock=self._clock, **kw)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002  # urllib3's signature
        """Return whether `increment` must look at this answer; urllib3 asks once for each."""
        self._sent()
        if status_code in _FORBIDDEN or _redirects(status_code):
            return True
        return method in _REPEATABLE and status_code >= HTTPStatus.INTERNAL_SERVER_ERROR

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Return the policy of the next try, or raise what ends this request."""
        if error is not None:
            self._refuse_unknown(error)
        elif response is not None:
            self._refuse_final(response)
        following = super().increment(method, url, response, error, _pool, _stacktrace)
        following._wait = PAUSE * 2 ** len(self.history)  # noqa: SLF001  # the same class
        return following

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:  # noqa: ARG002  # urllib3's signature
        """Wait as long as `increment` found."""
        if self._wait > 0:
            self._sleep(self._wait)

    def _refuse_unknown(self, error: Exception) -> None:
        if self._is_connection_error(error):
            return
        self._sent()
        if not self._is_read_error(error):
            raise error

    def _refuse_final(self, response: BaseHTTPResponse) -> None:
        if _redirects(response.status):
            response.drain_conn()
            raise MovedError(response.headers.get("Location", ""))
        # any other body is left for whoever tells of it
        data = _json(response) if response.status in _FORBIDDEN else {}
        if limit := rate_limit(response.status, response.headers, _message(data), self._clock()):
            raise limit
        if response.status in _FORBIDDEN:
            headers = {name.lower(): value for name, value in response.headers.items()}
            raise Requester.createException(response.status, headers, data)


def rate_limit(status: int, headers: Mapping[str, str], message: str, now: float) -> RateLimitedError | None:
    """Return the rate limit that an answer tells of, or None; `now` is in seconds since the epoch.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    asked = retry_after(headers, now)
    if asked is not None:
        return _limited(asked)
    if status not in _FORBIDDEN:
        return None
    said = message.casefold()
    # GitHub Enterprise Server of old calls the secondary limit an abuse detection mechanism.
    if status == HTTPStatus.FORBIDDEN and "rate limit" not in said and "abuse detection" not in said:
        return None
    reset = headers.get("X-RateLimit-Reset", "")
    primary = headers.get("X-RateLimit-Remaining") == "0" or said.startswith("api rate limit exceeded")
    if primary and reset.isdecimal():
        return _limited(max(int(reset) - now, 0) + 1)  # it is not said when within that second
    return _limited(SECONDARY_WAIT, guessed=True)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, or None."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0)
    except ValueError:
        return None


def _limited(seconds: float, *, guessed: bool = False) -> RateLimitedError:
    text = f"the tracker limits requests and asks to wait {seconds:.0f} s"
    return RateLimitedError(text, seconds=seconds, guessed=guessed)


def _redirects(status: int) -> bool:
    redirection = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return redirection and status != HTTPStatus.NOT_MODIFIED


def _json(response: BaseHTTPResponse) -> dict[str, Any]:
    try:
        data = json.loads(response.read(decode_content=True))
    except (HTTPError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _message(data: dict[str, Any]) -> str:
    return str(data.get("message") or "")
