"""Apply a change set's tracker changes, one request after another, and keep the base in step with what was done."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from planbot.errors import (
    AuthenticationError,
    LostAnswerError,
    PermissionDeniedError,
    RateLimitedError,
    StoppedError,
    TrackerError,
)
from planbot.sync.applied import Applied, dropped, leave_open, take_back
from planbot.sync.batch import Batch
from planbot.sync.body import compose, emptied, set_boxes
from planbot.sync.changes import (
    Change,
    ChangeSet,
    DependencyChange,
    DuplicateChange,
    FarewellChange,
    IssueChange,
    LabelChange,
    LinkChange,
    MilestoneChange,
    RetireChange,
    Undone,
)
from planbot.sync.closing import Closer
from planbot.sync.hands import Hands
from planbot.sync.merge import remerge
from planbot.sync.options import MANAGED_LABEL
from planbot.sync.redo import Rewrites
from planbot.sync.relating import depend, link
from planbot.sync.settle import Ticks, Written, announce_close, settle
from planbot.sync.stones import write_milestone
from planbot.sync.taken import is_left_closed, is_taken
from planbot.tracker.marker import (
    Managed,
    Marker,
    digest,
    replace_block,
    split,
    wrap,
)
from planbot.tracker.protocols import UNSET
from planbot.tracker.records import IssueDraft, LabelRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planbot.sync.hands import Watch
    from planbot.sync.inline import Place
    from planbot.sync.ledger import Ledger
    from planbot.sync.merge import Merged
    from planbot.tracker.protocols import TrackerReader, TrackerWriter
    from planbot.tracker.records import IssueRecord

_STOPPING = (AuthenticationError, RateLimitedError, StoppedError)  # every further request would meet the same
_LABEL_COLOR = "5319e7"
_LABEL_TEXTS = {MANAGED_LABEL: "Kept in step with a plan file by planbot"}


class Applier:
    """Apply changes in order; a change that fails stops those that need it, and no others."""

    def __init__(
        self,
        reader: TrackerReader,
        writer: TrackerWriter,
        watch: Watch,
        place: Callable[[str], Place],
        stamp: Callable[[], str],
        stamps: Mapping[str, str],
    ) -> None:
        """Take the tracker and who watches over it, the web address of a plan path, fresh stamps, those announced."""
        self._hands = Hands(reader, writer, watch)
        self._place = place
        self._stamp = stamp
        self._stamps = stamps
        self._rewrites = Rewrites(self._hands)
        self._closer = Closer(self._hands, self._rewrites, stamps)

    def apply(self, changes: ChangeSet, ledger: Ledger) -> Applied:
        """Do every change and return what became of them."""
        numbers = {item.uid: item.issue for _, item in changes.base.entries() if item.issue}
        numbers |= {one.matched.uid: one.matched.issue.number for one in changes.items if one.matched.issue}
        self._hands.numbers = numbers
        self._hands.milestones = {stone.uid: stone.number for _, stone in changes.milestones}
        outcome = Applied(ledger)
        self._batch = Batch(self._hands, changes.changes, ledger, partial(self._draft, outcome=outcome))
        for change in changes.changes:
            sent = self._batch.has_answer(change)
            if not sent:
                outcome.stopped = outcome.stopped or self._hands.watch.stop()
            if outcome.stopped and not sent:
                outcome.undone.append(Undone(change, f"not tried: {outcome.stopped}", untried=True))
                take_back(change, outcome)
            else:
                self._hands.watch.begin(change)
                self._one(change, outcome, sent=sent)
        self._closer.settle(ledger)
        self._rewrites.redo(outcome)
        return outcome

    def _one(self, change: Change, outcome: Applied, *, sent: bool) -> None:
        """Try a change; what a limit refuses is begun anew after the wait, from its first read.

        What was `sent` with an earlier change waits for nothing: its answer is there, and must not be lost.
        """
        try:
            why = self._hands.patiently(lambda: self._do(change, outcome), at_once=sent)
        except LostAnswerError as error:
            outcome.undone.append(Undone(change, error.message))
            leave_open(change, outcome, self._hands.watch.now())
            return
        except (TrackerError, StoppedError) as error:
            why = error.message
            if isinstance(error, _STOPPING):
                outcome.stopped = why
        if why:
            outcome.undone.append(Undone(change, why))
            take_back(change, outcome)
        else:
            outcome.done.append(self._numbered(change))

    def _numbered(self, change: Change) -> Change:
        """Return a change with the number that its issue has by now."""
        match change:
            case IssueChange(merged=merged):
                return replace(change, issue=self._hands.numbers[merged.matched.uid])
            case LinkChange(uid=uid) | DependencyChange(uid=uid):
                return replace(change, issue=self._hands.numbers[uid])
            case _:
                return change

    def _do(self, change: Change, outcome: Applied) -> str:
        """Do what is left of one change; return why it was left to the next pass, "" if it was done."""
        why = ""
        match change:
            case LabelChange():
                self._hands.writer.create_label(label_to_make(change.title))
            case MilestoneChange():
                why = write_milestone(change, self._hands, outcome, self._stamp())
            case IssueChange(action="create"):
                why = self._create(change, outcome)
            case IssueChange():
                why = self._update(change, outcome)
            case LinkChange():
                why = link(change, self._hands, outcome)
            case DependencyChange():
                why = depend(change, self._hands, outcome)
            case RetireChange():
                why = self._closer.retire(change, outcome)
            case DuplicateChange():
                why = self._closer.close_duplicate(change, outcome)
            case FarewellChange():
                self._closer.make_up(change, outcome.ledger)
        return why

    def _create(self, change: IssueChange, outcome: Applied) -> str:
        merged = change.merged
        if self._parent_missing(change, outcome):
            return "its parent could not be made"
        uid, stamp = merged.matched.uid, self._stamps[merged.matched.uid]
        if not self._hands.has_made(uid):
            issue = self._batch.make(change) or self._make_alone(self._draft(change, outcome))
            self._hands.made(uid, issue)
            opened = replace(change, merged=replace(merged, complete=False), state=None)
            self._settled(opened, Written(issue, stamp), outcome)
            if MANAGED_LABEL not in map(str.casefold, issue.labels):
                return dropped(change, issue, outcome)
        if change.state is None:
            return ""
        return outcome.stopped or self._close_made(change, outcome, stamp)

    def _draft(self, change: IssueChange, outcome: Applied) -> IssueDraft:
        """Return the issue that is to be made."""
        block = self._block(change, change.merged, outcome, self._stamps[change.merged.matched.uid])
        return IssueDraft(
            change.new_title or "",
            wrap(*block),
            labels=change.labels or (),
            milestone=self._milestone_number(change),
            assignees=change.assignees or (),
            parent=self._hands.numbers.get(change.parent or ""),
        )

    def _make_alone(self, draft: IssueDraft) -> IssueRecord:
        """Make an issue by itself; it is put under its parent afterwards."""
        return self._hands.writer.create_issue(
            draft.title,
            draft.body,
            labels=draft.labels,
            milestone=draft.milestone,
            assignees=draft.assignees,
        )

    def _close_made(self, change: IssueChange, outcome: Applied, stamp: str) -> str:
        """Close the issue that was made for an item that is done."""
        now = self._hands.issue(change.merged.matched.uid)
        if now is None or now.state == "closed":
            return "the issue changed meanwhile"
        announce_close(outcome.ledger, change)
        issue = self._hands.writer.update_issue(
            now.number, state=change.state or UNSET, state_reason=change.reason or UNSET
        )
        self._settled(change, Written(issue, stamp), outcome)
        return ""

    def _update(self, change: IssueChange, outcome: Applied) -> str:
        listed = change.merged.matched.issue
        if listed is None or self._parent_missing(change, outcome):
            return "its parent could not be made"
        now = self._hands.reader.issue(listed.number)
        if now is None or is_taken(change, listed, now):
            return "the issue changed meanwhile"
        if is_left_closed(change, now):
            change = replace(change, state=None, reason=None)
        stamp = self._stamps[change.merged.matched.uid] if change.body else None
        body = None if stamp is None else self._rewritten(change, now, outcome, stamp)
        if stamp is not None:
            self._rewrites.note(now, stamp, outcome.ledger)
        if (issue := self._told(change, now, body, outcome)) is None:
            return f"#{now.number} is closed and locked, and takes no change"
        self._settled(change, Written(issue, stamp), outcome)
        return ""

    def _told(
        self, change: IssueChange, now: IssueRecord, body: str | None, outcome: Applied
    ) -> IssueRecord | None:
        """Write to an issue and return it as it is then; None if it is sealed, which the base tells from then on."""
        try:
            return self._write(change, now.number, body)
        except PermissionDeniedError:
            item = outcome.ledger.item(change.merged.matched.uid)
            if item is None or not now.is_sealed:
                raise
            outcome.ledger.put(change.path, replace(item, sealed=True))
            return None

    def _write(self, change: IssueChange, number: int, body: str | None) -> IssueRecord:
        return self._hands.writer.update_issue(
            number,
            title=UNSET if change.new_title is None else change.new_title,
            body=UNSET if body is None else body,
            labels=UNSET if change.labels is None else change.labels,
            assignees=UNSET if change.assignees is None else change.assignees,
            milestone=UNSET if change.milestone is None else self._milestone_number(change),
            state=UNSET if change.state is None else change.state,
            state_reason=UNSET if change.reason is None else change.reason,
        )

    def _rewritten(self, change: IssueChange, now: IssueRecord, outcome: Applied, stamp: str) -> str:
        """Return an issue's body with its block written anew; a tick made since it was listed is kept."""
        managed, merged = split(now.body), change.merged
        if isinstance(managed, Managed) and merged.matched.managed is not None:
            merged = remerge(merged, managed)
        return replace_block(now.body, *self._block(change, merged, outcome, stamp))

    def _settled(self, change: IssueChange, written: Written, outcome: Applied) -> None:
        outcome.written[written.issue.number] = written.issue
        item = settle(change.merged, change, written, Ticks())
        if item is None:
            return
        before = outcome.ledger.item(item.uid)
        if before is not None:
            item = replace(item, parent=before.parent, blocked_by=before.blocked_by, moved=before.moved)
        if change.milestone and change.milestone not in self._hands.milestones:
            base = change.merged.matched.base
            item = replace(item, milestone=base.milestone if base else None)  # it could not be made
        outcome.ledger.put(change.path, item)
        if written.stamp is not None:
            outcome.ledger.wrote(item.uid)

    def _block(self, change: IssueChange, merged: Merged, outcome: Applied, stamp: str) -> tuple[Marker, str]:
        """Return the managed block's marker and text.

        The marker's ticks are the plan's, not the merged ones: they are what this write is made from.
        """
        matched = merged.matched
        parent = None if self._linked(change, outcome) else self._hands.numbers.get(change.parent or "")
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
        return named and change.parent not in self._hands.numbers

    def _linked(self, change: IssueChange, outcome: Applied) -> bool:
        """Say whether a link holds the parent, so that the text need not."""
        item = outcome.ledger.item(change.merged.matched.uid)
        return outcome.ledger.sub_issues and not (item and item.is_refused_by(change.parent))

    def _milestone_number(self, change: IssueChange) -> int | None:
        return self._hands.milestones.get(change.milestone or "")


def label_to_make(name: str) -> LabelRecord:
    """Return a label as planbot makes it where it is missing."""
    return LabelRecord(name, _LABEL_COLOR, _LABEL_TEXTS.get(name, ""))
