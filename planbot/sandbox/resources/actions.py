"""Workflows and their runs as GitHub writes them.

https://docs.github.com/rest/actions/workflows
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.clock import timestamp
from planbot.sandbox.resources.repositories import repository_resource
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.model import Repository, Run, Workflow
    from planbot.sandbox.view import View


def workflow_resource(view: View, repository: Repository, workflow: Workflow) -> dict[str, Any]:
    """Write a workflow."""
    page = view.repository_page(repository)
    return {
        "id": workflow.id,
        "node_id": node_id("W", workflow.id),
        "name": workflow.name,
        "path": workflow.path,
        "state": workflow.state,
        "created_at": timestamp(workflow.created_at),
        "updated_at": timestamp(workflow.created_at),
        "url": _url(view, repository, workflow),
        "html_url": f"{page}/blob/{repository.default_branch}/{workflow.path}",
        "badge_url": f"{page}/workflows/{workflow.name}/badge.svg",
    }


def run_resource(view: View, repository: Repository, workflow: Workflow, run: Run) -> dict[str, Any]:
    """Write a run that is over."""
    api, page = view.repository_url(repository), view.repository_page(repository)
    url = f"{api}/actions/runs/{run.id}"
    short = repository_resource(view, repository)
    return {
        "id": run.id,
        "name": workflow.name,
        "node_id": node_id("WFR", run.id),
        "check_suite_id": run.id,
        "check_suite_node_id": node_id("CS", run.id),
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": workflow.path,
        "run_number": run.number,
        "run_attempt": 1,
        "display_title": workflow.name,
        "event": run.event,
        "status": "completed",
        "conclusion": run.conclusion,
        "workflow_id": workflow.id,
        "url": url,
        "html_url": f"{page}/actions/runs/{run.id}",
        "pull_requests": [],
        "created_at": timestamp(run.created_at),
        "updated_at": timestamp(run.updated_at),
        "run_started_at": timestamp(run.created_at),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{api}/check-suites/{run.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": _url(view, repository, workflow),
        "head_commit": None,
        "repository": short,
        "head_repository": short,
    }


def _url(view: View, repository: Repository, workflow: Workflow) -> str:
    return f"{view.repository_url(repository)}/actions/workflows/{workflow.id}"
