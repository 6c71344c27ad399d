"""The branch: what it demands of a push, and what that means for ticks on their way into the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.report.examination import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.tracker.inspection import BranchRecord, Inspector


def rules(inspector: Inspector, name: str) -> Iterator[Finding]:
    """Say whether ticks can be committed, and whether pull requests can stand in where they cannot."""
    branch = inspector.branch(name)
    yield _pushes(branch, name)
    yield _signatures(branch)
    yield _checks(branch)
    if branch.pull_request or branch.checks:
        yield _pulls(inspector)


def _pushes(branch: BranchRecord, name: str) -> Finding:
    if branch.pull_request:
        found = f"{name} takes changes by pull request alone: ticks wait in one, from planbot/progress"
        return Finding("branch rules", "ok", found)
    if branch.unsure:
        found = f"{name} is protected; how, only an administrator's token may read"
        return Finding("branch rules", "unknown", found)
    return Finding("branch rules", "ok", f"{name} takes commits without a pull request")


def _signatures(branch: BranchRecord) -> Finding:
    if not branch.signatures:
        return _not_seen("signatures", "not demanded", branch)
    advice = "let planbot's account bypass the rule, or squash the pull request in which the ticks wait"
    return Finding("signatures", "to do", "demanded; what planbot pushes by git is unsigned", advice)


def _checks(branch: BranchRecord) -> Finding:
    if not branch.checks:
        return _not_seen("required checks", "none", branch)
    found = f"{', '.join(branch.checks)} must pass before a commit gets in: ticks wait in a pull request"
    advice = (
        "let planbot's account bypass the rule; a pull request opened with a workflow's own token starts no checks, "
        "one opened with an App's or a person's token does"
    )
    return Finding("required checks", "to do", found, advice)


def _not_seen(name: str, found: str, branch: BranchRecord) -> Finding:
    if branch.unsure:
        return Finding(name, "unknown", "cannot be told")
    return Finding(name, "ok", found)


def _pulls(inspector: Inspector) -> Finding:
    if inspector.may_write_pulls():
        return Finding("pull requests", "ok", "the token may open them")
    advice = (
        "give the token `pull-requests: write`; for a workflow's own also allow Settings -> Actions -> General -> "
        "Allow GitHub Actions to create and approve pull requests"
    )
    return Finding("pull requests", "to do", "the token may not open them", advice)
