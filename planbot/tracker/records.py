"""What a tracker tells: plain frozen records, free of any client library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 # the types of fields are read at run time, where records become JSON
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from planbot.tracker.target import Token

State = Literal["open", "closed"]
StateReason = Literal["completed", "not_planned", "duplicate", "reopened"]


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    """Hold what a pass needs to know of a repository; `push` is whether the token may write to it.

    `at` is the server's time when it told this, ISO 8601, "" where it does not say.
    """

    id: int
    full_name: str
    default_branch: str
    html_url: str
    private: bool = False
    fork: bool = False
    archived: bool = False
    has_issues: bool = True
    push: bool = True
    at: str = ""


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Hold a person or bot: `id` makes the address that credits a commit."""

    login: str
    id: int


@dataclass(frozen=True, slots=True)
class Account:
    """Hold whom a token acts as; that of an App's `installation` acts as a bot. Nobody where `login` is empty."""

    login: str
    installation: bool = False

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        """Return whether this is that user."""
        return (bot or not self.installation) and self.login == user.login.removesuffix("[bot]")


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """Hold an issue. `id` is what sub-issue calls take, `number` what people see; times are ISO 8601, UTC."""

    number: int
    id: int
    title: str
    body: str
    state: State
    state_reason: StateReason | None
    labels: tuple[str, ...]
    milestone: int | None
    assignees: tuple[str, ...]
    author: str
    created_at: str
    updated_at: str
    html_url: str
    locked: bool = False
    pull_request: bool = False
    closed_by: str | None = None
    parent: int | None = None  # number of the parent issue where the server tells it for free
    comments: int = 0  # how many there are

    @property
    def is_sealed(self) -> bool:
        """Return whether it is closed and locked: nothing else tells that it was converted to a discussion."""
        return self.locked and self.state == "closed"


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """Hold an issue that is to be made; `milestone` and `parent` are numbers."""

    title: str
    body: str
    labels: tuple[str, ...] = ()
    milestone: int | None = None
    assignees: tuple[str, ...] = ()
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class PullRequestRecord:
    """Hold a pull request: `head` is the commit it ends in, `base` the branch it is for.

    `merge` is the commit that merged it, None while none has.
    """

    number: int
    body: str
    state: State
    head: str
    base: str
    html_url: str
    merge: str | None = None


@dataclass(frozen=True, slots=True)
class MilestoneRecord:
    """Hold a milestone; `due_on` is an ISO date or None."""

    number: int
    title: str
    description: str
    state: State
    due_on: str | None = None


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """Hold a label; `color` is six hex digits."""

    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """Hold a comment; `bot` says that its author is no person."""

    id: int
    body: str
    author: UserRecord
    bot: bool = False


@dataclass(frozen=True, slots=True)
class InstallationRecord:
    """Hold one installation of a GitHub App: on whose account, and whether it is suspended."""

    id: int
    account: str
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """Hold a token of an installation, good until `expires`, in seconds since the epoch."""

    token: Token
    expires: float


@dataclass(frozen=True, slots=True)
class Quota:
    """Hold how many requests the tracker still allows these credentials, of how many, until when."""

    remaining: int
    limit: int
    resets: datetime
