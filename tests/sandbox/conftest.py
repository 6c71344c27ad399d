"""A sandbox with people, a repository and a plain HTTP client for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox.people import Client, People, run_git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox


@pytest.fixture
def git_dir(tmp_path: Path) -> Path:
    """Make a bare git directory whose `main` has one commit with a plan file."""
    bare, work = tmp_path / "plans.git", tmp_path / "seed"
    run_git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main", str(work))
    (work / "docs").mkdir()
    (work / "PLAN.md").write_text("# Plan\n\n- [ ] first\n")
    (work / "docs" / "guide.md").write_text("guide\n")
    run_git(work, "add", ".")
    run_git(work, "commit", "--quiet", "--message=Write the plan")
    run_git(work, "push", "--quiet", str(bare), "HEAD:main")
    return bare


@pytest.fixture
def people(sandbox: Sandbox, git_dir: Path, tmp_path: Path) -> Iterator[People]:
    """Make `octo/plans` and users of every role: alice writes, tina triages, rita reads, adam owns, a bot."""
    sandbox.create_repository("octo/plans", git_dir=git_dir)
    group = People(sandbox, tmp_path)
    for login, role in (("alice", "write"), ("tina", "triage"), ("rita", "read"), ("adam", "admin")):
        group.tokens[login] = sandbox.add_user(login, role)  # type: ignore[arg-type]  # the roles are literals
    group.tokens["bot"] = sandbox.add_user("planbot[bot]", "write", kind="bot")
    group.tokens["stranger"] = sandbox.add_user("stranger", "none")
    yield group
    for client in group.clients:
        client.connection.close()


@pytest.fixture
def alice(people: People) -> Client:
    """Return a client of someone who may write."""
    return people.client("alice")


@pytest.fixture
def feature(git_dir: Path, tmp_path: Path) -> None:
    """Push a branch `feature`, one commit ahead of `main`."""
    work = tmp_path / "seed"
    run_git(work, "checkout", "--quiet", "-b", "feature")
    (work / "PLAN.md").write_text("# Plan\n\n- [x] first\n")
    run_git(work, "commit", "--quiet", "--all", "--message=Tick 1 box")
    run_git(work, "push", "--quiet", str(git_dir), "HEAD:feature")
