"""What leaving removed or would remove, as text and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planbot.report.escape import inert
from planbot.report.lines import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.report.text import Line
    from planbot.sync.leave import Step

_SIGNS = {"strip": "~", "close": "x", "delete": "-"}
_STYLES = {"strip": "update", "close": "close", "delete": "close"}
_ORDER = ("issue", "milestone", "label", "branch", "journal")
_DONE = {"strip": "stripped", "close": "closed", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class Departure:
    """Hold what was removed, or in a dry run would be; `undone` has with each step why it was not taken.

    `refusals` are what stands in the way of what a dry run tells.
    """

    repository: str
    steps: tuple[Step, ...] = ()
    undone: tuple[tuple[Step, str], ...] = ()
    notices: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    dry_run: bool = False
    skipped: bool = False


def departure_lines(departure: Departure) -> Iterator[Line]:
    """Yield each step, what was not done and why, and a summary."""
    for step in departure.steps:
        number = f" #{step.number}" if step.kind == "issue" else ""
        sign = f"{_SIGNS[step.action]} {step.action} {step.kind}{number}"
        yield (("", "  "), (_STYLES[step.action], sign), ("", f"  {step.name}"))
    for step, why in departure.undone:
        yield (("error", f"not done: {step.action} {step.kind} {step.name}: {why}"),)
    yield from ((("warning", f"note: {notice}"),) for notice in departure.notices)
    yield from ((("error", f"would be refused: {one}"),) for one in departure.refusals)
    if not departure.skipped:
        yield (("", _summary(departure)),)


def departure_markdown(departure: Departure) -> Iterator[str]:
    """Yield the departure as lines of Markdown: a list of the steps, then what is to be said of them."""
    for step in departure.steps:
        number = f" #{step.number}" if step.kind == "issue" else ""
        yield f"- {step.action} {step.kind}{number}: {inert(step.name)}"
    for step, why in departure.undone:
        yield f"- **not done**: {step.action} {step.kind} {inert(step.name)}: {inert(why)}"
    for text in departure.refusals:
        yield f"- **would be refused**: {inert(text)}"
    for text in (*departure.notices, *(() if departure.skipped else (_summary(departure),))):
        yield ""
        yield inert(text)


def departure_data(departure: Departure) -> dict[str, Any]:
    """Return the departure as plain data."""
    return {
        "repository": departure.repository,
        "steps": [_step(step) for step in departure.steps],
        "undone": [{**_step(step), "why": why} for step, why in departure.undone],
        "refusals": list(departure.refusals),
        "notices": list(departure.notices),
        "complete": not (departure.undone or departure.dry_run or departure.skipped),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "kind": step.kind,
        "name": step.name,
        "number": step.number or None,
    }


def _summary(departure: Departure) -> str:
    if not departure.steps and not departure.undone:
        return f"Nothing of planbot's is in {departure.repository}."
    counts = [
        f"{plural(count, kind)} {_DONE[action]}"
        for kind in _ORDER
        for action in _DONE
        if (count := sum((step.kind, step.action) == (kind, action) for step in departure.steps))
    ]
    counted = ", ".join(counts) or "nothing was done"
    if departure.dry_run:
        return f"Would leave {departure.repository}: {counted}."
    if departure.undone:
        return f"Partly left {departure.repository}: {counted}; run it again for the rest."
    return f"Left {departure.repository}: {counted}."
