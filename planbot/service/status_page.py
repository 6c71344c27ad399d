"""The status page: every repository, those in trouble first; HTML that runs nothing and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from planbot import __version__
from planbot.report.lines import plural
from planbot.report.standing.page import STYLE as STANDING_STYLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from planbot.service.states import QueueState, RepositoryState

STYLE = STANDING_STYLE + resources.files(__package__).joinpath("templates", "status.css").read_text("utf-8")
ROWS = 50  # repositories on a page
REFRESH = 30  # seconds, for who asks for it

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page, and after how many seconds a browser is to load it again, 0 for not at all."""

    html: bytes
    refresh: int


@dataclass(frozen=True, slots=True)
class _View:
    """Hold what part of the repositories is shown: those with a text in their name, from one on."""

    find: str
    start: int
    refresh: int


def status_page(
    states: Sequence[RepositoryState],
    query: Mapping[str, str],
    now: datetime,
    queue: QueueState | None = None,
) -> Page:
    """Return the page that a query asks for: `find` a name, `start` at a row, `refresh` now and then."""
    found = [one for one in states if query.get("find", "").casefold().strip() in one.name.casefold()]
    found.sort(key=lambda one: (one.trouble is None, not one.waiting, one.name.casefold()))
    start = query.get("start", "")
    first = (
        min(int(start), len(found))
        if start.isascii() and start.isdecimal() and len(start) < len("1000000")
        else 0
    )
    view = _View(query.get("find", ""), first, REFRESH if query.get("refresh") else 0)
    html = (
        _environment()
        .get_template("status.html")
        .render(
            now=now,
            view=view,
            rows=found[first : first + ROWS],
            found=len(found),
            step=ROWS,
            totals=_totals(states),
            quotas=_quotas(states),
            queue=queue,
            version=__version__,
        )
    )
    # a plan file may hold bytes that are no text
    return Page(html.encode("utf-8", "replace"), view.refresh)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"span": _span, "moment": _moment, "web": _web, "plural": plural, "word": _word}
    return made


def _totals(states: Sequence[RepositoryState]) -> list[str]:
    """Return in words how things are altogether."""
    counts = (
        (sum(one.trouble is not None for one in states), "in trouble"),
        (sum(one.given_up is not None for one in states), "given up"),
        (sum(one.last is None for one in states), "not looked at yet"),
        (sum(bool(one.running) for one in states), "with a pass under way"),
        (sum(one.wanted > 0 for one in states), "with a pass that waits"),
        (sum(bool(one.waiting) for one in states), "with waiting ticks"),
    )
    names = plural(len(states), "repository", "repositories")
    return [names, *(f"{count} {what}" for count, what in counts if count)]


def _quotas(states: Sequence[RepositoryState]) -> list[str]:
    """Return in words what each owner's repositories still may ask GitHub for."""
    told = [one for one in states if one.quota is not None and one.last is not None]
    newest = {
        one.name.partition("/")[0]: one.quota
        for one in sorted(told, key=lambda one: one.last.at.timestamp() if one.last else 0)
    }
    return [f"{owner}: {left.remaining:,} of {left.limit:,}" for owner, left in newest.items() if left]


def _word(state: RepositoryState) -> str:
    """Return the one word for how a repository is; it is a class in the style sheet as well."""
    if state.trouble is not None:
        return state.last.verdict if state.last and state.last.verdict in ("partial", "refused") else "failed"
    if state.last is None:
        return "new"
    return "waiting" if state.waiting else "in step"


def _span(seconds: float) -> str:
    """Return a time in its largest unit, `12 min`."""
    unit, name = next((one for one in _UNITS if abs(seconds) >= one[0]), _UNITS[-1])
    return f"{int(abs(seconds) // unit)} {name}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _web(url: str) -> str:
    """Return an address that leads to a web page, "" for any other."""
    return url if url.startswith(("https://", "http://")) else ""
