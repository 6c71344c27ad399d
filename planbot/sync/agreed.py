"""The base: what plan and tracker last agreed on, item by item and box by box."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from planbot.tracker.records import State, StateReason  # noqa: TC001 - the journal's files are read by these hints

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["plan", "phase", "task"]
Waiting = Literal["", "off", "refused", "proposed", "declined", "landed"]


@dataclass(frozen=True, slots=True)
class AgreedCheck:
    """Hold the base of one box: `waiting` is why a tick made in the issue cannot land in the plan yet.

    Where one waits, `ticked` is what the plan has: a box that is `proposed` or `declined` is so for the other value.
    One that has `landed` by a pull request waits no more; no marker from before it counts against that.
    """

    group: str | None
    text: str
    ticked: bool
    waiting: Waiting = ""


@dataclass(frozen=True, slots=True)
class AgreedMove:
    """Hold a check that the plan moved to another item, the one of the uid `to`.

    `check` is its base, `ticked` what the issue that it left says of it, or said when that was written: where the two
    differ, the tick has yet to arrive. `shown` is whether that issue still shows it.
    """

    check: AgreedCheck
    ticked: bool
    to: str
    shown: bool = True

    @property
    def pending(self) -> bool:
        """Return whether a person's tick has yet to arrive."""
        return self.ticked != self.check.ticked

    def held(self, why: Waiting) -> AgreedMove:
        """Return this with its tick waiting, unless a person declined it."""
        news = why and self.pending and self.check.waiting != "declined"
        return replace(self, check=replace(self.check, waiting=why)) if news else self

    def arrived(self) -> AgreedMove:
        """Return this with its tick arrived."""
        return replace(self, check=replace(self.check, ticked=self.ticked))


@dataclass(frozen=True, slots=True)
class AgreedItem:
    """Hold the base of one item.

    `issue` is None while the item is begun: its creation was announced, at `begun` in epoch seconds, and its number is
    not known; the rest is then what will have been agreed once it is found.
    `labels`, `title`, `milestone` and `parent` (both uids) are what planbot last wrote; `complete` is the
    last known answer to "is everything below it done", `closed` whether planbot closed the issue for it; `closed_by` is
    the account that planbot last closed it with, "" if that is not known; `box` is the base of a task's own box.
    `stamp` names the write of the body that this base belongs to; `retired` says that the item left the
    plan and planbot closed its issue for that. `refused_by` is the uid of a parent that takes no further sub-issue: the
    text names it instead. `assignees` are the owners that were assigned, `unassigned` those that cannot be;
    `blocked_by` the uids of the items whose issues were said to block this one's. `moved` are checks that went to other
    items, as long as a tick made in this one's issue counts there. `sealed` says that the issue refused a change
    while it was closed and locked.
    """

    uid: str
    kind: Kind
    locator: str
    number: str | None
    name: str
    issue: int | None = None
    title: str = ""
    labels: tuple[str, ...] = ()
    milestone: str | None = None
    parent: str | None = None
    complete: bool = False
    closed: bool = False
    closed_by: str = ""
    box: AgreedCheck | None = None
    checks: tuple[AgreedCheck, ...] = ()
    stamp: str = ""
    updated_at: str = ""
    retired: bool = False
    begun: int = 0
    refused_by: str | None = None
    assignees: tuple[str, ...] = ()
    unassigned: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    moved: tuple[AgreedMove, ...] = ()
    sealed: bool = False

    def is_refused_by(self, parent: str | None) -> bool:
        """Return whether this parent takes no further sub-issue."""
        return self.refused_by is not None and self.refused_by == parent


@dataclass(frozen=True, slots=True)
class AgreedMilestone:
    """Hold the base of a phase's milestone; `uid` is the phase's, `due` an ISO date or None."""

    uid: str
    number: int
    title: str
    description: str
    complete: bool = False
    closed: bool = False
    due: str | None = None


@dataclass(frozen=True, slots=True)
class AgreedPlan:
    """Hold the base of one plan file."""

    path: str
    items: tuple[AgreedItem, ...] = ()
    milestones: tuple[AgreedMilestone, ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """Hold who writes to the tracker and until when (seconds since the epoch)."""

    holder: str
    until: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hold what a pull request offers: the boxes that are `proposed`.

    `commit` is the newest commit of its branch that this base knows, `content` a digest of the plan files as planbot
    wants them in it, `number` the pull request's, None while it is not known whether there is one yet. `shared` says
    that the branch holds commits of somebody else, which must stay.
    """

    commit: str
    content: str
    number: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Hold a write of an issue's body that was announced, and whose edit history has yet to be looked at.

    `issue` is its number, `stamp` the write's, `read` the signature of the body that it was made from: what a person
    did to the body after that was written over.
    """

    issue: int
    stamp: str
    read: str


@dataclass(frozen=True, slots=True)
class Farewell:
    """Hold a comment that is owed to an issue which planbot closes.

    It was begun at `at` in epoch seconds, 0 if it was surely not made. `issue` is its number; `stamp` is in the
    comment, and in the marker of an issue whose item left its plan. `twin_of` is the number of the issue that stays
    where this was one too many.
    """

    issue: int
    stamp: str
    at: int
    twin_of: int | None = None


@dataclass(frozen=True, slots=True)
class ListedIssue:
    """Hold what an issue showed that the rest of its base does not tell: `digest` is its text's, with boxes empty."""

    number: int
    state: State
    reason: StateReason | None
    digest: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Hold what all issues showed when they were read: `at` is the server's time before that, ISO 8601."""

    at: str
    issues: tuple[ListedIssue, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """Hold the newest journal state of a repository; `known` is false where there is no journal yet.

    `repository` is GitHub's id, 0 if unknown. `sub_issues` and `dependencies` are false once the server answered that
    it has none, `refused` says that the last push to the branch was refused. `told` are the issues on which a comment
    may stand that says what a refused pass waits for. `rewrites` is left by a pass that did not come to look at them;
    the next one does. `farewells` are comments that may still have to be made. `listed` is there if this base tells
    all that issues showed. `released` are paths of files that are there and were told to be no plan files any more.
    """

    plans: tuple[AgreedPlan, ...] = ()
    repository: int = 0
    sub_issues: bool = True
    dependencies: bool = True
    refused: bool = False
    lease: Lease | None = None
    known: bool = True
    proposal: Proposal | None = None
    told: tuple[int, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    farewells: tuple[Farewell, ...] = ()
    listed: Listed | None = None
    released: tuple[str, ...] = ()

    @property
    def owes(self) -> bool:
        """Return whether a pass left something to do: to look at what it wrote over, or to comment."""
        return bool(self.rewrites or self.farewells)

    def entries(self) -> Iterator[tuple[str, AgreedItem]]:
        """Yield every item with the path of its plan file."""
        for plan in self.plans:
            for item in plan.items:
                yield plan.path, item

    def issues_a_plan(self) -> Counter[str]:
        """Return how many issues each plan file has, by path; not those of items that left it."""
        return Counter(path for path, item in self.entries() if item.issue is not None and not item.retired)
