"""Plan files, a journal and a tracker in memory: what the engine does with git, without git."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from support.memory_tracker import PAGE, MemoryTracker

from planbot.errors import StoppedError
from planbot.plan.reader import read_plan
from planbot.reading import named_issues, reconciled
from planbot.repo.journal import plan_file_name
from planbot.sync.agreed import Agreed
from planbot.sync.apply import Applier
from planbot.sync.body import boxes_of
from planbot.sync.codec import decode, encode
from planbot.sync.diff import label_changes
from planbot.sync.inline import Place
from planbot.sync.options import MANAGED_LABEL, FileOptions
from planbot.sync.reconcile import Reading, wanted_labels
from planbot.sync.rewrite import rewritten
from planbot.sync.settle import Ticks, begin, understood
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planbot.plan.model import Plan
    from planbot.sync.applied import Applied
    from planbot.sync.changes import Change, ChangeSet, LabelChange
    from planbot.tracker.records import IssueRecord

PLAN = "PLAN.md"
ROUNDS = 6


class Watcher:
    """Let passes write until `why` says why they may not, and rest without end; each is `long` seconds old by then."""

    def __init__(self, world: MemoryWorld) -> None:
        self.world = world
        self.long = 0
        self.why = ""
        self.rested: list[float] = []
        self.waited: list[float] = []
        self.on_rest: Callable[[], object] = lambda: None

    def begin(self, change: Change) -> None:
        """Hear of a change."""

    def now(self) -> int:
        return self.world.now + self.long

    def stop(self) -> str:
        return self.why

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        if seconds and self.why:
            raise StoppedError(self.why)

    def rest(self, seconds: float) -> None:
        self.rested.append(seconds)
        self.on_rest()


class MemoryWorld:
    """Hold both sides and the base between them, and run passes over them."""

    def __init__(
        self, *, sub_issues: bool = True, batches: bool = True, options: FileOptions | None = None
    ) -> None:
        self.files: dict[str, bytes] = {}
        self.journal: Mapping[str, bytes] | None = None
        self.tracker = MemoryTracker(sub_issues=sub_issues, batches=batches)
        self.options = options or FileOptions()
        self.write_back = True
        self.refuse_pushes = False
        self.applied: list[Applied] = []
        self.watch = Watcher(self)
        self.now = 1_800_000_000
        self._stamps = itertools.count()

    def write(self, text: str, path: str = PLAN) -> None:
        self.files[path] = text.encode("utf-8", "surrogateescape")

    def text(self, path: str = PLAN) -> str:
        return self.files[path].decode("utf-8", "surrogateescape")

    def edit(self, old: str, new: str, path: str = PLAN) -> None:
        """Replace a text in a plan file once, as a person would."""
        text = self.text(path)
        assert text.count(old) == 1, (old, text)
        self.write(text.replace(old, new), path)

    def agreed(self) -> Agreed:
        return Agreed(known=False) if self.journal is None else decode(self.journal)

    def plans(self) -> tuple[Plan, ...]:
        read = [read_plan(path, data, self.options.read) for path, data in sorted(self.files.items())]
        return tuple(plan for plan in read if plan.readable)

    def reconcile(self) -> ChangeSet:
        """Return what a pass would want now."""
        agreed = self.agreed()
        plans = self.plans()
        issues = {issue.number: issue for issue in self.tracker.issues(MANAGED_LABEL)}
        named = {number for plan in plans for number in named_issues(plan)}
        for number in named | {item.issue for _, item in agreed.entries() if item.issue}:
            if issue := self.tracker.issue(number):
                issues[number] = issue
        reading = Reading(
            plans=tuple((plan, self.options) for plan in plans),
            agreed=agreed,
            page=PAGE,
            branch="main",
            issues=issues,
            milestones=self.tracker.milestones(),
            untouched=frozenset(self.files) - {plan.path for plan in plans},
            write_back=self.write_back,
            now=self.now,
        )
        return reconciled(reading, self.tracker)

    def sync(self) -> ChangeSet:
        """Run one pass, and return what its last round wanted; passes are ten minutes apart."""
        self.now += 600
        for _ in range(ROUNDS):
            changes = self.reconcile()
            if changes.plan_ticks:
                self._write_back(changes)
            elif changes.changes or changes.base.rewrites:
                if self._apply(changes):
                    return changes
            else:
                agreed = understood(changes, Ticks()).agreed()
                if agreed != self.agreed() and (agreed.plans or self.journal is not None):
                    self._push(agreed)
                return changes
        raise AssertionError("the pass does not come to an end")

    def quiet(self) -> None:
        """Require that a further pass wants nothing, on either side and of the journal."""
        changes = self.reconcile()
        assert changes.empty, (changes.changes, changes.ticks)
        agreed = self.agreed()
        if self.journal is not None:
            assert understood(changes, Ticks()).agreed() == agreed

    def issues(self) -> dict[str, IssueRecord]:
        """Return the managed issues by title."""
        listed = self.tracker.issues(MANAGED_LABEL)
        issues = {issue.title: issue for issue in listed}
        assert len(issues) == len(listed), "two issues have one title"
        return issues

    def issue(self, start: str) -> IssueRecord:
        """Return the one managed issue whose title starts with a text."""
        (found,) = [issue for title, issue in self.issues().items() if title.startswith(start)]
        return found

    def set_box(self, start: str, text: str, *, ticked: bool = True) -> None:
        """Tick or untick a box in an issue, as a person does in the browser."""
        issue = self.issue(start)
        old, new = f"[{' ' if ticked else 'x'}] {text}", f"[{'x' if ticked else ' '}] {text}"
        assert old in issue.body, (old, issue.body)
        self.tracker.update_issue(issue.number, body=issue.body.replace(old, new, 1))

    def _write_back(self, changes: ChangeSet) -> None:
        if self.refuse_pushes:
            self._push(understood(changes, Ticks(waiting="refused")).agreed())
            return
        for plan in self.plans():
            edits = [tick for tick in changes.plan_ticks if tick.path == plan.path]
            self.files[plan.path] = rewritten(plan, edits)
        self._push(understood(changes, Ticks(landed=True)).agreed())

    def _apply(self, changes: ChangeSet) -> bool:
        ledger = understood(changes, Ticks())
        stamps = begin(ledger, changes, self._stamp, self.now)
        self._push(ledger.agreed())
        labels = label_changes(
            wanted_labels(changes.changes), {label.name for label in self.tracker.labels()}
        )
        everything = _with_labels(changes, labels)
        applier = Applier(
            self.tracker,
            self.tracker,
            self.watch,
            lambda path: Place(PAGE, "main", path),
            self._stamp,
            stamps,
        )
        applied = applier.apply(everything, ledger)
        self.applied.append(applied)
        self._push(applied.ledger.agreed())
        return applied.ledger.sub_issues == changes.base.sub_issues and not applied.restored

    def _stamp(self) -> str:
        return f"stamp{next(self._stamps)}"

    def _push(self, agreed: Agreed) -> None:
        self.journal = encode(agreed, plan_file_name)


def block(issue: IssueRecord) -> Managed:
    """Return the managed block of an issue, which must be whole."""
    managed = split(issue.body)
    assert isinstance(managed, Managed), issue.body
    return managed


def ticks(issue: IssueRecord) -> list[bool]:
    """Return the boxes of an issue's managed block."""
    return [box.ticked for box in boxes_of(block(issue).text)]


def _with_labels(changes: ChangeSet, labels: tuple[LabelChange, ...]) -> ChangeSet:
    return replace(changes, changes=(*labels, *changes.changes))
