"""Git over HTTP: clone, fetch, push, who may, and what branch rules say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY, run_git

from planbot.sandbox import BranchRule

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from sandbox.people import People

    from planbot.sandbox import Sandbox

CLONING = "repositories/creating-and-managing-repositories/cloning-a-repository"
TOKENS = "authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens"
RULES = "repositories/configuring-branches-and-merges-in-your-repository"
RULESETS = f"{RULES}/managing-rulesets/available-rules-for-rulesets"
PROTECTION = f"{RULES}/managing-protected-branches/about-protected-branches"


@pytest.fixture
def clone(people: People, tmp_path: Path) -> Path:
    return people.clone("alice", tmp_path / "clone")


def commit(clone: Path, message: str = "Change", text: str = "") -> str:
    (clone / "file").write_text(text or message)
    run_git(clone, "add", ".")
    run_git(clone, "commit", "--quiet", f"--message={message}")
    return run_git(clone, "rev-parse", "HEAD").stdout.strip()


def push(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_git(clone, "push", "--porcelain", *(arguments or ("origin", "main")), check=False)


@pytest.mark.follows("git clone", CLONING)
def test_a_public_repository_is_cloned_without_a_token(people: People, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", f"{people.sandbox.url}/octo/plans", "public")
    assert (tmp_path / "public" / "PLAN.md").read_text().startswith("# Plan")


@pytest.mark.follows("git clone", CLONING)
def test_a_partial_clone_fetches_blobs_when_it_needs_them(people: People, tmp_path: Path) -> None:
    url = f"{people.sandbox.url}/octo/plans.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", url, "partial")
    missing = run_git(tmp_path / "partial", "rev-list", "--objects", "--missing=print", "--all").stdout
    assert "\n?" in missing
    assert run_git(tmp_path / "partial", "cat-file", "blob", "main:PLAN.md").stdout.startswith("# Plan")


@pytest.mark.follows("git push", CLONING)
def test_a_push_is_seen_by_the_api_and_by_others(people: People, clone: Path, tmp_path: Path) -> None:
    other = people.clone("adam", tmp_path / "other")
    sha = commit(clone)
    assert push(clone).returncode == 0
    assert people.client("alice").get(f"{REPOSITORY}/branches/main").json["commit"]["sha"] == sha
    run_git(other, "fetch", "--quiet")
    assert run_git(other, "rev-parse", "origin/main").stdout.strip() == sha


@pytest.mark.follows("git push", CLONING)
def test_refs_of_its_own_names_are_taken_and_not_cloned(people: People, clone: Path, tmp_path: Path) -> None:
    assert push(clone, "origin", "main:refs/planbot/journal").returncode == 0
    again = people.clone("alice", tmp_path / "again")
    assert "planbot" not in run_git(again, "for-each-ref").stdout
    run_git(again, "fetch", "--quiet", "origin", "refs/planbot/*:refs/planbot/*")
    assert "refs/planbot/journal" in run_git(again, "for-each-ref").stdout
    ref = people.client("alice").get(f"{REPOSITORY}/git/ref/planbot/journal").json
    assert ref["object"]["sha"] == run_git(clone, "rev-parse", "main").stdout.strip()


@pytest.mark.follows("git push", CLONING)
def test_an_atomic_push_with_leases_moves_all_refs_or_none(
    people: People, clone: Path, tmp_path: Path
) -> None:
    base = run_git(clone, "rev-parse", "main").stdout.strip()
    other = people.clone("adam", tmp_path / "other")
    moved = commit(other, "Theirs")
    assert push(other).returncode == 0
    commit(clone, "Ours")
    leases = (f"--force-with-lease=main:{base}", "--force-with-lease=refs/planbot/journal:")
    done = push(clone, "--atomic", *leases, "origin", "main", "main:refs/planbot/journal")
    assert done.returncode != 0
    assert "[rejected] (stale info)" in done.stdout
    refs = run_git(clone, "ls-remote", "origin").stdout
    assert "planbot" not in refs
    assert moved in refs


@pytest.mark.follows("git push", CLONING)
def test_the_default_branch_is_not_deleted(clone: Path) -> None:
    done = push(clone, "origin", ":main")
    assert "refusing to delete the current branch: refs/heads/main" in done.stdout
    hidden = push(clone, "origin", "main:refs/pull/1/head")
    assert "deny updating a hidden ref" in hidden.stdout


@pytest.mark.follows("git push", TOKENS)
def test_a_push_takes_a_token_and_the_write_role(people: People, clone: Path) -> None:
    commit(clone)
    for login, words in (
        (None, "could not read Username"),
        ("rita", "remote: Permission to octo/plans.git denied to rita."),
        ("stranger", "remote: Permission to octo/plans.git denied to stranger."),
    ):
        done = push(clone, people.remote(login), "main")
        assert done.returncode != 0
        assert words in done.stderr, login
    assert "The requested URL returned error: 403" in push(clone, people.remote("rita"), "main").stderr
    assert push(clone, people.remote("bot"), "main").returncode == 0


@pytest.mark.follows("git clone", TOKENS)
def test_a_private_repository_is_not_found_without_a_role(people: People, tmp_path: Path) -> None:
    with people.sandbox.edit("octo/plans") as repository:
        repository.private = True
    for login, words in ((None, "could not read Username"), ("stranger", "remote: Repository not found.")):
        done = run_git(tmp_path, "clone", people.remote(login), f"of-{login}", check=False)
        assert done.returncode != 0
        assert words in done.stderr
    run_git(tmp_path, "clone", "--quiet", people.remote("rita"), "of-rita")


@pytest.mark.follows("git clone", TOKENS)
def test_a_token_that_is_nobodys_is_refused(people: People, tmp_path: Path) -> None:
    with people.sandbox.edit("octo/plans") as repository:
        repository.private = True
    remote = people.remote("alice").replace(people.tokens["alice"], "nobody")
    done = run_git(tmp_path, "clone", remote, "x", check=False)
    assert "Authentication failed" in done.stderr


@pytest.mark.follows("git clone", TOKENS)
def test_two_authorization_headers_are_refused(people: People, tmp_path: Path) -> None:
    header = "http.extraHeader=Authorization: Basic eDp5"
    done = run_git(
        tmp_path, "-c", header, "-c", header, "ls-remote", f"{people.sandbox.url}/octo/plans", check=False
    )
    assert 'Duplicate header: "Authorization"' in done.stderr
    assert "error: 400" in done.stderr


@pytest.mark.follows("git push", "repositories/archiving-a-github-repository/archiving-repositories")
def test_an_archived_repository_takes_no_push(people: People, clone: Path) -> None:
    with people.sandbox.edit("octo/plans") as repository:
        repository.archived = True
    commit(clone)
    assert "This repository was archived so it is read-only." in push(clone).stderr


@pytest.mark.follows("git clone", "repositories/creating-and-managing-repositories/renaming-a-repository")
def test_git_follows_a_renamed_repository(people: People, clone: Path) -> None:
    people.sandbox.rename_repository("octo/plans", "octo/roadmaps")
    commit(clone)
    assert push(clone).returncode == 0
    assert "redirecting to" in run_git(clone, "fetch", check=False).stderr


@pytest.mark.follows(
    "git push", "issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"
)
def test_a_commit_message_closes_the_issues_that_it_says(people: People, clone: Path) -> None:
    alice = people.client("alice")
    for title in "abc":
        alice.post(ISSUES, title=title)
    run_git(clone, "checkout", "--quiet", "-b", "topic")
    commit(clone, "Fixes #1, see #2")
    push(clone, "origin", "topic")
    assert alice.get(f"{ISSUES}/1").json["state"] == "open"
    push(clone, "origin", "topic:main")
    assert [alice.get(f"{ISSUES}/{n}").json["state"] for n in (1, 2)] == ["closed", "open"]


@pytest.mark.follows("git push", f"{RULESETS}#require-a-pull-request-before-merging")
def test_a_ruleset_refuses_a_direct_push_in_githubs_words(people: People, clone: Path) -> None:
    url = people.sandbox.url
    people.sandbox.protect_branch("octo/plans", BranchRule("main", pull_request=True))
    commit(clone)
    done = push(clone)
    assert done.returncode != 0
    assert (
        "!\trefs/heads/main:refs/heads/main\t[remote rejected] (push declined due to repository rule violations)"
        in (done.stdout)
    )
    said = [line.rstrip() for line in done.stderr.splitlines() if line.startswith("remote:")]
    assert said == [
        "remote: error: GH013: Repository rule violations found for refs/heads/main.",
        f"remote: Review all repository rules at {url}/octo/plans/rules?ref=refs%2Fheads%2Fmain",
        "remote:",
        "remote: - Changes must be made through a pull request.",
        "remote:",
    ]
    assert push(clone, "origin", "main:topic").returncode == 0


@pytest.mark.follows("git push", f"{PROTECTION}#require-pull-request-reviews-before-merging")
def test_branch_protection_refuses_in_its_own_words(people: People, clone: Path) -> None:
    rule = BranchRule("main", enforced_by="protection", pull_request=True)
    people.sandbox.protect_branch("octo/plans", rule)
    commit(clone)
    done = push(clone)
    assert "[remote rejected] (protected branch hook declined)" in done.stdout
    said = [line.rstrip() for line in done.stderr.splitlines() if line.startswith("remote:")]
    assert said == [
        "remote: error: GH006: Protected branch update failed for refs/heads/main.",
        "remote:",
        "remote: - Changes must be made through a pull request.",
    ]


@pytest.mark.follows("git push", f"{RULESETS}#require-signed-commits")
def test_unsigned_commits_are_refused_one_by_one(people: People, clone: Path) -> None:
    people.sandbox.protect_branch("octo/plans", BranchRule("main", signatures=True))
    shas = [commit(clone, "One"), commit(clone, "Two")]
    done = push(clone)
    assert "GH013" in done.stderr
    assert "remote: - Commits must have verified signatures." in done.stderr
    assert "Found 2 violations" in done.stderr
    assert all(sha in done.stderr for sha in shas)


@pytest.mark.follows("git push", f"{RULESETS}#block-force-pushes")
@pytest.mark.parametrize("kind", ["ruleset", "protection"])
def test_force_pushes_and_deletions_are_refused_unless_allowed(
    people: People, clone: Path, kind: str
) -> None:
    push(clone, "origin", "main:release")
    rule = BranchRule("rel*", enforced_by=kind)  # type: ignore[arg-type]  # parametrized
    people.sandbox.protect_branch("octo/plans", rule)
    run_git(clone, "commit", "--quiet", "--amend", "--message=Other")
    forced = push(clone, "--force", "origin", "main:release")
    assert "Cannot force-push to this branch" in forced.stderr
    assert "Cannot delete this branch" in push(clone, "origin", ":release").stderr
    with people.sandbox.edit("octo/plans") as repository:
        repository.rules[0].force_pushes = repository.rules[0].deletions = True
    assert push(clone, "--force", "origin", "main:release").returncode == 0
    assert push(clone, "origin", ":release").returncode == 0


@pytest.mark.follows("git push", f"{RULES}/managing-rulesets/about-rulesets")
def test_who_may_bypass_a_rule_pushes_all_the_same(people: People, clone: Path) -> None:
    rule = BranchRule("main", pull_request=True, bypass=["planbot[bot]"])
    people.sandbox.protect_branch("octo/plans", rule)
    commit(clone)
    assert push(clone).returncode != 0
    assert push(clone, people.remote("bot"), "main").returncode == 0


@pytest.mark.follows("git push --atomic", RULESETS)
def test_a_refused_ref_takes_the_others_of_an_atomic_push_with_it(people: People, clone: Path) -> None:
    people.sandbox.protect_branch("octo/plans", BranchRule("main", pull_request=True))
    commit(clone)
    done = push(clone, "--atomic", "origin", "main", "main:refs/planbot/journal")
    assert (
        "refs/heads/main\t[remote rejected] (push declined due to repository rule violations)" in done.stdout
    )
    assert "refs/planbot/journal\t[remote rejected] (atomic push failure)" in done.stdout
    assert "planbot" not in run_git(clone, "ls-remote", "origin").stdout


@pytest.mark.follows("git push", RULESETS)
def test_without_atomic_the_other_ref_goes_through(people: People, clone: Path) -> None:
    people.sandbox.protect_branch("octo/plans", BranchRule("main", pull_request=True))
    commit(clone)
    assert push(clone, "origin", "main", "main:refs/planbot/journal").returncode != 0
    assert "refs/planbot/journal" in run_git(clone, "ls-remote", "origin").stdout


@pytest.mark.follows("GET …/rules/branches/{branch}", "rest/repos/rules#get-rules-for-a-branch")
def test_the_api_tells_the_rules_of_a_branch(people: People) -> None:
    alice = people.client("alice")
    people.sandbox.protect_branch("octo/plans", BranchRule("main", pull_request=True, signatures=True))
    people.sandbox.protect_branch("octo/plans", BranchRule("main", enforced_by="protection"))
    rules = alice.get(f"{REPOSITORY}/rules/branches/main").json
    assert [rule["type"] for rule in rules] == [
        "deletion",
        "non_fast_forward",
        "required_signatures",
        "pull_request",
    ]
    assert alice.get(f"{REPOSITORY}/rules/branches/topic").json == []
    assert alice.get(f"{REPOSITORY}/branches/main").json["protected"]
    assert alice.get(f"{REPOSITORY}/branches").json[0]["protected"]


def test_faults_reach_git_too(people: People, clone: Path) -> None:
    sha = commit(clone)
    sandbox = people.sandbox
    sandbox.faults.drop(method="POST", path="/octo/plans.git/git-receive-pack", when="after")
    assert push(clone).returncode != 0
    assert people.client("alice").get(f"{REPOSITORY}/branches/main").json["commit"]["sha"] == sha
    sandbox.faults.fail(503, path="/octo/plans.git/*")
    assert "503" in run_git(clone, "fetch", check=False).stderr


def test_pushes_stand_in_the_record(people: People, clone: Path) -> None:
    people.sandbox.clear_requests()
    commit(clone)
    push(clone)
    kinds = {(request.kind, request.method, request.login) for request in people.sandbox.requests}
    assert ("git", "POST", "alice") in kinds


def test_a_large_push_is_taken(people: People, clone: Path) -> None:
    (clone / "large").write_bytes(b"".join(str(n).encode() for n in range(700_000)))
    commit(clone)
    assert push(clone).returncode == 0
    assert people.client("alice").get(f"{REPOSITORY}/contents/large").json["size"] > 4_000_000


def test_many_refs_refused_at_once_are_all_reported(people: People, clone: Path) -> None:
    people.sandbox.protect_branch("octo/plans", BranchRule("*", pull_request=True))
    commit(clone)
    names = [f"topic-{n}-{'x' * 60}" for n in range(40)]
    done = push(clone, "origin", *(f"main:{name}" for name in names))
    assert done.stdout.count("push declined due to repository rule violations") == 40


def test_a_repository_without_a_git_directory_has_nothing_to_clone(sandbox: Sandbox, people: People) -> None:
    sandbox.create_repository("octo/empty")
    url = f"{sandbox.url}/octo/empty"
    done = run_git(people.folder, "clone", url, "x", check=False)
    assert "Repository not found." in done.stderr
    assert (
        people.client("alice").get("/repos/octo/empty/branches").json["message"] == "Git Repository is empty."
    )
