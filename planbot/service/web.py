"""What the service answers over HTTP: webhooks at one address, pages for those who run it at another."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from planbot.service.metrics import CONTENT_TYPE
from planbot.service.model import Board
from planbot.service.server import Server
from planbot.service.status_page import STYLE, status_page
from planbot.service.webhooks import MOST_BYTES, Known, Posted, Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from planbot.service.metrics import Metrics
    from planbot.service.model import Asks, FrontOptions
    from planbot.service.states import QueueState, RepositoryState

    Answerer = Callable[[Request], Response]

_LOG = logging.getLogger(__name__)

_PAGE_BYTES = 64 * 1024
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Shown(Board, Known, Protocol):
    """Keep what the pages show, and tell it."""

    @property
    def metrics(self) -> Metrics:
        """Return the figures."""

    @property
    def ready(self) -> bool:
        """Return whether the repositories are known."""

    def states(self) -> Sequence[RepositoryState]:
        """Return what is known of all repositories, in no order."""

    def queue(self) -> QueueState | None:
        """Return how the queue is that several processes work off, None where there is none."""


class App:
    """Answer requests by method and path: a WSGI application."""

    def __init__(self, routes: Mapping[tuple[str, str], Answerer]) -> None:
        rules = [Rule(path, methods=[method], endpoint=act) for (method, path), act in routes.items()]
        self._urls = Map(rules, strict_slashes=False).bind("planbot")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        response: Response | HTTPException
        try:
            act, _ = self._urls.match(request.path, method=request.method)
            response = act(request)
        except HTTPException as error:
            response = error.get_response(environ)
        return response(environ, start_response)


class WebFront:
    """Serve webhooks and pages, each at its own address; where both have one, side by side."""

    def __init__(
        self, options: FrontOptions, *, asks: Asks, board: Shown, refresh: Callable[[], object]
    ) -> None:
        self._options = options
        self._board = board
        self._webhooks = Webhooks(options, asks, board, refresh)
        self._stopping = False
        hooks = {("POST", "/webhook"): self._webhook, ("GET", "/healthz"): self._healthz}
        shown = {"/": self._status, "/style.css": self._style, "/metrics": self._metrics}
        pages = {("GET", path): _guarded(answer, options.pages_host) for path, answer in shown.items()}
        pages |= {("GET", "/healthz"): self._healthz, ("GET", "/readyz"): self._readyz}
        at, pages_at = (options.host, options.port), (options.pages_host, options.pages_port)
        self.servers = [Server(App(hooks), *at, MOST_BYTES), Server(App(pages), *pages_at, _PAGE_BYTES)]
        if not options.host:
            del self.servers[0]
        elif at == pages_at and options.port:
            self.servers = [Server(App(hooks | pages), *at, MOST_BYTES)]

    def start(self) -> None:
        """Listen; return when connections are taken.

        Raises:
            UsageError: if an address cannot be listened at.
        """
        for server in self.servers:
            server.start()
        webhooks, pages = self.servers[0], self.servers[-1]
        if self._options.secrets:
            _LOG.info("webhooks are taken at %s/webhook", webhooks.url)
        _LOG.info("the status page is at %s/, metrics at %s/metrics", pages.url, pages.url)

    def reload(self, options: FrontOptions) -> None:
        """Take new secrets and a new quiet time; another address takes a restart."""
        before, self._webhooks.options = self._options, options
        self._options = options
        if _addresses(before) != _addresses(options):
            _LOG.warning("the addresses that are listened at change with the next start")

    def drain(self) -> None:
        """Say from now on that the service ends; pages go on until `stop`."""
        self._stopping = True

    def stop(self) -> None:
        """Take no more requests, finish those under way, return."""
        self.drain()
        for server in self.servers:
            server.stop()

    def _webhook(self, request: Request) -> Response:
        if self._stopping:  # the next start makes a pass over every repository
            return _json(
                HTTPStatus.SERVICE_UNAVAILABLE, {"verdict": "stopping", "message": "the service ends"}
            )
        began = time.perf_counter()
        headers = request.headers
        event = headers.get("X-GitHub-Event", "")
        answer = self._webhooks.take(
            Posted(
                event,
                headers.get("X-GitHub-Delivery", ""),
                headers.get("X-Hub-Signature-256", ""),
                headers.get("Content-Type", ""),
                request.get_data(cache=False),
            )
        )
        seconds = time.perf_counter() - began
        self._board.metrics.webhook(event, answer.verdict, seconds)
        return _json(answer.status, {"verdict": answer.verdict, "message": answer.text})

    def _status(self, request: Request) -> Response:
        page = status_page(self._board.states(), request.args, datetime.now(UTC), self._board.queue())
        response = Response(page.html, content_type="text/html; charset=utf-8")
        if page.refresh:
            response.headers["Refresh"] = str(page.refresh)
        return response

    def _style(self, _request: Request) -> Response:
        return Response(STYLE, content_type="text/css; charset=utf-8")

    def _metrics(self, _request: Request) -> Response:
        return Response(self._board.metrics.text(), content_type=CONTENT_TYPE)

    def _healthz(self, _request: Request) -> Response:
        return _json(HTTPStatus.OK, {"status": "up"})

    def _readyz(self, _request: Request) -> Response:
        if self._stopping:
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "stopping"})
        if not self._board.ready:
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "the repositories are not listed yet"})
        return _json(HTTPStatus.OK, {"status": "ready"})


def front(options: FrontOptions, *, asks: Asks, board: Shown, refresh: Callable[[], object]) -> WebFront:
    """Return a server that does not listen yet; `refresh` has the repositories listed anew, and never blocks."""
    return WebFront(options, asks=asks, board=board, refresh=refresh)


def _addresses(options: FrontOptions) -> tuple[object, ...]:
    return options.host, options.port, options.pages_host, options.pages_port


def _json(status: HTTPStatus, data: Mapping[str, str]) -> Response:
    return Response(f"{json.dumps(data)}\n", status=status, content_type="application/json")


def _guarded(answer: Answerer, host: str) -> Answerer:
    """Return what answers for the person in front of a page; on loopback, not for a site whose name leads here.

    An address or `localhost` cannot be turned so. https://en.wikipedia.org/wiki/DNS_rebinding
    """

    def act(request: Request) -> Response:
        name = urlsplit(f"//{request.host}").hostname or ""
        if _is_loopback(host) and name != "localhost" and not _is_address(name):
            text = (
                f"{name} is no name of this service: a proxy in front of it has to send its address as Host\n"
            )
            response = Response(text, HTTPStatus.MISDIRECTED_REQUEST)
        else:
            response = answer(request)
        response.headers.update(_HEADERS)
        return response

    return act


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
