"""Which requests are for pages; nothing here needs the libraries that the pages are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.routes import ENDPOINTS
from planbot.sandbox.smart_http import is_git

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as HttpRequest

OWN = "-"
"""The first part of addresses that only the pages have: no owner can be called so."""

_API = {endpoint.path.split("/")[1] for endpoint in ENDPOINTS} - {""} | {"api", "repositories"}


def is_page(http: HttpRequest) -> bool:
    """Tell whether a request is for a page: what a browser asks for beside the API, and what pages need.

    Whoever brings a token talks to the API.
    """
    first = http.path.split("/")[1] if "/" in http.path else ""
    if first == OWN:
        return True
    asks = "text/html" in http.headers.get("Accept", "") and "Authorization" not in http.headers
    return asks and first not in _API and not is_git(http.path)
