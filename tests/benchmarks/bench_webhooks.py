"""Measure webhooks: how many a second one service accepts, how long each waits, and what limits that.

python tests/benchmarks/bench_webhooks.py

The service is a process of its own, as are the senders: each posts over one connection that it keeps, as GitHub does.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from service.hooks import SECRET, Wishes, delivery_id, fronted, signature

from planbot.service.logs import start_logs
from planbot.service.meaning import meaning_of
from planbot.service.webhooks import is_signed
from planbot.tracker.event import read_event
from planbot.tracker.records import Account

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Event

POSTS = 1000  # of each sender
SENDERS = (1, 4, 16)
BODIES = (10_000, 1_000_000)  # bytes: an issue with a plan in it; a large push
LARGEST_ISSUE = 65_536
ALONE = 300  # repetitions of what is measured without HTTP


def main() -> None:
    """Print the figures, one a line."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    done = spawn.Event()
    server = spawn.Process(target=_serve, args=(there, done))
    server.start()
    url: str = here.recv()
    for size in BODIES:
        posts = POSTS if size < max(BODIES) else POSTS // 10
        for senders in SENDERS:
            _post(url, size, senders, posts, server.pid or 0)
    done.set()
    server.join()
    for size in BODIES:
        _alone(size)


def _serve(told: Connection, done: Event) -> None:
    """Serve until the event is set; what is asked for is thrown away."""

    class Deaf(Wishes):
        def ask(self, *_: Any, **__: Any) -> bool:
            return True

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, fronted(wishes=Deaf()) as served:
        start_logs(nowhere)
        told.send(f"{served.hooks}/webhook")
        done.wait()


def _post(url: str, size: int, senders: int, posts: int, server: int) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(senders) as pool:
        pool.map(_send, [(url, size, 1)] * senders)  # every process is there, and has imported what it needs
        began, cpu = time.perf_counter(), _cpu(server)
        waits = [wait for part in pool.map(_send, [(url, size, posts)] * senders) for wait in part]
        seconds, used = time.perf_counter() - began, _cpu(server) - cpu
    waits.sort()
    show(
        f"{size // 1000:,} KB, {senders} at once",
        f"{len(waits) / seconds:,.0f} webhooks a second; answered in {1000 * statistics.median(waits):.1f} ms, "
        f"99 of 100 in {1000 * waits[len(waits) * 99 // 100]:.1f} ms; {1000 * used / len(waits):.2f} ms of CPU each: "
        f"at most {len(waits) / used:,.0f} a second from one process",
    )


def _send(work: tuple[str, int, int]) -> list[float]:
    """Post so often, and return how long each answer took, in seconds."""
    url, size, posts = work
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port)
    event, body = _payload(size)
    signed = {"X-GitHub-Event": event, "X-Hub-Signature-256": signature(body)}
    waits = []
    for number in range(posts):
        headers = {**signed, "X-GitHub-Delivery": f"{delivery_id()}-{os.getpid()}-{number}"}
        began = time.perf_counter()
        connection.request("POST", "/webhook", body, headers)
        with connection.getresponse() as answer:
            verdict = json.loads(answer.read())["verdict"]
        waits.append(time.perf_counter() - began)
        assert verdict == "asked", verdict
    connection.close()
    return waits


def _payload(size: int) -> tuple[str, bytes]:
    """Return an event of about so many bytes: an edited issue, or where that is too large for one, a push."""
    about = {
        "repository": {"full_name": "octo/plans", "default_branch": "main"},
        "sender": {"login": "ada", "id": 1, "type": "User"},
    }
    if size <= LARGEST_ISSUE:
        issue = {"number": 3, "body": "- [ ] a box\n" * (size // 13), "labels": [{"name": "planbot"}]}
        return "issues", json.dumps({"action": "edited", "issue": issue, **about}).encode()
    commit = {"id": "0" * 40, "message": "Tick a box", "modified": ["PLAN.md"], "added": [], "removed": []}
    commits = [commit] * (size // len(json.dumps(commit)))
    return "push", json.dumps({"ref": "refs/heads/main", "commits": commits, **about}).encode()


def _alone(size: int) -> None:
    """Show what the parts of the work take without HTTP."""
    event, body = _payload(size)
    signed = signature(body)
    parsed = json.loads(body)
    parts: dict[str, Callable[[], object]] = {
        "signature": lambda: is_signed(body, signed, [SECRET]),
        "JSON": lambda: json.loads(body),
        "meaning": lambda: meaning_of(read_event(event, parsed), Account(""), "main"),
    }
    times = ", ".join(f"{name} {_milliseconds(act):.3f} ms" for name, act in parts.items())
    show(f"{size // 1000:,} KB, without HTTP", times)


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(ALONE):
        act()
    return 1000 * (time.perf_counter() - began) / ALONE


def _cpu(process: int) -> float:
    """Return how many seconds of CPU a process has used (Linux alone)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(name: str, text: str) -> None:
    """Print a figure."""
    print(f"{name:<26} {text}", flush=True)


if __name__ == "__main__":
    main()
