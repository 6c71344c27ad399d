"""The pages' own files: style sheet, script, icon."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from planbot.sandbox.pages.visit import missing

if TYPE_CHECKING:
    from planbot.sandbox.pages.visit import Visit

_TYPES = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


def asset(visit: Visit) -> Response:
    """Answer with a file."""
    name = visit.arguments["name"]
    if name not in _TYPES:
        raise missing("file")
    content = resources.files("planbot.sandbox.pages").joinpath("static", name).read_bytes()
    return Response(content, content_type=f"{_TYPES[name]}; charset=utf-8")
