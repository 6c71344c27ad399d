"""What the sandbox keeps: plain dataclasses of JSON values, so that a state file is their `asdict`.

Times are seconds since the epoch. People are named by login, everything else by id or number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["none", "read", "triage", "write", "admin"]
UserKind = Literal["user", "bot", "organization"]
ROLES: tuple[Role, ...] = ("none", "read", "triage", "write", "admin")


@dataclass(slots=True)
class User:
    """A person, a bot or an organization; `role` holds in every repository that names no other.

    With an `installation` it is a GitHub App at work through that one, and sees no more than it covers.
    """

    id: int
    login: str
    kind: UserKind
    role: Role
    created_at: float
    installation: int | None = None


@dataclass(slots=True)
class Installation:
    """Where a GitHub App is installed: on an account, for these of its repositories, or all of them for None."""

    id: int
    account: str
    created_at: float
    repositories: list[int] | None = None
    suspended_at: float | None = None


@dataclass(slots=True)
class App:
    """A GitHub App: the public half of its key in PEM form, and where it is installed; its bot is `slug[bot]`."""

    id: int
    slug: str
    public_key: str
    created_at: float
    installations: dict[int, Installation] = field(default_factory=dict)


@dataclass(slots=True)
class Grant:
    """What a token of an installation is good for, and until when."""

    installation: int
    expires_at: float


@dataclass(slots=True)
class Label:
    """A repository's label; `color` is six hex digits."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True)
class Milestone:
    """A repository's milestone."""

    id: int
    number: int
    title: str
    creator: str
    created_at: float
    updated_at: float
    description: str | None = None
    state: str = "open"
    due_on: float | None = None
    closed_at: float | None = None


@dataclass(slots=True)
class Comment:
    """A comment on an issue or a pull request."""

    id: int
    author: str
    body: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class BodyEdit:
    """One change of an issue's body: who, when, and the body that it left."""

    editor: str
    edited_at: float
    body: str


@dataclass(slots=True)
class PullRequest:
    """What a pull request has beyond its issue; the commits are those of the last look at the branches."""

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged_at: float | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None


@dataclass(slots=True)
class Issue:
    """An issue or, with `pull`, a pull request; parents, children and blockers are issue ids.

    One that was `converted` to a discussion is kept as it was, and refuses to be changed.
    """

    id: int
    number: int
    title: str
    author: str
    created_at: float
    updated_at: float
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    closed_at: float | None = None
    closed_by: str | None = None
    locked: bool = False
    converted: bool = False
    milestone: int | None = None
    parent: int | None = None
    labels: list[int] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    sub_issues: list[int] = field(default_factory=list)
    blocked_by: list[int] = field(default_factory=list)
    blocking: list[int] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    edits: list[BodyEdit] = field(default_factory=list)
    pull: PullRequest | None = None


@dataclass(slots=True)
class Webhook:
    """A repository's webhook; `events` may be `*`, `status` is that of the last delivery."""

    id: int
    url: str
    events: list[str]
    created_at: float
    updated_at: float
    secret: str
    status: int | None = None


@dataclass(slots=True)
class BranchRule:
    """What a push to matching branches must fulfil; `pattern` is a glob of branch names.

    A rule is enforced by classic branch protection or by a ruleset, whose refusals read differently.
    `bypass` names who may push all the same; `checks` are the status checks that must have passed.
    """

    pattern: str
    enforced_by: Literal["protection", "ruleset"] = "ruleset"
    pull_request: bool = False
    signatures: bool = False
    force_pushes: bool = False
    deletions: bool = False
    bypass: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """One run of a workflow that is over; its number counts the runs of that workflow."""

    id: int
    number: int
    event: str
    head_branch: str
    head_sha: str
    created_at: float
    updated_at: float
    conclusion: str = "success"


@dataclass(slots=True)
class Workflow:
    """A workflow of GitHub Actions: where its file is, whether it is switched on, and its runs, oldest first."""

    id: int
    name: str
    path: str
    created_at: float
    state: str = "active"
    runs: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class ActionsPolicy:
    """What a repository lets GitHub Actions do; `default_rights` are those of a workflow's token."""

    enabled: bool = True
    allowed: Literal["all", "local_only", "selected"] = "all"
    default_rights: Literal["read", "write"] = "read"


@dataclass(slots=True)
class Repository:
    """A repository; `git_dir` is the path of its bare git directory, `roles` overrides people's own role."""

    id: int
    owner: str
    name: str
    created_at: float
    updated_at: float
    pushed_at: float
    default_branch: str = "main"
    git_dir: str | None = None
    description: str | None = None
    private: bool = False
    fork: bool = False
    archived: bool = False
    has_issues: bool = True
    last_number: int = 0
    last_milestone: int = 0
    roles: dict[str, Role] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    rules: list[BranchRule] = field(default_factory=list)
    bots_open_pulls: bool = True
    actions: ActionsPolicy = field(default_factory=ActionsPolicy)
    workflows: list[Workflow] = field(default_factory=list)
    deleted_issues: list[int] = field(default_factory=list)
    moved_issues: dict[int, int] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Return `owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(slots=True)
class State:
    """Everything the sandbox keeps; `moved` maps a former `owner/name`, in lower case, to the repository."""

    last_id: int = 3_000_000_000  # beyond 32 bits as on GitHub, and never mistaken for a number
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
