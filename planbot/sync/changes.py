"""The change set: the frozen, ordered, printable list of what one pass wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from planbot.plan.model import Box, Diagnostic
    from planbot.sync.agreed import Agreed, AgreedItem, AgreedMilestone, Waiting
    from planbot.sync.merge import Matched, Merged
    from planbot.tracker.records import IssueRecord, MilestoneRecord, State, StateReason

Action = Literal["create", "update", "close", "reopen", "link", "block", "unblock", "comment"]
ChangeKind = Literal["label", "milestone", "plan", "phase", "task"]
Direction = Literal["plan", "issue"]


@dataclass(frozen=True, slots=True)
class Tick:
    """Hold a box whose value moves: `direction` is where it moves to, `issue` None while that is not made yet."""

    path: str
    line: int
    text: str
    ticked: bool
    direction: Direction
    box: Box
    issue: int | None = None
    waiting: Waiting = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Hold one tracker change; `title` is what people know it by, `fields` what it touches.

    `line` is where the item stands in its plan file, 0 where it does not.
    """

    action: Action
    kind: ChangeKind
    path: str
    locator: str
    title: str
    line: int = 0
    issue: int | None = None
    fields: tuple[str, ...] = ()


class About(TypedDict):
    """Hold what every change of an item's issue says of the item."""

    kind: ChangeKind
    path: str
    locator: str
    title: str
    line: int
    issue: int | None


def about(matched: Matched) -> About:
    """Return what a change says of its item."""
    desired, issue = matched.desired, matched.issue
    return About(
        kind=desired.kind,
        path=matched.path,
        locator=desired.locator,
        title=desired.title,
        line=desired.line,
        issue=issue.number if issue else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange(Change):
    """Make a label that is missing; its name is the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneChange(Change):
    """Make or change a milestone; None leaves a value alone, `listed` is None for one to be made.

    `base` is what will have been agreed once this is done; its number is 0 for one to be made. `due` is an ISO date,
    "" for none.
    """

    base: AgreedMilestone
    listed: MilestoneRecord | None = None
    new_title: str | None = None
    description: str | None = None
    due: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChange(Change):
    """Make or change an issue; None leaves a value alone.

    `labels` and `assignees` are whole lists to set, `milestone` a phase's uid ("" for none), `parent` the uid whose
    number the text names where the server has no sub-issues, `body` whether the managed block is written.
    """

    merged: Merged
    new_title: str | None = None
    labels: tuple[str, ...] | None = None
    assignees: tuple[str, ...] | None = None
    milestone: str | None = None
    parent: str | None = None
    state: State | None = None
    reason: StateReason | None = None
    body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange(Change):
    """Put an issue under its parent; both are named by uid, as either may still have to be made.

    `listed` is the number of the parent that it had when it was listed.
    """

    uid: str
    parent: str
    listed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyChange(Change):
    """Let an issue be blocked by another's, or no longer: both are named by uid."""

    uid: str
    blocker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireChange(Change):
    """Close the issue of an item that left its plan file, and say so in it."""

    base: AgreedItem
    listed: IssueRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateChange(Change):
    """Close an issue that has another one's uid; `twin_of` is the number of the one that stays."""

    listed: IssueRecord
    twin_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FarewellChange(Change):
    """Say in an issue that an earlier pass closed why it did, unless that is said there already.

    `begun` is when that pass announced the comment, in epoch seconds.
    """

    number: int
    begun: int


@dataclass(frozen=True, slots=True)
class Undone:
    """Hold a change that was not done, or not known to be done, and why.

    It is `untried` where it was only left for what had ended the pass before.
    """

    change: Change
    why: str
    untried: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Count what one plan file has open and ticked before the pass, and what the pass would close and untick."""

    path: str
    open: int = 0
    ticked: int = 0
    closes: int = 0
    unticks: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Hold everything one pass wants: `changes` in the order of writing, `ticks` that move, `waiting` that cannot.

    `held` are changes that must not be made yet. `items` are all items that have or want an issue, merged;
    `milestones` the bases of those that are there, `gone` those of items that are in no plan file any more, `unmade`
    the uids of items that were announced, never made, and are not wanted now; `base` is the journal state it all
    started from, `unknown` how many issues were last written by a pass that it does not know of. `labelled` is whether
    the label of all managed issues is there as planbot makes it, where that was looked at.
    """

    base: Agreed
    changes: tuple[Change, ...] = ()
    ticks: tuple[Tick, ...] = ()
    waiting: tuple[Tick, ...] = ()
    held: tuple[Undone, ...] = ()
    items: tuple[Merged, ...] = ()
    milestones: tuple[tuple[str, AgreedMilestone], ...] = ()
    gone: tuple[tuple[str, AgreedItem], ...] = ()
    unmade: tuple[str, ...] = ()
    unknown: int = 0
    labelled: bool = False
    tallies: tuple[Tally, ...] = ()
    diagnostics: tuple[tuple[str, Diagnostic], ...] = ()

    @property
    def plan_ticks(self) -> tuple[Tick, ...]:
        """Return the ticks that edit plan files."""
        return tuple(tick for tick in self.ticks if tick.direction == "plan")

    @property
    def proposed(self) -> tuple[Tick, ...]:
        """Return the ticks that a pull request is to hold, in the order of the plan files."""
        standing = (tick for tick in self.waiting if tick.waiting == "proposed")
        return tuple(sorted((*self.plan_ticks, *standing), key=lambda tick: (tick.path, tick.box.offset)))

    @property
    def empty(self) -> bool:
        """Return whether nothing is wanted of either side."""
        return not self.changes and not self.ticks
