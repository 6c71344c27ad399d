"""The HTTP server: threads, connections that stay open, and answers without Nagle's delay."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from typing import TYPE_CHECKING, Any, cast

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from planbot.sandbox.problems import ConnectionDropped

if TYPE_CHECKING:
    from collections.abc import Callable


class _Handler(WSGIRequestHandler):
    """Answer the requests of one connection.

    werkzeug's own handler closes the connection after each answer; GitHub keeps it open, and so does this.
    """

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one write: unbuffered headers cost 40 ms each with Nagle's algorithm
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Read one request whole and write its answer."""
        environ = self.make_environ()
        body = _read_body(environ)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        respond = cast("Server", self.server).respond
        try:
            response = respond(Request(environ))
        except ConnectionDropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        except Exception:
            self._write(Response("the sandbox failed: see its standard error", status=500))
            raise
        self._write(response)

    def handle_expect_100(self) -> bool:
        """Let the client go on at once with a large body."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def finish(self) -> None:
        """Let go of the connection; what could not be written to one that is cut is of no use to anybody."""
        with contextlib.suppress(ConnectionError):
            super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  the name is werkzeug's
        """Keep quiet: `Sandbox.requests` is the log."""

    def _write(self, response: Response) -> None:
        if response.is_streamed:
            self._stream(response)
            return
        body = response.get_data()
        self.send_response_only(response.status_code, response.status.partition(" ")[2])
        if "Date" not in response.headers:
            self.send_header("Date", self.date_time_string())
        self.send_header("Server", "github.com")
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status_code not in (204, 304) and "Content-Length" not in response.headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _stream(self, response: Response) -> None:
        """Write an answer piece by piece, for as long as there are any and somebody reads them."""
        self.close_connection = True
        self.send_response_only(response.status_code)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            for piece in response.iter_encoded() if self.command != "HEAD" else ():
                self.wfile.write(piece)
                self.wfile.flush()


class Server(ThreadedWSGIServer):
    """Listen on an address and answer each connection in a thread of its own."""

    def __init__(self, host: str, port: int, respond: Callable[[Request], Response]) -> None:
        self.respond = respond
        self._connections: dict[threading.Thread, socket.socket] = {}
        # werkzeug exits the process when the port is taken; bound here, it is an OSError.
        with socket.create_server((host, port)) as listener:
            super().__init__(host, port, app=_unused, handler=_Handler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread, remembered from its first moment so that `close` can end it."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._connections[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a connection until it closes."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._connections[threading.current_thread()]

    def close(self) -> None:
        """Stop listening, end every connection and wait for its thread."""
        self.shutdown()
        self.server_close()
        for thread, connection in list(self._connections.items()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()


def _read_body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return cast("bytes", stream.read())
    return cast("bytes", stream.read(int(environ.get("CONTENT_LENGTH") or 0)))


def _unused(_environ: object, _start_response: object) -> list[bytes]:
    raise NotImplementedError
