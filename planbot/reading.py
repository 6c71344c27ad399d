"""The first half of a pass: both sides read, and what is wanted of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from planbot.errors import BusyError, GitError, PermissionDeniedError, TrackerError
from planbot.listing import Listing, list_all, list_recent
from planbot.loading import Loaded, load
from planbot.repo.sources import CommitSource, WorktreeSource
from planbot.sync.diff import label_changes
from planbot.sync.inline import Place
from planbot.sync.leave import made_labels
from planbot.sync.options import MANAGED_LABEL
from planbot.sync.owners import newly_assigned
from planbot.sync.reconcile import Reading, reconcile, wanted_labels
from planbot.sync.unlisted import leaves_alone, listed
from planbot.tracker.protocols import TrackerReader
from planbot.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from planbot.loading import Given
    from planbot.plan.model import Plan
    from planbot.repo.logbook import Logbook
    from planbot.repo.repository import Fetched, Repository
    from planbot.repo.sources import Source
    from planbot.sync.agreed import Agreed
    from planbot.sync.changes import ChangeSet
    from planbot.tracker.protocols import PullRequestReader
    from planbot.tracker.records import IssueRecord, PullRequestRecord, RepositoryRecord


@dataclass(frozen=True, slots=True)
class Round:
    """Hold what one round of a pass has read, and the change set that follows from it.

    `agreed` is the journal as it is; the base of `changes` has what became of the pull request in it. `proposing` says
    that ticks go into one, `pull` is the one that holds some or did, `ours` whether its branch is planbot's alone.
    `listing` is what the tracker told, `remarks` are for people.
    """

    record: RepositoryRecord
    branch: str
    fetched: Fetched
    loaded: Loaded
    agreed: Agreed
    listing: Listing
    changes: ChangeSet
    proposing: bool = False
    pull: PullRequestRecord | None = None
    ours: bool = True
    remarks: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """Return the commit of the branch."""
        return self.fetched.head or ""

    def with_listed(self, agreed: Agreed, written: Mapping[int, IssueRecord] | None = None) -> Agreed:
        """Return a base with what all issues show, if it tells all of that; `written` are newer than the listing."""
        return replace(
            agreed, listed=listed(agreed, {**self.listing.issues, **(written or {})}, self.record.at)
        )


class ReadTracker(TrackerReader, Protocol):
    """Read one repository's tracker and its pull requests."""

    @property
    def pulls(self) -> PullRequestReader:
        """Return its pull requests."""


class Reader:
    """Read one repository and its tracker; holds no writer."""

    def __init__(
        self,
        repository: Repository,
        tracker: ReadTracker,
        logbook: Logbook,
        settings: Given,
        clock: Callable[[], float],
    ) -> None:
        self._repository = repository
        self._tracker = tracker
        self._watcher = Watcher(repository, tracker.pulls, settings)
        self._logbook = logbook
        self._settings = settings
        self._clock = clock

    def read(
        self,
        record: RepositoryRecord,
        source: Source | None = None,
        unsafe: Collection[str] = (),
        busy: Callable[[Agreed], bool] = lambda _: False,
        listing: Listing | None = None,
        *,
        recent: bool = False,
    ) -> Round:
        """Read both sides; `source` takes the place of the branch's plan files, `unsafe` ones are left alone.

        With a `listing` the tracker is not asked again; with `recent` it is asked for the issues alone that somebody
        touched since the last listing, as long as that is enough.

        Raises:
            BusyError: if `busy` says so of the journal; the tracker is not read then.
            GitError, TrackerError, SettingsError: if any of it cannot be read.
        """
        branch = record.default_branch
        fetched, loaded = self._files(branch, source)
        if loaded.settings.branch not in (None, branch):
            branch = loaded.settings.branch or branch
            fetched, loaded = self._files(branch, source)
        agreed = self._logbook.read(fetched.journal, record.id)
        if busy(agreed):
            raise BusyError(f"another pass is writing to {record.full_name}")
        standing = self._watcher.look(record, branch, fetched, agreed)
        if standing.merge and self._moved(branch, fetched):
            # what it brought is not in what was fetched
            return self.read(record, source, unsafe, busy, listing, recent=recent)
        mode = loaded.settings.write_back.mode
        proposing = mode == "pull-request" or (mode == "auto" and standing.agreed.proposal is not None)
        plans = tuple((plan, options) for plan, options in loaded.plans if plan.path not in unsafe)
        known = {path for path, _ in agreed.entries()}
        reading = Reading(
            plans=plans,
            agreed=replace(standing.agreed, released=self._released(agreed, loaded)),
            page=record.html_url,
            branch=branch,
            # a file that is there and is no plan file any more is released, not gone
            untouched=loaded.unreadable | ((known & loaded.there) - {plan.path for plan, _ in plans}),
            write_back=mode != "off",
            proposing=proposing,
            now=int(self._clock()),
        )
        # times can be compared only as long as the server's clock goes on
        sure = not proposing and agreed.listed is not None and record.at >= agreed.listed.at
        listing, changes = self._wanted(reading, listing, recent=recent and sure)
        pull, ours = standing.pull, standing.ours
        remarks = behind(self._repository, source, fetched.head, branch)
        return Round(
            record, branch, fetched, loaded, agreed, listing, changes, proposing, pull, ours, remarks
        )

    def _moved(self, branch: str, fetched: Fetched) -> bool:
        ref = f"refs/heads/{branch}"
        return self._repository.ls_remote(ref).get(ref) != fetched.head

    def _released(self, agreed: Agreed, loaded: Loaded) -> tuple[str, ...]:
        """Return the files with issues that are there, but no plan files any more."""
        taken = loaded.unreadable.union(plan.path for plan, _ in loaded.plans)
        released = agreed.issues_a_plan().keys() & (loaded.there - taken)
        # patterns given by hand, for one pass, say nothing of the files that they leave out
        return tuple(sorted(released.intersection(agreed.released) if self._settings.plans else released))

    def _files(self, branch: str, source: Source | None) -> tuple[Fetched, Loaded]:
        fetched = self._repository.fetch(branch)
        if fetched.head is None:
            raise GitError(
                f"the branch {branch} is not there on the remote",
                hint="push it first, or set `branch:` in the settings",
            )
        return fetched, load(source or CommitSource(self._repository, fetched.head), self._settings)

    def _wanted(
        self, reading: Reading, listing: Listing | None, *, recent: bool
    ) -> tuple[Listing, ChangeSet]:
        """Return what the tracker tells, if that is not known yet, and what is wanted."""
        named = {number for plan, _ in reading.plans for number in named_issues(plan)}
        if listing is None and recent and (enough := self._wanted_recently(reading, named)):
            return enough
        listing = listing or list_all(self._tracker, reading.agreed, named)
        reading = replace(reading, issues=listing.issues, milestones=listing.milestones)
        return listing, self._with_labels(reconciled(reading, self._tracker))

    def _wanted_recently(self, reading: Reading, named: Collection[int]) -> tuple[Listing, ChangeSet] | None:
        """Return the same from the issues alone that were touched lately, None if anything of others matters."""
        place = Place(reading.page, reading.branch, "")
        listing = list_recent(self._tracker, reading.agreed, named, reading.plans, place)
        if listing is None:
            return None
        changes = reconcile(replace(reading, issues=listing.issues, milestones=listing.milestones))
        return (listing, changes) if leaves_alone(changes, listing.unlisted) else None

    def _with_labels(self, changes: ChangeSet) -> ChangeSet:
        """Return a change set with the labels made first that it sets and that are not there."""
        wanted = wanted_labels(changes.changes)
        if not wanted:
            return changes
        there = self._tracker.labels()
        missing = label_changes(wanted, {label.name for label in there})
        ours = MANAGED_LABEL in map(str.casefold, made_labels(there, changes.base))
        return replace(changes, changes=(*missing, *changes.changes), labelled=ours)


def behind(repository: Repository, source: Source | None, head: str | None, branch: str) -> tuple[str, ...]:
    """Say of a work tree that it lacks the branch's head as it was fetched: what the head brought looks taken back."""
    if head is None or not isinstance(source, WorktreeSource) or not repository.is_behind(head):
        return ()
    advice = f"`git pull`, or `git fetch` and name it: `--commit origin/{branch}`"
    return (f"the work tree is behind origin/{branch}: {advice}",)


def reconciled(reading: Reading, tracker: TrackerReader) -> ChangeSet:
    """Return what a pass wants; of those it would assign anew, the tracker says who can be."""
    changes = reconcile(reading)
    asked = newly_assigned(changes.changes)
    strangers = frozenset(key for key, login in asked.items() if not tracker.assignable(login))
    return reconcile(replace(reading, strangers=strangers)) if strangers else changes


def unfit(record: RepositoryRecord) -> str:
    """Return why a repository is not synced whatever its settings say, "" if it may be.

    Raises:
        TrackerError: if its issues are switched off.
    """
    if record.archived:
        return f"{record.full_name} is archived: nothing to do"
    if not record.has_issues:
        raise TrackerError(
            f"issues are switched off in {record.full_name}",
            hint="switch them on under Settings → General → Features",
        )
    return ""


def require_push(record: RepositoryRecord) -> None:
    """Refuse to write with a token that may not, for GitHub drops labels and milestones in silence then.

    https://docs.github.com/rest/issues/issues#create-an-issue

    Raises:
        PermissionDeniedError: if the token has no right to push.
    """
    if not record.push:
        raise PermissionDeniedError(
            f"the token may not write to {record.full_name}: nothing was written",
            hint="give it the permissions issues: write and contents: write, and its account the role Write",
        )


def unwanted(round_: Round, ref: str | None = None) -> str:
    """Return why there is nothing to do for a pass that a push to `ref` started, "" if there may be."""
    if ref is not None and ref != f"refs/heads/{round_.branch}":
        return f"{ref} is not the branch {round_.branch}: nothing to do"
    if round_.record.fork and not round_.loaded.settings.forks:
        return (
            f"{round_.record.full_name} is a fork: nothing to do (`forks: true` in the settings changes that)"
        )
    return ""


def named_issues(plan: Plan) -> Iterator[int]:
    """Yield the numbers of the issues that a plan file's items are to have, as `<!-- planbot: #12 -->` says."""
    marks = [
        plan.explicit,
        *(phase.explicit for phase in plan.phases),
        *(task.explicit for task in plan.all_tasks()),
    ]
    for mark in marks:
        if mark is not None and mark.startswith("#") and mark[1:].isdecimal():
            yield int(mark[1:])
