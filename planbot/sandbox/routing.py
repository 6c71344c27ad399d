"""Endpoints: which function answers which method and path, and the document it follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from planbot.sandbox.problems import not_found
from planbot.sandbox.view import DOCS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planbot.sandbox.call import Call


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what an endpoint answers; a body of None is none."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Hold one method and path, the function behind it and its page in GitHub's documentation."""

    method: str
    path: str
    docs: str
    handler: Callable[[Call], Answer]


class Endpoints:
    """Collect a module's endpoints."""

    def __init__(self) -> None:
        self.entries: list[Endpoint] = []

    def add(
        self, method: str, path: str, docs: str
    ) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
        """Let the decorated function answer a method and path; `docs` follows docs.github.com/rest."""

        def decorate(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
            self.entries.append(Endpoint(method, path, f"{DOCS}/{docs}", handler))
            return handler

        return decorate


class Router:
    """Find the endpoint of a request."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        rules = [Rule(e.path, methods=[e.method], endpoint=e) for e in endpoints]
        self._urls = Map(rules, strict_slashes=False, merge_slashes=False).bind("sandbox")

    def match(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """Return the endpoint and the values of the placeholders in its path; raises `ApiError` 404."""
        try:
            endpoint, arguments = self._urls.match(path, method=method)
        except HTTPException:
            raise not_found() from None
        return endpoint, dict(arguments)
