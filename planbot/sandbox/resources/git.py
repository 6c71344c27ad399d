"""Refs, branches, commits and files as GitHub writes them.

https://docs.github.com/rest/git
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from planbot.sandbox.clock import parse_timestamp, timestamp
from planbot.sandbox.resources.users import simple_user
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.gitdir import Commit, Entry, GitDir, Signature
    from planbot.sandbox.model import BranchRule, Repository
    from planbot.sandbox.view import View

_KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}
_LINK_MODE = "120000"


def ref_resource(view: View, repository: Repository, name: str, sha: str, kind: str) -> dict[str, Any]:
    """Write a ref; `kind` is the type of the object it names."""
    url = view.repository_url(repository)
    return {
        "ref": name,
        "node_id": node_id("REF", repository.id, name),
        "url": f"{url}/git/{quote(name)}",
        "object": {"sha": sha, "type": kind, "url": f"{url}/git/{kind}s/{sha}"},
    }


def short_branch(
    view: View, repository: Repository, name: str, sha: str, *, protected: bool
) -> dict[str, Any]:
    """Write a branch as lists show it."""
    url = view.repository_url(repository)
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
        "protected": protected,
    }


def full_branch(
    view: View, repository: Repository, name: str, commit: Commit, rules: list[BranchRule]
) -> dict[str, Any]:
    """Write a branch as asked for by itself, with the checks that its classic protection requires."""
    url = f"{view.repository_url(repository)}/branches/{quote(name)}"
    protected = bool(rules)
    names = [check for rule in rules if rule.enforced_by == "protection" for check in rule.checks]
    checks = {"enforcement_level": "non_admins" if names else "off", **_checks(names)}
    return {
        "name": name,
        "commit": commit_resource(view, repository, commit),
        "_links": {"self": url, "html": f"{view.repository_page(repository)}/tree/{quote(name)}"},
        "protected": protected,
        "protection": {"enabled": protected, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }


def rule_resources(repository: Repository, rule: BranchRule) -> list[dict[str, Any]]:
    """Write what a ruleset demands, one entry for each demand.

    https://docs.github.com/rest/repos/rules#get-rules-for-a-branch
    """
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repository.full_name,
        "ruleset_id": repository.rules.index(rule) + 1,
    }
    pull_request = {
        "type": "pull_request",
        "parameters": {
            "allowed_merge_methods": ["merge", "squash"],
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_approving_review_count": 0,
            "required_review_thread_resolution": False,
        },
    }
    required_checks = {
        "type": "required_status_checks",
        "parameters": {
            "required_status_checks": [{"context": check} for check in rule.checks],
            "strict_required_status_checks_policy": False,
        },
    }
    demands: list[tuple[bool, dict[str, Any]]] = [
        (not rule.deletions, {"type": "deletion"}),
        (not rule.force_pushes, {"type": "non_fast_forward"}),
        (rule.signatures, {"type": "required_signatures"}),
        (rule.pull_request, pull_request),
        (bool(rule.checks), required_checks),
    ]
    return [demand | source for holds, demand in demands if holds]


def protection_resource(
    view: View, repository: Repository, name: str, rules: list[BranchRule]
) -> dict[str, Any]:
    """Write the classic protection of a branch.

    https://docs.github.com/rest/branches/branch-protection#get-branch-protection
    """
    url = f"{view.repository_url(repository)}/branches/{quote(name)}/protection"
    checks = [check for rule in rules for check in rule.checks]
    signatures = any(rule.signatures for rule in rules)
    resource: dict[str, Any] = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": signatures},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True},
        "required_linear_history": {"enabled": False},
        "allow_force_pushes": {"enabled": all(rule.force_pushes for rule in rules)},
        "allow_deletions": {"enabled": all(rule.deletions for rule in rules)},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
    }
    if checks:
        address = f"{url}/required_status_checks"
        urls = {"url": address, "contexts_url": f"{address}/contexts", "strict": False}
        resource["required_status_checks"] = urls | _checks(checks)
    if any(rule.pull_request for rule in rules):
        resource["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "required_approving_review_count": 0,
            "require_last_push_approval": False,
        }
    return resource


def _checks(names: list[str]) -> dict[str, Any]:
    return {"contexts": names, "checks": [{"context": name, "app_id": None} for name in names]}


def commit_resource(view: View, repository: Repository, commit: Commit) -> dict[str, Any]:
    """Write a commit as repositories show it."""
    url, page = view.repository_url(repository), view.repository_page(repository)
    address = f"{url}/commits/{commit.sha}"
    return {
        "sha": commit.sha,
        "node_id": node_id("C", repository.id, commit.sha),
        "commit": {
            "author": _signature(commit.author),
            "committer": _signature(commit.committer),
            "message": commit.message.removesuffix("\n"),
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "url": f"{url}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": _verification(commit),
        },
        "url": address,
        "html_url": f"{page}/commit/{commit.sha}",
        "comments_url": f"{address}/comments",
        "author": _person(view, commit.author),
        "committer": _person(view, commit.committer),
        "parents": [
            {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{page}/commit/{sha}"}
            for sha in commit.parents
        ],
    }


def git_commit(view: View, repository: Repository, commit: Commit) -> dict[str, Any]:
    """Write a commit as git's database has it."""
    url, page = view.repository_url(repository), view.repository_page(repository)
    return {
        "sha": commit.sha,
        "node_id": node_id("C", repository.id, commit.sha),
        "url": f"{url}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _signature(commit.author),
        "committer": _signature(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
        "message": commit.message.removesuffix("\n"),
        "parents": [
            {"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{page}/commit/{sha}"}
            for sha in commit.parents
        ],
        "verification": _verification(commit),
    }


def push_commit(view: View, repository: Repository, git: GitDir, commit: Commit) -> dict[str, Any]:
    """Write a commit as `push` events carry it.

    https://docs.github.com/webhooks/webhook-events-and-payloads#push
    """
    files = git.changed_files(commit)
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message.removesuffix("\n"),
        "timestamp": commit.committer.date,
        "url": f"{view.repository_page(repository)}/commit/{commit.sha}",
        "author": _pusher(view, commit.author),
        "committer": _pusher(view, commit.committer),
        "added": files["A"],
        "removed": files["D"],
        "modified": files["M"],
    }


def file_resource(
    view: View, repository: Repository, entry: Entry, revision: str, git: GitDir
) -> dict[str, Any]:
    """Write a file with its content."""
    content = base64.encodebytes(git.blob(entry.sha)).decode()
    return entry_resource(view, repository, entry, revision) | {"content": content, "encoding": "base64"}


def entry_resource(view: View, repository: Repository, entry: Entry, revision: str) -> dict[str, Any]:
    """Write a file or folder as its folder lists it."""
    url, page = view.repository_url(repository), view.repository_page(repository)
    kind = "symlink" if entry.mode == _LINK_MODE else _KINDS[entry.kind]
    address = f"{url}/contents/{quote(entry.path)}?ref={quote(revision, safe='')}"
    git_url = f"{url}/git/{entry.kind}s/{entry.sha}"
    html_url = f"{page}/{'tree' if kind == 'dir' else 'blob'}/{quote(revision)}/{quote(entry.path)}"
    raw = f"{view.web}/raw/{repository.full_name}/{quote(revision)}/{quote(entry.path)}"
    return {
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size,
        "url": address,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": raw if kind == "file" else None,
        "type": kind,
        "_links": {"self": address, "git": git_url, "html": html_url},
    }


def _signature(signature: Signature) -> dict[str, str]:
    date = timestamp(parse_timestamp(signature.date))
    return {"name": signature.name, "email": signature.email, "date": date}


def _verification(commit: Commit) -> dict[str, Any]:
    reason = "unknown_key" if commit.signed else "unsigned"
    return {"verified": False, "reason": reason, "signature": None, "payload": None, "verified_at": None}


def _person(view: View, signature: Signature) -> dict[str, Any] | None:
    """Return the user whose address `ID+login@users.noreply.github.com` signs, as GitHub credits commits."""
    local, _, host = signature.email.partition("@")
    user = view.store.user(local.rpartition("+")[2]) if host == "users.noreply.github.com" else None
    return None if user is None else simple_user(view, user)


def _pusher(view: View, signature: Signature) -> dict[str, Any]:
    person = _person(view, signature)
    login = {} if person is None else {"username": person["login"]}
    return {"name": signature.name, "email": signature.email, "date": signature.date, **login}
