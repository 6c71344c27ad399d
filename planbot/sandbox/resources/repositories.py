"""Repositories as GitHub writes them.

https://docs.github.com/rest/repos/repos#get-a-repository
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from planbot.sandbox.clock import timestamp
from planbot.sandbox.model import ROLES
from planbot.sandbox.resources.users import user_of_login
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.model import Repository
    from planbot.sandbox.view import View

_URLS = {
    "archive_url": "{archive_format}{/ref}",
    "assignees_url": "assignees{/user}",
    "blobs_url": "git/blobs{/sha}",
    "branches_url": "branches{/branch}",
    "collaborators_url": "collaborators{/collaborator}",
    "comments_url": "comments{/number}",
    "commits_url": "commits{/sha}",
    "compare_url": "compare/{base}...{head}",
    "contents_url": "contents/{+path}",
    "contributors_url": "contributors",
    "deployments_url": "deployments",
    "downloads_url": "downloads",
    "events_url": "events",
    "forks_url": "forks",
    "git_commits_url": "git/commits{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "hooks_url": "hooks",
    "issue_comment_url": "issues/comments{/number}",
    "issue_events_url": "issues/events{/number}",
    "issues_url": "issues{/number}",
    "keys_url": "keys{/key_id}",
    "labels_url": "labels{/name}",
    "languages_url": "languages",
    "merges_url": "merges",
    "milestones_url": "milestones{/number}",
    "notifications_url": "notifications{?since,all,participating}",
    "pulls_url": "pulls{/number}",
    "releases_url": "releases{/id}",
    "stargazers_url": "stargazers",
    "statuses_url": "statuses/{sha}",
    "subscribers_url": "subscribers",
    "subscription_url": "subscription",
    "tags_url": "tags",
    "teams_url": "teams",
    "trees_url": "git/trees{/sha}",
}
_MERGING: dict[str, Any] = {
    "allow_squash_merge": True,
    "allow_merge_commit": True,
    "allow_rebase_merge": False,
    "allow_auto_merge": False,
    "delete_branch_on_merge": False,
    "allow_update_branch": False,
    "use_squash_pr_title_as_default": False,
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "merge_commit_message": "PR_TITLE",
    "merge_commit_title": "MERGE_MESSAGE",
}


def repository_resource(view: View, repository: Repository) -> dict[str, Any]:
    """Write a repository as inside other resources."""
    url, page = view.repository_url(repository), view.repository_page(repository)
    host = urlsplit(view.web).netloc
    open_issues = sum(issue.state == "open" for issue in repository.issues.values())
    resource = {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": user_of_login(view, repository.owner),
        "html_url": page,
        "description": repository.description,
        "fork": repository.fork,
        "url": url,
        **{key: f"{url}/{rest}" for key, rest in _URLS.items()},
        "created_at": timestamp(repository.created_at),
        "updated_at": timestamp(repository.updated_at),
        "pushed_at": timestamp(repository.pushed_at),
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"ssh://git@{host}/{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "homepage": None,
        "size": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        "has_issues": repository.has_issues,
        "has_projects": False,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": repository.archived,
        "disabled": False,
        "open_issues_count": open_issues,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "forks": 0,
        "open_issues": open_issues,
        "watchers": 0,
        "default_branch": repository.default_branch,
        **_permissions(view, repository),
    }
    return view.without(resource, "has_downloads")


def full_repository(view: View, repository: Repository) -> dict[str, Any]:
    """Write a repository as asked for by itself; only who may push learns how it merges."""
    resource = repository_resource(view, repository) | {"network_count": 0, "subscribers_count": 0}
    if view.store.can(view.viewer, repository, "write"):
        resource |= view.without(_MERGING, "use_squash_pr_title_as_default")
    owner = view.store.known_user(repository.owner)
    if owner.kind == "organization":
        resource["organization"] = user_of_login(view, owner.login)
    return resource


def _permissions(view: View, repository: Repository) -> dict[str, Any]:
    if view.viewer is None:
        return {}
    rank = ROLES.index(view.store.role(view.viewer, repository))
    return {
        "permissions": {
            "admin": rank >= ROLES.index("admin"),
            "maintain": rank >= ROLES.index("admin"),
            "push": rank >= ROLES.index("write"),
            "triage": rank >= ROLES.index("triage"),
            "pull": rank >= ROLES.index("read"),
        }
    }
