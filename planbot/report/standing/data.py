"""How far plans are, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planbot.report.standing.value import Standing


def standing_data(plan: Standing) -> dict[str, Any]:
    """Return how far a plan is; parts that are blocked or next are named by their line."""
    return {
        "path": plan.path,
        **_part(plan),
        "blocked": [part.line for part in plan.blocked],
        "next": [part.line for part in plan.next],
    }


def _part(one: Standing) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "number": one.number,
        "title": one.title,
        "line": one.line,
        "state": one.state,
        "done": one.done,
        "total": one.total,
        "people": list(one.people),
        "waits_for": list(one.blockers),
        "issue": _issue(one),
        "parts": [_part(part) for part in one.parts],
    }


def _issue(one: Standing) -> dict[str, Any] | None:
    if one.issue is None:
        return None
    return {
        "number": one.issue.number,
        "state": one.issue.state,
        "assignees": list(one.issue.assignees),
        "url": one.issue.html_url,
    }
