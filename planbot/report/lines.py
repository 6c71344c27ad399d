"""Single lines that tell of changes: for progress while a pass runs, and for journal entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.plan.model import Phase
    from planbot.sync.changes import Change

_ACTIONS = ("create", "update", "reopen", "close", "link", "block", "unblock", "comment")


def counted(changes: Sequence[Change]) -> str:
    """Return how many changes of each action there are, in words such as `create 3, close 1`."""
    counts = {action: sum(change.action == action for change in changes) for action in _ACTIONS}
    return ", ".join(f"{action} {count}" for action, count in counts.items() if count) or "nothing"


def told(change: Change) -> str:
    """Return one change in words."""
    number = f" #{change.issue}" if change.issue else ""
    return f"{change.action} {change.kind}{number}: {change.title}"


def phase_name(phase: Phase) -> str:
    """Return a phase's name as people say it, with its number where it has one."""
    return f"Phase {phase.number}: {phase.title}" if phase.number else phase.title


def few(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - most
    listed = ", ".join(names[:most])
    return f"{listed} and {more} more" if more > 0 else listed


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count} {one if count == 1 else many or one + 's'}"
