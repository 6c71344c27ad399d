"""Pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES, REPOSITORY, run_git

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.people import Client, People

    from planbot.sandbox import Sandbox

PULLS = f"{REPOSITORY}/pulls"
DOCS = "rest/pulls/pulls"

pytestmark = pytest.mark.usefixtures("feature")


def open_pull(client: Client, **fields: object) -> dict[str, object]:
    reply = client.post(PULLS, **{"title": "Tick", "head": "feature", "base": "main", **fields})
    assert reply.status == 201
    pull: dict[str, object] = reply.json
    return pull


@pytest.mark.follows("POST …/pulls", f"{DOCS}#create-a-pull-request")
def test_a_pull_request_compares_two_branches(sandbox: Sandbox, alice: Client) -> None:
    pull = open_pull(alice, body="b")
    assert (pull["number"], pull["state"], pull["merged"], pull["mergeable"]) == (1, "open", False, True)
    assert (pull["commits"], pull["changed_files"], pull["additions"], pull["deletions"]) == (1, 1, 1, 1)
    assert pull["html_url"] == f"{sandbox.url}/octo/plans/pull/1"
    assert alice.get(f"{PULLS}/1").json == pull


@pytest.mark.follows("GET …/issues", "rest/issues/issues#list-repository-issues")
def test_a_pull_request_is_in_the_list_of_issues_and_numbered_with_them(alice: Client) -> None:
    alice.post(ISSUES, title="issue")
    open_pull(alice)
    alice.post(ISSUES, title="issue")
    listed = alice.get(ISSUES).json
    assert [(issue["number"], "pull_request" in issue) for issue in listed] == [
        (3, False),
        (2, True),
        (1, False),
    ]
    assert alice.patch(f"{ISSUES}/2", labels=["x"]).json["pull_request"]["merged_at"] is None
    assert [label["name"] for label in alice.get(f"{PULLS}/2").json["labels"]] == ["x"]


@pytest.mark.follows("POST …/pulls", f"{DOCS}#create-a-pull-request")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"head": "nowhere"}, {"resource": "PullRequest", "code": "invalid", "field": "head"}),
        ({"base": "nowhere"}, {"resource": "PullRequest", "code": "invalid", "field": "base"}),
        (
            {"head": "main"},
            {"resource": "PullRequest", "code": "custom", "message": "No commits between main and main"},
        ),
    ],
)
def test_branches_that_do_not_fit_are_422(
    alice: Client, fields: dict[str, str], error: dict[str, str]
) -> None:
    reply = alice.post(PULLS, **{"title": "t", "head": "feature", "base": "main", **fields})
    assert (reply.status, reply.json["errors"]) == (422, [error])


@pytest.mark.follows("POST …/pulls", f"{DOCS}#create-a-pull-request")
def test_a_second_pull_request_for_the_same_branches_is_422(alice: Client) -> None:
    open_pull(alice)
    reply = alice.post(PULLS, title="t", head="octo:feature", base="main")
    assert reply.json["errors"][0]["message"] == "A pull request already exists for octo:feature."
    alice.patch(f"{PULLS}/1", state="closed")
    assert open_pull(alice)["number"] == 2


@pytest.mark.follows("GET …/pulls", f"{DOCS}#list-pull-requests")
def test_pull_requests_are_found_by_state_and_branches(alice: Client) -> None:
    open_pull(alice)

    def count(query: str) -> int:
        return len(alice.get(f"{PULLS}?{query}").json)

    assert [count(q) for q in ("", "head=octo:feature", "base=main", "state=all")] == [1, 1, 1, 1]
    assert [count(q) for q in ("head=octo:other", "base=feature", "state=closed")] == [0, 0, 0]


@pytest.mark.follows(
    "POST …/pulls", "actions/security-for-github-actions/security-guides/automatic-token-authentication"
)
def test_bots_open_pull_requests_only_where_they_may(sandbox: Sandbox, people: People) -> None:
    with sandbox.edit("octo/plans") as repository:
        repository.bots_open_pulls = False
    refused = people.client("bot").post(PULLS, title="t", head="feature", base="main")
    assert refused.status == 403
    assert refused.message == "GitHub Actions is not permitted to create or approve pull requests."
    assert open_pull(people.client("alice"))


@pytest.mark.follows("PUT …/pulls/{number}/merge", f"{DOCS}#merge-a-pull-request")
@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_merging_moves_the_base_and_closes(alice: Client, method: str, parents: int) -> None:
    alice.post(ISSUES, title="issue")
    open_pull(alice, body="Closes #1")
    merged = alice.put(f"{PULLS}/2/merge", merge_method=method)
    assert (merged.status, merged.json["merged"]) == (200, True)
    pull = alice.get(f"{PULLS}/2").json
    assert (pull["state"], pull["merged"], pull["merged_by"]["login"]) == ("closed", True, "alice")
    head = alice.get(f"{REPOSITORY}/branches/main").json["commit"]
    assert (head["sha"], len(head["parents"])) == (merged.json["sha"], parents)
    assert alice.get(f"{ISSUES}/1").json["state"] == "closed"
    assert alice.patch(f"{PULLS}/2", state="open").status == 422
    assert alice.put(f"{PULLS}/2/merge").status == 405


@pytest.mark.follows(
    "PUT …/pulls/{number}/merge",
    "issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue",
)
@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("Resolves: #1", True),
        ("fixes octo/plans#1", True),
        ("fixed https://github.com/octo/plans/issues/1", True),
        ("closed GH-1", True),
        ("closes octo/other#1", False),
        ("closes https://github.com/octo/other/issues/1", False),
        ("discloses #1", False),
        ("closes issue #1", False),
        ("closes #\N{WORD JOINER}1", False),
    ],
)
def test_closing_keywords_take_an_issue_of_this_repository(alice: Client, text: str, closes: bool) -> None:  # noqa: FBT001 - a column of the table
    alice.post(ISSUES, title="issue")
    open_pull(alice, body=text)
    alice.put(f"{PULLS}/2/merge")
    assert (alice.get(f"{ISSUES}/1").json["state"] == "closed") is closes


@pytest.mark.follows("PUT …/pulls/{number}/merge", f"{DOCS}#merge-a-pull-request")
def test_what_conflicts_or_moved_is_not_merged(alice: Client, tmp_path: Path, git_dir: Path) -> None:
    open_pull(alice)
    assert alice.put(f"{PULLS}/1/merge", sha="0" * 40).status == 409
    work = tmp_path / "seed"
    run_git(work, "checkout", "--quiet", "main")
    (work / "PLAN.md").write_text("# Plan\n\n- [ ] other\n")
    run_git(work, "commit", "--quiet", "--all", "--message=Change")
    run_git(work, "push", "--quiet", str(git_dir), "main")
    pull = alice.get(f"{PULLS}/1").json
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    for method in ("merge", "squash", "rebase"):
        assert alice.put(f"{PULLS}/1/merge", merge_method=method).status == 405


@pytest.mark.follows("PUT …/pulls/{number}/merge", f"{DOCS}#merge-a-pull-request")
def test_rebasing_keeps_every_commit_and_its_author(people: People, tmp_path: Path) -> None:
    alice = people.client("alice")
    clone = people.clone("alice", tmp_path / "clone")
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message=Meanwhile")
    run_git(clone, "push", "--quiet", "origin", "main")
    run_git(clone, "checkout", "--quiet", "feature")
    run_git(
        clone, "commit", "--quiet", "--allow-empty", "--message=Another", "--author=Eve <eve@example.org>"
    )
    run_git(clone, "push", "--quiet", "origin", "feature")
    open_pull(alice)
    merged = alice.put(f"{PULLS}/1/merge", merge_method="rebase").json["sha"]
    listed = alice.get(f"{REPOSITORY}/commits").json
    assert listed[0]["sha"] == merged == alice.get(f"{PULLS}/1").json["merge_commit_sha"]
    assert [one["commit"]["message"].strip() for one in listed[:1] + listed[2:3]] == ["Another", "Meanwhile"]
    assert listed[0]["commit"]["author"]["name"] == "Eve"
    assert listed[0]["commit"]["committer"]["name"] == "alice"


@pytest.mark.follows("PUT …/pulls/{number}/merge", f"{DOCS}#merge-a-pull-request")
def test_merging_takes_the_write_role(people: People) -> None:
    open_pull(people.client("alice"))
    assert people.client("tina").put(f"{PULLS}/1/merge").status == 404


@pytest.mark.follows("PATCH …/pulls/{number}", f"{DOCS}#update-a-pull-request")
def test_a_pull_request_is_changed_closed_and_opened(people: People) -> None:
    alice = people.client("alice")
    open_pull(alice)
    assert alice.patch(f"{PULLS}/1", title="u", body="c", state="closed").json["state"] == "closed"
    assert alice.patch(f"{PULLS}/1", state="open").json["title"] == "u"
    assert alice.patch(f"{PULLS}/1", base="nowhere").status == 422
    assert people.client("rita").patch(f"{PULLS}/1", title="mine").status == 403
    assert alice.patch(f"{PULLS}/9", title="u").status == 404


def test_a_push_moves_an_open_pull_request_and_merging_it_by_push_closes_it(
    people: People, tmp_path: Path
) -> None:
    alice = people.client("alice")
    open_pull(alice)
    clone = people.clone("alice", tmp_path / "clone")
    run_git(clone, "checkout", "--quiet", "feature")
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message=More")
    run_git(clone, "push", "--quiet", "origin", "feature")
    head = run_git(clone, "rev-parse", "HEAD").stdout.strip()
    assert alice.get(f"{PULLS}/1").json["head"]["sha"] == head
    run_git(clone, "push", "--quiet", "origin", "feature:main")
    pull = alice.get(f"{PULLS}/1").json
    assert (pull["merged"], pull["merge_commit_sha"]) == (True, head)


def test_deleting_the_branch_closes_its_pull_request(people: People, tmp_path: Path) -> None:
    alice = people.client("alice")
    open_pull(alice)
    clone = people.clone("alice", tmp_path / "clone")
    run_git(clone, "push", "--quiet", "origin", ":feature")
    pull = alice.get(f"{PULLS}/1").json
    assert (pull["state"], pull["merged"]) == ("closed", False)
