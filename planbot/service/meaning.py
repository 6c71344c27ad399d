"""What an event asks of the service: a pass, a new list of repositories, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from planbot.people import own_event
from planbot.repo.repository import PROGRESS_BRANCH
from planbot.sync.options import MANAGED_LABEL
from planbot.tracker.event import ISSUE_ACTIONS
from planbot.tracker.marker import split

if TYPE_CHECKING:
    from planbot.people import Myself
    from planbot.tracker.event import Event

Wish = Literal["pass", "refresh", "nothing"]

# as the workflow asks for them
PULL_ACTIONS = ("closed", "reopened")
REFRESHING = ("installation", "installation_repositories", "installation_target", "repository")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Hold what an event asks for, and why it is not a pass."""

    wish: Wish
    why: str = ""


def meaning_of(event: Event, me: Myself, branch: str) -> Meaning:
    """Return what an event asks for; `branch` is the one that is kept in step, "" if that is not known yet."""
    if event.name in REFRESHING:
        return Meaning("refresh", "the repositories are listed anew")
    match event.name:
        case "issues":
            why = _issue(event)
        case "push":
            why = _push(event, branch)
        case "pull_request":
            why = _pull_request(event)
        case _:
            why = "it starts no pass"
    why = why or own_event(event, me)
    return Meaning("nothing", why) if why else Meaning("pass")


def _issue(event: Event) -> str:
    if event.action not in ISSUE_ACTIONS:
        return "what happened to the issue is nothing that plan files tell of"
    # in a workflow, one run may stand for others that it replaced; here each event is looked at by itself
    marked = split(event.body) is not None or split(event.old_body) is not None
    if not marked and MANAGED_LABEL not in event.labels:
        return f"the issue has neither planbot's mark nor the label {MANAGED_LABEL}"
    return ""


def _push(event: Event, branch: str) -> str:
    if event.deleted or not event.ref.startswith("refs/heads/"):
        return "no branch has new commits"
    # settings are read from the default branch, and may name another one for plan files
    pushed = event.ref.removeprefix("refs/heads/")
    if branch and event.default_branch and pushed not in (branch, event.default_branch):
        return f"{pushed} is not the branch {branch}"
    return ""


def _pull_request(event: Event) -> str:
    pull = event.pull_request
    if pull is None or pull.fork or pull.branch != PROGRESS_BRANCH:
        return "it is not planbot's pull request"
    return "" if event.action in PULL_ACTIONS else "it is neither closed nor opened again"
