"""Refs, branches, commits and files of a repository that has a git directory."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from planbot.sandbox.gitdir import GitDir
from planbot.sandbox.paging import page
from planbot.sandbox.problems import ApiError, not_found
from planbot.sandbox.resources.git import (
    commit_resource,
    entry_resource,
    file_resource,
    full_branch,
    git_commit,
    protection_resource,
    ref_resource,
    rule_resources,
    short_branch,
)
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import BranchRule, Repository

endpoints = Endpoints()
_REPOSITORY = "/repos/<owner>/<repo>"


@endpoints.add("GET", f"{_REPOSITORY}/branches", "branches/branches#list-branches")
def list_branches(call: Call) -> Answer:
    """List the branches."""
    repository, git = _git(call)
    branches = [(name.removeprefix("refs/heads/"), sha) for name, sha in git.refs("refs/heads/").items()]
    return page(
        call,
        repository,
        branches,
        lambda branch: short_branch(
            call.view, repository, *branch, protected=bool(_rules(repository, branch[0]))
        ),
    )


@endpoints.add("GET", f"{_REPOSITORY}/branches/<path:branch>", "branches/branches#get-a-branch")
def read_branch(call: Call) -> Answer:
    """Show a branch."""
    repository, git = _git(call)
    name = call.arguments["branch"]
    commit = git.commit(f"refs/heads/{name}")
    if commit is None:
        raise ApiError(404, "Branch not found")
    return Answer(body=full_branch(call.view, repository, name, commit, _rules(repository, name)))


@endpoints.add(
    "GET",
    f"{_REPOSITORY}/branches/<path:branch>/protection",
    "branches/branch-protection#get-branch-protection",
)
def read_protection(call: Call) -> Answer:
    """Show a branch's classic protection, to administrators alone."""
    repository, git = _git(call)
    name = call.arguments["branch"]
    if not call.store.can(call.viewer, repository, "admin"):
        call.refuse(hide=True)
    if git.commit(f"refs/heads/{name}") is None:
        raise ApiError(404, "Branch not found")
    rules = [rule for rule in _rules(repository, name) if rule.enforced_by == "protection"]
    if not rules:
        raise ApiError(404, "Branch not protected")
    return Answer(body=protection_resource(call.view, repository, name, rules))


@endpoints.add("GET", f"{_REPOSITORY}/rules/branches/<path:branch>", "repos/rules#get-rules-for-a-branch")
def list_branch_rules(call: Call) -> Answer:
    """List what rulesets demand of a branch; classic protection is not among it."""
    repository = call.repository()
    rules = [r for r in _rules(repository, call.arguments["branch"]) if r.enforced_by == "ruleset"]
    written = [rule for r in rules for rule in rule_resources(repository, r)]
    return page(call, repository, written, lambda rule: rule)


@endpoints.add("GET", f"{_REPOSITORY}/git/ref/<path:ref>", "git/refs#get-a-reference")
def read_ref(call: Call) -> Answer:
    """Show a ref, named without its leading `refs/`."""
    repository, git = _git(call)
    name = f"refs/{call.arguments['ref']}"
    sha = git.refs().get(name)
    if sha is None:
        raise not_found()
    return Answer(body=ref_resource(call.view, repository, name, sha, _kind(git, sha)))


@endpoints.add("GET", f"{_REPOSITORY}/git/matching-refs/<path:ref>", "git/refs#list-matching-references")
def list_matching_refs(call: Call) -> Answer:
    """List the refs that start so."""
    repository, git = _git(call)
    found = git.refs(f"refs/{call.arguments['ref']}")
    return Answer(
        body=[ref_resource(call.view, repository, name, sha, _kind(git, sha)) for name, sha in found.items()]
    )


@endpoints.add("GET", f"{_REPOSITORY}/commits", "commits/commits#list-commits")
def list_commits(call: Call) -> Answer:
    """List the commits of a branch, newest first."""
    repository, git = _git(call)
    revision = call.query.get("sha") or repository.default_branch
    if not git.refs():
        raise ApiError(409, "Git Repository is empty.")
    if git.resolve(f"{revision}^{{commit}}") is None:
        raise not_found()
    shas = git.log(revision, path=call.query.get("path", ""))
    return page(
        call,
        repository,
        shas,
        lambda sha: commit_resource(call.view, repository, commit) if (commit := git.commit(sha)) else None,
    )


@endpoints.add("GET", f"{_REPOSITORY}/commits/<path:ref>", "commits/commits#get-a-commit")
def read_commit(call: Call) -> Answer:
    """Show a commit named by hash, branch or tag."""
    repository, git = _git(call)
    commit = git.commit(call.arguments["ref"])
    if commit is None:
        raise ApiError(422, f"No commit found for SHA: {call.arguments['ref']}")
    return Answer(body=commit_resource(call.view, repository, commit))


@endpoints.add("GET", f"{_REPOSITORY}/git/commits/<sha>", "git/commits#get-a-commit-object")
def read_git_commit(call: Call) -> Answer:
    """Show a commit object."""
    repository, git = _git(call)
    commit = git.commit(call.arguments["sha"])
    if commit is None or commit.sha != call.arguments["sha"]:
        raise not_found()
    return Answer(body=git_commit(call.view, repository, commit))


@endpoints.add("GET", f"{_REPOSITORY}/contents/", "repos/contents#get-repository-content")
@endpoints.add("GET", f"{_REPOSITORY}/contents/<path:path>", "repos/contents#get-repository-content")
def read_contents(call: Call) -> Answer:
    """Show a file with its content, or list a folder."""
    repository, git = _git(call)
    revision = call.query.get("ref") or repository.default_branch
    path = call.arguments.get("path", "").strip("/")
    commit = git.commit(revision)
    if commit is None:
        raise ApiError(404, f"No commit found for the ref {revision}")
    entries = git.entries(commit.sha, path)
    if not entries:
        raise not_found()
    if len(entries) == 1 and entries[0].path == path:
        return Answer(body=file_resource(call.view, repository, entries[0], revision, git))
    return Answer(body=[entry_resource(call.view, repository, entry, revision) for entry in entries])


def _git(call: Call) -> tuple[Repository, GitDir]:
    repository = call.repository()
    if repository.git_dir is None:
        raise ApiError(409, "Git Repository is empty.")
    return repository, GitDir(repository.git_dir)


def _rules(repository: Repository, branch: str) -> list[BranchRule]:
    return [rule for rule in repository.rules if fnmatchcase(branch, rule.pattern)]


def _kind(git: GitDir, sha: str) -> str:
    return (git.run("cat-file", "-t", sha) or "commit").strip()
