"""Pull requests: list, open, read, change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.gitdir import GitDir
from planbot.sandbox.lifecycle import close_issue, edit_texts, reopen_issue
from planbot.sandbox.model import PullRequest
from planbot.sandbox.paging import page
from planbot.sandbox.problems import ApiError, custom, forbidden, invalid, not_found
from planbot.sandbox.pull_requests import finish_merge, look_at_branches, merge_commit, rebase_commits
from planbot.sandbox.pushes import after_push
from planbot.sandbox.reports import report
from planbot.sandbox.resources.pulls import full_pull, simple_pull
from planbot.sandbox.routes.issues import checked_body, new_issue
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import Issue, Repository

endpoints = Endpoints()
_LIST = "/repos/<owner>/<repo>/pulls"
_ONE = f"{_LIST}/<number>"


@endpoints.add("GET", _LIST, "pulls/pulls#list-pull-requests")
def list_pulls(call: Call) -> Answer:
    """List pull requests, the newest first unless told otherwise."""
    repository = call.repository()
    look_at_branches(repository)
    state = call.query.get("state", "open")
    head = call.query.get("head", "")
    base = call.query.get("base", "")
    found = [
        (issue, issue.pull)
        for issue in repository.issues.values()
        if issue.pull is not None
        and state in ("all", issue.state)
        and head in ("", f"{repository.owner}:{issue.pull.head}")
        and base in ("", issue.pull.base)
    ]
    by_update = call.query.get("sort") == "updated"
    found.sort(
        key=lambda pair: (int(pair[0].updated_at if by_update else pair[0].created_at), pair[0].number)
    )
    ascending = call.query.get("direction", "asc" if "sort" in call.query else "desc") == "asc"
    if not ascending:
        found.reverse()
    return page(call, repository, found, lambda pair: simple_pull(call.view, repository, *pair))


@endpoints.add("POST", _LIST, "pulls/pulls#create-a-pull-request")
def create_pull(call: Call) -> Answer:
    """Open a pull request between two branches of the repository."""
    repository = call.writable()
    if call.actor().kind == "bot" and not repository.bots_open_pulls:
        raise forbidden("GitHub Actions is not permitted to create or approve pull requests.")
    git = _git(repository)
    title = call.fields.required_text("title")
    head = call.fields.required_text("head").removeprefix(f"{repository.owner}:")
    base = call.fields.required_text("base")
    head_sha, base_sha = git.branch(head), git.branch(base)
    if base_sha is None:
        raise invalid("PullRequest", "base")
    if head_sha is None:
        raise invalid("PullRequest", "head")
    _check_new(repository, git, head, base)
    body = checked_body(call, "PullRequest")
    issue = new_issue(call, repository, title, body)
    issue.pull = PullRequest(head, base, head_sha, base_sha, draft=call.fields.flag("draft"))
    report(call.outbox, "opened", repository, issue)
    resource = full_pull(call.view, repository, issue, issue.pull)
    return Answer(201, resource, {"Location": resource["url"]})


@endpoints.add("GET", _ONE, "pulls/pulls#get-a-pull-request")
def read_pull(call: Call) -> Answer:
    """Show a pull request."""
    repository = call.repository()
    issue, pull = _find(call, repository)
    return Answer(body=full_pull(call.view, repository, issue, pull))


@endpoints.add("PATCH", _ONE, "pulls/pulls#update-a-pull-request")
def update_pull(call: Call) -> Answer:
    """Change a pull request's title, body, state or base."""
    repository = call.writable()
    issue, pull = _find(call, repository)
    if issue.author != call.actor().login and not call.store.can(call.viewer, repository, "triage"):
        call.refuse()
    state = call.fields.choice("state", ("open", "closed"))
    base = call.fields.text("base")
    if base is not None:
        pull.base_sha = _git(repository).branch(base) or ""
        if not pull.base_sha:
            raise invalid("PullRequest", "base")
        pull.base = base
    body = checked_body(call, "PullRequest")
    edit_texts(call.outbox, repository, issue, title=call.fields.text("title"), body=body)
    if state == "closed":
        close_issue(call.outbox, repository, issue, None)
    elif state == "open":
        if pull.merged_at is not None:
            raise invalid("PullRequest", "state", "invalid")
        reopen_issue(call.outbox, repository, issue)
    return Answer(body=full_pull(call.view, repository, issue, pull))


@endpoints.add("PUT", f"{_ONE}/merge", "pulls/pulls#merge-a-pull-request")
def merge_pull(call: Call) -> Answer:
    """Merge a pull request by a merge commit, a squashed one, or its own commits on top of the base."""
    repository = call.writable("write", hide=True)
    issue, pull = _find(call, repository)
    method = call.fields.choice("merge_method", ("merge", "squash", "rebase")) or "merge"
    if issue.state != "open" or pull.draft:
        raise ApiError(405, "Pull Request is not mergeable")
    wanted = call.fields.text("sha")
    if wanted is not None and wanted != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    if method == "rebase":
        sha = rebase_commits(call.outbox, repository, pull)
    else:
        sha = merge_commit(call.outbox, repository, issue, pull, squash=method == "squash")
    if sha is None:
        raise ApiError(405, "Pull Request is not mergeable")
    finish_merge(call.outbox, repository, issue, pull, sha)
    base = f"refs/heads/{pull.base}"
    after_push(call.outbox, repository, {base: pull.base_sha}, {base: sha})
    return Answer(body={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _find(call: Call, repository: Repository) -> tuple[Issue, PullRequest]:
    look_at_branches(repository)
    issue = repository.issues.get(call.number("number"))
    if issue is None or issue.pull is None:
        raise not_found()
    return issue, issue.pull


def _git(repository: Repository) -> GitDir:
    if repository.git_dir is None:
        raise ApiError(422, "Validation Failed")
    return GitDir(repository.git_dir)


def _check_new(repository: Repository, git: GitDir, head: str, base: str) -> None:
    for issue in repository.issues.values():
        if issue.state == "open" and issue.pull and (issue.pull.head, issue.pull.base) == (head, base):
            message = f"A pull request already exists for {repository.owner}:{head}."
            raise custom("PullRequest", message)
    if not git.between(f"refs/heads/{base}", f"refs/heads/{head}"):
        message = f"No commits between {base} and {head}"
        raise ApiError(
            422,
            "Validation Failed",
            errors=({"resource": "PullRequest", "code": "custom", "message": message},),
        )
