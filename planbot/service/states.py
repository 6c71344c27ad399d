"""What is known of a repository, and how the start and the end of a pass change it; values, and rules for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime  # noqa: TC003 # read at run time, as all types of fields are here
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from planbot.errors import BusyError, LimitError
from planbot.report.standing.value import standing
from planbot.report.text import finding_lines, result_lines, summary, undone_lines, waiting_lines
from planbot.tracker.records import Account, Quota

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.report.result import PassResult
    from planbot.report.text import Line
    from planbot.service.model import Outcome

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
    which ended at `did_at`; `next` is the time of the schedule, `retry_at` when a pass that failed is tried again,
    `given_up` since when it is not, by itself; `wanted` counts the reasons for the pass that waits; `running` is the
    pass under way.
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
    given_up: datetime | None = None
    wanted: int = 0
    running: str = ""
    running_since: datetime | None = None
    quota: Quota | None = None


Change = Callable[[RepositoryState], RepositoryState]


@dataclass(frozen=True, slots=True)
class QueueState:
    """Hold how the queue is that several processes work off.

    `oldest` is since when the pass that waits longest could start, `given_up` counts the repositories whose passes are
    not tried again by themselves; `lost` is since when the database does not answer, None while it does.
    """

    depth: int = 0
    oldest: datetime | None = None
    given_up: int = 0
    lost: datetime | None = None


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


def by_start(pass_id: str, at: datetime) -> Change:
    """Return what the start of a pass changes."""
    return lambda state: replace(state, wanted=0, running=pass_id, running_since=at)


def by_end(pass_id: str, outcome: Outcome, at: datetime) -> Change:
    """Return what the end of a pass changes; what the pass did not get to see stays as it was."""
    ending = Ending(pass_id, at, outcome.seconds, verdict_of(outcome), _told(outcome))
    known = _known(outcome.result)
    return lambda state: _after(state, outcome, ending, known)


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
