"""What is known of items from before: the journal's, each with its issue, and what only markers tell."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from planbot.sync.agreed import AgreedCheck, AgreedItem
from planbot.sync.body import boxes_of
from planbot.sync.options import MANAGED_LABEL
from planbot.sync.state import closer
from planbot.tracker.marker import Managed, Marker, Unreadable, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.sync.agreed import Agreed, Kind
    from planbot.tracker.records import IssueRecord

_NUMBERED = re.compile(r"(?:phase\s+)?\d[\w.]*[:.)]?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """Hold an item as it was: its base, its issue as listed (None if it is gone), its body taken apart.

    `twins` are other open issues with its uid: a race or a crash made them. `in_journal` is false for what only a
    marker tells.
    """

    path: str
    base: AgreedItem
    issue: IssueRecord | None = None
    body: Managed | Unreadable | None = None
    twins: tuple[tuple[IssueRecord, Managed], ...] = ()
    in_journal: bool = True

    @property
    def may_be_closed(self) -> bool:
        """Return whether the issue is to be closed once nothing wants the item: it is open, and its marker ours."""
        is_open = self.issue is not None and self.issue.state == "open"
        return is_open and isinstance(self.body, Managed) and not self.base.retired

    def farewell(self) -> AgreedItem:
        """Return the base of an item that is gone; once its issue is closed for that, by whichever pass."""
        if self.base.retired and isinstance(self.body, Managed):
            by = closer(self.base, self.issue, now=False) if self.issue else self.base.closed_by
            return replace(self.base, stamp=self.body.marker.stamp, closed_by=by)
        return self.base


def known_items(agreed: Agreed, issues: Mapping[int, IssueRecord]) -> list[Known]:
    """Return what the journal knows with its issues, then what only markers tell (a lost journal, a lost answer)."""
    bodies = {number: split(issue.body) for number, issue in issues.items()}
    by_uid: defaultdict[str, list[int]] = defaultdict(list)
    journal = _Journal(agreed)
    for number, body in sorted(bodies.items()):
        if body is not None and body.marker is not None and journal.believes(issues[number], body.marker):
            by_uid[body.marker.uid].append(number)
    known = []
    for path, item in agreed.entries():
        numbers = by_uid.pop(item.uid, [])
        mine = item.issue if item.issue in issues else _best(numbers, issues)
        twins = _twins(numbers, mine, issues, bodies)
        known.append(
            Known(path, item)
            if mine is None
            else Known(path, _with_news(item, bodies[mine]), issues[mine], bodies[mine], twins)
        )
    for numbers in by_uid.values():
        mine = _best(numbers, issues)
        body = None if mine is None else bodies[mine]
        if mine is not None and body is not None and body.marker is not None:
            base = _rebuilt(issues[mine], body, body.marker)
            twins = _twins(numbers, mine, issues, bodies)
            known.append(Known(body.marker.plan, base, issues[mine], body, twins, in_journal=False))
    return known


class _Journal:
    """Tell which markers count: anybody can copy one into an issue of their own."""

    def __init__(self, agreed: Agreed) -> None:
        self._uids = {item.issue: item.uid for _, item in agreed.entries() if item.issue is not None}
        self._begun = {item.stamp for _, item in agreed.entries() if item.issue is None}

    def believes(self, issue: IssueRecord, marker: Marker) -> bool:
        """Say whether an issue is what its marker says: who sets our label has rights in the repository.

        An issue that the journal knows is what the journal says, for its author may put any marker into it.
        https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
        """
        if issue.number in self._uids:
            return self._uids[issue.number] == marker.uid
        labelled = MANAGED_LABEL in (label.casefold() for label in issue.labels)
        return labelled or marker.stamp in self._begun


def _twins(
    numbers: list[int],
    mine: int | None,
    issues: Mapping[int, IssueRecord],
    bodies: Mapping[int, Managed | Unreadable | None],
) -> tuple[tuple[IssueRecord, Managed], ...]:
    others = [number for number in numbers if number != mine and issues[number].state == "open"]
    pairs = ((issues[number], bodies[number]) for number in others)
    return tuple((issue, body) for issue, body in pairs if isinstance(body, Managed))


def _best(numbers: list[int], issues: Mapping[int, IssueRecord]) -> int | None:
    """Return, of issues with one uid, the open one, else the older."""
    return min(numbers, key=lambda number: (issues[number].state != "open", number), default=None)


def _with_news(item: AgreedItem, body: Managed | Unreadable | None) -> AgreedItem:
    """Return an item as its marker tells: a write that the journal does not know is newer than the journal."""
    if not isinstance(body, Managed) or body.marker.stamp == item.stamp:
        return item
    return replace(item, retired=body.marker.retired)


def _rebuilt(issue: IssueRecord, body: Managed | Unreadable, marker: Marker) -> AgreedItem:
    """Return what a marker and an issue tell of an item that the journal does not know."""
    found = boxes_of(body.text) if isinstance(body, Managed) else ()
    kind, _, name = marker.locator.partition(":")
    number = name.rpartition("/")[2].partition("~")[0]
    return AgreedItem(
        uid=marker.uid,
        kind=cast("Kind", kind) if kind in ("plan", "phase", "task") else "task",
        locator=marker.locator,
        number=number if number[:1].isdigit() else None,
        name=_NUMBERED.sub("", issue.title, count=1),
        issue=issue.number,
        title=issue.title,
        checks=tuple(AgreedCheck(None, box.text, ticked=False) for box in found),
        retired=marker.retired,
    )
