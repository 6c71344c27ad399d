"""What planning may ask of a tracker, and what applying may do to it.

Planning code is handed a `TrackerReader`; only `sync.apply` ever sees a `TrackerWriter`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planbot.errors import TrackerError
    from planbot.tracker.records import (
        CommentRecord,
        IssueDraft,
        IssueRecord,
        LabelRecord,
        MilestoneRecord,
        PullRequestRecord,
        RepositoryRecord,
        State,
        StateReason,
        UserRecord,
    )


class Unset:
    """Mark a field that an update leaves alone."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


class TrackerReader(Protocol):
    """Read one repository's tracker. Every method raises `TrackerError` when it cannot tell."""

    @property
    def reads(self) -> int:
        """Return how many read requests were sent so far, retries included."""

    def repository(self) -> RepositoryRecord:
        """Return the repository; its `full_name` may differ from the one asked for after a rename."""

    def user(self, login: str) -> UserRecord | None:
        """Return a user by login, or None."""

    def issues(self, label: str | None, *, since: str | None = None) -> tuple[IssueRecord, ...]:
        """Return all issues (with this label), open and closed, oldest first, pull requests left out.

        `since` is the ISO 8601 time of the oldest change that counts.
        """

    def issue(self, number: int) -> IssueRecord | None:
        """Return one issue as it is now, or None if it is gone (404, 410, or moved elsewhere)."""

    def comments_on(self, number: int) -> tuple[CommentRecord, ...]:
        """Return the comments on an issue, the oldest first."""

    def milestones(self) -> tuple[MilestoneRecord, ...]:
        """Return all milestones, open and closed."""

    def milestone(self, number: int) -> MilestoneRecord | None:
        """Return one milestone as it is now, or None if it is gone."""

    def labels(self) -> tuple[LabelRecord, ...]:
        """Return all labels."""

    def assignable(self, login: str) -> bool:
        """Return whether issues of the repository can be assigned to a user."""

    def ticker(self, number: int) -> UserRecord | None:
        """Return which person edited the body of this issue last, or None where the server does not tell.

        Bots and the account of this token are passed over.
        """

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        """Return whether this token acts as that user; False where the server does not tell."""

    def body_histories(self, numbers: Sequence[int]) -> Mapping[int, tuple[tuple[str, ...], ...]]:
        """Return the latest bodies of issues as runs of neighbours, in either order, as far as the server tells.

        What the server does not tell is left out. Raises `RateLimitedError` or `UnreachableError` where it may later.
        """

    def prepare_issues(self, drafts: Sequence[IssueDraft]) -> bool:
        """Return whether these issues can be made in one request, so far as that is known; raises nothing.

        What `create_issues` needs to know for that is looked up.
        """


class TrackerWriter(Protocol):
    """Change one repository's tracker.

    A method that creates raises `LostAnswerError` when the answer never came (it may have worked) and is
    never sent again by itself. All raise `TrackerError` subclasses, nothing else.
    """

    @property
    def writes(self) -> int:
        """Return how many write requests were sent so far, retries included."""

    @property
    def pause(self) -> float:
        """Return in how many seconds the next write may be sent; one that is sent before waits so long."""

    def create_label(self, label: LabelRecord) -> None:
        """Make a label; one that is there already is left as it is."""

    def create_milestone(self, title: str, description: str, *, due_on: str | None = None) -> MilestoneRecord:
        """Make a milestone; `due_on` is an ISO date."""

    def update_milestone(
        self,
        number: int,
        *,
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        due_on: str | Unset | None = UNSET,
        state: State | Unset = UNSET,
    ) -> MilestoneRecord:
        """Change the given fields of a milestone; `due_on` is an ISO date."""

    def create_issue(
        self,
        title: str,
        body: str,
        *,
        labels: tuple[str, ...] = (),
        milestone: int | None = None,
        assignees: tuple[str, ...] = (),
    ) -> IssueRecord:
        """Make an issue and return it as the server has it (labels and more may have been dropped)."""

    def create_issues(self, drafts: Sequence[IssueDraft]) -> Sequence[IssueRecord | TrackerError]:
        """Make issues that were prepared in one request, each under its parent, in their order.

        Returns for each what the server has, or why that is not known. Raises `RefusedError` where the server cannot
        do this: nothing was done then.
        """

    def update_issue(
        self,
        number: int,
        *,
        title: str | Unset = UNSET,
        body: str | Unset = UNSET,
        labels: tuple[str, ...] | Unset = UNSET,
        assignees: tuple[str, ...] | Unset = UNSET,
        milestone: int | Unset | None = UNSET,
        state: State | Unset = UNSET,
        state_reason: StateReason | Unset = UNSET,
    ) -> IssueRecord:
        """Change the given fields of an issue in one request and return it as the server has it."""

    def add_sub_issue(self, parent: int, child: IssueRecord) -> bool:
        """Put an issue under a parent (moving it there if it has another).

        Returns False where the server has no sub-issues (404 or 410 for the parent's list). Raises `RefusedError`
        where this parent takes no further one: https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/adding-sub-issues
        """

    def set_blocked_by(self, number: int, blocker: IssueRecord, *, blocked: bool) -> bool:
        """Let an issue be blocked by another, or no longer; what is so already is left as it is.

        Returns False where the server has no dependencies between issues. Raises `RefusedError` where this issue
        takes no such dependency: https://docs.github.com/rest/issues/issue-dependencies
        """

    def comment(self, number: int, body: str) -> None:
        """Add a comment to an issue."""


class PullRequestReader(Protocol):
    """Read one repository's pull requests. Every method raises `TrackerError` when it cannot tell."""

    def pull_request(self, number: int) -> PullRequestRecord | None:
        """Return one pull request as it is now, or None if it is gone."""

    def pull_requests(self, head: str, base: str) -> tuple[PullRequestRecord, ...]:
        """Return the pull requests from one branch of the repository into another, in any state, newest first."""


class PullRequestWriter(Protocol):
    """Change one repository's pull requests. All methods raise `TrackerError` subclasses, nothing else."""

    def create_pull_request(self, title: str, body: str, *, head: str, base: str) -> PullRequestRecord:
        """Open a pull request.

        Raises `PermissionDeniedError`, whose hint says what to change, where these credentials may not, and
        `LostAnswerError` when the answer never came: it may have worked, and is not sent again.
        """

    def update_pull_request(
        self, number: int, *, body: str | Unset = UNSET, state: State | Unset = UNSET
    ) -> PullRequestRecord:
        """Change the given fields of a pull request in one request."""


class PullRequests(PullRequestReader, PullRequestWriter, Protocol):
    """Read and change one repository's pull requests."""
