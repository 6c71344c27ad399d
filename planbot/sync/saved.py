"""Saved change sets: what one pass wants, in a form that another can be compared with.

What counts is what would be done. Lines, offsets and times may move in between; a box, a title, a text or an issue
may not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from planbot.errors import ChangedError, UsageError
from planbot.sync.changes import IssueChange, MilestoneChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from planbot.sync.changes import Change, ChangeSet, Tick

_VERSION = 1
_PLAIN = (str, int, bool, type(None))
_SHOWN = 5  # differences that a message lists
_PLACES = frozenset(("line", "begun"))


@dataclass(frozen=True, slots=True)
class Saved:
    """Hold a saved change set: the repository (`owner/name`), the commit it was made from, and each change as JSON."""

    repository: str
    commit: str
    changes: tuple[str, ...]


def saved_changes(repository: str, commit: str, changes: Iterable[Change], ticks: Iterable[Tick]) -> bytes:
    """Return a change set as a JSON file, in ASCII."""
    listed = [json.loads(one) for one in _canonical(changes, ticks)]
    data = {"version": _VERSION, "repository": repository, "commit": commit, "changes": listed}
    return (json.dumps(data, indent=2) + "\n").encode("ascii")


def read_saved(data: bytes, name: str) -> Saved:
    """Return a saved change set.

    Raises:
        UsageError: if the file is none.
    """
    try:
        read = json.loads(data)
        if read["version"] != _VERSION:
            raise UsageError(f"{name} was saved by another version of planbot", hint="save it again")
        changes = tuple(sorted(_dumped(one) for one in read["changes"]))
        return Saved(str(read["repository"]), str(read["commit"]), changes)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{name} is no saved change set", hint="make one: planbot diff --save") from error


def require_saved(saved: Saved, changes: ChangeSet, repository: str, *, begun: bool) -> None:
    """Refuse a change set that is not the saved one, or, once a part of it is done, has anything else in it.

    Raises:
        ChangedError: if the world has moved since it was saved.
    """
    found, wanted = _canonical(changes.changes, changes.ticks), list(saved.changes)
    new = [one for one in found if one not in saved.changes]
    gone = [] if begun else [one for one in wanted if one not in found]
    if saved.repository.casefold() != repository.casefold():
        raise ChangedError(f"the changes were saved for {saved.repository}, and this is {repository}")
    if new or gone:
        lines = [
            *(f"  not wanted any more: {_told(one)}" for one in gone),
            *(f"  new: {_told(one)}" for one in new),
        ]
        more = [f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        done = "the rest was not written" if begun else "nothing was written"
        raise ChangedError(
            "\n".join(
                [f"{done}, for the world has moved since the changes were saved:", *lines[:_SHOWN], *more]
            ),
            hint="look at them again: planbot diff --commit REV --save FILE",
        )


def _canonical(changes: Iterable[Change], ticks: Iterable[Tick]) -> list[str]:
    return sorted([*(_dumped(_change(one)) for one in changes), *(_dumped(_tick(one)) for one in ticks)])


def _dumped(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def _change(change: Change) -> dict[str, Any]:
    data = {name: value for name, value in _values(change) if name not in _PLACES}
    match change:
        case IssueChange(merged=merged):
            desired = merged.matched.desired
            text = hashlib.sha256(desired.content.text.encode("utf-8", "surrogatepass")).hexdigest()
            data |= {"uid": merged.matched.uid, "wanted": desired.title, "text": text[:16]}
            data["boxes"] = "".join("x" if ticked else "." for ticked in merged.ticks)
        case MilestoneChange(base=base):
            data |= {"wanted": base.title, "text": base.description}
    return data


def _tick(tick: Tick) -> dict[str, Any]:
    return {
        "action": "tick" if tick.ticked else "untick",
        "path": tick.path,
        "title": tick.text,
        "issue": tick.issue,
        "direction": tick.direction,
    }


def _values(change: Change) -> Sequence[tuple[str, Any]]:
    """Return those fields of a change that are plain values, or lists of them."""
    every = [(field.name, getattr(change, field.name)) for field in fields(change)]
    return [
        (name, list(value) if isinstance(value, tuple) else value)
        for name, value in every
        if isinstance(value, (*_PLAIN, tuple))
    ]


def _told(one: str) -> str:
    data = json.loads(one)
    number = f" #{data['issue']}" if data.get("issue") else ""
    kind = f" {data['kind']}" if "kind" in data else ""
    return f"{data['action']}{kind}{number}: {data['title']}"
