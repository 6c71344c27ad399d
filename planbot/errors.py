"""Failures that end a pass: one root, one subclass for each cause, each with its exit code."""

from __future__ import annotations

from typing import ClassVar


class PlanbotError(Exception):
    """Report a failure to a person: what happened, and what to do about it."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PlanbotError):
    """Refuse arguments, settings or a named file that cannot be used."""

    exit_code: ClassVar[int] = 2


class SettingsError(UsageError):
    """Refuse a settings file; carries every mistake in it as `path:line:column: text`."""

    def __init__(self, mistakes: tuple[str, ...], *, hint: str = "") -> None:
        super().__init__("\n".join(mistakes), hint=hint)
        self.mistakes = mistakes


class EditError(PlanbotError):
    """Refuse a plan edit that would change more than its declared spans."""


class TrackerError(PlanbotError):
    """Say that the tracker refused or failed."""


class AuthenticationError(TrackerError):
    """Say that the tracker does not accept the token."""


class UnreachableError(TrackerError):
    """Say that the tracker did not answer, or failed by itself: asked later, it may tell."""


class NotFoundError(TrackerError):
    """Say that the tracker does not show what was asked for."""


class PermissionDeniedError(TrackerError):
    """Say that the token may not do this."""


class RefusedError(TrackerError):
    """Say that the tracker will not do this, however often it is asked (422)."""


class RateLimitedError(TrackerError):
    """Say that a rate limit refused a request, which did nothing; `seconds` is how long it asks to wait.

    `guessed` says that it named no time, `final` that it is waited for no longer.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        seconds: float = 60.0,
        guessed: bool = False,
        final: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.seconds = seconds
        self.guessed = guessed
        self.final = final


class LostAnswerError(TrackerError):
    """Say that a write was sent and its answer never came: it may have worked."""


class GitError(PlanbotError):
    """Say that git failed or is not there."""


class JournalError(GitError):
    """Say that the journal may not be written."""


class QueueError(PlanbotError):
    """Say that the queue's database refuses, or is not set up."""


class AwayError(QueueError):
    """Say that the queue's database does not answer: asked later, it may."""


class BusyError(PlanbotError):
    """Say that another pass is writing to the tracker."""

    exit_code: ClassVar[int] = 0


class LimitError(PlanbotError):
    """Refuse a change set that a limit forbids."""

    exit_code: ClassVar[int] = 4


class ChangedError(PlanbotError):
    """Refuse to apply saved changes that a pass would not make any more."""

    exit_code: ClassVar[int] = 4


class StoppedError(PlanbotError):
    """Say that a pass may write nothing more: its time is up, or its lease is lost."""
