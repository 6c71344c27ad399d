"""Refs, branches, commits and files, read from the git directory."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from sandbox.people import REPOSITORY, run_git

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.people import Client, People


@pytest.mark.follows("GET …/contents/{path}", "rest/repos/contents#get-repository-content")
def test_files_and_folders_are_read_at_any_commit(alice: Client, feature: None) -> None:
    assert feature is None
    file = alice.get(f"{REPOSITORY}/contents/docs/guide.md").json
    assert (file["name"], file["path"], file["type"], file["size"]) == (
        "guide.md",
        "docs/guide.md",
        "file",
        6,
    )
    assert base64.b64decode(file["content"]) == b"guide\n"
    assert [e["path"] for e in alice.get(f"{REPOSITORY}/contents/docs").json] == ["docs/guide.md"]
    assert [(e["path"], e["type"]) for e in alice.get(f"{REPOSITORY}/contents/").json] == [
        ("PLAN.md", "file"),
        ("docs", "dir"),
    ]
    ticked = alice.get(f"{REPOSITORY}/contents/PLAN.md?ref=feature").json
    assert b"[x]" in base64.b64decode(ticked["content"])
    assert alice.get(f"{REPOSITORY}/contents/nowhere.md").status == 404
    missing = alice.get(f"{REPOSITORY}/contents/PLAN.md?ref=nowhere")
    assert (missing.status, missing.message) == (404, "No commit found for the ref nowhere")


@pytest.mark.follows("GET …/branches/{branch}", "rest/branches/branches#get-a-branch")
def test_a_branch_that_is_not_there_is_404(alice: Client) -> None:
    missing = alice.get(f"{REPOSITORY}/branches/nowhere")
    assert (missing.status, missing.message) == (404, "Branch not found")


@pytest.mark.follows("GET …/commits", "rest/commits/commits#list-commits")
def test_commits_are_listed_newest_first_by_branch_and_path(alice: Client, feature: None) -> None:
    assert feature is None

    def messages(query: str) -> list[str]:
        return [c["commit"]["message"] for c in alice.get(f"{REPOSITORY}/commits?{query}").json]

    assert messages("") == ["Write the plan"]
    assert messages("sha=feature") == ["Tick 1 box", "Write the plan"]
    assert messages("sha=feature&path=docs/guide.md") == ["Write the plan"]
    assert alice.get(f"{REPOSITORY}/commits?sha=nowhere").status == 404
    assert alice.get(f"{REPOSITORY}/commits/nowhere").status == 422


@pytest.mark.follows("GET …/git/ref/{ref}", "rest/git/refs#get-a-reference")
def test_refs_are_read_one_by_one_or_by_their_start(alice: Client, feature: None) -> None:
    assert feature is None
    main = alice.get(f"{REPOSITORY}/git/ref/heads/main").json
    assert (main["ref"], main["object"]["type"]) == ("refs/heads/main", "commit")
    assert alice.get(f"{REPOSITORY}/git/ref/heads/ma").status == 404
    matching = alice.get(f"{REPOSITORY}/git/matching-refs/heads/").json
    assert [ref["ref"] for ref in matching] == ["refs/heads/feature", "refs/heads/main"]
    commit = alice.get(f"{REPOSITORY}/git/commits/{main['object']['sha']}").json
    assert (commit["message"], commit["verification"]["verified"]) == ("Write the plan", False)
    assert alice.get(f"{REPOSITORY}/git/commits/{'0' * 40}").status == 404


@pytest.mark.follows("GET …/commits/{ref}", "rest/commits/commits#get-a-commit")
def test_a_commit_is_credited_to_the_user_of_its_address(people: People, tmp_path: Path) -> None:
    alice = people.client("alice")
    clone = people.clone("alice", tmp_path / "clone")
    user_id = alice.get("/user").json["id"]
    author = f"--author=Alice <{user_id}+alice@users.noreply.github.com>"
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message=Credit", author)
    run_git(clone, "push", "--quiet", "origin", "main")
    commit = alice.get(f"{REPOSITORY}/commits/main").json
    assert commit["author"]["login"] == "alice"
    assert commit["committer"] is None


@pytest.mark.parametrize("name", ["--all", "main;x", "refs/heads/main^{tree}"])
def test_odd_revisions_are_no_commits(alice: Client, name: str) -> None:
    assert alice.get(f"{REPOSITORY}/contents/PLAN.md?ref={name}").status == 404
