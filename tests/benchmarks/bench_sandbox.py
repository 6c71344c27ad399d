"""Measure the sandbox: requests a second, start-up, and that no answer waits for Nagle's algorithm.

python tests/benchmarks/bench_sandbox.py
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from planbot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS = 1000
STARTS = 20
ISSUES = "/repos/octo/plans/issues"


def main() -> None:
    """Print the figures, one a line."""
    starts = [_seconds(_start_and_stop) for _ in range(STARTS)]
    _show("start and stop", f"{statistics.median(starts) * 1000:.1f} ms (median of {STARTS})")
    with Sandbox() as sandbox:
        sandbox.limits.requests_per_hour = 10 * REQUESTS
        sandbox.create_repository("octo/plans")
        token = sandbox.add_user("alice")
        target = urlsplit(sandbox.url)
        connection = http.client.HTTPConnection(target.hostname or "", target.port)

        def send(method: str, path: str, body: object = None) -> None:
            headers = {"User-Agent": "bench", "Authorization": f"Bearer {token}"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            with connection.getresponse() as response:
                response.read()

        _measure(
            "create an issue", lambda: send("POST", ISSUES, {"title": "t", "body": "b", "labels": ["x"]})
        )
        _measure("change an issue", lambda: send("PATCH", f"{ISSUES}/1", {"body": str(time.monotonic())}))
        _measure("read an issue", lambda: send("GET", f"{ISSUES}/1"))
        _measure("list 100 issues of 1,000", lambda: send("GET", f"{ISSUES}?per_page=100"), REQUESTS // 10)
        connection.close()


def _start_and_stop() -> None:
    with Sandbox():
        pass


def _measure(name: str, call: Callable[[], None], times: int = REQUESTS) -> None:
    call()
    durations = sorted(_seconds(call) for _ in range(times))
    rate, middle, slow = times / sum(durations), durations[times // 2], durations[times * 99 // 100]
    _show(name, f"{rate:6.0f} a second, median {middle * 1000:.2f} ms, 99th percentile {slow * 1000:.2f} ms")


def _seconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _show(name: str, figures: str) -> None:
    sys.stdout.write(f"{name:26} {figures}\n")


if __name__ == "__main__":
    main()
