"""Merge one item's ticks and state three ways: base, plan, issue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import AgreedCheck
from planbot.sync.align import align, sight_key
from planbot.sync.body import boxes_of
from planbot.sync.state import is_done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.plan.model import Box
    from planbot.plan.outline import FoundBox
    from planbot.sync.agreed import AgreedItem, AgreedMove, Waiting
    from planbot.sync.desired import Desired
    from planbot.tracker.marker import Managed
    from planbot.tracker.records import IssueRecord


@dataclass(frozen=True, slots=True)
class Matched:
    """Hold an item with its base and its issue; `managed` is the issue's body taken apart.

    `trusted` is false when there is no journal at all: no base can be known then. `hands_off` says why the issue
    must be left alone, "" if it need not. `twins` are the bodies of other open issues with this uid. `apart` are the
    keys of checks that came from other items, or went there.
    """

    path: str
    desired: Desired
    uid: str
    base: AgreedItem | None = None
    issue: IssueRecord | None = None
    managed: Managed | None = None
    trusted: bool = True
    hands_off: str = ""
    twins: tuple[Managed, ...] = ()
    apart: frozenset[str] = frozenset()

    @property
    def bases(self) -> Sequence[AgreedCheck]:
        """Return the base of each box of the issue; none where nothing is agreed."""
        return bases_of(self.managed, self.base, trusted=self.trusted)

    @property
    def undecided(self) -> bool:
        """Return whether it is open which issue the item has."""
        return bool(self.hands_off) and self.issue is None and self.base is None


@dataclass(frozen=True, slots=True)
class MergedBox:
    """Hold one box three ways and the value that both sides are to have.

    `issue` is None where the issue has no such box (yet), `base` where nothing was agreed; `at` is the place of
    its base among the item's, `origin` the number of the issue in which it was ticked before it moved here.
    """

    group: str | None
    text: str
    box: Box
    line: int
    plan: bool
    issue: bool | None
    base: bool | None
    value: bool
    waiting: Waiting = ""
    at: int | None = None
    origin: int | None = None

    def agreed(self, *, shown: bool, landed: bool, waiting: Waiting = "") -> AgreedCheck:
        """Return the new base of this box.

        `shown` says that the issue has the value, `landed` that the plan has it. Where one side has yet to get it,
        the base is what that side has, so that the other's value stays news.
        """
        shown = shown or self.issue == self.value
        landed = landed or self.plan == self.value
        if shown and landed:
            return AgreedCheck(self.group, self.text, self.value)
        if shown:
            return AgreedCheck(self.group, self.text, self.plan, waiting)
        return AgreedCheck(self.group, self.text, bool(self.issue))


@dataclass(frozen=True, slots=True)
class Merged:
    """Hold a matched item with all its boxes merged; `own` is a task's own box against open and closed.

    `complete` says whether all below it is done, `phase` is the uid of the milestone it belongs to, `parent` that
    of the issue it is to be under, `blocked_by` those of the issues that are to block its own. `moved` are the checks
    that went to other items.
    """

    matched: Matched
    bases: tuple[AgreedCheck, ...] = ()
    boxes: tuple[MergedBox, ...] = ()
    own: MergedBox | None = None
    complete: bool = False
    phase: str | None = None
    parent: str | None = None
    blocked_by: tuple[str, ...] = ()
    moved: tuple[AgreedMove, ...] = ()

    @property
    def ticks(self) -> tuple[bool, ...]:
        """Return the merged values of the boxes, in the order of the issue's text."""
        return tuple(box.value for box in self.boxes)

    def every_box(self) -> tuple[MergedBox, ...]:
        """Return all boxes, a task's own one first."""
        return (*((self.own,) if self.own else ()), *self.boxes)


def merge(plan: bool, issue: bool | None, base: bool | None) -> bool:  # noqa: FBT001 - three values of one kind
    """Return the value both sides are to have: the side that differs from the base wins; no base: ticked wins."""
    if issue is None or plan == issue:
        return plan
    if base is None:
        return True
    return issue if issue != base else plan


def merge_item(matched: Matched) -> Merged:
    """Return an item with its boxes merged; reads nothing but its arguments."""
    checks = matched.desired.content.checks
    texts = [(check.group, check.text) for check in checks]
    bases = matched.bases
    base_of = align([(base.group, base.text) for base in bases], texts, matched.apart, strict=True)
    issue_of = _issue_values(matched, bases, base_of, texts)
    folded = _folded(matched, texts, issue_of)
    # nothing is agreed of an item that is back, but what waits goes on waiting
    back = matched.base.checks if matched.base and matched.base.retired else ()
    void = {sight_key(check.text): check.waiting for check in back}
    boxes = []
    for at, check in enumerate(checks):
        base = bases[base_of[at]] if at in base_of else None
        value = base.ticked if base else None
        plan, issue = check.box.ticked, issue_of.get(at, value)
        if matched.issue is None:
            issue, value = None, None
        merged = merge(plan, folded.get(at, issue), value)
        told = base.waiting if base else void.get(sight_key(check.text), "")
        waiting: Waiting = told if merged != plan else ""
        boxes.append(
            MergedBox(
                check.group,
                check.text,
                check.box,
                check.line,
                plan,
                issue,
                value,
                merged,
                waiting,
                base_of.get(at),
            )
        )
    return Merged(matched, tuple(bases), tuple(boxes), _own_box(matched))


def remerge(merged: Merged, managed: Managed | None) -> Merged:
    """Return the merge with what an issue's boxes say now; its bases stay those of the first reading."""
    now = merge_item(replace(merged.matched, managed=managed))
    boxes = tuple(
        replace(old, value=merge(old.plan, new.issue, old.base)) if new.issue != old.issue else old
        for old, new in zip(merged.boxes, now.boxes, strict=True)
    )
    return replace(merged, boxes=boxes)


def bases_of(managed: Managed | None, base: AgreedItem | None, *, trusted: bool) -> Sequence[AgreedCheck]:
    """Return the base of each box of an issue: the marker's where the journal does not know its stamp.

    A write of the body carries the plan's ticks it was made from, so a stamp that the journal has not seen is
    newer than the journal. With no journal at all, or for an item that left the plan and is back, nothing is agreed.
    """
    if not trusted or (base and base.retired):
        return ()
    known = base.checks if base else ()
    if managed is None or (base and managed.marker.stamp == base.stamp):
        return known
    ticks = [tick == "1" for tick in managed.marker.ticks]
    found = boxes_of(managed.text)
    if len(found) == len(ticks):
        told = [AgreedCheck(None, box.text, tick) for box, tick in zip(found, ticks, strict=True)]
        return _still_waiting(told, known)
    if len(known) == len(ticks):
        return tuple(replace(check, ticked=tick) for check, tick in zip(known, ticks, strict=True))
    return known


def _still_waiting(told: list[AgreedCheck], known: Sequence[AgreedCheck]) -> Sequence[AgreedCheck]:
    """Return what a marker tells, with what only the journal does: what waits, and what a pull request brought."""
    pairs = align([(None, check.text) for check in known], [(None, check.text) for check in told])
    for at, old in pairs.items():
        if known[old].waiting == "landed" or told[at].ticked == known[old].ticked:
            told[at] = replace(told[at], ticked=known[old].ticked, waiting=known[old].waiting)
    return told


def shown(managed: Managed | None, bases: Sequence[AgreedCheck]) -> dict[int, bool]:
    """Return what an issue's boxes say, by the place of each one's base."""
    found = boxes_of(managed.text) if managed else ()
    return {base: found[at].ticked for at, base in _lines(found, bases).items()}


def _lines(found: Sequence[FoundBox], bases: Sequence[AgreedCheck]) -> dict[int, int]:
    """Return the place of its base for each box of an issue that has one."""
    return align([(None, base.text) for base in bases], [(None, box.text) for box in found])


def _issue_values(
    matched: Matched,
    bases: Sequence[AgreedCheck],
    base_of: dict[int, int],
    texts: Sequence[tuple[str | None, str]],
) -> dict[int, bool]:
    """Return what the issue says of each wanted check that it shows, found through the base where there is one."""
    if matched.managed is None:
        return {}
    found = boxes_of(matched.managed.text)
    by_base = {old: new for new, old in _lines(found, bases).items()}
    values = {at: found[by_base[old]].ticked for at, old in base_of.items() if old in by_base}
    free_boxes = sorted(set(range(len(found))) - set(by_base.values()))
    free_checks = [at for at in range(len(texts)) if at not in base_of]
    pairs = align(
        [(None, found[at].text) for at in free_boxes],
        [(None, texts[at][1]) for at in free_checks],
        matched.apart,
    )
    return values | {free_checks[new]: found[free_boxes[old]].ticked for new, old in pairs.items()}


def _folded(
    matched: Matched, texts: Sequence[tuple[str | None, str]], issue_of: dict[int, bool]
) -> dict[int, bool]:
    """Return the ticks that people made in a twin of the issue: what differs there from its own marker."""
    values: dict[int, bool] = {}
    for twin in matched.twins:
        found = boxes_of(twin.text)
        ticks = [tick == "1" for tick in twin.marker.ticks]
        if len(found) != len(ticks):
            continue
        lines = [(None, box.text) for box in found]
        for at, old in align(lines, [(None, text) for _, text in texts]).items():
            if found[old].ticked != ticks[old] and issue_of.get(at) != found[old].ticked:
                values[at] = found[old].ticked
    return values


def _own_box(matched: Matched) -> MergedBox | None:
    """Merge a task's own box with open and closed."""
    box, issue = matched.desired.box, matched.issue
    if box is None:
        return None
    state = None if issue is None else is_done(issue)
    void = not matched.trusted or (matched.base is not None and matched.base.retired)
    agreed = matched.base.box if matched.base and not void else None
    base = agreed.ticked if agreed else (None if void or issue is None else False)
    value = merge(box.ticked, state, base)
    waiting: Waiting = agreed.waiting if agreed and value != box.ticked else ""
    return MergedBox(
        None, matched.desired.name, box, matched.desired.line, box.ticked, state, base, value, waiting
    )
