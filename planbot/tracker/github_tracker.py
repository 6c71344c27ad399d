"""A repository's issues, milestones and labels on GitHub or GitHub Enterprise Server."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

from planbot.errors import NotFoundError, TrackerError
from planbot.tracker import convert
from planbot.tracker.failures import InvalidError
from planbot.tracker.gateway import Gateway
from planbot.tracker.protocols import UNSET, Unset
from planbot.tracker.retry import MovedError
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.records import (
        IssueRecord,
        LabelRecord,
        MilestoneRecord,
        RepositoryRecord,
        State,
        StateReason,
        UserRecord,
    )

_T = TypeVar("_T")

_LAST_EDIT = """
query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      oldest: userContentEdits(first: 1) { nodes { ...edit } }
      newest: userContentEdits(last: 1) { nodes { ...edit } }
    }
  }
}
fragment edit on UserContentEdit {
  editedAt
  editor { __typename login ... on User { databaseId } ... on Bot { databaseId } }
}
"""


class GitHubTracker:
    """Read and write one repository's tracker: a `TrackerReader` and a `TrackerWriter`.

    A renamed repository is found under its new name. Not for use by several threads at once.
    """

    def __init__(self, gateway: Gateway, repository: str, *, trust_permissions: bool = True) -> None:
        self._gateway = gateway
        self._name = repository
        self._name_is_checked = False
        self._trust_permissions = trust_permissions
        self._has_sub_issues = True

    @classmethod
    def connect(
        cls,
        api_url: str,
        token: str,
        repository: str,
        *,
        max_wait: float = 60,
        seconds_between_writes: float = 1.0,
        timeout: float = 15,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Return the tracker of a repository (`owner/name`); nothing is sent yet.

        `max_wait` is the longest wait for a rate limit, `timeout` that for an answer, both in seconds.
        `clock` tells seconds since the epoch.
        """
        gateway = Gateway(
            api_url,
            Token(token),
            max_wait=max_wait,
            seconds_between_writes=seconds_between_writes,
            timeout=timeout,
            sleep=sleep,
            clock=clock,
        )
        # An installation token (of an App or a workflow) acts for no user, and what GitHub tells as
        # permissions is a user's role: `push` is false there whatever the token may do.
        return cls(gateway, repository, trust_permissions=not token.startswith("ghs_"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._gateway.close()

    @property
    def reads(self) -> int:
        """Return how many read requests were sent so far, retries included."""
        return self._gateway.reads

    @property
    def writes(self) -> int:
        """Return how many write requests were sent so far, retries included."""
        return self._gateway.writes

    def repository(self) -> RepositoryRecord:
        """Return the repository; after a rename, go on under its new name."""
        record = self._look_up(self._name)
        self._name = record.full_name
        self._name_is_checked = True
        return record if self._trust_permissions else replace(record, push=True)

    def is_private(self, repository: str) -> bool:
        """Return whether another repository (`owner/name`) is private, as one is that this token cannot see."""
        try:
            return self._look_up(repository).private
        except NotFoundError:
            return True

    def _look_up(self, repository: str) -> RepositoryRecord:
        doing = f"read the repository {repository}"
        try:
            return self._gateway.get(f"/repos/{repository}", convert.repository_record, doing=doing)
        except MovedError as moved:
            return self._gateway.get(moved.location, convert.repository_record, doing=doing)

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
            self._path("issues"), convert.issue_record, doing=self._doing("list the issues"), query=query
        )
        return tuple(issue for issue in listed if not issue.pull_request)

    def issue(self, number: int) -> IssueRecord | None:
        """Return one issue as it is now, or None if it is gone (404, 410, or moved elsewhere)."""
        path = self._path(f"issues/{number}")
        try:
            return self._gateway.get(path, convert.issue_record, doing=self._doing(f"read issue #{number}"))
        except NotFoundError:
            return None
        except MovedError:
            # A transferred issue redirects, and so does every issue of a repository renamed just now.
            before = self._name
            if self.repository().full_name != before:
                raise
            return None

    def milestones(self) -> tuple[MilestoneRecord, ...]:
        """Return all milestones, open and closed."""
        listed = self._gateway.pages(
            self._path("milestones"),
            convert.milestone_record,
            doing=self._doing("list the milestones"),
            query={"state": "all"},
        )
        return tuple(listed)

    def labels(self) -> tuple[LabelRecord, ...]:
        """Return all labels."""
        doing = self._doing("list the labels")
        return tuple(self._gateway.pages(self._path("labels"), convert.label_record, doing=doing, query={}))

    def ticker(self, number: int) -> UserRecord | None:
        """Return who edited the body of this issue last, or None where the server does not tell.

        https://docs.github.com/en/graphql/reference/objects#usercontentedit
        """
        self._path()
        owner, _, name = self._name.partition("/")
        variables = {"owner": owner, "name": name, "number": number}
        doing = self._doing(f"read who edited issue #{number}")
        try:
            return self._gateway.query(_LAST_EDIT, variables, convert.last_editor, doing=doing)
        except TrackerError:
            return None

    def create_label(self, label: LabelRecord) -> None:
        """Make a label; one that is there already is left as it is."""
        payload = {"name": label.name, "color": label.color, "description": label.description}
        try:
            self._write("POST", "labels", payload, convert.label_record, f"create the label {label.name}")
        except InvalidError as error:
            if "already_exists" not in error.codes:
                raise

    def create_milestone(self, title: str, description: str) -> MilestoneRecord:
        """Make a milestone."""
        payload = {"title": title, "description": description}
        doing = f"create the milestone “{title}”"
        return self._write("POST", "milestones", payload, convert.milestone_record, doing)

    def update_milestone(
        self,
        number: int,
        *,
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        state: State | Unset = UNSET,
    ) -> MilestoneRecord:
        """Change the given fields of a milestone."""
        payload = _given(title=title, description=description, state=state)
        doing = f"change milestone {number}"
        return self._write("PATCH", f"milestones/{number}", payload, convert.milestone_record, doing)

    def create_issue(
        self, title: str, body: str, *, labels: tuple[str, ...] = (), milestone: int | None = None
    ) -> IssueRecord:
        """Make an issue and return it as the server has it.

        Without push access GitHub drops labels and milestone in silence: compare the record.
        """
        payload: dict[str, Any] = {"title": title, "body": body}
        if labels:
            payload["labels"] = labels
        if milestone is not None:
            payload["milestone"] = milestone
        return self._write("POST", "issues", payload, convert.issue_record, f"create the issue “{title}”")

    def update_issue(
        self,
        number: int,
        *,
        title: str | Unset = UNSET,
        body: str | Unset = UNSET,
        labels: tuple[str, ...] | Unset = UNSET,
        milestone: int | Unset | None = UNSET,
        state: State | Unset = UNSET,
        state_reason: StateReason | Unset = UNSET,
    ) -> IssueRecord:
        """Change the given fields of an issue in one request and return it as the server has it."""
        payload = _given(
            title=title, body=body, labels=labels, milestone=milestone, state=state, state_reason=state_reason
        )
        doing = f"change issue #{number}"
        return self._write("PATCH", f"issues/{number}", payload, convert.issue_record, doing)

    def add_sub_issue(self, parent: int, child: IssueRecord) -> bool:
        """Put an issue under a parent, moving it there if it has another.

        Returns False where the server has no sub-issues, which is asked only once. See
        https://docs.github.com/en/rest/issues/sub-issues
        """
        if not self._has_sub_issues:
            return False
        payload = {"sub_issue_id": child.id, "replace_parent": True}
        doing = f"put issue #{child.number} under #{parent}"
        try:
            self._write("POST", f"issues/{parent}/sub_issues", payload, convert.identifier, doing)
        except InvalidError:
            if child.id not in self._sub_issues(parent):
                raise
        except NotFoundError:
            if self._lists_sub_issues(parent) or self.issue(parent) is None:
                raise
            self._has_sub_issues = False
        return self._has_sub_issues

    def comment(self, number: int, body: str) -> None:
        """Add a comment to an issue."""
        path = f"issues/{number}/comments"
        self._write("POST", path, {"body": body}, convert.identifier, f"comment on issue #{number}")

    def _sub_issues(self, parent: int) -> set[int]:
        doing = self._doing(f"list the sub-issues of #{parent}")
        path = self._path(f"issues/{parent}/sub_issues")
        return set(self._gateway.pages(path, convert.identifier, doing=doing, query={}))

    def _lists_sub_issues(self, parent: int) -> bool:
        try:
            self._sub_issues(parent)
        except NotFoundError:
            return False
        return True

    def _write(
        self, verb: str, path: str, payload: dict[str, Any], parse: Callable[[Any], _T], doing: str
    ) -> _T:
        return self._gateway.send(verb, self._path(path), payload, parse, doing=self._doing(doing))

    def _path(self, path: str = "") -> str:
        # Lists and writes cannot follow a redirect: the name has to be right before the first of them.
        if not self._name_is_checked:
            self.repository()
        return f"/repos/{self._name}/{path}"

    def _doing(self, what: str) -> str:
        return f"{what} in {self._name}"


def _given(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if not isinstance(value, Unset)}
