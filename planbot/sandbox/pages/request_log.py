"""The page of what was asked of the sandbox and how it answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from planbot.sandbox.pages.visit import Visit
    from planbot.sandbox.record import Request

MOST = 200
_LONGEST = 4000
_READS = ("GET", "HEAD")


def request_log(visit: Visit) -> Response:
    """Show the last requests, the newest first; with `?changes=1` only those that could change something."""
    only_changes = visit.http.args.get("changes") == "1"
    numbered = [
        (number, request)
        for number, request in enumerate(visit.requests, 1)
        if not only_changes or _may_change(request)
    ]
    return visit.page(
        "requests.html",
        **visit.only_repository(),
        tab="requests",
        only_changes=only_changes,
        total=len(visit.requests),
        rows=[(number, request, _sent(request)) for number, request in reversed(numbered[-MOST:])],
        most=MOST,
    )


def _may_change(request: Request) -> bool:
    return request.method not in _READS and not request.path.endswith("/git-upload-pack")


def _sent(request: Request) -> str:
    """Return what came with a request, as text that is not too long to be shown."""
    if request.body is None:
        return ""
    text = json.dumps(request.body, indent=2, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n…"
