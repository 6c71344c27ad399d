"""An issue's labels, milestone and assignees, set as GitHub sets them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sandbox.model import Label
from planbot.sandbox.problems import invalid, malformed, too_long
from planbot.sandbox.reports import report
from planbot.sandbox.resources.issues import label_resource, milestone_resource
from planbot.sandbox.resources.users import simple_user
from planbot.sandbox.store import label_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository, User

LABEL_NAME_LIMIT = 50
MAX_ASSIGNEES = 10


@dataclass(frozen=True, slots=True)
class Metadata:
    """Hold the labels, milestone and assignees that a request sets, checked; None leaves a field alone."""

    labels: list[str] | None = None
    assignees: list[str] | None = None
    milestone: int | None = None
    sets_milestone: bool = False

    @classmethod
    def read(cls, call: Call, repository: Repository) -> Metadata:
        """Read a request's fields; without the triage role they are dropped without a word.

        https://docs.github.com/rest/issues/issues#create-an-issue
        """
        if not call.store.can(call.viewer, repository, "triage"):
            return cls()
        labels = call.fields.texts("labels")
        for name in labels or ():
            check_label_name(name)
        return cls(
            labels, _assignees(call, repository), _milestone(call, repository), "milestone" in call.fields
        )

    def apply(self, call: Call, repository: Repository, issue: Issue) -> None:
        """Set what was read."""
        if self.sets_milestone:
            _set_milestone(call, repository, issue, self.milestone)
        if self.assignees is not None:
            _set_assignees(call, repository, issue, self.assignees)
        if self.labels is not None:
            set_labels(call, repository, issue, self.labels)


def set_labels(call: Call, repository: Repository, issue: Issue, names: Sequence[str]) -> None:
    """Give an issue exactly these labels."""
    labels = wanted_labels(call, repository, names)
    for label in [repository.labels[i] for i in issue.labels if i not in {w.id for w in labels}]:
        remove_label(call, repository, issue, label)
    add_labels(call, repository, issue, labels)


def add_labels(call: Call, repository: Repository, issue: Issue, labels: Sequence[Label]) -> None:
    """Put labels on an issue that has them not yet."""
    for label in labels:
        if label.id not in issue.labels:
            issue.labels.append(label.id)
            _report_label(call, "labeled", repository, issue, label)


def remove_label(call: Call, repository: Repository, issue: Issue, label: Label) -> None:
    """Take a label off an issue."""
    issue.labels.remove(label.id)
    _report_label(call, "unlabeled", repository, issue, label)


def check_label_name(name: str) -> None:
    """Raise `ApiError` 422 for a label name that is blank or too long."""
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    if len(name) > LABEL_NAME_LIMIT:
        raise too_long("Label", "name", LABEL_NAME_LIMIT)


def wanted_labels(call: Call, repository: Repository, names: Sequence[str]) -> list[Label]:
    """Return labels by name; one that the repository lacks is made for whoever may write."""
    labels: dict[int, Label] = {}
    for name in names:
        label = label_named(repository, name)
        if label is None and call.store.can(call.viewer, repository, "write"):
            check_label_name(name)
            label = Label(call.store.next_id(), name)
            repository.labels[label.id] = label
        if label is not None:
            labels[label.id] = label
    return list(labels.values())


def assignable(call: Call, repository: Repository, user: User) -> bool:
    """Tell whether issues of a repository can be assigned to a user."""
    return user.kind == "user" and call.store.can(user, repository, "triage")


def _assignees(call: Call, repository: Repository) -> list[str] | None:
    logins = call.fields.texts("assignees")
    if logins is None and "assignee" in call.fields:
        assignee = call.fields.text("assignee")
        logins = [assignee] if assignee else []
    if logins is None:
        return None
    users: dict[str, User] = {}
    for login in logins[:MAX_ASSIGNEES]:
        user = call.store.user(login)
        if user is None or not assignable(call, repository, user):
            raise invalid("Issue", "assignees", value=login)
        users[user.login] = user
    return list(users)


def _milestone(call: Call, repository: Repository) -> int | None:
    number = call.fields.values.get("milestone")
    if isinstance(number, str) and number.isdecimal():
        number = int(number)
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool):
        raise malformed(f"For 'properties/milestone', {json.dumps(number)} is not an integer.")
    if number not in repository.milestones:
        raise invalid("Issue", "milestone", value=number)
    return number


def _set_milestone(call: Call, repository: Repository, issue: Issue, number: int | None) -> None:
    if issue.milestone == number:
        return
    before, issue.milestone = issue.milestone, number
    issue.updated_at = call.now
    for action, which in (("demilestoned", before), ("milestoned", number)):
        if which is not None:
            resource = milestone_resource(call.view, repository, repository.milestones[which])
            report(call.outbox, action, repository, issue, milestone=resource)


def _set_assignees(call: Call, repository: Repository, issue: Issue, logins: list[str]) -> None:
    before, issue.assignees = issue.assignees, logins
    for login in [*before, *logins]:
        if (login in before) != (login in logins):
            issue.updated_at = call.now
            who = simple_user(call.view, call.store.known_user(login))
            action = "assigned" if login in logins else "unassigned"
            report(call.outbox, action, repository, issue, assignee=who)


def _report_label(call: Call, action: str, repository: Repository, issue: Issue, label: Label) -> None:
    issue.updated_at = call.now
    report(call.outbox, action, repository, issue, label=label_resource(call.view, repository, label))
