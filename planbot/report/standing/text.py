"""How far plans are, as text for a terminal: a bar in front of each part, the tree beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.report.layout import bar, percent, wrapped
from planbot.report.lines import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.report.standing.value import Standing
    from planbot.report.text import Line

NEXT = 5  # parts that are named as next
_GUTTER = 27  # columns of bar, share and count
_NARROWEST = 20  # columns that are left for names at least
_MARKS = {"done": "[x]", "blocked": "[!]", "open": "[ ]"}
_STYLES = {"done": "create", "blocked": "error", "open": ""}


def standing_lines(standings: Iterable[Standing], width: int | None = None) -> Iterator[Line]:
    """Yield the tree of each plan, what is blocked and what is next; `width` is in columns, None for no limit."""
    for number, plan in enumerate(standings):
        if number:
            yield (("", ""),)
        yield from _part(plan, 0, width)
        yield from _listed("Blocked", _blocked(plan), "error", width)
        yield from _listed("Next", _next(plan), "tick", width)


def _part(one: Standing, depth: int, width: int | None) -> Iterator[Line]:
    indent = "  " * depth
    room = None if width is None else max(width - _GUTTER - len(indent), _NARROWEST)
    style = "heading" if one.kind == "plan" else _STYLES[one.state]
    first, *rest = wrapped(told(one), room)
    yield ((_bar_style(one), _gutter(one)), (style, f"{indent}{first}"))
    for line in rest:
        yield (("", " " * _GUTTER), (style, f"{indent}{line}"))
    for part in one.parts:
        yield from _part(part, depth + 1, width)


def told(one: Standing) -> str:
    """Return a part in words: its mark and name, its issue, who has it, what it waits for."""
    words = [f"{one.path}:" if one.kind == "plan" else _MARKS[one.state], one.name]
    words += (
        [f"#{one.issue.number}" + (" closed" if one.issue.state == "closed" else "")] if one.issue else []
    )
    words += [f"({', '.join(one.people)})"] if one.people else []
    words += [f"waits for {', '.join(one.blockers)}"] if one.blockers else []
    return " ".join(words)


def _gutter(one: Standing) -> str:
    if not one.total:
        return " " * _GUTTER
    count = f"{one.done}/{one.total}"
    return f"{bar(one.done, one.total)} {percent(one.done, one.total):>5} {count:>7} "[:_GUTTER].ljust(
        _GUTTER
    )


def _bar_style(one: Standing) -> str:
    return "create" if one.state == "done" else "update" if one.done else ""


def _blocked(plan: Standing) -> list[str]:
    return [f"{part.name}: waits for {', '.join(part.blockers)}" for part in plan.blocked]


def _next(plan: Standing) -> list[str]:
    parts = plan.next
    named = [part.name + (f" ({', '.join(part.people)})" if part.people else "") for part in parts[:NEXT]]
    more = len(parts) - len(named)
    return [*named, f"and {plural(more, 'more task')}"] if more else named


def _listed(head: str, lines: list[str], style: str, width: int | None) -> Iterator[Line]:
    label = f"{head}: "
    for number, text in enumerate(lines):
        room = None if width is None else max(width - len(label), _NARROWEST)
        for at, line in enumerate(wrapped(text, room)):
            lead = label if number == at == 0 else " " * len(label)
            yield ((style, lead), ("", line))
