"""How an item is named inside its plan file."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from planbot.sync.words import key

if TYPE_CHECKING:
    from planbot.plan.model import Phase, Task

_ORDINAL = re.compile(r"~\d+\Z")


def uid_of(path: str, locator: str, name: str, attempt: int = 0) -> str:
    """Return the uid that an item is given when it is new; the first `attempt` whose uid is free counts."""
    text = "\0".join((path, locator, key(name), str(attempt)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class Locators:
    """Give each item of one plan file its locator; an ordinal is added where the name is taken."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._given: dict[int, str] = {}

    def phase(self, phase: Phase) -> str:
        """Return a new locator for a phase."""
        locator = self._new(f"phase:{phase.number or _slug(phase.title)}")
        self._given[id(phase)] = locator
        return locator

    def known(self, part: Phase | Task) -> str:
        """Return the locator given to a phase or task of the plan."""
        return self._given[id(part)]

    def task(self, task: Task, phase: Phase | None) -> str:
        """Return a new locator for a task: its number, after its phase's where the number does not start with it."""
        locator = self._given[id(task)] = self._new(_task_name(task, phase))
        return locator

    def _new(self, name: str) -> str:
        self._taken[name] += 1
        times = self._taken[name]
        return name if times == 1 else f"{name}~{times}"


def without_ordinal(locator: str) -> str:
    """Return a locator without its ordinal, which moves when another item comes or goes."""
    return _ORDINAL.sub("", locator)


def _task_name(task: Task, phase: Phase | None) -> str:
    name = task.number or _slug(task.title)
    if phase is None:
        return f"task:{name}"
    above = phase.number or _slug(phase.title)
    full = task.number is not None and name.startswith(f"{above}.")
    return f"task:{name}" if full else f"task:{above}/{name}"


def _slug(title: str) -> str:
    return key(title).replace(" ", "-")[:40] or "untitled"
