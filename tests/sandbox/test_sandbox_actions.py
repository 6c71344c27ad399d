"""Actions, protection and required checks; what is answered is held against GitHub's description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox.people import REPOSITORY, run_git

from planbot.sandbox import BranchRule
from planbot.sandbox.model import Run, Workflow

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.people import People

ACTIONS = f"{REPOSITORY}/actions"
SHA = "1" * 40


@pytest.mark.parametrize("path", [f"{ACTIONS}/permissions", f"{ACTIONS}/permissions/workflow"])
def test_only_administrators_learn_what_actions_may_do(people: People, path: str) -> None:
    assert people.client("adam").get(path).status == 200
    for login in ("alice", "bot"):
        assert people.client(login).get(path).status == 403


def test_what_actions_may_do_is_told(people: People) -> None:
    adam = people.client("adam")
    assert adam.get(f"{ACTIONS}/permissions").json["allowed_actions"] == "all"
    with people.sandbox.edit("octo/plans") as repository:
        repository.actions.enabled = False
        repository.actions.default_rights = "write"
        repository.bots_open_pulls = False
    assert adam.get(f"{ACTIONS}/permissions").json == {"enabled": False}
    assert adam.get(f"{ACTIONS}/permissions/workflow").json == {
        "default_workflow_permissions": "write",
        "can_approve_pull_request_reviews": False,
    }


def test_workflows_and_their_runs_are_listed_newest_first(people: People) -> None:
    with people.sandbox.edit("octo/plans") as repository:
        runs = [Run(7, 1, "push", "main", SHA, 10, 20), Run(8, 2, "schedule", "main", SHA, 30, 40)]
        repository.workflows.append(Workflow(5, "planbot", ".github/workflows/planbot.yml", 1, runs=runs))
    rita = people.client("rita")
    (workflow,) = rita.get(f"{ACTIONS}/workflows").json["workflows"]
    assert (workflow["path"], workflow["state"]) == (".github/workflows/planbot.yml", "active")
    for name in ("5", "planbot.yml"):
        listed = rita.get(f"{ACTIONS}/workflows/{name}/runs").json
        assert [run["run_number"] for run in listed["workflow_runs"]] == [2, 1]
    second = rita.get(f"{ACTIONS}/workflows/5/runs?per_page=1&page=2").json
    assert [run["run_number"] for run in second["workflow_runs"]] == [1]
    assert rita.get(f"{ACTIONS}/workflows/6/runs").status == 404


def test_protection_is_for_administrators_alone(people: People) -> None:
    path = f"{REPOSITORY}/branches/main/protection"
    adam = people.client("adam")
    assert adam.get(path).message == "Branch not protected"
    assert adam.get(f"{REPOSITORY}/branches/none/protection").message == "Branch not found"
    rule = BranchRule("main", enforced_by="protection", pull_request=True, signatures=True, checks=["ci"])
    people.sandbox.protect_branch("octo/plans", rule)
    protection = adam.get(path).json
    assert protection["required_signatures"]["enabled"]
    assert protection["required_status_checks"]["contexts"] == ["ci"]
    assert "required_pull_request_reviews" in protection
    assert people.client("alice").get(path).status == 404
    assert people.client("bot").get(path).status == 403


def test_required_checks_are_told_of_a_branch(people: People) -> None:
    people.sandbox.protect_branch("octo/plans", BranchRule("main", enforced_by="protection", checks=["ci"]))
    people.sandbox.protect_branch("octo/plans", BranchRule("main", checks=["lint"]))
    rita = people.client("rita")
    branch = rita.get(f"{REPOSITORY}/branches/main").json
    assert branch["protection"]["required_status_checks"]["contexts"] == ["ci"]
    rules = rita.get(f"{REPOSITORY}/rules/branches/main").json
    (checks,) = [rule["parameters"] for rule in rules if rule["type"] == "required_status_checks"]
    assert checks["required_status_checks"] == [{"context": "lint"}]


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        (["ci"], 'Required status check "ci" is expected.'),
        (["ci", "lint"], "2 of 2 required status checks are expected."),
    ],
)
def test_a_push_without_its_checks_is_refused(
    people: People, tmp_path: Path, checks: list[str], words: str
) -> None:
    people.sandbox.protect_branch("octo/plans", BranchRule("main", checks=checks))
    clone = people.clone("alice", tmp_path / "clone")
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message=Nothing")
    done = run_git(clone, "push", "origin", "HEAD:main", check=False)
    assert done.returncode != 0
    assert words in done.stderr
