"""What is known of every repository that is kept: how its passes went, how far its plans are, what comes next."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from planbot.errors import BusyError, LimitError
from planbot.report.standing.value import standing
from planbot.report.text import finding_lines, result_lines, summary, undone_lines, waiting_lines
from planbot.service.metrics import Metrics
from planbot.tracker.records import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from planbot.report.result import PassResult
    from planbot.report.text import Line
    from planbot.service.model import Outcome, Reason
    from planbot.tracker.records import Quota

Verdict = Literal["in step", "changed", "partial", "skipped", "refused", "failed"]

MOST_LINES = (
    50  # of what a pass did, of ticks that wait, of what went wrong: a thousand repositories are kept
)


@dataclass(frozen=True, slots=True)
class PlanState:
    """Hold how far a plan file is; `url` is its issue's page, "" where it has none."""

    path: str
    name: str
    done: int
    total: int
    url: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Hold how a pass ended, in a word and in a sentence, and when; it took so many seconds."""

    pass_id: str
    at: datetime
    seconds: float
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Hold what keeps a repository from being in step, what to do about it, and in how many passes on end."""

    text: str
    hint: str
    since: datetime
    passes: int = 1


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """Hold what is known of one repository.

    `good` is when a pass last did all that it wanted; `did` are the lines of the newest pass that changed something,
    which ended at `did_at`; `next` is the time of the schedule, `retry_at` when a pass that failed is tried again;
    `wanted` counts the reasons for the pass that waits; `running` is the pass under way.
    """

    name: str
    page: str = ""
    branch: str = ""
    account: Account = field(default_factory=lambda: Account(""))
    plans: tuple[PlanState, ...] = ()
    waiting: tuple[str, ...] = ()
    last: Ending | None = None
    good: datetime | None = None
    did: tuple[str, ...] = ()
    did_at: datetime | None = None
    trouble: Trouble | None = None
    next: datetime | None = None
    retry_at: datetime | None = None
    wanted: int = 0
    running: str = ""
    running_since: datetime | None = None
    quota: Quota | None = None


class StatusBoard:
    """Keep the state of every repository, for the pages and the metrics; any thread may call any method."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._states: dict[str, RepositoryState] | None = None
        self._lock = threading.Lock()
        self.metrics = Metrics(self.states, clock())

    @property
    def ready(self) -> bool:
        """Return whether the repositories are known."""
        return self._states is not None

    def states(self) -> tuple[RepositoryState, ...]:
        """Return what is known of all repositories, in no order."""
        with self._lock:
            return tuple((self._states or {}).values())

    def branch_of(self, repository: str) -> str:
        """Return the branch that is kept in step, "" if no pass has told."""
        return self._state_of(repository).branch

    def account_of(self, repository: str) -> Account:
        """Return whom passes act as; nobody if none has told."""
        return self._state_of(repository).account

    def kept(self, names: Collection[str]) -> None:
        """Take the repositories that are kept from now on; what is known of others is forgotten."""
        with self._lock:
            before = self._states or {}
            self._states = {
                name.casefold(): before.get(name.casefold(), RepositoryState(name)) for name in names
            }

    def planned(self, repository: str, at: datetime | None) -> None:
        """Take the time of the next pass that is foreseen, None for none."""
        self._change(repository, lambda state: replace(state, next=at))

    def asked(self, repository: str, reason: Reason) -> None:  # noqa: ARG002  # it matters to others that listen
        """Note that a pass is wanted."""
        self._change(repository, lambda state: replace(state, wanted=state.wanted + 1))

    def started(self, repository: str, pass_id: str, reasons: tuple[Reason, ...]) -> None:  # noqa: ARG002
        """Note that a pass starts."""
        now = self._clock()
        self._change(repository, lambda state: replace(state, wanted=0, running=pass_id, running_since=now))

    def ended(self, repository: str, pass_id: str, outcome: Outcome) -> None:
        """Note how a pass ended."""
        ending = Ending(pass_id, self._clock(), outcome.seconds, verdict_of(outcome), _told(outcome))
        self.metrics.ended(outcome, ending.verdict)
        known = _known(outcome.result)
        self._change(repository, lambda state: _after(state, outcome, ending, known))

    def _state_of(self, repository: str) -> RepositoryState:
        with self._lock:
            found = (self._states or {}).get(repository.casefold())
        return found or RepositoryState(repository)

    def _change(self, repository: str, change: Callable[[RepositoryState], RepositoryState]) -> None:
        with self._lock:
            key, states = repository.casefold(), self._states or {}
            if key in states:
                states[key] = change(states[key])


def verdict_of(outcome: Outcome) -> Verdict:
    """Return in a word how a pass ended."""
    result = outcome.result
    if isinstance(outcome.error, BusyError):
        return "skipped"
    if isinstance(outcome.error, LimitError):
        return "refused"
    if outcome.error is not None or result is None:
        return "failed"
    if result.skipped:
        return "skipped"
    if not result.complete or _unreadable(result):
        return "partial"
    return "in step" if result.in_sync else "changed"


def _after(
    state: RepositoryState, outcome: Outcome, ending: Ending, known: dict[str, Any]
) -> RepositoryState:
    """Return the state after a pass; what the pass did not get to see stays as it was."""
    if state.running == ending.pass_id:  # else the next one has started since
        state = replace(state, running="", running_since=None)
    state = replace(
        state,
        last=ending,
        quota=outcome.quota or state.quota,
        account=outcome.account or state.account,
        retry_at=outcome.retry_at,
        **known,
    )
    if ending.verdict in ("in step", "changed"):
        state = replace(state, good=ending.at, trouble=None)
    elif ending.verdict != "skipped":
        earlier = state.trouble
        text, hint = trouble_of(outcome)
        since, passes = (earlier.since, earlier.passes + 1) if earlier else (ending.at, 1)
        state = replace(state, trouble=Trouble(text, hint, since, passes))
    if outcome.result is not None and not outcome.result.in_sync:
        state = replace(state, did=_texts(result_lines(outcome.result)), did_at=ending.at)
    return state


def _known(result: PassResult | None) -> dict[str, Any]:
    """Return what a pass learnt of a repository; nothing where it looked at nothing."""
    if result is None or result.skipped:
        return {}
    return {
        "page": result.page,
        "branch": result.branch,
        "plans": tuple(_plans(result)),
        "waiting": _texts(waiting_lines(result)),
    }


def _plans(result: PassResult) -> Iterable[PlanState]:
    for plan in result.plans:
        measured, issue = standing(plan), result.plan_issues.get(plan.path)
        url = issue.html_url if issue else ""
        yield PlanState(plan.path, measured.name, measured.done, measured.total, url)


def _told(outcome: Outcome) -> str:
    """Return in a sentence how a pass ended."""
    if outcome.error is not None:
        return outcome.error.message
    if outcome.result is None:
        return "The pass told nothing."
    return " ".join(outcome.result.notices) if outcome.result.skipped else summary(outcome.result)


def trouble_of(outcome: Outcome) -> tuple[str, str]:
    """Return what went wrong in a pass, and what to do about it."""
    if outcome.error is not None:
        return outcome.error.message, outcome.error.hint
    if outcome.result is None:
        return _told(outcome), ""
    unreadable = _unreadable(outcome.result)
    lines = (*_texts(undone_lines(outcome.result)), *unreadable)
    hint = "Correct the plan file: the issues of its items are left alone until then." if unreadable else ""
    return "\n".join(lines[:MOST_LINES]), hint or "The next pass goes on where this one stopped."


def _unreadable(result: PassResult) -> tuple[str, ...]:
    errors = ((path, finding) for path, finding in result.findings if finding.severity == "error")
    return _texts(line for path, finding in errors for line in finding_lines(path, finding))


def _texts(lines: Iterable[Line]) -> tuple[str, ...]:
    return tuple("".join(text for _, text in line) for line in islice(lines, MOST_LINES))
