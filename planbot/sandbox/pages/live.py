"""How open pages learn that something happened: Server-Sent Events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from planbot.sandbox.news import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sandbox.pages.visit import Visit
    from planbot.sandbox.store import Store

A_LOOK = 1.0  # seconds: who pushes past the sandbox, right into the git directory, is noticed so late
_LOOKS_A_SIGN = 15


def events(visit: Visit) -> Response:
    """Tell of every change and every request from the moment that the page was made, until the browser leaves."""
    told = visit.http.headers.get("Last-Event-ID") or visit.http.args.get("seen", "")
    return Response(_stream(visit.store, _read(told)), content_type="text/event-stream")


def _stream(store: Store, seen: Seen) -> Iterator[str]:
    refs, looks = _refs(store), 0
    yield "retry: 1000\n\n"
    while not store.news.is_over:
        now, refs_now = store.news.wait(seen, A_LOOK), _refs(store)
        if now.changes != seen.changes or refs_now != refs:
            yield _event("change", now)
        elif now != seen:
            yield _event("request", now)
        elif looks % _LOOKS_A_SIGN == 0:
            yield ":\n\n"  # by which a browser that has left is noticed
        seen, refs, looks = now, refs_now, looks + 1


def _event(name: str, now: Seen) -> str:
    return f"event: {name}\nid: {now.changes}.{now.requests}\ndata: now\n\n"


def _read(told: str) -> Seen:
    changes, _, requests = told.partition(".")
    return Seen(int(changes), int(requests)) if changes.isdecimal() and requests.isdecimal() else Seen(-1, -1)


def _refs(store: Store) -> tuple[int, ...]:
    """Return when the refs of the repositories were last written."""
    with store.lock:
        folders = [
            (Path(r.git_dir), r.default_branch) for r in store.state.repositories.values() if r.git_dir
        ]
    return tuple(
        _written(path)
        for folder, branch in folders
        for path in (
            folder / "packed-refs",
            folder / "refs" / "heads" / branch,
            folder / "reftable" / "tables.list",
        )
    )


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
