"""Rate limits: the primary one, counted by the hour, and the secondary ones.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from planbot.sandbox.problems import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sandbox.clock import Clock

Resource = Literal["core", "graphql"]

HOUR = 3600
MINUTE = 60
_WRITE_POINTS = 5
_ABOUT = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(slots=True)
class _Window:
    """One user's hour: when it ends, and the requests in it."""

    reset: float
    used: int = 0


@dataclass(slots=True)
class _Recent:
    """One user's recent requests: times with their points, and times of what was created."""

    points: deque[tuple[float, int]] = field(default_factory=deque)
    created: deque[float] = field(default_factory=deque)


class Limits:
    """Count requests and refuse those over a limit; a secondary limit of None is off.

    GitHub's own secondary limits are 900 points and 80 creations a minute, 500 creations an hour and 100
    requests at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way = 0
        self.reset()

    def reset(self) -> None:
        """Forget what was counted and go back to the limits a sandbox starts with."""
        self.requests_per_hour = 5000
        self.anonymous_per_hour = 60
        self.points_per_minute: int | None = None
        self.creations_per_minute: int | None = None
        self.creations_per_hour: int | None = None
        self.concurrent: int | None = None
        self.retry_after: int | None = MINUTE
        self._windows: dict[tuple[str, Resource], _Window] = {}
        self._recent: dict[str, _Recent] = {}

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request among those at once while it is answered."""
        with self._lock:
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def count(self, who: str, method: str, resource: Resource = "core", creates: int = 0) -> dict[str, str]:
        """Count a request of a user ('' for strangers) and return the headers that tell of the limit.

        `creates` is how much it makes; what changes nothing counts as a GET.

        Raises `ApiError` 403 where a limit is reached.
        """
        with self._lock:
            window = self._window(who, resource)
            if window.used >= self._limit(who):
                message = f"API rate limit exceeded for {who or 'your address'}."
                raise ApiError(403, message, headers=self._headers(who, resource), docs=_ABOUT)
            window.used += 1
            if self._is_too_much(who, method, creates):
                raise self._secondary(self._headers(who, resource))
            return self._headers(who, resource)

    def give_back(self, who: str) -> dict[str, str]:
        """Uncount a request that was answered 304, which costs nothing, and return the headers."""
        with self._lock:
            self._window(who, "core").used -= 1
            return self._headers(who, "core")

    def overview(self, who: str) -> dict[str, Any]:
        """Return what `GET /rate_limit` shows; asking costs nothing."""
        with self._lock:
            limit, core, graphql = self._limit(who), self._window(who, "core"), self._window(who, "graphql")
            shown = _resource(limit, core.used, core.reset)
            others = {"search": 30, "integration_manifest": 5000, "code_search": 10}
            resources = {
                "core": shown,
                "graphql": _resource(limit, graphql.used, graphql.reset),
                **{name: _resource(most, 0, core.reset) for name, most in others.items()},
            }
            return {"resources": resources, "rate": shown}

    def headers(self, who: str) -> dict[str, str]:
        """Return the headers that tell of the limit, without counting."""
        with self._lock:
            return self._headers(who, "core")

    def _window(self, who: str, resource: Resource) -> _Window:
        now = self._clock.now()
        window = self._windows.get((who, resource))
        if window is None or window.reset <= now:
            window = self._windows[who, resource] = _Window(now + HOUR)
        return window

    def _limit(self, who: str) -> int:
        return self.requests_per_hour if who else self.anonymous_per_hour

    def _headers(self, who: str, resource: Resource) -> dict[str, str]:
        limit, window = self._limit(who), self._window(who, resource)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - window.used)),
            "X-RateLimit-Used": str(window.used),
            "X-RateLimit-Reset": str(int(window.reset)),
            "X-RateLimit-Resource": resource,
        }

    def _is_too_much(self, who: str, method: str, creates: int) -> bool:
        """Tell whether a request goes over a secondary limit; if not, remember it."""
        now = self._clock.now()
        recent = self._recent.setdefault(who, _Recent())
        points, created = recent.points, recent.created
        while points and points[0][0] <= now - MINUTE:
            points.popleft()
        while created and created[0] <= now - HOUR:
            created.popleft()
        cost = 1 if method in ("GET", "HEAD") else _WRITE_POINTS
        lately = sum(moment > now - MINUTE for moment in created)
        if (
            _over(sum(p for _, p in points) + cost, self.points_per_minute)
            or (creates and _over(lately + creates, self.creations_per_minute))
            or (creates and _over(len(created) + creates, self.creations_per_hour))
            or _over(self._under_way, self.concurrent)
        ):
            return True
        points.append((now, cost))
        created.extend([now] * creates)
        return False

    def _secondary(self, headers: dict[str, str]) -> ApiError:
        if self.retry_after is not None:
            headers = headers | {"Retry-After": str(self.retry_after)}
        message = (
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
            "If you reach out to GitHub Support for help, please include the request ID."
        )
        return ApiError(403, message, headers=headers, docs=f"{_ABOUT}#about-secondary-rate-limits")


def _over(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit


def _resource(limit: int, used: int, reset: float) -> dict[str, int | str]:
    return {"limit": limit, "used": used, "remaining": max(0, limit - used), "reset": int(reset)}
