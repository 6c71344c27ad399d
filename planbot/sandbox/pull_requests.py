"""What happens to pull requests, whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.clock import timestamp
from planbot.sandbox.gitdir import GitDir, Signature
from planbot.sandbox.lifecycle import close_mentioned
from planbot.sandbox.reports import report

if TYPE_CHECKING:
    from planbot.sandbox.events import Outbox
    from planbot.sandbox.model import Issue, PullRequest, Repository


def merge_commit(
    outbox: Outbox, repository: Repository, issue: Issue, pull: PullRequest, *, squash: bool
) -> str | None:
    """Merge a pull request's branches and return the new commit of its base; None if they conflict."""
    git = GitDir(repository.git_dir or "")
    tree = git.merged_tree(pull.base_sha, pull.head_sha)
    if tree is None:
        return None
    user = outbox.sender
    address = f"{user.id}+{user.login}@users.noreply.github.com"
    author = Signature(user.login, address, timestamp(outbox.now))
    merging = f"Merge pull request #{issue.number} from {repository.owner}/{pull.head}\n\n{issue.title}"
    message = f"{issue.title} (#{issue.number})" if squash else merging
    parents = [pull.base_sha] if squash else [pull.base_sha, pull.head_sha]
    sha = git.write_commit(tree, parents, message, author)
    return sha if git.move_ref(f"refs/heads/{pull.base}", sha, pull.base_sha) else None


def rebase_commits(outbox: Outbox, repository: Repository, pull: PullRequest) -> str | None:
    """Put a pull request's commits on its base again and return the last of them; None if they conflict.

    Who merges commits them; authors and messages stay. Merges among them are left out.
    https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
    """
    git = GitDir(repository.git_dir or "")
    user = outbox.sender
    address = f"{user.id}+{user.login}@users.noreply.github.com"
    committer = Signature(user.login, address, timestamp(outbox.now))
    last = pull.base_sha
    for sha in git.between(pull.base_sha, pull.head_sha):
        commit, onto = git.commit(sha), git.commit(last)
        if commit is None or onto is None or len(commit.parents) != 1:
            continue
        # git merges from where two histories part: that has to be the commit's own parent
        ours = git.write_commit(onto.tree, commit.parents, "", committer)
        tree = git.merged_tree(ours, sha)
        if tree is None:
            return None
        last = git.write_commit(tree, [last], commit.message, commit.author, committer)
    return last if git.move_ref(f"refs/heads/{pull.base}", last, pull.base_sha) else None


def finish_merge(
    outbox: Outbox, repository: Repository, issue: Issue, pull: PullRequest, commit: str
) -> None:
    """Record that a pull request is merged, by a commit of its base, and close what it says it closes."""
    pull.merged_at, pull.merged_by, pull.merge_commit_sha = outbox.now, outbox.sender.login, commit
    issue.state, issue.closed_at, issue.closed_by = "closed", outbox.now, outbox.sender.login
    issue.updated_at = outbox.now
    report(outbox, "closed", repository, issue)
    if pull.base == repository.default_branch:
        close_mentioned(outbox, repository, issue.body or "")


def look_at_branches(repository: Repository) -> None:
    """Bring open pull requests in step with branches that moved without a push through the sandbox."""
    if repository.git_dir is None:
        return
    branches = GitDir(repository.git_dir).refs("refs/heads/")
    for issue in repository.issues.values():
        if issue.pull is not None and issue.state == "open":
            issue.pull.head_sha = branches.get(f"refs/heads/{issue.pull.head}", issue.pull.head_sha)
            issue.pull.base_sha = branches.get(f"refs/heads/{issue.pull.base}", issue.pull.base_sha)
