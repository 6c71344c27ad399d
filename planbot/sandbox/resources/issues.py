"""Issues and what belongs to them, as GitHub writes them.

https://docs.github.com/rest/issues
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from planbot.sandbox.clock import timestamp
from planbot.sandbox.resources.users import user_of_login
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.model import Comment, Issue, Label, Milestone, Repository
    from planbot.sandbox.view import View

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
_ASSOCIATIONS = {"write": "COLLABORATOR", "triage": "COLLABORATOR", "admin": "COLLABORATOR"}


def time_or_null(seconds: float | None) -> str | None:
    """Write a time, or null."""
    return None if seconds is None else timestamp(seconds)


def label_resource(view: View, repository: Repository, label: Label) -> dict[str, Any]:
    """Write a label."""
    return {
        "id": label.id,
        "node_id": node_id("LA", label.id),
        "url": f"{view.repository_url(repository)}/labels/{quote(label.name, safe='')}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": label.description,
    }


def milestone_resource(view: View, repository: Repository, milestone: Milestone) -> dict[str, Any]:
    """Write a milestone; it counts its issues and pull requests."""
    url = f"{view.repository_url(repository)}/milestones/{milestone.number}"
    states = [i.state for i in repository.issues.values() if i.milestone == milestone.number]
    return {
        "url": url,
        "html_url": f"{view.repository_page(repository)}/milestone/{milestone.number}",
        "labels_url": f"{url}/labels",
        "id": milestone.id,
        "node_id": node_id("MI", milestone.id),
        "number": milestone.number,
        "title": milestone.title,
        "description": milestone.description,
        "creator": user_of_login(view, milestone.creator),
        "open_issues": states.count("open"),
        "closed_issues": states.count("closed"),
        "state": milestone.state,
        "created_at": timestamp(milestone.created_at),
        "updated_at": timestamp(milestone.updated_at),
        "due_on": time_or_null(milestone.due_on),
        "closed_at": time_or_null(milestone.closed_at),
    }


def comment_resource(view: View, repository: Repository, issue: Issue, comment: Comment) -> dict[str, Any]:
    """Write a comment."""
    url = f"{view.repository_url(repository)}/issues/comments/{comment.id}"
    return {
        "url": url,
        "html_url": f"{view.issue_page(repository, issue)}#issuecomment-{comment.id}",
        "issue_url": view.issue_url(repository, issue),
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "user": user_of_login(view, comment.author),
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.updated_at),
        "body": comment.body,
        "author_association": author_association(view, repository, comment.author),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
    }


def issue_resource(view: View, repository: Repository, issue: Issue) -> dict[str, Any]:
    """Write an issue, or a pull request as lists of issues show it."""
    resource = issue_core(view, repository, issue) | {
        "repository_url": view.repository_url(repository),
        "labels_url": f"{view.issue_url(repository, issue)}/labels{{/name}}",
        "comments_url": f"{view.issue_url(repository, issue)}/comments",
        "events_url": f"{view.issue_url(repository, issue)}/events",
        "timeline_url": f"{view.issue_url(repository, issue)}/timeline",
        "comments": len(issue.comments),
        "closed_by": user_of_login(view, issue.closed_by),
        "reactions": _reactions(view.issue_url(repository, issue)),
        "performed_via_github_app": None,
        "state_reason": issue.state_reason,
    }
    if issue.pull is None:
        return resource | _relations(view, issue)
    address = f"{view.repository_url(repository)}/pulls/{issue.number}"
    page = view.issue_page(repository, issue)
    return resource | {
        "draft": issue.pull.draft,
        "pull_request": {
            "url": address,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": time_or_null(issue.pull.merged_at),
        },
    }


def issue_core(view: View, repository: Repository, issue: Issue) -> dict[str, Any]:
    """Write what issues and pull requests have in common."""
    assignees = [user_of_login(view, login) for login in issue.assignees]
    milestone = repository.milestones.get(issue.milestone) if issue.milestone is not None else None
    core = {
        "url": view.issue_url(repository, issue),
        "html_url": view.issue_page(repository, issue),
        "id": issue.id,
        "node_id": node_id("I" if issue.pull is None else "PR", issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": user_of_login(view, issue.author),
        "labels": [
            label_resource(view, repository, label)
            for i in issue.labels
            if (label := repository.labels.get(i))
        ],
        "state": issue.state,
        "locked": issue.locked,
        "assignee": next(iter(assignees), None),
        "assignees": assignees,
        "milestone": None if milestone is None else milestone_resource(view, repository, milestone),
        "created_at": timestamp(issue.created_at),
        "updated_at": timestamp(issue.updated_at),
        "closed_at": time_or_null(issue.closed_at),
        "author_association": author_association(view, repository, issue.author),
        "active_lock_reason": None,
        "body": issue.body,
    }
    return view.without(core, "assignee")


def author_association(view: View, repository: Repository, login: str) -> str:
    """Tell how an author stands to a repository."""
    if login.lower() == repository.owner.lower():
        return "OWNER"
    return _ASSOCIATIONS.get(view.store.role(view.store.known_user(login), repository), "NONE")


def _relations(view: View, issue: Issue) -> dict[str, Any]:
    """Write an issue's place among sub-issues and dependencies."""
    children = [found[1] for i in issue.sub_issues if (found := view.store.issue_by_id(i))]
    completed = sum(child.state == "closed" for child in children)
    blockers = [found[1] for i in issue.blocked_by if (found := view.store.issue_by_id(i))]
    blocked = [found[1] for i in issue.blocking if (found := view.store.issue_by_id(i))]
    parent = None if issue.parent is None else view.store.issue_by_id(issue.parent)
    return {
        "type": None,
        "sub_issues_summary": {
            "total": len(children),
            "completed": completed,
            "percent_completed": completed * 100 // len(children) if children else 0,
        },
        "issue_dependencies_summary": {
            "blocked_by": sum(other.state == "open" for other in blockers),
            "total_blocked_by": len(blockers),
            "blocking": sum(other.state == "open" for other in blocked) if issue.state == "open" else 0,
            "total_blocking": len(blocked),
        },
        "parent_issue_url": None if parent is None else view.issue_url(*parent),
    }


def _reactions(url: str) -> dict[str, Any]:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}
