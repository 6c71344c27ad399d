"""Lists a page at a time, with the `Link` header that leads on.

https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from planbot.sandbox.problems import invalid
from planbot.sandbox.routing import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository

T = TypeVar("T")
Position = tuple[int, int]
DEFAULT_SIZE = 30
MAX_SIZE = 100


def page(call: Call, repository: Repository | None, items: Sequence[T], write: Callable[[T], Any]) -> Answer:
    """Answer with one page counted by number, and links to the first, previous, next and last page.

    A list that belongs to no repository is linked by its own path.
    """
    size, number = page_size(call), page_number(call)
    last = max(1, -(-len(items) // size))
    targets: dict[str, int] = {}
    if number > 1:
        targets |= {"prev": min(number - 1, last)}
    if number < last:
        targets |= {"next": number + 1, "last": last}
    if number > 1:
        targets |= {"first": 1}
    links = {rel: {"page": str(target)} for rel, target in targets.items()}
    chosen = items[(number - 1) * size : number * size]
    return Answer(body=[write(item) for item in chosen], headers=_link(call, repository, links))


def cursor_page(
    call: Call,
    repository: Repository,
    issues: Sequence[tuple[Position, Issue]],
    write: Callable[[Issue], Any],
    *,
    descending: bool,
) -> Answer:
    """Answer with one page of issues, given with their places in the order, and links by cursor.

    A cursor names the place of an item, so that a list that changes meanwhile is still read without gaps.
    """
    ordered = sorted(issues, key=lambda entry: entry[0], reverse=descending)
    size, number = page_size(call), page_number(call)
    after, before = call.query.get("after"), call.query.get("before")
    start = (number - 1) * size
    if after is not None:
        place = _place(after)
        start = sum((p >= place) if descending else (p <= place) for p, _ in ordered)
    elif before is not None:
        place = _place(before)
        start = max(0, sum((p > place) if descending else (p < place) for p, _ in ordered) - size)
    chosen = ordered[start : start + size]
    links: dict[str, dict[str, str]] = {}
    if chosen and start + size < len(ordered):
        links["next"] = {"after": _cursor(chosen[-1][0]), "page": str(number + 1)}
    if chosen and start > 0:
        links["prev"] = {"before": _cursor(chosen[0][0]), "page": str(max(1, number - 1))}
    return Answer(body=[write(issue) for _, issue in chosen], headers=_link(call, repository, links))


def page_size(call: Call) -> int:
    """Return how many items a page has: 30, or what `per_page` says up to 100."""
    return min(MAX_SIZE, _positive(call.query.get("per_page"), DEFAULT_SIZE))


def page_number(call: Call) -> int:
    """Return which page is asked for, from 1."""
    return _positive(call.query.get("page"), 1)


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else default


def _link(call: Call, repository: Repository | None, links: dict[str, dict[str, str]]) -> dict[str, str]:
    if not links:
        return {}
    base = f"{call.view.api}{call.path}"
    if repository is not None:
        base = f"{call.view.api}/repositories/{repository.id}/" + "/".join(call.path.split("/")[4:])
    kept = {k: v for k, v in call.query.items() if k not in ("page", "after", "before")}
    entries = [f'<{base}?{urlencode(kept | extra)}>; rel="{rel}"' for rel, extra in links.items()]
    return {"Link": ", ".join(entries)}


def _cursor(place: Position) -> str:
    return base64.urlsafe_b64encode(f"cursor:v2:{place[0]}:{place[1]}".encode()).decode()


def _place(cursor: str) -> Position:
    try:
        _, _, value, number = base64.urlsafe_b64decode(cursor).decode().split(":")
        return int(value), int(number)
    except (binascii.Error, ValueError):
        raise invalid("Issue", "after", value=cursor) from None
