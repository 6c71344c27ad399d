"""Events of issues and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.resources.issues import issue_resource
from planbot.sandbox.resources.pulls import full_pull

if TYPE_CHECKING:
    from planbot.sandbox.events import Outbox
    from planbot.sandbox.model import Issue, Repository

_NOT_IN_EVENTS = ("closed_by", "parent_issue_url")


def report(outbox: Outbox, action: str, repository: Repository, issue: Issue, **extra: object) -> None:
    """Add an `issues` or a `pull_request` event, with what the action has beside the resource.

    https://docs.github.com/webhooks/webhook-events-and-payloads
    """
    if not repository.webhooks:
        return
    if issue.pull is None:
        resource = issue_resource(outbox.view, repository, issue)
        shown = {key: value for key, value in resource.items() if key not in _NOT_IN_EVENTS}
        outbox.add("issues", repository, {"action": action, "issue": shown, **extra})
    else:
        resource = full_pull(outbox.view, repository, issue, issue.pull)
        payload = {"action": action, "number": issue.number, "pull_request": resource, **extra}
        outbox.add("pull_request", repository, payload)
