"""What the doctor looks at, over the sandbox and real git: what it finds, what it advises, what it leaves behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.doctor.examine import Patient, examine
from planbot.repo.git import Credentials
from planbot.repo.repository import Repository
from planbot.repo.sources import WorktreeSource
from planbot.sandbox import BranchRule, Fault
from planbot.sandbox.model import Run, Workflow
from planbot.tracker.inspection import Inspector
from planbot.workflow import UNKNOWN_ACTION

if TYPE_CHECKING:
    from planbot.report.examination import Finding

WORKFLOW = ".github/workflows/planbot.yml"
SHA = "1" * 40


@pytest.fixture
def synced(world: World) -> World:
    """Return a world after its first pass, whose clone talks to its remote over HTTP."""
    world.commit({PLAN: SMALL})
    world.sync()
    git(world.work, "remote", "set-url", "origin", f"{world.sandbox.url}/{NAME}.git")
    return world


def found(
    world: World, token: str = "", settings: bytes | None = None, ahead: float = 0
) -> dict[str, Finding]:
    """Return the findings by name."""
    token = token or world.bot_token
    repository = Repository.open(world.work, credentials=Credentials(token, world.sandbox.url))
    with Inspector.connect(world.sandbox.url, token, NAME) as inspector:
        named = None if settings is None else ("planbot.yml", settings)
        patient = Patient(
            repository,
            inspector,
            WorktreeSource(repository),
            named,
            lambda: world.sandbox.clock.now() + ahead,
            lambda: "w",
        )
        findings = list(examine(patient))
    assert len({one.name for one in findings}) == len(findings)
    return {one.name: one for one in findings}


def states(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: one.state for name, one in findings.items() if one.state != "ok"}


def test_where_all_is_well_every_line_says_so(synced: World) -> None:
    token = synced.sandbox.add_user("adam", role="admin")
    findings = found(synced, token)
    assert states(findings) == {}
    assert list(findings) == [
        "settings",
        "token",
        "clock",
        "git",
        "repository",
        "issues",
        "issues: write",
        "journal",
        "branch rules",
        "signatures",
        "required checks",
        "Actions",
        "workflow",
    ]
    assert findings["token"].found == "a classic token of @adam, scopes: repo"
    assert "there is a journal" in findings["git"].found
    assert findings["Actions"].found == "workflows may run; they may open pull requests"


def test_nothing_is_left_behind(synced: World) -> None:
    refs = synced.refs()
    synced.sandbox.clear_requests()
    found(synced)
    assert synced.refs() == refs
    api = [request for request in synced.sandbox.requests if request.path.startswith("/repos/")]
    assert {(request.path, request.status) for request in api if request.method != "GET"} == {
        (f"/repos/{NAME}/labels", 422)
    }


def test_what_only_an_administrator_may_read_is_unknown_and_no_failure(synced: World) -> None:
    assert states(found(synced)) == {"Actions": "unknown"}


def test_a_token_of_a_workflow_is_told_from_a_persons(synced: World) -> None:
    token = synced.sandbox.add_user("github-actions[bot]", role="write", kind="bot")
    findings = found(synced, token)
    assert findings["token"].found == "a token of a workflow or an App"
    assert states(findings) == {"Actions": "unknown"}


def test_a_token_that_is_not_accepted_is_broken_and_the_rest_is_not_asked(synced: World) -> None:
    findings = found(synced, "ghp_wrong")
    assert states(findings) == {"token": "broken", "git": "broken"}
    assert list(findings) == ["settings", "token", "git"]


def test_a_token_that_may_only_read_is_told_what_it_lacks(synced: World) -> None:
    findings = found(synced, synced.sandbox.add_user("rita", role="read"))
    assert states(findings) == {"issues: write": "broken", "journal": "broken", "Actions": "unknown"}
    assert "issues: write" in findings["issues: write"].advice
    assert "contents: write" in findings["journal"].advice


def test_a_repository_that_is_not_there_is_broken(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.sandbox.rename_repository(NAME, "octo/elsewhere")
    with world.sandbox.edit("octo/elsewhere") as repository:
        repository.private = True
        repository.roles["planbot"] = "none"
    assert found(world)["repository"].state == "broken"


@pytest.mark.parametrize(
    ("change", "name", "state", "words"),
    [
        ({"archived": True}, "repository", "to do", "archived"),
        ({"fork": True}, "repository", "to do", "forks: true"),
        ({"has_issues": False}, "issues", "broken", "switched off"),
    ],
)
def test_a_repository_in_which_planbot_does_nothing(
    synced: World, change: dict[str, bool], name: str, state: str, words: str
) -> None:
    with synced.sandbox.edit(NAME) as repository:
        for key, value in change.items():
            setattr(repository, key, value)
    finding = found(synced)[name]
    assert finding.state == state
    assert words in f"{finding.found} {finding.advice}"


@pytest.mark.parametrize(("ahead", "words"), [(300, "ahead of"), (-300, "behind")])
def test_a_wrong_clock_is_told(synced: World, ahead: float, words: str) -> None:
    finding = found(synced, ahead=ahead)["clock"]
    assert finding.state == "to do"
    assert re.fullmatch(rf"0:0(4:59|5:0[01]) {words} the server's", finding.found)


def test_settings_with_mistakes_are_broken(synced: World) -> None:
    finding = found(synced, settings=b"branhc: main\n")["settings"]
    assert finding.state == "broken"
    assert "planbot.yml:1" in finding.found


def test_a_branch_that_is_not_there_is_broken(synced: World) -> None:
    findings = found(synced, settings=b"branch: next\n")
    assert "the branch next is not on the remote" in findings["git"].found
    assert "branch rules" not in findings
    assert findings["journal"].state == "ok"


@pytest.mark.parametrize("kind", ["ruleset", "protection"])
def test_a_branch_that_demands_more_is_told_with_what_to_do(synced: World, kind: str) -> None:
    rule = BranchRule("main", pull_request=True, signatures=True, checks=["ci", "lint"])
    rule.enforced_by = "ruleset" if kind == "ruleset" else "protection"
    synced.sandbox.protect_branch(NAME, rule)
    findings = found(synced, synced.sandbox.add_user("adam", role="admin"))
    assert states(findings) == {"signatures": "to do", "required checks": "to do"}
    assert "ticks wait in one" in findings["branch rules"].found
    assert findings["required checks"].found.startswith("ci, lint must pass")
    assert findings["pull requests"].state == "ok"


def test_protection_that_is_hidden_is_unknown(synced: World) -> None:
    synced.sandbox.protect_branch(NAME, BranchRule("main", enforced_by="protection", pull_request=True))
    assert states(found(synced)) == {
        "branch rules": "unknown",
        "signatures": "unknown",
        "required checks": "unknown",
        "Actions": "unknown",
    }


def test_a_workflow_that_may_not_open_pull_requests_is_told_the_setting(synced: World) -> None:
    synced.sandbox.protect_branch(NAME, BranchRule("main", pull_request=True))
    with synced.sandbox.edit(NAME) as repository:
        repository.bots_open_pulls = False
    findings = found(synced, synced.sandbox.add_user("github-actions[bot]", role="write", kind="bot"))
    assert findings["pull requests"].state == "to do"
    assert "Allow GitHub Actions to create and approve pull requests" in findings["pull requests"].advice


@pytest.mark.parametrize(
    ("allowed", "words"),
    [("", "switched off"), ("local_only", "this owner's"), ("selected", "selected")],
)
def test_settings_of_actions_that_stand_in_the_way(synced: World, allowed: str, words: str) -> None:
    with synced.sandbox.edit(NAME) as repository:
        repository.actions.enabled = bool(allowed)
        repository.actions.allowed = allowed or "all"  # type: ignore[assignment] # the words are spelled above
    finding = found(synced, synced.sandbox.add_user("adam", role="admin"))["Actions"]
    assert finding.state == "to do"
    assert words in finding.found


def with_workflow(world: World, *runs: Run, state: str = "active") -> None:
    with world.sandbox.edit(NAME) as repository:
        repository.workflows.append(Workflow(5, "planbot", WORKFLOW, 1, state, list(runs)))


def test_a_workflow_that_was_switched_off_is_told(synced: World) -> None:
    with_workflow(synced, state="disabled_inactivity")
    finding = found(synced)["workflow"]
    assert finding.state == "to do"
    assert "is disabled inactivity" in finding.found


def test_a_workflow_whose_action_is_not_named_yet_is_told(synced: World) -> None:
    file = synced.work / WORKFLOW
    file.parent.mkdir(parents=True)
    file.write_text(f"    steps:\n      - uses: {UNKNOWN_ACTION}\n")
    finding = found(synced)["workflow"]
    assert finding.state == "to do"
    assert finding.found == f"{WORKFLOW} still has the placeholder OWNER/planbot@FULL_COMMIT_SHA"
    file.write_text(f"    steps:\n      # elsewhere: {UNKNOWN_ACTION}\n      - uses: ./\n")
    assert found(synced)["workflow"].state == "ok"


def test_a_remote_that_cannot_be_reached_is_no_lack_of_rights(synced: World) -> None:
    git(synced.work, "remote", "set-url", "origin", "http://nowhere.invalid/octo/plans.git")
    findings = found(synced)
    assert findings["git"].state == "broken"
    assert "The server cannot be reached" in findings["git"].advice
    assert findings["journal"].state == "unknown"
    assert "Could not resolve host" in findings["journal"].found
    assert findings["journal"].advice == "see that the remote can be reached, then run again"


def entry_times(world: World) -> list[int]:
    return [int(line) for line in git(world.origin, "log", "--format=%ct", "refs/planbot/journal").split()]


def test_passes_by_the_workflow_alone_are_well(synced: World) -> None:
    times = entry_times(synced)
    with_workflow(synced, Run(7, 1, "push", "main", SHA, min(times), max(times)))
    assert found(synced)["passes"].found == "all by the workflow"


def test_passes_beside_the_workflow_are_told(synced: World) -> None:
    times = entry_times(synced)
    with_workflow(synced, Run(7, 1, "push", "main", SHA, min(times) - 9000, min(times) - 8000))
    finding = found(synced)["passes"]
    assert finding.state == "to do"
    assert "made outside the workflow's runs" in finding.found


def test_what_cannot_be_asked_is_unknown_and_the_rest_goes_on(synced: World) -> None:
    synced.sandbox.faults.add(Fault("GET", "/repos/*/rules/*", status=502, times=20))
    findings = found(synced)
    assert findings["branch rules"].state == "unknown"
    assert findings["workflow"].state == "ok"
