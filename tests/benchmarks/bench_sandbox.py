"""Measure the sandbox: requests a second, start-up, and that no answer waits for Nagle's algorithm.

python tests/benchmarks/bench_sandbox.py
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import ROUNDS, elapsed, median, processor

from planbot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Send = Callable[[str, str, object], None]

REQUESTS = 1000
STARTS = 20
ISSUES = "/repos/octo/plans/issues"


class _Bare(BaseHTTPRequestHandler):
    """Answer every GET with two bytes, as little as Python's own server can do."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    """Print the figures, one a line."""
    starts = [elapsed(_start_and_stop) for _ in range(STARTS)]
    _show("start and stop", f"{statistics.median(starts) * 1000:.1f} ms (median of {STARTS})")
    for name, times, _ in durations():
        rate, middle, slow = len(times) / sum(times), times[len(times) // 2], times[len(times) * 99 // 100]
        _show(
            name, f"{rate:6.0f} a second, median {middle * 1000:.2f} ms, 99th percentile {slow * 1000:.2f} ms"
        )


def durations() -> Iterator[tuple[str, list[float], float]]:
    """Yield what was asked for, how many seconds each request took, the shortest first, and processor time of one."""
    with _bare_server() as url, _client(url) as send:
        yield "Python's own server", *_measured(lambda: send("GET", "/", None))
    with Sandbox() as sandbox:
        sandbox.limits.requests_per_hour = 10 * REQUESTS
        sandbox.create_repository("octo/plans")
        with _client(sandbox.url, sandbox.add_user("alice")) as send:
            new = {"title": "t", "body": "b", "labels": ["x"]}
            yield "create an issue", *_measured(lambda: send("POST", ISSUES, new))
            yield (
                "change an issue",
                *_measured(lambda: send("PATCH", f"{ISSUES}/1", {"body": str(time.monotonic())})),
            )
            yield "read an issue", *_measured(lambda: send("GET", f"{ISSUES}/1", None))
            hundred = f"{ISSUES}?per_page=100"
            yield "list 100 issues of 1,000", *_measured(lambda: send("GET", hundred, None), REQUESTS // 10)


@contextmanager
def _bare_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Bare) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def _client(url: str, token: str = "") -> Iterator[Send]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port)

    def send(method: str, path: str, body: object) -> None:
        headers = {"User-Agent": "bench", "Authorization": f"Bearer {token}"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        with connection.getresponse() as response:
            response.read()

    yield send
    connection.close()


def _start_and_stop() -> None:
    with Sandbox():
        pass


def _measured(call: Callable[[], None], times: int = REQUESTS) -> tuple[list[float], float]:
    call()
    taken: list[float] = []
    some = times // ROUNDS
    spent = median(lambda: processor(lambda: taken.extend(elapsed(call) for _ in range(some))))
    return sorted(taken), spent / some


def _show(name: str, figures: str) -> None:
    sys.stdout.write(f"{name:26} {figures}\n")


if __name__ == "__main__":
    main()
