"""Milestones: one a phase, titles unique in the repository, keyed by the phase and never by the title."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import AgreedMilestone
from planbot.sync.changes import Action, MilestoneChange
from planbot.sync.desired import TITLE_LIMIT, shorten
from planbot.tracker.marker import Managed, plain_newlines, split_milestone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planbot.sync.agreed import Agreed
    from planbot.sync.desired import DesiredMilestone
    from planbot.tracker.records import MilestoneRecord, State


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
    """Hold the milestones of a pass: numbers by uid, bases by plan path, and the changes."""

    numbers: Mapping[str, int]
    bases: tuple[tuple[str, AgreedMilestone], ...]
    changes: tuple[MilestoneChange, ...]


def milestones(stones: Iterable[Stone], agreed: Agreed, there: Iterable[MilestoneRecord]) -> Milestones:
    """Compare wanted milestones with those that are there; one without our marker is never touched."""
    by_number = {one.number: one for one in there}
    managed = {one.number: split_milestone(one.description) for one in by_number.values()}
    by_uid = {
        body.marker.uid: number
        for number, body in sorted(managed.items(), reverse=True)
        if isinstance(body, Managed)
    }
    known = {stone.uid: stone for plan in agreed.plans for stone in plan.milestones}
    taken = {one.title: one.number for one in by_number.values()}
    numbers: dict[str, int] = {}
    bases: list[tuple[str, AgreedMilestone]] = []
    changes = []
    for stone in stones:
        base = known.get(stone.uid)
        number = base.number if base and base.number in by_number else by_uid.get(stone.uid)
        listed = by_number.get(number) if number is not None else None
        if listed is None and not stone.wanted:
            continue
        title = _free_title(stone, listed, taken)
        taken[title] = listed.number if listed else 0
        want = AgreedMilestone(
            stone.uid, listed.number if listed else 0, title, stone.desired.description, stone.complete
        )
        if listed is None:
            changes.append(_creation(stone, want))
            continue
        numbers[stone.uid] = listed.number
        change = _update(stone, want, base, listed)
        settled = replace(want, closed=base is not None and base.closed and want.complete)
        bases.append((stone.path, base if change and base else settled))
        changes += [change] if change else []
    return Milestones(numbers, tuple(bases), tuple(changes))


def _free_title(stone: Stone, listed: MilestoneRecord | None, taken: Mapping[str, int]) -> str:
    """Return the wanted title; where another milestone has it, the plan's path is added, and stays."""
    mine = listed.number if listed else None
    title = stone.desired.title
    suffix = f" ({stone.path})"
    long = shorten(title, max(TITLE_LIMIT - len(suffix), 20)) + suffix
    if listed is not None and listed.title == long:
        return long
    if taken.get(title, mine) == mine:
        return title
    attempt, count = long, 2
    while taken.get(attempt, mine) != mine:
        attempt, count = f"{long} {count}", count + 1
    return shorten(attempt, TITLE_LIMIT)


def _creation(stone: Stone, want: AgreedMilestone) -> MilestoneChange:
    return MilestoneChange(
        action="create",
        kind="milestone",
        path=stone.path,
        locator=stone.locator,
        title=want.title,
        line=stone.line,
        base=want,
        new_title=want.title,
        description=want.description,
    )


def _update(
    stone: Stone, want: AgreedMilestone, base: AgreedMilestone | None, listed: MilestoneRecord
) -> MilestoneChange | None:
    """Return what to write: title and state three ways, the description wherever it is not as wanted."""
    title = want.title if base and want.title != base.title and listed.title == base.title else None
    body = split_milestone(listed.description)
    text = plain_newlines(body.text) if isinstance(body, Managed) else None
    description = (
        want.description
        if base and want.description != base.description and text == base.description
        else None
    )
    state, closed = _state(want, base, listed)
    fields = [
        name
        for name, value in (("title", title), ("description", description), ("state", state))
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
        state=state,
    )


def _state(
    want: AgreedMilestone, base: AgreedMilestone | None, listed: MilestoneRecord
) -> tuple[State | None, bool]:
    """Return the state to write, and whether planbot is the one who closed it then."""
    before = base.complete if base else want.complete
    closed = base.closed if base else False
    if not want.complete:
        return ("open", False) if closed and listed.state == "closed" else (None, False)
    if not before and listed.state == "open":
        return "closed", True
    return None, closed  # a close that was announced may have been done
