"""Apply a change set's tracker changes, one request after another, and keep the base in step with what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.errors import AuthenticationError, LostAnswerError, RateLimitedError, RefusedError, TrackerError
from planbot.sync.applied import Applied, dropped, take_back
from planbot.sync.body import compose, emptied, set_boxes
from planbot.sync.changes import (
    Change,
    ChangeSet,
    DependencyChange,
    DuplicateChange,
    IssueChange,
    LabelChange,
    LinkChange,
    MilestoneChange,
    RetireChange,
    Undone,
)
from planbot.sync.merge import remerge
from planbot.sync.options import MANAGED_LABEL
from planbot.sync.redo import Rewrites
from planbot.sync.settle import Ticks, Written, announce_close, settle
from planbot.sync.taken import is_taken
from planbot.tracker.marker import (
    Managed,
    Marker,
    digest,
    replace_block,
    replace_milestone,
    split,
    wrap,
    wrap_milestone,
)
from planbot.tracker.protocols import UNSET
from planbot.tracker.records import LabelRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planbot.sync.inline import Place
    from planbot.sync.ledger import Ledger
    from planbot.sync.merge import Merged
    from planbot.tracker.protocols import TrackerReader, TrackerWriter
    from planbot.tracker.records import IssueRecord

DUPLICATE_COMMENT = (
    "Duplicate of #{number}: planbot made two issues of one item. What was ticked here is kept there."
)
RETIRED_COMMENT = (
    "This item is no longer in its plan file, so planbot closed the issue as not planned. "
    "If the item comes back, the issue is reopened."
)
_LABEL_COLOR = "5319e7"
_LABEL_TEXTS = {MANAGED_LABEL: "Kept in step with a plan file by planbot"}


class Applier:
    """Apply changes in order; a change that fails stops those that need it, and no others."""

    def __init__(
        self,
        reader: TrackerReader,
        writer: TrackerWriter,
        place: Callable[[str], Place],
        stamp: Callable[[], str],
        stamps: Mapping[str, str],
    ) -> None:
        """Take the tracker, where a plan path leads on the web, fresh random words, and those announced by uid."""
        self._reader = reader
        self._writer = writer
        self._place = place
        self._stamp = stamp
        self._stamps = stamps
        self._numbers: dict[str, int] = {}
        self._milestones: dict[str, int] = {}
        self._made: dict[str, IssueRecord] = {}
        self._rewrites = Rewrites(reader, writer)

    def apply(self, changes: ChangeSet, ledger: Ledger, before: Callable[[Change], str]) -> Applied:
        """Do every change and return what became of them; `before` is asked before each, and may say why to stop."""
        self._numbers = {item.uid: item.issue for _, item in changes.base.entries() if item.issue}
        self._numbers |= {
            one.matched.uid: one.matched.issue.number for one in changes.items if one.matched.issue
        }
        self._milestones = {stone.uid: stone.number for _, stone in changes.milestones}
        outcome = Applied(ledger)
        for change in changes.changes:
            outcome.stopped = outcome.stopped or before(change)
            if outcome.stopped:
                outcome.undone.append(Undone(change, f"not tried: {outcome.stopped}"))
                take_back(change, outcome)
            else:
                self._one(change, outcome)
        self._rewrites.redo(outcome, before)
        return outcome

    def _one(self, change: Change, outcome: Applied) -> None:
        try:
            why = self._do(change, outcome)
        except LostAnswerError as error:
            outcome.undone.append(Undone(change, error.message))
            return
        except TrackerError as error:
            why = error.message
            if isinstance(error, AuthenticationError | RateLimitedError):
                outcome.stopped = why  # every further request would meet the same
        if why:
            outcome.undone.append(Undone(change, why))
            take_back(change, outcome)
        else:
            outcome.done.append(self._numbered(change))

    def _numbered(self, change: Change) -> Change:
        """Return a change with the number that its issue has by now."""
        match change:
            case IssueChange(merged=merged):
                return replace(change, issue=self._numbers[merged.matched.uid])
            case LinkChange(uid=uid) | DependencyChange(uid=uid):
                return replace(change, issue=self._numbers[uid])
            case _:
                return change

    def _do(self, change: Change, outcome: Applied) -> str:
        """Do one change; return why it was left to the next pass, "" if it was done."""
        why = ""
        match change:
            case LabelChange():
                self._writer.create_label(label_to_make(change.title))
            case MilestoneChange():
                self._milestone(change, outcome)
            case IssueChange(action="create"):
                why = self._create(change, outcome)
            case IssueChange():
                why = self._update(change, outcome)
            case LinkChange():
                why = self._link(change, outcome)
            case DependencyChange():
                why = self._depend(change, outcome)
            case RetireChange():
                why = self._retire(change, outcome)
            case DuplicateChange():
                why = self._close_duplicate(change)
        return why

    def _milestone(self, change: MilestoneChange, outcome: Applied) -> None:
        base, listed = change.base, change.listed
        marker = Marker(change.path, change.locator, base.uid, digest(base.description), "", self._stamp())
        if listed is None:
            text = wrap_milestone(marker, base.description)
            made = self._writer.create_milestone(base.title, text, due_on=base.due)
            self._milestones[base.uid] = made.number
            outcome.ledger.put_milestone(change.path, replace(base, number=made.number, complete=False))
            if change.state is not None:
                self._writer.update_milestone(made.number, state=change.state)
        else:
            new = change.description
            made = self._writer.update_milestone(
                listed.number,
                title=UNSET if change.new_title is None else change.new_title,
                description=UNSET if new is None else replace_milestone(listed.description, marker, new),
                due_on=UNSET if change.due is None else change.due or None,
                state=UNSET if change.state is None else change.state,
            )
        outcome.ledger.put_milestone(change.path, replace(base, number=made.number))

    def _create(self, change: IssueChange, outcome: Applied) -> str:
        merged = change.merged
        if self._parent_missing(change, outcome):
            return "its parent could not be made"
        stamp = self._stamps[merged.matched.uid]
        body = wrap(*self._block(change, merged, outcome, stamp))
        issue = self._writer.create_issue(
            change.new_title or "",
            body,
            labels=change.labels or (),
            milestone=self._milestone_number(change),
            assignees=change.assignees or (),
        )
        self._made[merged.matched.uid] = issue
        self._numbers[merged.matched.uid] = issue.number
        opened = replace(change, merged=replace(merged, complete=False), state=None)
        self._settled(opened, Written(issue, stamp), outcome)
        if MANAGED_LABEL not in map(str.casefold, issue.labels):
            return dropped(change, issue, outcome)
        if change.state is not None:
            announce_close(outcome.ledger, change)
            issue = self._writer.update_issue(
                issue.number, state=change.state, state_reason=change.reason or UNSET
            )
            self._settled(change, Written(issue, stamp), outcome)
        return ""

    def _update(self, change: IssueChange, outcome: Applied) -> str:
        listed = change.merged.matched.issue
        if listed is None or self._parent_missing(change, outcome):
            return "its parent could not be made"
        now = self._reader.issue(listed.number)
        if now is None or is_taken(change, listed, now):
            return "the issue changed meanwhile"
        stamp = self._stamp() if change.body else None
        body = None if stamp is None else self._rewritten(change, now, outcome, stamp)
        if stamp is not None:
            self._rewrites.note(change, now, stamp)
        issue = self._writer.update_issue(
            listed.number,
            title=UNSET if change.new_title is None else change.new_title,
            body=UNSET if body is None else body,
            labels=UNSET if change.labels is None else change.labels,
            assignees=UNSET if change.assignees is None else change.assignees,
            milestone=UNSET if change.milestone is None else self._milestone_number(change),
            state=UNSET if change.state is None else change.state,
            state_reason=UNSET if change.reason is None else change.reason,
        )
        self._settled(change, Written(issue, stamp), outcome)
        return ""

    def _rewritten(self, change: IssueChange, now: IssueRecord, outcome: Applied, stamp: str) -> str:
        """Return an issue's body with its block written anew; a tick made since it was listed is kept."""
        managed, merged = split(now.body), change.merged
        if isinstance(managed, Managed) and merged.matched.managed is not None:
            merged = remerge(merged, managed)
        return replace_block(now.body, *self._block(change, merged, outcome, stamp))

    def _link(self, change: LinkChange, outcome: Applied) -> str:
        parent, number = self._numbers.get(change.parent), self._numbers.get(change.uid)
        child = self._made.get(change.uid) or (self._reader.issue(number) if number else None)
        if parent is None or child is None:
            return "one of the two issues is not there"
        if child.parent not in (change.listed, parent):
            return "the issue changed meanwhile"
        try:
            if outcome.ledger.sub_issues and self._writer.add_sub_issue(parent, child):
                outcome.ledger.link(change.uid, change.parent)
            else:
                outcome.ledger.sub_issues = False  # the next round writes the parent into the text
        except RefusedError as error:
            outcome.ledger.refuse(change.uid, change.parent)
            outcome.refused[parent] = error.message
        return ""

    def _depend(self, change: DependencyChange, outcome: Applied) -> str:
        number, other = self._numbers.get(change.uid), self._numbers.get(change.blocker)
        blocker = self._made.get(change.blocker) or (self._reader.issue(other) if other else None)
        blocked = change.action == "block"
        if number is None or (blocker is None and blocked):
            return "one of the two issues is not there"
        try:
            if outcome.ledger.dependencies and blocker is not None:
                outcome.ledger.dependencies = self._writer.set_blocked_by(number, blocker, blocked=blocked)
        except RefusedError as error:
            outcome.unblocked[number] = error.message
        outcome.ledger.block(change.uid, change.blocker, blocked=blocked)
        return ""

    def _retire(self, change: RetireChange, outcome: Applied) -> str:
        now = self._reader.issue(change.listed.number)
        if now is None or now.state == "closed":
            return "it was closed meanwhile"
        managed = split(now.body)
        stamp = None
        body: str | None = None
        if isinstance(managed, Managed):
            stamp = self._stamp()
            body = replace_block(now.body, replace(managed.marker, stamp=stamp, retired=True), managed.text)
            self._rewrites.note(change, now, stamp)
        issue = self._writer.update_issue(
            now.number, body=UNSET if body is None else body, state="closed", state_reason="not_planned"
        )
        base = replace(
            change.base, retired=True, stamp=stamp or change.base.stamp, updated_at=issue.updated_at
        )
        outcome.ledger.put(change.path, base)
        # after the close, so that a lost answer costs the comment and not a second one
        self._writer.comment(now.number, RETIRED_COMMENT)
        return ""

    def _close_duplicate(self, change: DuplicateChange) -> str:
        now = self._reader.issue(change.listed.number)
        if now is None or now.state == "closed":
            return ""
        if now.body != change.listed.body:
            return "the issue changed meanwhile"
        self._writer.update_issue(now.number, state="closed", state_reason="duplicate")
        self._writer.comment(now.number, DUPLICATE_COMMENT.format(number=change.twin_of))
        return ""

    def _settled(self, change: IssueChange, written: Written, outcome: Applied) -> None:
        item = settle(change.merged, change, written, Ticks())
        if item is None:
            return
        before = outcome.ledger.item(item.uid)
        if before is not None:
            item = replace(item, parent=before.parent, blocked_by=before.blocked_by)
        if change.milestone and change.milestone not in self._milestones:
            base = change.merged.matched.base
            item = replace(item, milestone=base.milestone if base else None)  # it could not be made
        outcome.ledger.put(change.path, item)

    def _block(self, change: IssueChange, merged: Merged, outcome: Applied, stamp: str) -> tuple[Marker, str]:
        """Return the managed block's marker and text.

        The marker's ticks are the plan's, not the merged ones: they are what this write is made from.
        """
        matched = merged.matched
        parent = None if self._linked(change, outcome) else self._numbers.get(change.parent or "")
        wanted = set_boxes(matched.desired.content.text, merged.ticks)
        text = compose(wanted, self._place(matched.path), parent)
        ticks = "".join("01"[box.plan] for box in merged.boxes)
        marker = Marker(
            matched.path, matched.desired.locator, matched.uid, digest(emptied(text)), ticks, stamp
        )
        return marker, text

    def _parent_missing(self, change: IssueChange, outcome: Applied) -> bool:
        """Say whether the text must name a parent that is not there."""
        named = bool(change.parent) and not self._linked(change, outcome)
        return named and change.parent not in self._numbers

    def _linked(self, change: IssueChange, outcome: Applied) -> bool:
        """Say whether a link holds the parent, so that the text need not."""
        item = outcome.ledger.item(change.merged.matched.uid)
        return outcome.ledger.sub_issues and not (item and item.is_refused_by(change.parent))

    def _milestone_number(self, change: IssueChange) -> int | None:
        return self._milestones.get(change.milestone or "")


def label_to_make(name: str) -> LabelRecord:
    """Return a label as planbot makes it where it is missing."""
    return LabelRecord(name, _LABEL_COLOR, _LABEL_TEXTS.get(name, ""))
