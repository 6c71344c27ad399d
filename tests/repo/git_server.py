"""Git over HTTP on this machine: `git http-backend` behind a small server that notes what it is sent."""

from __future__ import annotations

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType


class GitServer:
    """Serve the repositories of one folder; `seen` holds path and Authorization headers of each request.

    `status` answers every request with an error, `redirect` with another server's address. `lose` is asked
    before each push: with "before" the connection ends unread, with "after" once the push is carried out.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[tuple[str, list[str]]] = []
        self.status = 0
        self.redirect = ""
        self.lose: Callable[[], str] = str
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def headers(self) -> list[list[str]]:
        """Return the Authorization headers of each request."""
        return [headers for _, headers in self.seen]


def _handler(server: GitServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            pass

        def do_GET(self) -> None:
            server.seen.append((self.path, self.headers.get_all("Authorization") or []))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if server.redirect or server.status:
                self._answer(
                    301 if server.redirect else server.status, [("Location", server.redirect + self.path)]
                )
                return
            lost = server.lose() if self.path.endswith("/git-receive-pack") else ""
            answer = b"" if lost == "before" else self._backend(body)
            if lost:
                self.close_connection = True
                return
            head, _, rest = answer.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            status = int(fields.pop("Status", "200")[:3])
            self._answer(status, list(fields.items()), rest)

        do_POST = do_GET  # noqa: N815  # the base class's name

        def _backend(self, body: bytes) -> bytes:
            path, _, query = self.path.partition("?")
            environment = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(server.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REMOTE_USER": "somebody",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            command = ["git", "http-backend"]
            return subprocess.run(
                command, input=body, env=environment, capture_output=True, check=True
            ).stdout

        def _answer(self, status: int, fields: list[tuple[str, str]], body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in fields:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
