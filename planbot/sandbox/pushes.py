"""What follows from a push: events, pull requests that move, merge or close, issues that commits close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planbot.sandbox.gitdir import ZERO, GitDir
from planbot.sandbox.lifecycle import close_issue, close_mentioned
from planbot.sandbox.pull_requests import finish_merge
from planbot.sandbox.reports import report
from planbot.sandbox.resources.git import push_commit
from planbot.sandbox.resources.repositories import repository_resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.sandbox.events import Outbox
    from planbot.sandbox.gitdir import Commit
    from planbot.sandbox.model import Repository
    from planbot.sandbox.view import View

_HEADS = "refs/heads/"
_NAMED = (_HEADS, "refs/tags/")
MAX_COMMITS = 2048


@dataclass(frozen=True, slots=True)
class Move:
    """Hold how one ref moved, and the commits that came with it, oldest first."""

    ref: str
    old: str
    new: str
    commits: tuple[Commit, ...]


def after_push(
    outbox: Outbox, repository: Repository, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """Bring the repository in step with its refs, given as they were and as they are."""
    changed = [ref for ref in {**before, **after} if before.get(ref) != after.get(ref)]
    if not changed:
        return
    repository.pushed_at = outbox.now
    git = GitDir(repository.git_dir or "")
    for ref in sorted(changed):
        if ref.startswith(_NAMED):
            known = [before[ref]] if ref in before else list(before.values())
            move = Move(
                ref, before.get(ref, ZERO), after.get(ref, ZERO), git.commits_beyond(after.get(ref), known)
            )
            _report_push(outbox, repository, git, move)
            if ref.startswith(_HEADS):
                _follow_branch(outbox, repository, git, move)


def _report_push(outbox: Outbox, repository: Repository, git: GitDir, move: Move) -> None:
    """Add a `push` event.

    https://docs.github.com/webhooks/webhook-events-and-payloads#push
    """
    if not repository.webhooks:
        return
    old, new = move.old, move.new
    view, page = outbox.view, outbox.view.repository_page(repository)
    commits = [push_commit(view, repository, git, commit) for commit in move.commits[:MAX_COMMITS]]
    head = None if new == ZERO else git.commit(new)
    deleted, created = new == ZERO, old == ZERO
    payload: dict[str, Any] = {
        "ref": move.ref,
        "before": old,
        "after": new,
        "created": created,
        "deleted": deleted,
        "forced": not (created or deleted) and not git.is_ancestor(old, new),
        "base_ref": None,
        "compare": f"{page}/compare/{old[:12]}...{new[:12]}",
        "commits": commits,
        "head_commit": None if head is None else push_commit(view, repository, git, head),
        "repository": _push_repository(view, repository),
        "pusher": {"name": outbox.sender.login, "email": f"{outbox.sender.login}@users.noreply.github.com"},
    }
    outbox.add("push", repository, payload)


def _push_repository(view: View, repository: Repository) -> dict[str, Any]:
    """Write a repository as `push` events have it: some times are numbers there, the owner is named again."""
    resource = repository_resource(view, repository)
    resource.pop("permissions", None)
    return resource | {
        "created_at": int(repository.created_at),
        "pushed_at": int(repository.pushed_at),
        "stargazers": 0,
        "master_branch": repository.default_branch,
        "organization": repository.owner,
    }


def _follow_branch(outbox: Outbox, repository: Repository, git: GitDir, move: Move) -> None:
    branch = move.ref.removeprefix(_HEADS)
    for issue in list(repository.issues.values()):
        pull = issue.pull
        if pull is None or issue.state != "open":
            continue
        if pull.head == branch and move.new == ZERO:
            close_issue(outbox, repository, issue, None)
        elif pull.head == branch:
            pull.head_sha, issue.updated_at = move.new, outbox.now
            report(outbox, "synchronize", repository, issue, before=move.old, after=move.new)
        if pull.base == branch and move.new != ZERO:
            if git.is_ancestor(pull.head_sha, move.new):
                finish_merge(outbox, repository, issue, pull, move.new)
            else:
                pull.base_sha = move.new
    if branch == repository.default_branch:
        for commit in move.commits:
            close_mentioned(outbox, repository, commit.message)
