"""GitHub Actions: whether planbot's workflow can run, does, and is the only one to do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import PermissionDeniedError
from planbot.repo.history import times
from planbot.report.examination import Finding
from planbot.report.lines import plural
from planbot.workflow import UNKNOWN_ACTION, WORKFLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.repo.repository import Repository
    from planbot.repo.sources import Source
    from planbot.tracker.inspection import Inspector, RunRecord
    from planbot.tracker.records import RepositoryRecord

ENTRIES = 30  # the newest journal entries that are looked at
_SLACK = 120  # seconds by which a run's times and an entry's may differ


def settings(inspector: Inspector) -> Iterator[Finding]:
    """Say whether the repository lets workflows run, and planbot's action with them."""
    try:
        policy = inspector.actions()
    except PermissionDeniedError:
        yield Finding("Actions", "unknown", "only an administrator's token may read their settings")
        return
    if not policy.enabled:
        yield Finding(
            "Actions", "to do", "switched off", "if the workflow is to run: Settings -> Actions -> General"
        )
    elif policy.allowed != "all":
        words = "this owner's" if policy.allowed == "local_only" else "selected"
        advice = "see that planbot's action and actions/* are among them: Settings -> Actions -> General"
        yield Finding("Actions", "to do", f"only {words} actions may run", advice)
    else:
        pulls = "may" if policy.may_open_pulls else "may not"
        yield Finding("Actions", "ok", f"workflows may run; they {pulls} open pull requests")


def workflow(
    inspector: Inspector, repository: Repository, source: Source, record: RepositoryRecord
) -> Iterator[Finding]:
    """Say whether planbot's workflow is there, whole and switched on, and whether passes run beside it."""
    if f"uses: {UNKNOWN_ACTION}".encode() in source.read([WORKFLOW]).get(WORKFLOW, b""):
        text = f"{WORKFLOW} still has the placeholder {UNKNOWN_ACTION}"
        yield Finding(
            "workflow", "to do", text, "write where you have planbot from in its place, and push it"
        )
        return
    name = WORKFLOW.rpartition("/")[2]
    found = [one for one in inspector.workflows() if one.path.rpartition("/")[2] == name]
    if not found:
        yield Finding("workflow", "ok", "none of planbot's; passes run elsewhere, or by hand")
        return
    (one, *_) = found
    if one.state != "active":
        advice = f"switch it on: {record.html_url}/actions/workflows/{name}"
        yield Finding("workflow", "to do", f"{one.path} is {one.state.replace('_', ' ')}", advice)
        return
    yield Finding("workflow", "ok", f"{one.path} is active")
    yield _alone(repository, record, inspector.runs(one.id))


def _alone(repository: Repository, record: RepositoryRecord, runs: tuple[RunRecord, ...]) -> Finding:
    """Say whether journal entries were made while no run of the workflow was under way."""
    journal = repository.fetch(record.default_branch).journal
    entries = times(repository, journal, ENTRIES) if journal and runs else ()
    oldest = min((run.start for run in runs), default=0)
    elsewhere = [when for when in entries if when >= oldest and not any(_during(when, run) for run in runs)]
    if not elsewhere:
        return Finding("passes", "ok", "all by the workflow" if entries else "none by the workflow yet")
    found = (
        f"{plural(len(elsewhere), 'journal entry', 'journal entries')} of the last {len(entries)} made outside "
        f"the workflow's runs: a service or a person works here too"
    )
    advice = "that is safe, but each does what the other would: keep `planbot serve` or the workflow"
    return Finding("passes", "to do", found, advice)


def _during(when: int, run: RunRecord) -> bool:
    return run.start - _SLACK <= when <= run.end + _SLACK
