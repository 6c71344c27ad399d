"""An HTTP server in a thread of its own, which slow, broken and hostile senders do not hold up."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from planbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

THREADS = 4
MOST_CONNECTIONS = 500
MOST_HEADER_BYTES = 32 * 1024
SENDING = 30  # seconds that a request may take to arrive; GitHub itself gives up after 10
_RECEIVED = 64 * 1024  # bytes at once: a large request in the default 8,192 takes long
_FINISHING = 5.0  # seconds for requests under way when the server stops
_POLL = 0.02


class _Channel(HTTPChannel):  # type: ignore[misc] # waitress has no annotations
    """A connection whose time runs from the start of a request, not from its newest byte."""

    last_activity: float

    def handle_read(self) -> None:
        before, fresh = self.last_activity, self.request is None
        super().handle_read()
        if self.request is not None and not fresh:  # not all of it is there
            self.last_activity = before


class Server:
    """Serve an application at one address; nothing of it runs before a whole request is there."""

    def __init__(self, application: WSGIApplication, host: str, port: int, most_bytes: int) -> None:
        self._application = application
        self._host, self._port = host, port
        self._most_bytes = most_bytes
        self._sockets: dict[int, Any] = {}  # all that one loop of waitress looks after
        self._dispatcher = ThreadedTaskDispatcher()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @property
    def url(self) -> str:
        """Return where the server listens."""
        return f"http://{_bracketed(self._host)}:{self._port}"

    def start(self) -> None:
        """Listen; return when connections are taken.

        Raises:
            UsageError: if the address cannot be listened at.
        """
        try:
            self._listen()
        except (OSError, ValueError) as error:
            wasyncore.close_all(self._sockets)
            why = getattr(error, "strerror", None) or error
            raise UsageError(f"{self.url} cannot be listened at: {why}") from error
        for listener in self._listeners():
            listener.channel_class = _Channel
            self._port = int(listener.effective_port)  # 0 until now, for any that is free
        self._dispatcher.set_thread_count(THREADS)
        self._thread = threading.Thread(target=self._run, name=f"web-{self._port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more connections, finish the requests that are there, close."""
        if self._thread is None:
            return
        listeners = self._listeners()
        self._in_loop(listeners[0], lambda: [wasyncore.dispatcher.close(one) for one in listeners])
        end = time.monotonic() + _FINISHING
        while time.monotonic() < end and self._busy():
            time.sleep(_POLL)
        self._dispatcher.shutdown()
        self._ended.set()
        self._in_loop(listeners[0], lambda: None)  # wakes it up
        self._thread.join()
        self._thread = None
        wasyncore.close_all(self._sockets)  # not before: what wakes the thread up is one of them

    def _run(self) -> None:
        while not self._ended.is_set():
            # poll, for select takes no more than 1,024 files
            wasyncore.loop(timeout=1, use_poll=True, map=self._sockets, count=1)

    def _listen(self) -> None:
        create_server(
            self._application,
            map=self._sockets,
            _dispatcher=self._dispatcher,
            listen=f"{_bracketed(self._host)}:{self._port}",
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=SENDING,
            recv_bytes=_RECEIVED,
            cleanup_interval=1,
            max_request_header_size=MOST_HEADER_BYTES,
            max_request_body_size=self._most_bytes,
            ident=None,
            log_socket_errors=False,
        )

    def _listeners(self) -> list[Any]:
        return [one for one in list(self._sockets.values()) if isinstance(one, TcpWSGIServer)]

    def _busy(self) -> bool:
        channels = [one for one in list(self._sockets.values()) if isinstance(one, HTTPChannel)]
        return any(one.requests or one.total_outbufs_len for one in channels)

    @staticmethod
    def _in_loop(listener: Any, act: Callable[[], object]) -> None:
        """Have something done by the thread that owns the sockets."""
        listener.trigger.pull_trigger(act)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
