"""From what was read to the change set: identity, merge, diff. Values in, values out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from planbot.sync.astray import bring_home
from planbot.sync.changes import (
    Change,
    ChangeSet,
    DependencyChange,
    FarewellChange,
    IssueChange,
    LinkChange,
    Undone,
)
from planbot.sync.dependencies import dependency_changes
from planbot.sync.desired import desire
from planbot.sync.diff import Neighbours, issue_changes
from planbot.sync.farewells import duplicates, farewell_changes, owed, retirements, without_items
from planbot.sync.identity import identify
from planbot.sync.inline import Place
from planbot.sync.limits import tallies
from planbot.sync.milestones import Milestones, Stone, milestones
from planbot.sync.owners import with_strangers
from planbot.sync.remarks import left_alone, not_assignable, unknown_writes
from planbot.sync.state import will_be_closed
from planbot.sync.ticks import hold, ticks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planbot.plan.model import Plan
    from planbot.sync.agreed import Agreed
    from planbot.sync.desired import Desired, DesiredPlan
    from planbot.sync.known import Known
    from planbot.sync.merge import Merged
    from planbot.sync.options import FileOptions
    from planbot.tracker.records import IssueRecord, MilestoneRecord


LAG = 60  # seconds after which a list shows every issue


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold all that a pass has read.

    `plans` are the plan files that could be read; `untouched` are paths whose items are left alone: files that
    cannot be read, and files that are there but match no glob any more. `write_back` is whether ticks may go to
    the plan, `proposing` whether they go there by a pull request. `page` is the repository's web address, `now` the
    time in epoch seconds. `strangers` are logins, without regard to case, that no issue can be assigned to.
    """

    plans: tuple[tuple[Plan, FileOptions], ...]
    agreed: Agreed
    page: str
    branch: str
    issues: Mapping[int, IssueRecord] = field(default_factory=dict)
    milestones: tuple[MilestoneRecord, ...] = ()
    untouched: frozenset[str] = frozenset()
    write_back: bool = True
    proposing: bool = False
    now: int = 0
    strangers: frozenset[str] = frozenset()


def reconcile(reading: Reading) -> ChangeSet:
    """Return everything that the pass wants."""
    plans = [
        desire(plan, options, Place(reading.page, reading.branch, plan.path))
        for plan, options in reading.plans
    ]
    identified = identify(plans, reading.agreed, reading.issues, reading.untouched)
    matched = [with_strangers(one, reading.strangers) for one in identified.matched]
    gone = [one for one in identified.orphans if one.path not in reading.untouched]
    home = bring_home(matched, gone, trusted=reading.agreed.known)
    orphans, merged = home.orphans, home.by_place
    files = [
        _File(reading, plan, options, merged) for plan, (_, options) in zip(plans, reading.plans, strict=True)
    ]
    stones = milestones(
        [stone for file in files for stone in file.stones()], reading.agreed, reading.milestones
    )
    numbers = {one.base.uid: one.issue.number for one in identified.known if one.issue is not None}
    numbers |= {one.matched.uid: one.matched.issue.number for one in merged.values() if one.matched.issue}
    items = tuple(item for file in files for item in file.items())
    others = [item for file in files for item in file.without_issue()]
    ticks, waiting = ticks_of((*items, *others), write_back=reading.write_back, proposing=reading.proposing)
    items = tuple(hold(item, waiting) for item in items)
    by_path = {file.path: file for file in files}
    wanted = [
        change for item in items for change in by_path[item.matched.path].changes(item, numbers, stones)
    ]
    unclaimed = without_items(reading.issues, merged.values())
    wanted += farewell_changes(reading.agreed, unclaimed)
    changes, held = _hold_back(wanted, reading.now)
    unmade = _unmade(identified.known, items, reading)
    return ChangeSet(
        base=replace(reading.agreed, farewells=owed(reading.agreed, unclaimed)),
        changes=(
            *stones.changes,
            *_in_order([*changes, *retirements(orphans), *duplicates(identified.known)]),
        ),
        ticks=tuple(ticks),
        waiting=tuple(waiting),
        held=tuple(held),
        items=items,
        milestones=stones.bases,
        gone=tuple((one.path, one.farewell()) for one in orphans if one.in_journal),
        unmade=tuple(unmade),
        unknown=unknown_writes(matched, orphans),
        tallies=tuple(tallies((*items, *others), orphans, {plan.path for plan, _ in reading.plans})),
        diagnostics=(*left_alone(matched), *not_assignable(matched), *home.diagnostics),
    )


def _unmade(known: Iterable[Known], items: Iterable[Merged], reading: Reading) -> Iterator[str]:
    """Yield what a pass that died had announced and not made, once that is sure, and nothing wants any more."""
    wanted = {item.matched.uid for item in items}
    for one in known:
        sure = one.issue is None and one.base.begun and one.base.begun + LAG <= reading.now
        if sure and one.base.uid not in wanted and one.path not in reading.untouched:
            yield one.base.uid


def _hold_back(wanted: list[Change], now: int) -> tuple[list[Change], list[Undone]]:
    """Hold back what was begun a moment ago: its request may have worked, and lists need time to show it.

    https://docs.github.com/rest says nothing of how long; issues were seen to be missing for seconds.
    """
    held = {}
    for change in wanted:
        begun = _begun(change)
        if begun and (rest := begun + LAG - now) > 0:
            why = f"a pass that did not finish may have made it: planbot looks again in {rest} s"
            held[_uids(change)[0]] = Undone(change, why)
    free = [change for change in wanted if held.keys().isdisjoint(_uids(change))]
    return free, list(held.values())


def _begun(change: Change) -> int:
    """Return when a pass began to make what this change makes, in epoch seconds, 0 if none did."""
    match change:
        case IssueChange(action="create", merged=merged) if merged.matched.base is not None:
            return merged.matched.base.begun
        case FarewellChange(begun=begun):
            return begun
        case _:
            return 0


def _uids(change: Change) -> tuple[str, ...]:
    """Return the uids of what has to be there for a change to be made."""
    match change:
        case IssueChange(merged=merged):
            return (merged.matched.uid,)
        case LinkChange(uid=uid):
            return (uid,)
        case DependencyChange(uid=uid, blocker=blocker):
            return (uid, blocker)
        case FarewellChange(number=number):
            return (f"#{number}",)
        case _:
            return ()


def _in_order(changes: list[Change]) -> list[Change]:
    """Put issues that are made first, each with its link upward, then the others; closes last.

    What blocks no more goes before what blocks anew: the server takes no circle, not even for a moment.
    """
    rank = {"create": 0, "block": 2, "close": 3}
    return sorted(
        changes, key=lambda change: 0 if isinstance(change, LinkChange) else rank.get(change.action, 1)
    )


class _File:
    """Reconcile one plan file: who is whose parent, and what is complete, from the leaves up."""

    def __init__(
        self,
        reading: Reading,
        plan: DesiredPlan,
        options: FileOptions,
        merged: Mapping[tuple[str, str], Merged],
    ) -> None:
        self.reading = reading
        self.plan = plan
        self.path = plan.plan.path
        self.skip_finished = options.issues.finished == "skip"
        self.merged = {item.locator: merged.get((self.path, item.locator)) for item in plan.items}
        self.by_locator = {item.locator: item for item in plan.items}
        self.children: defaultdict[str, list[Desired]] = defaultdict(list)
        for item in plan.items:
            above = item.phase if item.kind == "task" and item.phase else "plan"
            if item.kind != "plan":
                self.children[above].append(item)
        self.values = {
            box.box.offset: box.value for one in self.merged.values() if one is not None for box in one.boxes
        }
        self.complete = {item.locator: self._complete(item) for item in reversed(plan.items)}

    def items(self) -> Iterator[Merged]:
        """Yield the items that have an issue or are to have one."""
        for item in self.plan.items:
            merged = self.merged[item.locator]
            if merged is not None and self._has_issue(item):
                yield replace(
                    merged,
                    complete=self.complete[item.locator],
                    phase=self._phase_uid(item),
                    parent=self._parent_uid(item),
                    blocked_by=tuple(self._blockers(item)),
                )

    def without_issue(self) -> Iterator[Merged]:
        """Yield the items without an issue, now and afterwards, to which a tick has followed its check all the same."""
        for item in self.plan.items:
            merged = self.merged[item.locator]
            if merged is None or self._has_issue(item):
                continue
            if any(box.value != box.plan for box in merged.boxes):
                yield merged

    def stones(self) -> Iterator[Stone]:
        """Yield the milestones that the file wants."""
        for one in self.plan.milestones:
            phase = self.by_locator[one.phase]
            if self._is_undecided(phase):
                continue
            below = [phase, *self.children[one.phase]]
            wanted = any(self._has_issue(item) for item in below) or not (
                phase.finished and self.skip_finished
            )
            yield Stone(
                self.path, self._uid(phase), one.phase, phase.line, one, wanted, self.complete[one.phase]
            )

    def changes(self, merged: Merged, numbers: Mapping[str, int], stones: Milestones) -> Iterator[Change]:
        """Yield what one item wants."""
        base = merged.matched.base
        refused = base is not None and base.is_refused_by(merged.parent)
        around = Neighbours(
            place=Place(self.reading.page, self.reading.branch, self.path),
            numbers=numbers,
            milestones=stones.numbers,
            parent=merged.parent,
            phase=None if merged.phase in stones.deleted else merged.phase,
            complete=merged.complete,
            sub_issues=self.reading.agreed.sub_issues and not refused,
        )
        yield from issue_changes(merged, around)
        blockers = [self.by_locator[locator] for locator in merged.matched.desired.blocked_by]
        decided = not any(self._is_undecided(blocker) for blocker in blockers)
        if self.reading.agreed.dependencies and decided and not merged.matched.hands_off:
            yield from dependency_changes(merged)

    def _has_issue(self, item: Desired) -> bool:
        merged = self.merged[item.locator]
        if merged is None or (merged.matched.hands_off and merged.matched.issue is None):
            return False
        return merged.matched.issue is not None or not (item.finished and self.skip_finished)

    def _is_undecided(self, item: Desired) -> bool:
        merged = self.merged[item.locator]
        return merged is not None and merged.matched.undecided

    def _uid(self, item: Desired) -> str:
        merged = self.merged[item.locator]
        # a phase without an issue still names its milestone
        return merged.matched.uid if merged else f"{self.path}#{item.locator}"

    def _phase_uid(self, item: Desired) -> str | None:
        if item.phase is None or not self.plan.milestones:
            return None
        phase, merged = self.by_locator[item.phase], self.merged[item.locator]
        if self._is_undecided(phase):
            # it stays where it is until somebody decides which phase this one was
            return merged.matched.base.milestone if merged and merged.matched.base else None
        return self._uid(phase)

    def _parent_uid(self, item: Desired) -> str | None:
        parent = self.by_locator.get(item.parent or "")
        return self._uid(parent) if parent and self._has_issue(parent) else None

    def _blockers(self, item: Desired) -> Iterator[str]:
        """Yield the uids of what an item depends on, so far as it has an issue or gets one."""
        above = (item.parent, item.phase)
        for locator in item.blocked_by:
            blocker = self.by_locator[locator]
            if locator not in above and self._has_issue(blocker):
                yield self._uid(blocker)

    def _complete(self, item: Desired) -> bool:
        """Say whether an item's checks are all ticked and the issues below it closed; it must have either."""
        merged = self.merged[item.locator]
        boxes = [box.value for box in merged.boxes] if merged else self._handed_up(item)
        below = [self._closed(child) for child in self.children[item.locator]]
        # children whose boxes stand among this item's own are counted there
        done = boxes + [closed for closed in below if closed is not None]
        return all(done) if done else item.finished

    def _closed(self, item: Desired) -> bool | None:
        """Say whether an item's issue will be closed; None where its boxes stand in the one above."""
        merged = self.merged[item.locator]
        if merged is None:
            return self._complete(item) if item.kind == "phase" else None
        if not self._has_issue(item):
            return not merged.matched.undecided
        return will_be_closed(merged, complete=self._complete(item))

    def _handed_up(self, item: Desired) -> list[bool]:
        """Return the values of an item's boxes that stand in the issue of another."""
        return [self.values.get(box.offset, box.ticked) for box in item.boxes]


def wanted_labels(changes: Iterable[Change]) -> set[str]:
    """Return the names of all labels that issue changes set."""
    return {name for change in changes if isinstance(change, IssueChange) for name in change.labels or ()}
