"""One party's way to a tracker: every request of its own goes through one place."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from planbot.tracker.protocols import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from support.memory_tracker import MemoryTracker

    from planbot.errors import TrackerError
    from planbot.tracker.protocols import PullRequests
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

T = TypeVar("T")
READING = frozenset(
    (
        "prepare_issues",
        *("repository", "is_private", "user", "is_me", "issues", "issue", "milestones", "labels"),
        *(
            "milestone",
            "comments_on",
            "assignable",
            "ticker",
            "body_histories",
            "pull_request",
            "pull_requests",
        ),
    )
)


class Connection:
    """Pass every request on to a tracker as one user; `ask` is where to stand in between."""

    def __init__(self, tracker: MemoryTracker, who: str) -> None:
        self.tracker = tracker
        self.who = who
        self.reads = 0
        self.writes = 0
        self.pause = 0.0

    def ask(self, name: str, number: int | None, call: Callable[[], T]) -> T:  # noqa: ARG002 - for those in between
        """Make a request, about an issue where it is about one, and return the answer."""
        self.reads += name in READING
        self.writes += name not in READING
        self.tracker.actor = self.who
        return call()

    def impatient(self) -> AbstractContextManager[None]:
        return nullcontext()

    def repository(self) -> RepositoryRecord:
        return self.ask("repository", None, self.tracker.repository)

    def is_private(self, repository: str) -> bool:
        return self.ask("is_private", None, lambda: self.tracker.is_private(repository))

    def user(self, login: str) -> UserRecord | None:
        return self.ask("user", None, lambda: self.tracker.user(login))

    def issues(self, label: str | None, *, since: str | None = None) -> tuple[IssueRecord, ...]:
        return self.ask("issues", None, lambda: self.tracker.issues(label, since=since))

    def issue(self, number: int) -> IssueRecord | None:
        return self.ask("issue", number, lambda: self.tracker.issue(number))

    def comments_on(self, number: int) -> tuple[CommentRecord, ...]:
        return self.ask("comments_on", number, lambda: self.tracker.comments_on(number))

    def milestones(self) -> tuple[MilestoneRecord, ...]:
        return self.ask("milestones", None, self.tracker.milestones)

    def milestone(self, number: int) -> MilestoneRecord | None:
        return self.ask("milestone", None, lambda: self.tracker.milestone(number))

    def labels(self) -> tuple[LabelRecord, ...]:
        return self.ask("labels", None, self.tracker.labels)

    def ticker(self, number: int) -> UserRecord | None:
        return self.ask("ticker", number, lambda: self.tracker.ticker(number))

    def body_histories(self, numbers: Sequence[int]) -> dict[int, tuple[tuple[str, ...], ...]]:
        return self.ask("body_histories", None, lambda: self.tracker.body_histories(numbers))

    def create_label(self, label: LabelRecord) -> None:
        self.ask("create_label", None, lambda: self.tracker.create_label(label))

    def assignable(self, login: str) -> bool:
        return self.ask("assignable", None, lambda: self.tracker.assignable(login))

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        return self.ask("is_me", None, lambda: self.tracker.is_me(user, bot=bot))

    def create_milestone(self, title: str, description: str, *, due_on: str | None = None) -> MilestoneRecord:
        return self.ask(
            "create_milestone",
            None,
            lambda: self.tracker.create_milestone(title, description, due_on=due_on),
        )

    def update_milestone(
        self,
        number: int,
        *,
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        due_on: str | Unset | None = UNSET,
        state: State | Unset = UNSET,
    ) -> MilestoneRecord:
        return self.ask(
            "update_milestone",
            None,
            lambda: self.tracker.update_milestone(
                number, title=title, description=description, due_on=due_on, state=state
            ),
        )

    def create_issue(
        self,
        title: str,
        body: str,
        *,
        labels: tuple[str, ...] = (),
        milestone: int | None = None,
        assignees: tuple[str, ...] = (),
    ) -> IssueRecord:
        return self.ask(
            "create_issue",
            None,
            lambda: self.tracker.create_issue(
                title, body, labels=labels, milestone=milestone, assignees=assignees
            ),
        )

    def prepare_issues(self, drafts: Sequence[IssueDraft]) -> bool:
        return self.ask("prepare_issues", None, lambda: self.tracker.prepare_issues(drafts))

    def create_issues(self, drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        return self.ask("create_issues", None, lambda: self.tracker.create_issues(drafts))

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
        return self.ask(
            "update_issue",
            number,
            lambda: self.tracker.update_issue(
                number,
                title=title,
                body=body,
                labels=labels,
                assignees=assignees,
                milestone=milestone,
                state=state,
                state_reason=state_reason,
            ),
        )

    def add_sub_issue(self, parent: int, child: IssueRecord) -> bool:
        return self.ask("add_sub_issue", None, lambda: self.tracker.add_sub_issue(parent, child))

    def set_blocked_by(self, number: int, blocker: IssueRecord, *, blocked: bool) -> bool:
        return self.ask(
            "set_blocked_by", number, lambda: self.tracker.set_blocked_by(number, blocker, blocked=blocked)
        )

    def comment(self, number: int, body: str) -> None:
        self.ask("comment", None, lambda: self.tracker.comment(number, body))


class PullConnection:
    """Pass requests about pull requests on, through the same one place."""

    def __init__(self, connection: Connection, pulls: PullRequests) -> None:
        self._ask = connection.ask
        self._pulls = pulls

    def pull_request(self, number: int) -> PullRequestRecord | None:
        return self._ask("pull_request", None, lambda: self._pulls.pull_request(number))

    def pull_requests(self, head: str, base: str) -> tuple[PullRequestRecord, ...]:
        return self._ask("pull_requests", None, lambda: self._pulls.pull_requests(head, base))

    def create_pull_request(self, title: str, body: str, *, head: str, base: str) -> PullRequestRecord:
        return self._ask(
            "create_pull_request",
            None,
            lambda: self._pulls.create_pull_request(title, body, head=head, base=base),
        )

    def update_pull_request(
        self, number: int, *, body: str | Unset = UNSET, state: State | Unset = UNSET
    ) -> PullRequestRecord:
        return self._ask(
            "update_pull_request",
            None,
            lambda: self._pulls.update_pull_request(number, body=body, state=state),
        )
