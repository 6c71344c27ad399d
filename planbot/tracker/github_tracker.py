"""A repository's issues, milestones and labels on GitHub or GitHub Enterprise Server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from planbot.errors import NotFoundError, RateLimitedError, TrackerError, UnreachableError
from planbot.tracker import convert
from planbot.tracker.failures import InvalidError
from planbot.tracker.github_creation import GitHubCreation
from planbot.tracker.history import ISSUES, bodies_of, history_query
from planbot.tracker.protocols import UNSET, Unset
from planbot.tracker.records import Account

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planbot.tracker.records import (
        CommentRecord,
        IssueRecord,
        LabelRecord,
        MilestoneRecord,
        State,
        StateReason,
        UserRecord,
    )

_WHO = "query { viewer { login } }"
_LAST_EDIT = """
query ($owner: String!, $name: String!, $number: Int!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      oldest: userContentEdits(first: 20) { nodes { ...edit } }
      newest: userContentEdits(last: 20) { nodes { ...edit } }
    }
  }
}
fragment edit on UserContentEdit {
  editedAt
  editor { __typename login ... on User { databaseId } ... on Bot { databaseId } }
}
"""


class GitHubTracker(GitHubCreation):
    """Read and write one repository's tracker: a `TrackerReader` and a `TrackerWriter`.

    A renamed repository is found under its new name. Not for use by several threads at once.
    """

    def user(self, login: str) -> UserRecord | None:
        """Return a user by login, or None."""
        path = f"/users/{quote(login, safe='')}"
        try:
            return self._gateway.get(path, convert.user_record, doing=f"look up the user {login}")
        except NotFoundError:
            return None

    def issues(self, label: str | None, *, since: str | None = None) -> tuple[IssueRecord, ...]:
        """Return all issues (with this label), open and closed, oldest first, pull requests left out.

        `since` is the ISO 8601 time of the oldest change that counts.
        """
        query = {"state": "all", "sort": "created", "direction": "asc"}
        if label is not None:
            query["labels"] = label
        if since is not None:
            query["since"] = convert.utc(since)
        listed = self._gateway.pages(
            self._path("issues"),
            convert.issue_record,
            doing=self._doing("list the issues"),
            query=query,
            keep=since is None,
        )
        return tuple(issue for issue in listed if not issue.pull_request)

    def comments_on(self, number: int) -> tuple[CommentRecord, ...]:
        """Return the comments on an issue, the oldest first."""
        return self.comments.of(number)

    def milestones(self) -> tuple[MilestoneRecord, ...]:
        """Return all milestones, open and closed."""
        listed = self._gateway.pages(
            self._path("milestones"),
            convert.milestone_record,
            doing=self._doing("list the milestones"),
            query={"state": "all"},
        )
        return tuple(listed)

    def milestone(self, number: int) -> MilestoneRecord | None:
        """Return one milestone as it is now, or None if it is gone."""
        path, doing = self._path(f"milestones/{number}"), self._doing(f"read milestone {number}")
        try:
            return self._gateway.get(path, convert.milestone_record, doing=doing)
        except NotFoundError:
            return None

    def labels(self) -> tuple[LabelRecord, ...]:
        """Return all labels."""
        doing = self._doing("list the labels")
        return tuple(self._gateway.pages(self._path("labels"), convert.label_record, doing=doing, query={}))

    def assignable(self, login: str) -> bool:
        """Return whether issues of the repository can be assigned to a user.

        https://docs.github.com/rest/issues/assignees#check-if-a-user-can-be-assigned
        """
        path = self._path(f"assignees/{quote(login, safe='')}")
        doing = self._doing(f"ask whether issues can be assigned to {login}")
        try:
            self._gateway.get(path, _nothing, doing=doing)
        except NotFoundError:
            return False
        return True

    def ticker(self, number: int) -> UserRecord | None:
        """Return which person edited the body of this issue last, or None where the server does not tell.

        Bots and the account of this token are passed over.

        https://docs.github.com/en/graphql/reference/objects#usercontentedit
        """
        self._path()
        owner, _, name = self._name.partition("/")
        variables = {"owner": owner, "name": name, "number": number}
        doing = self._doing(f"read who edited issue #{number}")
        try:
            return self._gateway.query(_LAST_EDIT, variables, convert.last_person, doing=doing)
        except TrackerError:
            return None

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        """Return whether this token acts as that user; False where the server does not tell."""
        if self._is_installation and not bot:
            return False  # it acts as a bot
        if self.account is None:
            try:
                login = self._gateway.query(_WHO, {}, convert.viewer, doing="read whose token this is")
            except TrackerError:
                login = ""
            self.account = Account(login, self._is_installation)
        return self.account.is_me(user, bot=bot)

    def body_histories(self, numbers: Sequence[int]) -> Mapping[int, tuple[tuple[str, ...], ...]]:
        """Return the latest bodies of issues as runs of neighbours, in either order, as far as the server tells.

        Raises:
            RateLimitedError, UnreachableError: if it may tell later.
        """
        self._path()
        owner, _, name = self._name.partition("/")
        found: dict[int, tuple[tuple[str, ...], ...]] = {}
        for start in range(0, len(numbers), ISSUES):
            query = history_query(numbers[start : start + ISSUES])
            doing = self._doing("read how issues were edited")
            try:
                found |= self._gateway.query(query, {"owner": owner, "name": name}, bodies_of, doing=doing)
            except (RateLimitedError, UnreachableError):
                raise
            except TrackerError:
                continue
        return found

    def create_label(self, label: LabelRecord) -> None:
        """Make a label; one that is there already is left as it is."""
        payload = {"name": label.name, "color": label.color, "description": label.description}
        try:
            parse = self._noting("label", "name", convert.label_record)
            self._write("POST", "labels", payload, parse, f"create the label {label.name}")
        except InvalidError as error:
            if "already_exists" not in error.codes:
                raise

    def create_milestone(self, title: str, description: str, *, due_on: str | None = None) -> MilestoneRecord:
        """Make a milestone; `due_on` is an ISO date."""
        payload = {"title": title, "description": description}
        if due_on is not None:
            payload["due_on"] = _noon(due_on)
        doing = f"create the milestone “{title}”"
        parse = self._noting("milestone", "number", convert.milestone_record)
        return self._write("POST", "milestones", payload, parse, doing)

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
        time_due = _noon(due_on) if isinstance(due_on, str) else due_on
        payload = _given(title=title, description=description, due_on=time_due, state=state)
        doing = f"change milestone {number}"
        return self._write("PATCH", f"milestones/{number}", payload, convert.milestone_record, doing)

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
        payload = _given(
            title=title,
            body=body,
            labels=labels,
            assignees=assignees,
            milestone=milestone,
            state=state,
            state_reason=state_reason,
        )
        doing = f"change issue #{number}"
        return self._write("PATCH", f"issues/{number}", payload, convert.issue_record, doing)

    def comment(self, number: int, body: str) -> None:
        """Add a comment to an issue."""
        path = f"issues/{number}/comments"
        self._write("POST", path, {"body": body}, convert.identifier, f"comment on issue #{number}")


def _noon(day: str) -> str:
    """Return a day as a time that is on it wherever GitHub's servers are: they cut it to a midnight of theirs."""
    return f"{day}T12:00:00Z"


def _nothing(_answer: object) -> None:
    """Take an answer of which nothing matters but that it came."""


def _given(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not isinstance(value, Unset)}
