"""Taking planbot out of a repository: what it marked and made goes, what people wrote stays, the journal goes last.

Every step can be taken twice, so that leaving goes on wherever it was cut off.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from planbot.config import SETTINGS_FILES
from planbot.errors import (
    AuthenticationError,
    BusyError,
    GitError,
    LimitError,
    RateLimitedError,
    StoppedError,
    TrackerError,
)
from planbot.guard import Guard
from planbot.reading import require_push, unfit
from planbot.repo.lease import Holder
from planbot.repo.logbook import Logbook
from planbot.repo.push import RefUpdate
from planbot.repo.repository import JOURNAL_REF, PROGRESS_REF
from planbot.report.departure import Departure
from planbot.report.lines import plural
from planbot.sync.known import known_items
from planbot.sync.leave import (
    Step,
    Uses,
    left_behind,
    made_labels,
    made_milestones,
    managed_issues,
    steps,
    stripped,
    stripped_milestone,
    unreadable,
    with_all,
    without_managed_label,
)
from planbot.sync.options import MANAGED_LABEL
from planbot.tally import Tally
from planbot.tracker.patience import patiently
from planbot.tracker.protocols import UNSET
from planbot.upkeep import withdraw_refusal
from planbot.workflow import WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from planbot.engine import Means
    from planbot.repo.repository import Fetched, Repository
    from planbot.sync.agreed import Agreed
    from planbot.sync.known import Known
    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.records import IssueRecord, RepositoryRecord

ATTEMPTS = 5
POLL = 5.0  # seconds between two looks at another pass's lease
_JOURNAL = Step("delete", "journal", JOURNAL_REF)
_FATAL = (AuthenticationError, RateLimitedError, StoppedError)


class Leaver:
    """Take planbot out of one repository; with `close`, its open issues are closed as not planned.

    `allow` may hold `ticks`: boxes of issues that the plan has not heard of are left behind then. `wait` is how long
    another pass is waited for, in seconds.
    """

    def __init__(
        self,
        repository: Repository,
        tracker: GitHubTracker,
        means: Means,
        *,
        close: bool,
        allow: Collection[str] = (),
        wait: float = 120,
    ) -> None:
        self._repository = repository
        self._tracker = tracker
        self._means = means
        self._close = close
        self._allow = allow
        self._wait = wait
        self._logbook = Logbook(repository, means.clock)
        self._holder = Holder(self._logbook, means.stamp(), means.clock)

    def leave(self, *, dry_run: bool = False) -> Departure:
        """Leave, or say what would be removed.

        Raises:
            BusyError: if another pass is writing and does not end.
            LimitError: if ticks would be left behind that may not be; nothing was removed then.
            TrackerError, GitError: if something cannot be read, or the token may not write.
        """
        record = self._tracker.repository()
        if record.archived:
            return Departure(record.full_name, notices=(unfit(record),), skipped=True)
        if not dry_run:
            require_push(record)
        for _ in range(ATTEMPTS):
            fetched, agreed = self._read(record)
            known = known_items(agreed, self._issues(agreed))
            wanted = tuple(self._steps(fetched, agreed, known))
            if wanted or fetched.journal is not None:
                wanted = (*wanted, _JOURNAL)
            notices = tuple(self._notices(fetched, known))
            if not wanted and not dry_run:
                self._repository.forget()
            behind = "" if "ticks" in self._allow else left_behind(known)
            if dry_run or not wanted:
                refusals = (behind,) if behind else ()
                return Departure(record.full_name, wanted, (), notices, refusals, dry_run=dry_run)
            if behind:
                raise LimitError(f"nothing was removed: {behind}", hint=_advice(fetched))
            base = with_all(agreed, known)
            text = f"Leave: {plural(len(wanted), 'step')}"
            if self._holder.take(fetched.journal, base, text):
                done, undone = self._take(wanted, fetched, base)
                return Departure(record.full_name, tuple(done), tuple(undone), notices)
        raise GitError(f"the journal of {record.full_name} moved {ATTEMPTS} times", hint="run planbot again")

    def _read(self, record: RepositoryRecord) -> tuple[Fetched, Agreed]:
        """Read the journal; wait for another pass to end, but not for ever."""
        started = self._means.clock()
        while True:
            fetched = self._repository.fetch(record.default_branch)
            agreed = self._logbook.read(fetched.journal, record.id)
            if not self._holder.stands_in_the_way(agreed):
                return fetched, agreed
            if self._means.clock() + POLL > started + self._wait:
                raise BusyError(f"another pass is writing to {record.full_name}: try again when it has ended")
            self._means.tell("another pass is running; waiting for it")
            self._means.sleep(POLL)

    def _issues(self, agreed: Agreed) -> dict[int, IssueRecord]:
        """Return all managed issues: those with the label, and those that the list lacks or shows old."""
        issues = {issue.number: issue for issue in self._tracker.issues(MANAGED_LABEL)}
        for _, item in agreed.entries():
            listed = issues.get(item.issue or 0)
            if item.issue is None or (listed is not None and listed.updated_at >= item.updated_at):
                continue
            if (issue := self._tracker.issue(item.issue)) is not None:
                issues[issue.number] = issue
        return issues

    def _steps(self, fetched: Fetched, agreed: Agreed, known: list[Known]) -> Iterator[Step]:
        issues = managed_issues(known)
        stones = made_milestones(self._tracker.milestones())
        labels = made_labels(self._tracker.labels(), with_all(agreed, known))
        removal = self._tracker.removal
        uses = Uses(
            {name: removal.with_label(name) for name in labels},
            {stone.number: removal.in_milestone(stone.number) for stone in stones},
        )
        numbers = [item.issue for _, item in agreed.entries() if item.issue is not None]
        yield from steps(issues, stones, uses, numbers, close=self._close)
        if fetched.progress is not None:
            yield Step("delete", "branch", PROGRESS_REF)

    def _notices(self, fetched: Fetched, known: list[Known]) -> Iterator[str]:
        if "ticks" in self._allow and (behind := left_behind(known)):
            yield f"{behind}: it stays so"
        if numbers := unreadable(managed_issues(known)):
            listed = ", ".join(f"#{number}" for number in numbers)
            yield f"the marker cannot be read in {listed}: take what is left of it out by hand"
        if fetched.head is not None:
            there = {file.path for file in self._repository.files(fetched.head)}
            if files := [path for path in (WORKFLOW, *SETTINGS_FILES) if path in there]:
                yield f"{' and '.join(files)} still there: with the workflow, a push makes a second set of issues"

    def _take(
        self, wanted: tuple[Step, ...], fetched: Fetched, base: Agreed
    ) -> tuple[list[Step], list[tuple[Step, str]]]:
        """Take the steps in order; one that fails holds up the journal alone, for it knows what is left."""
        done: list[Step] = []
        undone: list[tuple[Step, str]] = []
        guard = Guard(self._means, Tally(), partial(self._holder.keep, lambda: base))
        for place, step in enumerate(wanted[:-1], 1):
            if why := guard.stop():
                undone.append((step, why))
                break
            self._means.progress(place, len(wanted), f"{step.action} {step.kind} {step.name}")
            try:
                with self._tracker.impatient():
                    patiently(partial(self._do, step, fetched), guard.rest)
            except _FATAL as error:
                undone.append((step, error.message))
                break
            except (TrackerError, GitError) as error:
                undone.append((step, error.message))
            else:
                done.append(step)
        if undone:
            self._holder.end(base, f"Leave: {len(undone)} not done")
            return done, undone
        self._push_away(JOURNAL_REF, self._holder.head)
        self._repository.forget()
        return [*done, _JOURNAL], undone

    def _do(self, step: Step, fetched: Fetched) -> None:
        match step.kind, step.action:
            case "issue", _:
                self._release(step)
            case "label", _:
                self._tracker.removal.delete_label(step.name)
            case "milestone", "delete":
                self._tracker.removal.delete_milestone(step.number)
            case "milestone", _:
                self._strip_milestone(step.number)
            case _:
                self._push_away(step.name, fetched.progress)

    def _release(self, step: Step) -> None:
        """Take planbot's marks off an issue as it is now, and close it where that is wanted."""
        issue = self._tracker.issue(step.number)
        if issue is None:
            return
        if issue.comments:
            withdraw_refusal(self._tracker, issue.number)
        closing = step.action == "close" and issue.state == "open"
        body, labels = stripped(issue.body), without_managed_label(issue.labels)
        if not closing and (body, labels) == (issue.body, issue.labels):
            return
        self._tracker.update_issue(
            issue.number,
            body=body if body != issue.body else UNSET,
            labels=labels if labels != issue.labels else UNSET,
            state="closed" if closing else UNSET,
            state_reason="not_planned" if closing else UNSET,
        )

    def _strip_milestone(self, number: int) -> None:
        for stone in self._tracker.milestones():
            if stone.number == number:
                self._tracker.update_milestone(number, description=stripped_milestone(stone.description))

    def _push_away(self, ref: str, commit: str | None) -> None:
        """Delete a ref, only from where it was seen; one that is gone is no failure."""
        result = self._repository.push([RefUpdate(ref, commit, None)])
        if result.kind != "done" and self._repository.ls_remote(ref):
            raise GitError(f"{ref} cannot be deleted: {result.words}", hint="run planbot again")


def _advice(fetched: Fetched) -> str:
    """Return how boxes of issues get into the plan before leaving, and how to leave them behind."""
    first = "" if fetched.progress is None else "merge the pull request in which ticks wait; then "
    return f"{first}`planbot sync` brings them there; to leave them behind: --allow ticks"
