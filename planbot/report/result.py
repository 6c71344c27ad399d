"""What a pass did, or would do: the one value that every report is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from planbot.errors import LimitError
from planbot.sync.changes import RetireChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planbot.plan.model import Diagnostic, Plan
    from planbot.sync.changes import Change, ChangeSet, Tick, Undone
    from planbot.sync.limits import Refusal
    from planbot.tracker.records import IssueRecord, UserRecord


PullAction = Literal["", "opened", "updated", "closed"]


@dataclass(frozen=True, slots=True)
class Requests:
    """Count requests to the tracker, retries included."""

    read: int = 0
    write: int = 0


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Say how ticks reached the plan files: the commit that holds them, or the pull request, or neither.

    `pull_request` is the number of the one that holds ticks, `url` its page, `action` what the pass did with it.
    """

    mode: str
    commit: str | None = None
    pull_request: int | None = None
    url: str | None = None
    action: PullAction = ""


@dataclass(frozen=True, slots=True)
class PassResult:
    """Hold the outcome of one pass over one repository.

    `changes` and `ticks` are done, or, in a dry run, wanted. `undone` are changes that were not done or are not
    known to be; with one of them, or with `problem`, the pass is partial. `notices` are lines for people; if it is
    `skipped`, they say why nothing was looked at, `busy` that it is because another pass was at work. `out_of_time`
    says that a time budget or a stop ended the pass. `refusals` are the limits that stand in the way of a dry run's
    change set; `pace` is the time between two writes in seconds. `page` is the repository's web address, `branch`
    the one that is kept in step, `ref` the commit or branch whose lines are meant, "" for a work tree. `issues` are
    the numbers of issues by path and line of their item; `people` who ticked, by the issue's number; `plan_issues`
    the issues of plan files, by path; `told` those on which a comment may tell of a refused pass.
    """

    repository: str
    plans: tuple[Plan, ...] = ()
    findings: tuple[tuple[str, Diagnostic], ...] = ()
    changes: tuple[Change, ...] = ()
    ticks: tuple[Tick, ...] = ()
    waiting: tuple[Tick, ...] = ()
    undone: tuple[Undone, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    requests: Requests = Requests()
    write_back: WriteBack = WriteBack("auto")
    notices: tuple[str, ...] = ()
    problem: str = ""
    dry_run: bool = False
    skipped: bool = False
    busy: bool = False
    out_of_time: bool = False
    pace: float = 0
    page: str = ""
    branch: str = ""
    ref: str = ""
    issues: Mapping[tuple[str, int], int] = field(default_factory=dict)
    people: Mapping[int, UserRecord] = field(default_factory=dict)
    plan_issues: Mapping[str, IssueRecord] = field(default_factory=dict)
    told: tuple[int, ...] = ()

    @property
    def complete(self) -> bool:
        """Return whether everything that was wanted is done."""
        return not self.undone and not self.problem and not (self.dry_run and (self.changes or self.ticks))

    @property
    def changed(self) -> bool:
        """Return whether anything was done on either side or, in a dry run, is wanted."""
        return bool(self.changes or self.ticks or self.write_back.commit or self.write_back.action)

    @property
    def in_sync(self) -> bool:
        """Return whether there was nothing to do."""
        return not self.changed and not self.undone and not self.problem

    def count(self, action: str) -> int:
        """Return how many changes have this action."""
        return sum(change.action == action for change in self.changes)


class RefusedPassError(LimitError):
    """Refuse a pass whose change set a limit forbids; `result` says what was wanted, nothing of it is done."""

    def __init__(self, result: PassResult) -> None:
        super().__init__(
            "nothing was written, for this looks like a mistake:\n"
            + "\n".join(f"  {one}" for one in result.refusals),
            hint="if it is meant, lift the limits that stand in the way: --allow "
            + ",".join(dict.fromkeys(one.limit for one in result.refusals)),
        )
        self.result = result


def issue_numbers(changes: ChangeSet, done: Iterable[Change]) -> dict[tuple[str, int], int]:
    """Return the numbers of issues, found or just made, by path and line of their item."""
    numbers = {
        (one.matched.path, one.matched.desired.line): one.matched.issue.number
        for one in changes.items
        if one.matched.issue is not None
    }
    made = (change for change in done if change.kind not in ("label", "milestone"))
    return numbers | {
        (change.path, change.line): change.issue for change in made if change.issue and change.line
    }


def plan_issues(changes: ChangeSet, done: Iterable[Change]) -> dict[str, IssueRecord]:
    """Return the issue of each plan file by path, for a plan without one that of its first item."""
    items = [(one.matched.path, one.matched.desired.kind, one.matched.issue) for one in changes.items]
    retired = [change for change in (*changes.changes, *done) if isinstance(change, RetireChange)]
    found: dict[str, IssueRecord] = {}
    for path, _, issue in sorted(
        [*items, *((one.path, one.kind, one.listed) for one in retired)],
        key=lambda one: (one[1] != "plan", one[2].number if one[2] else 0),
    ):
        if issue is not None:
            found.setdefault(path, issue)
    return found
