"""A tracker in memory, behind the same protocols as GitHub's: a fake that behaves, not a mock that repeats."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from planbot.errors import LostAnswerError, RefusedError, TrackerError
from planbot.tracker.protocols import UNSET, Unset
from planbot.tracker.records import (
    CommentRecord,
    IssueDraft,
    IssueRecord,
    LabelRecord,
    MilestoneRecord,
    RepositoryRecord,
    State,
    StateReason,
    UserRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CREATES = ("create_issue", "create_issues")  # whether one at a time or several
BODY_LIMIT = 65_536
TITLE_LIMIT = 256
PAGE = "https://github.test/octo/plans"


class Crash(BaseException):
    """Stand for a process that is killed between two requests."""


class MemoryTracker:
    """Keep issues, milestones and labels as GitHub does, as far as planning and applying can tell.

    Limits and unique titles are enforced, labels are compared without case, closing and reopening leave their
    reason. `before` is called with the name of each write before it happens, `after` once it has happened;
    either may raise. `actor` is who acts. `clock` tells epoch seconds; without one every write takes a second.
    For `lag` seconds a new issue is in no list. `tells_history` is whether it tells how bodies were edited, `batches`
    whether it makes several issues in one request.
    """

    def __init__(
        self, *, sub_issues: bool = True, batches: bool = True, clock: Callable[[], float] | None = None
    ) -> None:
        self.has_sub_issues = sub_issues
        self.has_dependencies = True
        self.batches = batches
        self.strangers: set[str] = set()
        self.blocked_by: defaultdict[int, set[int]] = defaultdict(set)
        self.actor = "planbot"
        self.lag = 0.0
        self._time = clock
        self.by_number: dict[int, IssueRecord] = {}
        self.stones: dict[int, MilestoneRecord] = {}
        self.known_labels: dict[str, LabelRecord] = {}
        self.bodies: dict[int, list[str]] = {}
        self.tells_history = True
        self.comments: list[tuple[int, str]] = []
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self.numbers = itertools.count(1)
        self._clock = 0
        self._reads = 0
        self._writes = 0
        self.pause: float = 0  # the seconds until the next write

    @property
    def reads(self) -> int:
        return self._reads

    @property
    def writes(self) -> int:
        return self._writes

    def repository(self) -> RepositoryRecord:
        self._reads += 1
        return RepositoryRecord(1, "octo/plans", "main", PAGE, at=self.time())

    def is_private(self, _repository: str) -> bool:
        self._reads += 1
        return False

    def user(self, login: str) -> UserRecord | None:
        self._reads += 1
        return UserRecord(login, 7)

    def issues(self, label: str | None, *, since: str | None = None) -> tuple[IssueRecord, ...]:
        self._reads += 1
        return tuple(
            issue
            for issue in self.by_number.values()
            if self._is_listed(issue)
            and (label is None or label.casefold() in {name.casefold() for name in issue.labels})
            and (since is None or issue.updated_at >= since)
        )

    def issue(self, number: int) -> IssueRecord | None:
        self._reads += 1
        return self.by_number.get(number)

    def comments_on(self, number: int) -> tuple[CommentRecord, ...]:
        self._reads += 1
        return tuple(
            CommentRecord(at, body, UserRecord("planbot", 7), bot=True)
            for at, (issue, body) in enumerate(self.comments)
            if issue == number
        )

    def milestones(self) -> tuple[MilestoneRecord, ...]:
        self._reads += 1
        return tuple(self.stones.values())

    def milestone(self, number: int) -> MilestoneRecord | None:
        self._reads += 1
        return self.stones.get(number)

    def labels(self) -> tuple[LabelRecord, ...]:
        self._reads += 1
        return tuple(self.known_labels.values())

    def assignable(self, login: str) -> bool:
        self._reads += 1
        return login.casefold() not in self.strangers

    def ticker(self, number: int) -> UserRecord | None:
        self._reads += 1
        return UserRecord("maya", 7) if number in self.by_number else None

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        return user.login == ("planbot[bot]" if bot else "planbot")

    def body_histories(self, numbers: Sequence[int]) -> dict[int, tuple[tuple[str, ...], ...]]:
        self._reads += 1
        if not self.tells_history:
            return {}
        return {number: (tuple(reversed(self.bodies[number])),) for number in numbers}

    def create_label(self, label: LabelRecord) -> None:
        self._begin("create_label")
        self.known_labels.setdefault(label.name.casefold(), label)
        self.after("create_label")

    def create_milestone(self, title: str, description: str, *, due_on: str | None = None) -> MilestoneRecord:
        self._begin("create_milestone")
        self._check_stone(title, None)
        number = len(self.stones) + 1
        self.stones[number] = MilestoneRecord(number, title, description, "open", due_on)
        self.after("create_milestone")
        return self.stones[number]

    def update_milestone(
        self,
        number: int,
        *,
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        due_on: str | Unset | None = UNSET,
        state: State | Unset = UNSET,
    ) -> MilestoneRecord:
        self._begin("update_milestone")
        stone = self.stones[number]
        if not isinstance(title, Unset):
            self._check_stone(title, number)
            stone = replace(stone, title=title)
        if not isinstance(description, Unset):
            stone = replace(stone, description=description)
        if not isinstance(due_on, Unset):
            stone = replace(stone, due_on=due_on)
        if not isinstance(state, Unset):
            stone = replace(stone, state=state)
        self.stones[number] = stone
        self.after("update_milestone")
        return stone

    def create_issue(
        self,
        title: str,
        body: str,
        *,
        labels: tuple[str, ...] = (),
        milestone: int | None = None,
        assignees: tuple[str, ...] = (),
    ) -> IssueRecord:
        self._begin("create_issue")
        made = self._make(IssueDraft(title, body, labels, milestone, assignees))
        self.after("create_issue")
        return made

    def prepare_issues(self, _drafts: Sequence[IssueDraft]) -> bool:
        return self.has_sub_issues and self.batches

    def create_issues(self, drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        self._begin("create_issues")
        made: list[IssueRecord | TrackerError] = []
        for draft in drafts:
            try:
                made.append(self._make(draft))
            except TrackerError as error:
                made.append(LostAnswerError(error.message))
        self.after("create_issues")
        return made

    def _make(self, draft: IssueDraft) -> IssueRecord:
        self._check_issue(draft.title, draft.body)
        labels, milestone, assignees = draft.labels, draft.milestone, draft.assignees
        number, now = next(self.numbers), self._now()
        self.by_number[number] = IssueRecord(
            number=number,
            id=1000 + number,
            title=draft.title,
            body=draft.body,
            state="open",
            state_reason=None,
            labels=self._labels(labels),
            milestone=self._stone(milestone),
            assignees=self._people(assignees),
            author=self.actor,
            created_at=now,
            updated_at=now,
            html_url=f"{PAGE}/issues/{number}",
            parent=draft.parent,
        )
        self.bodies[number] = [draft.body]
        return self.by_number[number]

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
        self._begin("update_issue")
        issue = self.by_number[number]
        if not isinstance(title, Unset):
            issue = replace(issue, title=title)
        if not isinstance(body, Unset):
            issue = replace(issue, body=body)
        if not isinstance(labels, Unset):
            issue = replace(issue, labels=self._labels(labels))
        if not isinstance(assignees, Unset):
            issue = replace(issue, assignees=self._people(assignees))
        if not isinstance(milestone, Unset):
            issue = replace(issue, milestone=self._stone(milestone))
        if not isinstance(state, Unset):
            reason = None if isinstance(state_reason, Unset) else state_reason
            issue = _in_state(issue, state, reason, self.actor)
        self._check_issue(issue.title, issue.body)
        self.by_number[number] = replace(issue, updated_at=self._now())
        if not isinstance(body, Unset):
            self.bodies[number].append(body)
        self.after("update_issue")
        return self.by_number[number]

    def add_sub_issue(self, parent: int, child: IssueRecord) -> bool:
        self._begin("add_sub_issue")
        if self.has_sub_issues:
            self.by_number[child.number] = replace(self.by_number[child.number], parent=parent)
        self.after("add_sub_issue")
        return self.has_sub_issues

    def set_blocked_by(self, number: int, blocker: IssueRecord, *, blocked: bool) -> bool:
        self._begin("set_blocked_by")
        if blocked and number in (blocker.number, *self.blocked_by[blocker.number]):
            raise RefusedError("Validation Failed: Dependency would create a cycle")
        if self.has_dependencies and blocked:
            self.blocked_by[number].add(blocker.number)
        elif self.has_dependencies:
            self.blocked_by[number].discard(blocker.number)
        self.after("set_blocked_by")
        return self.has_dependencies

    def comment(self, number: int, body: str) -> None:
        self._begin("comment")
        self.comments.append((number, body))
        self.by_number[number] = replace(self.by_number[number], updated_at=self._now())
        self.after("comment")

    def delete(self, number: int) -> None:
        """Delete an issue, as only an owner can."""
        del self.by_number[number]

    def _begin(self, name: str) -> None:
        self.before(name)
        self._writes += 1

    def time(self) -> str:
        """Return the server's time, ISO 8601."""
        return self._told(self._clock)

    def _now(self) -> str:
        self._clock += 1
        return self._told(self._clock)

    def _told(self, count: int) -> str:
        seconds = 1_767_225_600 + count if self._time is None else int(self._time())
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def _is_listed(self, issue: IssueRecord) -> bool:
        if self._time is None or not self.lag:
            return True
        return datetime.fromisoformat(issue.created_at).timestamp() + self.lag <= self._time()

    def _labels(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return labels as the repository writes them; one that is not there is made."""
        for name in names:
            self.known_labels.setdefault(name.casefold(), LabelRecord(name))
        return tuple(dict.fromkeys(self.known_labels[name.casefold()].name for name in names))

    def _people(self, logins: tuple[str, ...]) -> tuple[str, ...]:
        if any(login.casefold() in self.strangers for login in logins):
            raise TrackerError("Validation Failed: assignees is invalid")
        return logins

    def _stone(self, number: int | None) -> int | None:
        if number is not None and number not in self.stones:
            raise TrackerError("Validation Failed: milestone does not exist")
        return number

    def _check_stone(self, title: str, number: int | None) -> None:
        if len(title) > TITLE_LIMIT:
            raise TrackerError("Validation Failed: title is too long")
        if any(stone.title == title and stone.number != number for stone in self.stones.values()):
            raise TrackerError("Validation Failed: already_exists")

    def _check_issue(self, title: str, body: str) -> None:
        if not title.strip() or len(title) > TITLE_LIMIT:
            raise TrackerError("Validation Failed: title is missing or too long")
        if len(body) > BODY_LIMIT:
            raise TrackerError(f"Validation Failed: body is too long (maximum is {BODY_LIMIT} characters)")


def lose_answers(tracker: MemoryTracker, *names: str, times: int = 1) -> None:
    """Let the next answers to writes of these names be lost though they worked."""
    left = times

    def after(name: str) -> None:
        nonlocal left
        if name in names and left:
            left -= 1
            raise LostAnswerError(f"the answer to {name} was lost")

    tracker.after = after


def fail(tracker: MemoryTracker, *names: str, times: int = 1) -> None:
    """Let the next writes of these names be refused."""
    left = times

    def before(name: str) -> None:
        nonlocal left
        if name in names and left:
            left -= 1
            raise TrackerError(f"{name} was refused")

    tracker.before = before


def crash(tracker: MemoryTracker, at: int, *, done: bool) -> None:
    """Kill the process at the write number `at` from now, before it is sent or once it is done."""
    count = -1

    def step(_: str) -> None:
        nonlocal count
        count += 1
        if count == at:
            raise Crash

    if done:
        tracker.after = step
    else:
        tracker.before = step


def recover(tracker: MemoryTracker) -> None:
    """Let every write work again."""
    tracker.before = tracker.after = lambda _: None


def _in_state(issue: IssueRecord, state: State, reason: StateReason | None, actor: str) -> IssueRecord:
    if state == "closed":
        return replace(issue, state="closed", state_reason=reason or "completed", closed_by=actor)
    if issue.state == "open":
        return issue
    return replace(issue, state="open", state_reason="reopened", closed_by=None)
