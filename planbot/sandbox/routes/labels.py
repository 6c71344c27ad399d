"""Labels of a repository and of an issue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.sandbox.metadata import add_labels, check_label_name, remove_label, set_labels, wanted_labels
from planbot.sandbox.model import Label
from planbot.sandbox.paging import page
from planbot.sandbox.problems import ApiError, invalid, malformed, not_found, too_long
from planbot.sandbox.resources.issues import label_resource
from planbot.sandbox.routing import Answer, Endpoints
from planbot.sandbox.store import label_named

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository

endpoints = Endpoints()
DESCRIPTION_LIMIT = 100
_LIST = "/repos/<owner>/<repo>/labels"
_ONE = "/repos/<owner>/<repo>/labels/<path:name>"
_OF_ISSUE = "/repos/<owner>/<repo>/issues/<number>/labels"


@endpoints.add("GET", _LIST, "issues/labels#list-labels-for-a-repository")
def list_labels(call: Call) -> Answer:
    """List a repository's labels."""
    repository = call.repository()
    return page(
        call,
        repository,
        list(repository.labels.values()),
        lambda item: label_resource(call.view, repository, item),
    )


@endpoints.add("POST", _LIST, "issues/labels#create-a-label")
def create_label(call: Call) -> Answer:
    """Make a label; its name must be new, whatever its case."""
    repository = call.writable("write", hide=True)
    label = Label(0, call.fields.required_text("name"))
    check_label_name(label.name)
    _style(call, label)
    if label_named(repository, label.name):
        raise invalid("Label", "name", "already_exists")
    label.id = call.store.next_id()
    repository.labels[label.id] = label
    resource = label_resource(call.view, repository, label)
    return Answer(201, resource, {"Location": resource["url"]})


@endpoints.add("GET", _ONE, "issues/labels#get-a-label")
def read_label(call: Call) -> Answer:
    """Show a label."""
    repository = call.repository()
    return Answer(body=label_resource(call.view, repository, _find(call, repository)))


@endpoints.add("PATCH", _ONE, "issues/labels#update-a-label")
def update_label(call: Call) -> Answer:
    """Rename or restyle a label."""
    repository = call.writable("write", hide=True)
    label = _find(call, repository)
    new_name = call.fields.text("new_name") or call.fields.text("name")
    if new_name is not None:
        check_label_name(new_name)
        same = label_named(repository, new_name)
        if same is not None and same is not label:
            raise invalid("Label", "name", "already_exists")
    _style(call, label)
    label.name = label.name if new_name is None else new_name
    return Answer(body=label_resource(call.view, repository, label))


@endpoints.add("DELETE", _ONE, "issues/labels#delete-a-label")
def delete_label(call: Call) -> Answer:
    """Delete a label, from every issue too."""
    repository = call.writable("write", hide=True)
    label = _find(call, repository)
    for issue in repository.issues.values():
        if label.id in issue.labels:
            issue.labels.remove(label.id)
    del repository.labels[label.id]
    return Answer(204)


@endpoints.add("GET", _OF_ISSUE, "issues/labels#list-labels-for-an-issue")
def list_issue_labels(call: Call) -> Answer:
    """List an issue's labels."""
    repository = call.repository()
    labels = [repository.labels[i] for i in call.issue(repository).labels]
    return page(call, repository, labels, lambda label: label_resource(call.view, repository, label))


@endpoints.add("POST", _OF_ISSUE, "issues/labels#add-labels-to-an-issue")
def add_issue_labels(call: Call) -> Answer:
    """Put labels on an issue."""
    repository, issue = _labelled(call)
    add_labels(call, repository, issue, wanted_labels(call, repository, _names(call)))
    return _issue_labels(call, repository, issue)


@endpoints.add("PUT", _OF_ISSUE, "issues/labels#set-labels-for-an-issue")
def set_issue_labels(call: Call) -> Answer:
    """Give an issue exactly these labels."""
    repository, issue = _labelled(call)
    set_labels(call, repository, issue, _names(call))
    return _issue_labels(call, repository, issue)


@endpoints.add("DELETE", _OF_ISSUE, "issues/labels#remove-all-labels-from-an-issue")
def remove_issue_labels(call: Call) -> Answer:
    """Take all labels off an issue."""
    repository, issue = _labelled(call)
    set_labels(call, repository, issue, [])
    return Answer(204)


@endpoints.add("DELETE", f"{_OF_ISSUE}/<path:name>", "issues/labels#remove-a-label-from-an-issue")
def remove_issue_label(call: Call) -> Answer:
    """Take one label off an issue."""
    repository, issue = _labelled(call)
    label = label_named(repository, call.arguments["name"])
    if label is None or label.id not in issue.labels:
        raise ApiError(404, "Label does not exist")
    remove_label(call, repository, issue, label)
    return _issue_labels(call, repository, issue)


def _find(call: Call, repository: Repository) -> Label:
    label = label_named(repository, call.arguments["name"])
    if label is None:
        raise not_found()
    return label


def _labelled(call: Call) -> tuple[Repository, Issue]:
    repository = call.writable("triage", hide=True)
    return repository, call.issue(repository)


def _names(call: Call) -> list[str]:
    names = call.fields.texts("labels")
    if names is None:
        raise malformed('"labels" wasn\'t supplied.')
    for name in names:
        check_label_name(name)
    return names


def _style(call: Call, label: Label) -> None:
    color, description = call.fields.text("color"), call.fields.text("description")
    if color is not None and not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color")
    if description is not None and len(description) > DESCRIPTION_LIMIT:
        raise too_long("Label", "description", DESCRIPTION_LIMIT)
    label.color = label.color if color is None else color.lower()
    label.description = label.description if description is None else description or None


def _issue_labels(call: Call, repository: Repository, issue: Issue) -> Answer:
    return Answer(body=[label_resource(call.view, repository, repository.labels[i]) for i in issue.labels])
