"""Milestones of a repository."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from planbot.sandbox.clock import parse_timestamp
from planbot.sandbox.model import Milestone
from planbot.sandbox.paging import page
from planbot.sandbox.problems import invalid, too_long
from planbot.sandbox.resources.issues import milestone_resource
from planbot.sandbox.routing import Answer, Endpoints
from planbot.sandbox.store import milestone_titled

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Repository

endpoints = Endpoints()
TITLE_LIMIT = 255
_LIST = "/repos/<owner>/<repo>/milestones"
_ONE = "/repos/<owner>/<repo>/milestones/<number>"


@endpoints.add("GET", _LIST, "issues/milestones#list-milestones")
def list_milestones(call: Call) -> Answer:
    """List a repository's milestones, the open ones unless told otherwise."""
    repository = call.repository()
    state = call.query.get("state", "open")
    milestones = [m for m in repository.milestones.values() if state in ("all", m.state)]
    if call.query.get("sort", "due_on") == "due_on":
        milestones.sort(key=lambda m: (m.due_on is None, m.due_on or 0, m.number))
    else:
        milestones.sort(key=lambda m: _completeness(repository, m))
    if call.query.get("direction") == "desc":
        milestones.reverse()
    return page(call, repository, milestones, lambda m: milestone_resource(call.view, repository, m))


@endpoints.add("POST", _LIST, "issues/milestones#create-a-milestone")
def create_milestone(call: Call) -> Answer:
    """Make a milestone; its title must be new in the repository."""
    repository = call.writable("write", hide=True)
    call.fields.required_text("title")
    milestone = Milestone(0, 0, "", call.actor().login, call.now, call.now)
    _change(call, repository, milestone)
    repository.last_milestone += 1
    milestone.id, milestone.number = call.store.next_id(), repository.last_milestone
    repository.milestones[milestone.number] = milestone
    resource = milestone_resource(call.view, repository, milestone)
    return Answer(201, resource, {"Location": resource["url"]})


@endpoints.add("GET", _ONE, "issues/milestones#get-a-milestone")
def read_milestone(call: Call) -> Answer:
    """Show a milestone."""
    repository = call.repository()
    return Answer(body=milestone_resource(call.view, repository, call.milestone(repository)))


@endpoints.add("PATCH", _ONE, "issues/milestones#update-a-milestone")
def update_milestone(call: Call) -> Answer:
    """Change a milestone."""
    repository = call.writable("write", hide=True)
    milestone = call.milestone(repository)
    _change(call, repository, milestone)
    return Answer(body=milestone_resource(call.view, repository, milestone))


@endpoints.add("DELETE", _ONE, "issues/milestones#delete-a-milestone")
def delete_milestone(call: Call) -> Answer:
    """Delete a milestone; its issues stay."""
    repository = call.writable("write", hide=True)
    milestone = call.milestone(repository)
    for issue in repository.issues.values():
        if issue.milestone == milestone.number:
            issue.milestone = None
    del repository.milestones[milestone.number]
    return Answer(204)


def _change(call: Call, repository: Repository, milestone: Milestone) -> None:
    fields = call.fields
    title = fields.text("title")
    if title is not None:
        title = title.strip()
        _check_title(repository, milestone, title)
    state = fields.choice("state", ("open", "closed"))
    due = _due_on(fields.text("due_on"))
    description = fields.text("description")
    milestone.title = milestone.title if title is None else title
    if "description" in fields:
        milestone.description = description
    if "due_on" in fields:
        milestone.due_on = due
    if state is not None and state != milestone.state:
        milestone.state = state
        milestone.closed_at = call.now if state == "closed" else None
    milestone.updated_at = call.now


def _check_title(repository: Repository, milestone: Milestone, title: str) -> None:
    if not title:
        raise invalid("Milestone", "title", "missing_field")
    if len(title) > TITLE_LIMIT:
        raise too_long("Milestone", "title", TITLE_LIMIT)
    same = milestone_titled(repository, title)
    if same is not None and same is not milestone:
        raise invalid("Milestone", "title", "already_exists")


def _due_on(text: str | None) -> float | None:
    """Return midnight in California of the day there, which is what GitHub makes of a due date."""
    if text is None:
        return None
    try:
        moment = datetime.fromtimestamp(parse_timestamp(text), ZoneInfo("America/Los_Angeles"))
    except ValueError:
        raise invalid("Milestone", "due_on", value=text) from None
    return moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _completeness(repository: Repository, milestone: Milestone) -> tuple[float, int]:
    states = [i.state for i in repository.issues.values() if i.milestone == milestone.number]
    return (states.count("closed") / len(states) if states else 0.0, milestone.number)
