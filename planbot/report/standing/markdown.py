"""How far plans are, as Markdown that can be pasted into an issue, a comment or a job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.report.escape import inert
from planbot.report.lines import plural
from planbot.report.standing.text import NEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.report.standing.value import Standing

_BAR = 10  # squares of a bar
_WORDS = {"done": "done", "blocked": "blocked", "open": ""}


def standing_markdown(standings: Iterable[Standing]) -> Iterator[str]:
    """Yield the lines of a table for each plan; no text of a plan is markup, notifies or links anybody."""
    for number, plan in enumerate(standings):
        if number:
            yield ""
        yield f"### {inert(plan.name)}"
        yield ""
        yield f"{_bar(plan)} {_count(plan)} in {_code(plan.path)}"
        yield ""
        yield from _table(plan)
        yield from _list("Blocked", [f"{inert(one.name)}: waits for {_waits(one)}" for one in plan.blocked])
        yield from _list("Next", _next(plan))


def _table(plan: Standing) -> Iterator[str]:
    if not plan.parts:
        return
    yield "| part | progress | state | who | issue |"
    yield "|---|---|---|---|---|"
    for part in plan.parts:
        for one in part.all():
            name = inert(one.name)
            name = f"**{name}**" if one.kind == "phase" else f"&nbsp;&nbsp;{name}"
            cells = (name, _progress(one), _state(one), inert(", ".join(one.people)), _issue(one))
            yield f"| {' | '.join(cells)} |"


def _progress(one: Standing) -> str:
    return f"{_bar(one)} {one.done}/{one.total}" if one.total else ""


def _bar(one: Standing) -> str:
    if not one.total:
        return ""
    filled = max(_BAR * one.done // one.total, bool(one.done))
    return "█" * filled + "░" * (_BAR - filled)


def _count(one: Standing) -> str:
    share = f" ({100 * one.done // one.total} %)" if one.total else ""
    return f"{one.done} of {one.total} done{share}"


def _state(one: Standing) -> str:
    return f"waits for {_waits(one)}" if one.blockers else _WORDS[one.state]


def _waits(one: Standing) -> str:
    return inert(", ".join(one.blockers))


def _issue(one: Standing) -> str:
    return f"[#{one.issue.number}]({one.issue.html_url}) {one.issue.state}" if one.issue else ""


def _next(plan: Standing) -> list[str]:
    people = [f" ({inert(', '.join(one.people))})" if one.people else "" for one in plan.next]
    named = [f"{inert(one.name)}{who}" for one, who in zip(plan.next, people, strict=True)]
    more = len(named) - NEXT
    return [*named[:NEXT], f"and {plural(more, 'more task')}"] if more > 0 else named


def _list(head: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"**{head}**"
        yield ""
        yield from (f"- {line}" for line in lines)


def _code(path: str) -> str:
    return f"<code>{inert(path)}</code>"
