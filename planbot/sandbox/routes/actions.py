"""GitHub Actions: what a repository allows, its workflows and their runs. The sandbox runs none by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.problems import not_found
from planbot.sandbox.resources.actions import run_resource, workflow_resource
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Repository, Workflow

endpoints = Endpoints()
_ACTIONS = "/repos/<owner>/<repo>/actions"
_PER_PAGE, _MOST_PER_PAGE = 30, 100


@endpoints.add(
    "GET",
    f"{_ACTIONS}/permissions",
    "actions/permissions#get-github-actions-permissions-for-a-repository",
)
def read_permissions(call: Call) -> Answer:
    """Tell whether workflows run, and whose actions they may use."""
    policy = _administered(call).actions
    body: dict[str, Any] = {"enabled": policy.enabled}
    if policy.enabled:
        body |= {"allowed_actions": policy.allowed, "sha_pinning_required": False}
    return Answer(body=body)


@endpoints.add(
    "GET",
    f"{_ACTIONS}/permissions/workflow",
    "actions/permissions#get-default-workflow-permissions-for-a-repository",
)
def read_workflow_permissions(call: Call) -> Answer:
    """Tell what a workflow's token may do unless its workflow says more."""
    repository = _administered(call)
    return Answer(
        body={
            "default_workflow_permissions": repository.actions.default_rights,
            "can_approve_pull_request_reviews": repository.bots_open_pulls,
        }
    )


@endpoints.add("GET", f"{_ACTIONS}/workflows", "actions/workflows#list-repository-workflows")
def list_workflows(call: Call) -> Answer:
    """List the workflows."""
    repository = call.repository()
    written = [workflow_resource(call.view, repository, one) for one in _page(call, repository.workflows)]
    return Answer(body={"total_count": len(repository.workflows), "workflows": written})


@endpoints.add(
    "GET",
    f"{_ACTIONS}/workflows/<workflow>/runs",
    "actions/workflow-runs#list-workflow-runs-for-a-workflow",
)
def list_runs(call: Call) -> Answer:
    """List the runs of a workflow, named by its id or its file, the newest first."""
    repository = call.repository()
    workflow = _workflow(repository, call.arguments["workflow"])
    newest = workflow.runs[::-1]
    written = [run_resource(call.view, repository, workflow, run) for run in _page(call, newest)]
    return Answer(body={"total_count": len(newest), "workflow_runs": written})


def _administered(call: Call) -> Repository:
    repository = call.repository()
    call.actor()
    if not call.store.can(call.viewer, repository, "admin"):
        call.refuse()
    return repository


def _workflow(repository: Repository, name: str) -> Workflow:
    for workflow in repository.workflows:
        if name in (str(workflow.id), workflow.path.rpartition("/")[2]):
            return workflow
    raise not_found()


def _page(call: Call, items: list[Any]) -> list[Any]:
    """Return the page that was asked for; its size is what GitHub allows."""
    size = min(call.query.get("per_page", _PER_PAGE, type=int), _MOST_PER_PAGE)
    start = (max(call.query.get("page", 1, type=int), 1) - 1) * size
    return items[start : start + size]
