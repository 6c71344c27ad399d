"""The examination as a whole: which things are looked at, and what follows where one cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.doctor import actions, branch, clone, tracker
from planbot.errors import AuthenticationError, GitError, NotFoundError, SettingsError, TrackerError
from planbot.loading import settings_of
from planbot.report.examination import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from planbot.repo.repository import Repository
    from planbot.repo.sources import Source
    from planbot.tracker.inspection import Inspector
    from planbot.tracker.records import RepositoryRecord


@dataclass(frozen=True, slots=True)
class Patient:
    """Hold what is examined; `settings` are a settings file's name and bytes where one was named.

    `clock` tells epoch seconds, `word` a fresh random word.
    """

    repository: Repository
    inspector: Inspector
    source: Source
    settings: tuple[str, bytes] | None
    clock: Callable[[], float]
    word: Callable[[], str]


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield what is found, one thing after another; nothing is left behind on the server."""
    settings, own_branch = _settings(patient)
    yield settings
    record = None
    try:
        yield from tracker.token(patient.inspector, patient.clock())
        record = patient.inspector.repository()
    except NotFoundError as error:
        yield Finding("repository", "broken", error.message, error.hint)
    except AuthenticationError as error:
        yield Finding("token", "broken", error.message, error.hint)
    except TrackerError as error:
        yield Finding("tracker", "broken", error.message, error.hint)
    name = own_branch or (record.default_branch if record else "")
    fetched = clone.git(patient.repository, name)
    yield fetched
    if record is not None:
        yield from _repository(patient, record, name if fetched.state == "ok" else "")


def _repository(patient: Patient, record: RepositoryRecord, name: str) -> Iterator[Finding]:
    """Yield what is found of the repository; `name` is that of its branch, "" where it could not be fetched."""
    inspector, repository = patient.inspector, patient.repository
    yield from tracker.repository(record)
    yield from _asked("issues: write", lambda: tracker.issues(inspector, record))
    yield from _asked("journal", lambda: clone.journal(repository, patient.word(), int(patient.clock())))
    if name:
        yield from _asked("branch rules", lambda: branch.rules(inspector, name))
    yield from _asked("Actions", lambda: actions.settings(inspector))
    yield from _asked("workflow", lambda: actions.workflow(inspector, repository, patient.source, record))


def _asked(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; one that fails could not tell."""
    try:
        yield from check()
    except (TrackerError, GitError) as error:
        yield Finding(name, "unknown", error.message, error.hint)


def _settings(patient: Patient) -> tuple[Finding, str | None]:
    """Return what is found of the settings, and the branch that they name."""
    try:
        settings = settings_of(patient.source, patient.settings)
    except SettingsError as error:
        advice = "planbot check names every mistake; nothing is synced until they are mended"
        return Finding("settings", "broken", error.mistakes[0], advice), None
    return Finding("settings", "ok", "no mistakes"), settings.branch
