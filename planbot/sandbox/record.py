"""What was asked and answered, for tests to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

observers: list[Callable[[Request], object]] = []
"""Who is told of every exchange of every sandbox in this process."""


@dataclass(frozen=True, slots=True)
class Request:
    """Hold one request and its answer.

    `path` is as routed: without `/api/v3`, and by the repository's name where it was asked for by id.
    `status` is 0 where the connection was dropped, `fault` says that a fault decided the answer.
    `body` and `answer` are JSON values, None for none; `headers` are the answer's. A `page` is what somebody did
    in a browser; what was only looked at there is not recorded. `at` is the sandbox's time, in epoch seconds.
    """

    method: str
    path: str
    query: str
    status: int
    login: str | None
    body: Any = None
    answer: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    base_url: str = ""
    version: str = ""
    kind: Literal["api", "git", "page"] = "api"
    fault: bool = False
    at: float = 0.0
