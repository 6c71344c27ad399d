"""Pull requests as GitHub writes them.

https://docs.github.com/rest/pulls/pulls
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.gitdir import GitDir
from planbot.sandbox.resources.issues import issue_core, time_or_null
from planbot.sandbox.resources.repositories import repository_resource
from planbot.sandbox.resources.users import user_of_login

if TYPE_CHECKING:
    from planbot.sandbox.model import Issue, PullRequest, Repository
    from planbot.sandbox.view import View


def simple_pull(view: View, repository: Repository, issue: Issue, pull: PullRequest) -> dict[str, Any]:
    """Write a pull request as lists show it."""
    url = f"{view.repository_url(repository)}/pulls/{issue.number}"
    issue_url, page = view.issue_url(repository, issue), view.issue_page(repository, issue)
    links = {
        "commits": f"{url}/commits",
        "review_comments": f"{url}/comments",
        "review_comment": f"{view.repository_url(repository)}/pulls/comments{{/number}}",
        "comments": f"{issue_url}/comments",
        "statuses": f"{view.repository_url(repository)}/statuses/{pull.head_sha}",
    }
    addresses = {"self": url, "html": page, "issue": issue_url, **links}
    own: dict[str, Any] = {
        "url": url,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue_url,
        **{f"{name}_url": address for name, address in links.items()},
        "merged_at": time_or_null(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _end(view, repository, pull.head, pull.head_sha),
        "base": _end(view, repository, pull.base, pull.base_sha),
        "_links": {name: {"href": address} for name, address in addresses.items()},
        "auto_merge": None,
        "draft": pull.draft,
    }
    return view.without(issue_core(view, repository, issue) | own, "merge_commit_sha")


def full_pull(view: View, repository: Repository, issue: Issue, pull: PullRequest) -> dict[str, Any]:
    """Write a pull request as asked for by itself."""
    git = GitDir(repository.git_dir or "")
    files, added, deleted = git.diff_stat(pull.base_sha, pull.head_sha)
    is_open = issue.state == "open"
    fits = is_open and git.merged_tree(pull.base_sha, pull.head_sha) is not None
    return simple_pull(view, repository, issue, pull) | {
        "merged": pull.merged_at is not None,
        "mergeable": fits if is_open else None,
        "rebaseable": fits if is_open else None,
        "mergeable_state": ("clean" if fits else "dirty") if is_open else "unknown",
        "merged_by": user_of_login(view, pull.merged_by),
        "comments": len(issue.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(git.between(pull.base_sha, pull.head_sha)),
        "additions": added,
        "deletions": deleted,
        "changed_files": files,
    }


def _end(view: View, repository: Repository, branch: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{repository.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user_of_login(view, repository.owner),
        "repo": repository_resource(view, repository),
    }
