"""Milestones: one a phase, titles unique in the repository, keyed by the phase and never by the title."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import AgreedMilestone
from planbot.sync.changes import Action, MilestoneChange
from planbot.sync.wording import MILESTONE_LIMIT, shorten
from planbot.tracker.marker import Managed, plain_newlines, split_milestone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planbot.sync.agreed import Agreed
    from planbot.sync.desired import DesiredMilestone
    from planbot.tracker.records import MilestoneRecord, State


_PATH_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Stone:
    """Hold a wanted milestone: the phase's uid and locator, whether it is wanted now, whether all in it is done."""

    path: str
    uid: str
    locator: str
    line: int
    desired: DesiredMilestone
    wanted: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class Milestones:
    """Hold the milestones of a pass: numbers by uid, also of those no longer wanted; bases by plan path; changes."""

    numbers: Mapping[str, int]
    bases: tuple[tuple[str, AgreedMilestone], ...]
    changes: tuple[MilestoneChange, ...]
    deleted: frozenset[str] = frozenset()  # uids of those that a person deleted


def milestones(stones: Iterable[Stone], agreed: Agreed, there: Iterable[MilestoneRecord]) -> Milestones:
    """Compare wanted milestones with those that are there; one without our marker is never touched."""
    by_number = {one.number: one for one in there}
    by_uid = {
        body.marker.uid: number
        for number, one in sorted(by_number.items(), reverse=True)
        if isinstance(body := split_milestone(one.description), Managed)
    }
    known = {base.uid: base for plan in agreed.plans for base in plan.milestones}
    taken = {one.title: one.number for one in by_number.values()}
    numbers = {uid: base.number for uid, base in known.items() if base.number in by_number}
    bases: list[tuple[str, AgreedMilestone]] = []
    changes = []
    deleted = set()
    for stone in stones:
        number = numbers.get(stone.uid, by_uid.get(stone.uid, 0))
        listed, base = by_number.get(number), known.get(stone.uid)
        if listed is None and base is not None:
            deleted.add(stone.uid)
            continue
        if listed is None and not stone.wanted:
            continue
        title = _free_title(stone, listed, taken)
        taken[title] = number
        want = AgreedMilestone(
            stone.uid, number, title, stone.desired.description, stone.complete, due=stone.desired.due
        )
        if listed is None:
            changes.append(_creation(stone, want))
            continue
        numbers[stone.uid] = number
        # without a journal nobody knows whether a person reopened it; else its making was interrupted
        before = base or replace(want, complete=want.complete and not agreed.known)
        change = _update(stone, want, before, listed)
        changes += [change] if change else []
        bases.append(
            (stone.path, before if change else replace(want, closed=before.closed and want.complete))
        )
    return Milestones(numbers, tuple(bases), tuple(changes), frozenset(deleted))


def _free_title(stone: Stone, listed: MilestoneRecord | None, taken: Mapping[str, int]) -> str:
    """Return the wanted title; where another milestone has it, the plan's path is added, and stays."""
    mine = listed.number if listed else None
    title = stone.desired.title
    stays = listed is not None and listed.title == _with_path(title, stone.path, 1)
    if not stays and taken.get(title, mine) == mine:
        return title
    count = 1
    while taken.get(_with_path(title, stone.path, count), mine) != mine:
        count += 1
    return _with_path(title, stone.path, count)


def _with_path(title: str, path: str, count: int) -> str:
    short = path if len(path) <= _PATH_LIMIT else "…" + path[1 - _PATH_LIMIT :]
    suffix = f" ({short})" if count == 1 else f" ({short}) {count}"
    return shorten(title, MILESTONE_LIMIT - len(suffix)) + suffix


def _creation(stone: Stone, want: AgreedMilestone) -> MilestoneChange:
    return MilestoneChange(
        action="create",
        kind="milestone",
        path=stone.path,
        locator=stone.locator,
        title=want.title,
        line=stone.line,
        base=replace(want, closed=want.complete),
        new_title=want.title,
        description=want.description,
        due=want.due,
        state="closed" if want.complete else None,
    )


def _update(
    stone: Stone, want: AgreedMilestone, base: AgreedMilestone, listed: MilestoneRecord
) -> MilestoneChange | None:
    """Return what to write, three ways; None where nothing changed, or a person took the marker away."""
    body = split_milestone(listed.description)
    if not isinstance(body, Managed):
        return None
    title = want.title if want.title != base.title and listed.title == base.title else None
    text = plain_newlines(body.text)
    renewed = want.description != base.description and text == base.description
    description = want.description if renewed else None
    due = None if want.due == base.due or listed.due_on != base.due else want.due or ""
    state, closed = _state(want, base, listed)
    fields = [
        name
        for name, value in (("title", title), ("description", description), ("due", due), ("state", state))
        if value is not None
    ]
    if not fields:
        return None
    action: Action = "update" if state is None else "close" if state == "closed" else "reopen"
    return MilestoneChange(
        action=action,
        kind="milestone",
        path=stone.path,
        locator=stone.locator,
        title=listed.title,
        line=stone.line,
        fields=tuple(fields),
        base=replace(want, closed=closed),
        listed=listed,
        new_title=title,
        description=description,
        due=due,
        state=state,
    )


def _state(
    want: AgreedMilestone, base: AgreedMilestone, listed: MilestoneRecord
) -> tuple[State | None, bool]:
    """Return the state to write, and whether planbot is the one who closed it then."""
    if not want.complete:
        return ("open", False) if base.closed and listed.state == "closed" else (None, False)
    if not base.complete and listed.state == "open":
        return "closed", True
    return None, base.closed  # a close that was announced may have been done
