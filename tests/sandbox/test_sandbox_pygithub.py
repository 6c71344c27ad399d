"""PyGithub works against the sandbox, on the paths of github.com and on those of GitHub Enterprise Server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from github import Auth, Github

if TYPE_CHECKING:
    from collections.abc import Iterator

    from github.Repository import Repository
    from sandbox.people import People


@pytest.fixture(params=["", "/api/v3"])
def repository(people: People, request: pytest.FixtureRequest) -> Iterator[Repository]:
    with Github(
        auth=Auth.Token(people.tokens["alice"]),
        base_url=people.sandbox.url + request.param,
        seconds_between_requests=0,
        seconds_between_writes=0,
        per_page=2,
    ) as github:
        yield github.get_repo("octo/plans")


def test_issues_can_be_opened_listed_and_closed(repository: Repository) -> None:
    repository.create_label("planbot", "FF0000", "made by planbot")
    milestone = repository.create_milestone("M1", description="first")
    issues = [
        repository.create_issue(f"t{n}", "b", labels=["planbot"], milestone=milestone, assignees=["alice"])
        for n in range(5)
    ]
    issues[0].edit(state="closed", state_reason="not_planned")

    assert [i.number for i in repository.get_issues(labels=["planbot"], state="all")] == [5, 4, 3, 2, 1]
    assert [i.number for i in repository.get_issues(direction="asc")] == [2, 3, 4, 5]
    assert repository.get_issue(1).state_reason == "not_planned"
    assert repository.get_milestone(1).closed_issues == 1


def test_comments_and_relations_work(repository: Repository) -> None:
    parent, child, blocker = (repository.create_issue(title) for title in ("parent", "child", "blocker"))
    parent.create_comment("hello")
    parent.add_sub_issue(child.id)
    child.add_blocked_by(blocker)

    assert [c.body for c in parent.get_comments()] == ["hello"]
    assert [i.number for i in parent.get_sub_issues()] == [child.number]
    assert [i.number for i in child.get_blocked_by()] == [blocker.number]
    parent.remove_sub_issue(child.id)
    assert list(parent.get_sub_issues()) == []


def test_branches_commits_and_files_can_be_read(repository: Repository) -> None:
    head = repository.get_branch("main").commit
    assert [b.name for b in repository.get_branches()] == ["main"]
    assert repository.get_git_ref("heads/main").object.sha == head.sha
    assert repository.get_commit("main").commit.message == "Write the plan"
    assert [c.sha for c in repository.get_commits()] == [head.sha]
    contents = repository.get_contents("PLAN.md")
    assert not isinstance(contents, list)
    assert contents.decoded_content == b"# Plan\n\n- [ ] first\n"
    listing = repository.get_contents("")
    assert isinstance(listing, list)
    assert [entry.path for entry in listing] == ["PLAN.md", "docs"]


def test_users_and_limits_can_be_read(repository: Repository) -> None:
    assert repository.permissions.push
    assert repository.has_in_assignees("alice")
    assert not repository.has_in_assignees("rita")
    assert {u.login for u in repository.get_assignees()} == {"alice", "tina", "adam"}
