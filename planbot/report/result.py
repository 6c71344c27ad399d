"""What a pass did, or would do: the one value that every report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planbot.plan.model import Diagnostic, Plan
    from planbot.sync.changes import Change, Tick, Undone


@dataclass(frozen=True, slots=True)
class Requests:
    """Count requests to the tracker, retries included."""

    read: int = 0
    write: int = 0


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Say how ticks reached the plan files: the commit that holds them, or the pull request, or neither."""

    mode: str
    commit: str | None = None
    pull_request: int | None = None


@dataclass(frozen=True, slots=True)
class PassResult:
    """Hold the outcome of one pass over one repository.

    `changes` and `ticks` are done, or, in a dry run, wanted. `undone` are changes that were not done or are not
    known to be; with one of them, or with `problem`, the pass is partial. `notices` are lines for people; if it is
    `skipped`, they say why nothing was looked at. `out_of_time` says that a time budget ended the pass. `refusals`
    are the limits that stand in the way of a dry run's change set; `pace` is the time between two writes in seconds.
    """

    repository: str
    plans: tuple[Plan, ...] = ()
    findings: tuple[tuple[str, Diagnostic], ...] = ()
    changes: tuple[Change, ...] = ()
    ticks: tuple[Tick, ...] = ()
    waiting: tuple[Tick, ...] = ()
    undone: tuple[Undone, ...] = ()
    refusals: tuple[str, ...] = ()
    requests: Requests = Requests()
    write_back: WriteBack = WriteBack("auto")
    notices: tuple[str, ...] = ()
    problem: str = ""
    dry_run: bool = False
    skipped: bool = False
    out_of_time: bool = False
    pace: float = 0

    @property
    def complete(self) -> bool:
        """Return whether everything that was wanted is done."""
        return not self.undone and not self.problem and not (self.dry_run and (self.changes or self.ticks))

    @property
    def in_sync(self) -> bool:
        """Return whether there was nothing to do."""
        return not self.changes and not self.ticks and not self.undone and not self.problem

    def count(self, action: str) -> int:
        """Return how many changes have this action."""
        return sum(change.action == action for change in self.changes)
