"""The pass: one run over one repository, from reading both sides to the closing journal entry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from planbot.errors import BusyError, GitError, JournalError, LimitError
from planbot.guard import STOPPING, Guard
from planbot.loading import Given
from planbot.outcome import outcome
from planbot.people import own_event, tickers
from planbot.plan.diagnostics import HOMELESS
from planbot.proposing import Proposer
from planbot.reading import Reader, require_push, unfit, unwanted
from planbot.repo.lease import Holder
from planbot.repo.logbook import Logbook
from planbot.report.forecast import forecast
from planbot.report.lines import counted
from planbot.report.result import PassResult, RefusedPassError, Requests
from planbot.sync.applied import notices
from planbot.sync.apply import Applier
from planbot.sync.inline import Place
from planbot.sync.limits import refusals
from planbot.sync.reconcile import LAG
from planbot.sync.remarks import journal_remarks, lost_journal, put_back, release_remarks
from planbot.sync.saved import require_saved
from planbot.sync.settle import Ticks, begin, understood
from planbot.tally import Tally
from planbot.tracker.event import ISSUE_ACTIONS
from planbot.tracker.protocols import TrackerReader, TrackerWriter
from planbot.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager

    from planbot.reading import Round
    from planbot.repo.logbook import Entry
    from planbot.repo.repository import Repository
    from planbot.repo.sources import Source
    from planbot.sync.agreed import Agreed
    from planbot.sync.applied import Applied
    from planbot.sync.limits import Refusal
    from planbot.sync.saved import Saved
    from planbot.tracker.event import Event
    from planbot.tracker.protocols import PullRequests
    from planbot.tracker.records import RepositoryRecord

ATTEMPTS = 8  # rounds of one pass: each race, and each part of the work that has to be read again, costs one
POLL = 5.0  # seconds between two looks at another pass's lease
BUSY = "another pass is running"
LONG = 60  # seconds above which a pass says beforehand what it will cost
# the events that ask for no more than a look at what was touched lately; everything is listed after all others
BY_ISSUE = tuple(("issues", action) for action in ISSUE_ACTIONS)


class Tracker(TrackerReader, TrackerWriter, Protocol):
    """Read and change one repository's tracker."""

    @property
    def pulls(self) -> PullRequests:
        """Return its pull requests."""

    def impatient(self) -> AbstractContextManager[None]:
        """Let whoever calls wait for limits within a block, those of reads too."""

    def is_private(self, repository: str) -> bool:
        """Return whether another repository of the server is private, as one is that cannot be seen."""


@dataclass(frozen=True, slots=True)
class Options:
    """Hold what is asked of one pass.

    `wait` is how long another pass is waited for, `time_budget` how long this one may write, both in seconds. Where
    they are known, `origin` is where plan files come from, `ref` the one whose push started this, `event` what did.
    `saved` is the change set that alone may be applied.
    """

    settings: Given = field(default_factory=Given)
    allow: frozenset[str] = frozenset()
    wait: float = 120
    time_budget: float | None = None
    origin: str | None = None
    ref: str | None = None
    event: Event | None = None
    saved: Saved | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """Hold what the engine takes from outside: the time in epoch seconds, rest, fresh random words, an ear.

    `progress` hears of each change before it is tried: how many were, how many there are, and which it is. `pace` is
    the time between two writes in seconds, for the forecast alone. Once it is `stopping`, nothing more is written but
    what records the work done.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], object]
    stamp: Callable[[], str]
    tell: Callable[[str], None]
    progress: Callable[[int, int, str], None]
    pace: float = 0
    stopping: Callable[[], bool] = lambda: False


class Engine:
    """Run passes over one repository and its tracker."""

    def __init__(self, repository: Repository, tracker: Tracker, options: Options, means: Means) -> None:
        self._repository = repository
        self._tracker = tracker
        self._options = options
        self._means = means
        self._last: Round | None = None
        self._logbook = Logbook(repository, means.clock)
        self._holder = Holder(self._logbook, means.stamp(), means.clock)
        self._reader = Reader(repository, tracker, self._logbook, options.settings, means.clock)
        who = partial(tickers, tracker=tracker, event=options.event)
        proposer = Proposer(
            repository, tracker.pulls, self._logbook, options.settings, means.clock, who, self._rest
        )
        self._writer = Writer(repository, self._logbook, proposer, means.clock, means.tell, who)

    def diff(self, source: Source | None = None) -> PassResult:
        """Return what a pass would do with the plan files of `source` (default: the branch on the remote)."""
        record = self._tracker.repository()
        if notice := unfit(record):
            return _skipped(record, notice)
        round_ = self._reader.read(record, source)
        if notice := self._unwanted(round_):
            return _skipped(record, notice)
        return self._wanted(round_, "" if source else round_.head)

    def sync(self) -> PassResult:
        """Run one pass.

        Raises:
            LimitError: if a limit forbids the change set; nothing was written then.
            TrackerError, GitError: if the token may not write, something could not be read, or the branch moved again
                and again.
        """
        record = self._tracker.repository()
        if notice := unfit(record) or own_event(self._options.event, self._tracker):
            return _skipped(record, notice)
        require_push(record)
        tally = Tally(started=self._means.clock())
        if self._options.time_budget is not None:
            tally.ends = tally.started + self._options.time_budget
        result: PassResult | None = None
        for _ in range(ATTEMPTS):
            try:
                round_ = self._last = self._read(record, tally)
            except BusyError:
                notice = f"{BUSY} in {record.full_name}: it will see to everything"
                return replace(_skipped(record, notice), busy=True)
            if notice := self._unwanted(round_):
                return _skipped(record, notice)
            try:
                over = self._write(round_, tally)
            except JournalError as error:
                return self._read_only(round_, tally, error)
            result = self._result(round_, tally)
            if over:
                return result
        if result is not None and (result.changes or result.ticks):
            return result  # somebody keeps pushing, and each push starts a pass of its own
        raise GitError(
            f"{record.full_name} moved {ATTEMPTS} times while it was read",
            hint="run planbot again when fewer people push at once",
        )

    def note_told(self, issues: Collection[int]) -> None:
        """Note in the journal on which issues a comment may tell that the last pass was refused.

        Raises:
            GitError: if that cannot be noted now.
        """
        if self._last is not None:
            self._logbook.note_told(self._last.branch, self._last.record.id, tuple(sorted(issues)))

    @property
    def _by_issue(self) -> bool:
        """Return whether a person's change of one issue started this: others were told of by events of their own."""
        event = self._options.event
        return event is not None and (event.name, event.action) in BY_ISSUE

    def _read(self, record: RepositoryRecord, tally: Tally) -> Round:
        """Read both sides; wait for another pass to end, but not for ever."""
        while True:
            listing, tally.listing = tally.listing, None
            try:
                busy = self._holder.stands_in_the_way
                round_ = self._reader.read(record, None, tally.unsafe, busy, listing, recent=self._by_issue)
            except BusyError:
                if self._means.clock() + POLL > tally.started + self._options.wait:
                    raise
                self._means.tell(f"{BUSY}; waiting for it")
                self._means.sleep(POLL)
                continue
            if listing is not None and not self._is_settled(round_):
                continue  # what is to be written to the tracker is decided on what it tells now
            if lost_journal(round_.changes) and not tally.waited:
                # what was made just before the journal went may be missing from the lists for that long
                self._means.tell(f"the journal is lost; looking again in {LAG} s for what was made last")
                self._means.sleep(LAG)
                tally.waited = not self._means.stopping()
                if tally.waited:
                    continue
                tally.out_of_time, tally.problem = True, STOPPING
            said = _remarks(round_, begun=bool(tally.changes))
            tally.notices += [one for one in said if one not in tally.notices]
            return round_

    def _read_only(self, round_: Round, tally: Tally, error: JournalError) -> PassResult:
        """Return what is wanted where the journal cannot be kept: without it no write would be safe."""
        if tally.changes or tally.ticks:
            raise error
        problem = f"nothing was written: {error.message} ({error.hint})"
        return replace(self._wanted(round_, round_.head), problem=problem)

    def _unwanted(self, round_: Round) -> str:
        """Return why there is nothing to do here; raise where doing it would publish what is private."""
        origin, record = self._options.origin, round_.record
        may_publish = record.private or round_.loaded.settings.allow_public
        if origin is None or origin.casefold() == record.full_name.casefold() or may_publish:
            return unwanted(round_, self._options.ref)
        if self._tracker.is_private(origin):
            raise LimitError(
                f"{origin} is private and {record.full_name} is public: its plans would be published as issues",
                hint="if it is meant, set `allow_public: true` in the settings",
            )
        return unwanted(round_, self._options.ref)

    def _wanted(self, round_: Round, ref: str) -> PassResult:
        """Return a round's change set as the result of a dry run."""
        changes = round_.changes
        tally = Tally(list(changes.changes), list(changes.ticks), list(changes.held), _remarks(round_))
        result = self._result(round_, tally)
        return replace(result, refusals=self._refusals(round_), dry_run=True, ref=ref)

    def _refusals(self, round_: Round) -> tuple[Refusal, ...]:
        """Return which limits forbid what a round wants."""
        return refusals(round_.changes, round_.loaded.settings.limits, self._options.allow)

    def _write(self, round_: Round, tally: Tally) -> bool:
        """Write what a round wants; return whether the pass is over (else: read again)."""
        changes = round_.changes
        if lost_journal(changes) and not tally.waited:
            return True  # to note what was seen would hide from the next pass that more may be there
        if self._refusals(round_):
            raise RefusedPassError(self._wanted(round_, round_.head))
        if self._options.saved is not None:
            begun = bool(tally.changes or tally.ticks or tally.pull or tally.problem)
            require_saved(self._options.saved, changes, round_.record.full_name, begun=begun)
        commit = tally.commit
        if self._writer.write(round_, tally):
            tally.listing = round_.listing if tally.commit != commit else None
            return False
        if changes.changes or changes.base.rewrites:
            return self._apply(round_, tally)
        tally.undone = list(changes.held)
        agreed = understood(changes, Ticks()).agreed()
        if self._is_known(round_, agreed):
            return True
        noted = agreed if changes.held else round_.with_listed(agreed)
        return self._append(round_, noted, "Note what both sides agree on").require().done

    def _is_known(self, round_: Round, agreed: Agreed) -> bool:
        """Return whether the journal needs no entry; a lease that ran out is nobody's, but our own has to end."""
        mine = round_.agreed.lease is not None and round_.agreed.lease.holder == self._holder.name
        nothing = not agreed.plans and not round_.agreed.known
        return not mine and (nothing or agreed == replace(round_.agreed, lease=None, known=True, listed=None))

    def _is_settled(self, round_: Round) -> bool:
        """Return whether a round has nothing to write on any side."""
        changes = round_.changes
        idle = changes.empty and not (changes.held or changes.base.owes or round_.proposing)
        return idle and self._is_known(round_, understood(changes, Ticks()).agreed())

    def _apply(self, round_: Round, tally: Tally) -> bool:
        """Take the lease, announcing what will be made; change the tracker; record what was done."""
        changes = round_.changes
        ledger = understood(changes, Ticks())
        stamps = begin(ledger, changes, self._means.stamp, int(self._means.clock()))
        wanted = counted(changes.changes) if changes.changes else "look for edits that were written over"
        if not self._holder.take(round_.fetched.journal, ledger.agreed(), f"Begin: {wanted}"):
            return False
        if self._moved(round_):
            return False
        place = partial(Place, round_.record.html_url, round_.branch)
        guard = Guard(self._means, tally, partial(self._holder.keep, ledger.agreed), changes.changes)
        applier = Applier(self._tracker, self._tracker, guard, place, self._means.stamp, stamps)
        cost = forecast(changes.changes, self._means.pace)
        if cost.seconds > LONG:
            self._means.tell(f"to do: {cost}")
        with self._tracker.impatient():  # the guard waits, for the lease has to be kept meanwhile
            applied = applier.apply(changes, ledger)
        text = f"Finish: {counted(applied.done)}"
        text += f"; {len(applied.undone)} not done" if applied.undone else ""
        agreed = ledger.agreed()
        left = applied.undone or applied.refused or applied.restored or applied.overwritten or changes.held
        closing = self._holder.end(agreed if left else round_.with_listed(agreed, applied.written), text)
        self._note(round_, applied, tally)
        same = applied.ledger.sub_issues == round_.agreed.sub_issues
        same = same and not applied.refused and not applied.restored
        return closing.done and same and (bool(applied.undone) or not self._moved(round_))

    def _rest(self, tally: Tally, seconds: float) -> None:
        """Wait for a limit where there is no lease to keep."""
        Guard(self._means, tally, lambda: True).rest(seconds)

    def _moved(self, round_: Round) -> bool:
        """Return whether the branch moved since it was read."""
        ref = f"refs/heads/{round_.branch}"
        return self._repository.ls_remote(ref).get(ref) != round_.head

    def _note(self, round_: Round, applied: Applied, tally: Tally) -> None:
        done = {(change.path, change.issue) for change in applied.done}
        tally.changes += applied.done
        tally.ticks += [
            tick
            for tick in round_.changes.ticks
            if tick.direction == "issue" and (tick.path, tick.issue) in done
        ]
        tally.undone = [*applied.undone, *round_.changes.held]
        tally.problem = applied.stopped or tally.problem
        tally.notices += notices(applied, round_.agreed)
        # the next round does not find them any more
        tally.homeless += [told for told in round_.changes.diagnostics if told[1].code == HOMELESS.code]

    def _append(self, round_: Round, agreed: Agreed, message: str) -> Entry:
        return self._logbook.append(round_.fetched.journal, agreed, message)

    def _result(self, round_: Round, tally: Tally) -> PassResult:
        requests = Requests(self._tracker.reads, self._tracker.writes)
        return outcome(round_, tally, requests, self._means.pace)


def _skipped(record: RepositoryRecord, notice: str) -> PassResult:
    return PassResult(record.full_name, notices=(notice,), skipped=True)


def _remarks(round_: Round, *, begun: bool = False) -> list[str]:
    """Return what is to be said of a round; what its own pass has `begun` is no news of the journal's."""
    journal = () if begun else journal_remarks(round_.changes, there=round_.fetched.journal is not None)
    return [*journal, *release_remarks(round_.changes.base, round_.agreed), *put_back(round_.changes)]
