"""The action, run by act against the sandbox: a real checkout, a real installation, real pushes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from support.act import Run, Runner, own_files
from support.protected import Protected
from support.world import NAME, PLAN, World, changed_bytes, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

PHASED = """\
# Billing: Implementation Plan

### Phase 1: Foundation

**Goal**: One invoice an order.

## Verification

### Phase 1 Verification

**Manual**:
- [ ] the page opens

## Open Questions

- [ ] Who answers?
"""

HOSTILE = "${{ github.token }} `$(touch ran)` ::error::x %0A::warning::y @maya #1 <!-- --> </td>"
SETTINGS = f"plans: [{PLAN}]\n"

SYNC = "1"  # where planbot stands among the steps of its workflow, which have no ids

LINT = """\
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: check
        uses: ./
        continue-on-error: true
        with: {command: check, config: "$(touch ran).yml", working-directory: docs}
      - id: unknown
        uses: ./
        continue-on-error: true
        with: {command: "check\\ntouch ran"}
      - id: unclear
        uses: ./
        continue-on-error: true
        with: {dry-run: "yes"}
      - id: nothing-ran
        run: test ! -e ran && test ! -e docs/ran
"""


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that stands for GitHub's cache: what one test installs, the next one finds."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def runner(world: World, kept: Path) -> Runner:
    world.commit({**own_files(), PLAN: PHASED, ".github/planbot.yml": SETTINGS})
    return Runner(world, kept)


def pushed(ref: str = "refs/heads/main") -> dict[str, Any]:
    """Return the part of a push's payload that workflows read."""
    return {"ref": ref, "repository": {"full_name": NAME, "default_branch": "main"}}


def edited(world: World, number: int, body: str) -> dict[str, Any]:
    """Edit an issue as a person does, and return the payload that the sandbox delivers for it."""
    world.sandbox.add_webhook(NAME, "http://127.0.0.1:9/", secret="unheard", events=("issues",))
    world.person.update_issue(number, body=body)
    payload = world.sandbox.deliveries[-1].payload
    assert (payload["action"], payload["issue"]["number"]) == ("edited", number)
    return payload


def test_a_push_makes_issues_and_a_tick_in_one_comes_back_as_a_commit(world: World, runner: Runner) -> None:
    first = runner.run("push", pushed())
    assert first.code == 0, first.log
    issues = world.issues()
    assert set(issues) == {"Billing: Implementation Plan", "Phase 1: Foundation"}
    outputs = first.outputs[SYNC]
    result = json.loads(outputs["result"])
    numbers = {change["issue"] for change in result["changes"] if change["kind"] in ("plan", "phase")}
    assert numbers == {issue.number for issue in issues.values()}
    assert {name: outputs[name] for name in ("created", "closed", "ticked")} == {
        "created": str(result["created"]),
        "closed": "0",
        "ticked": "0",
    }
    assert not outputs.get("commit")
    assert outputs["changed"] == "true"
    assert not first.set_python_up, "a Python that is there is not set up again"
    assert f"[#<!-- -->{numbers.pop()}](<{world.sandbox.url}/octo/plans/issues/" in first.summaries[SYNC]

    before, phase = world.plan(), issues["Phase 1: Foundation"]
    payload = edited(world, phase.number, phase.body.replace("[ ] the page", "[x] the page"))
    second = runner.run("issues", payload)
    assert second.code == 0, second.log
    assert second.outputs[SYNC]["ticked"] == "1"
    assert second.outputs[SYNC]["commit"] == git(world.origin, "rev-parse", "main")
    assert changed_bytes(before, world.plan()) == [(before.index(b"[ ]") + 1, b" ", b"x")]
    sender = payload["sender"]
    credit = f"maya <{sender['id']}+maya@users.noreply.github.com>"
    assert (
        git(world.origin, "log", "-1", "--format=%(trailers:key=Co-authored-by,valueonly)", "main") == credit
    )
    assert ", by maya\n" in second.summaries[SYNC]

    third = runner.run("schedule", {"schedule": "23 */6 * * *"})
    assert third.code == 0, third.log
    assert third.outputs[SYNC]["changed"] == "false"


def test_other_issues_and_other_branches_start_no_pass(world: World, runner: Runner) -> None:
    number = world.person.create_issue(title="Something else", body="- [ ] mine").number
    other = edited(world, number, "- [x] mine")
    for event, payload in (("issues", other), ("push", pushed("refs/heads/other"))):
        run = runner.run(event, payload)
        assert run.code == 0, run.log
        assert run.ended == {}
    assert world.issues() == {}


def test_python_is_set_up_inputs_are_texts_and_the_exit_code_is_planbots(
    world: World, runner: Runner, tmp_path: Path
) -> None:
    trap = "raise SystemExit('a module of the repository was taken for one of Python')"
    world.commit(
        {
            ".github/workflows/lint.yml": LINT,
            PLAN: "- [ ] one too many\n" * 600_000,
            "docs/$(touch ran).yml": SETTINGS,
            "docs/json.py": trap,
            "venv.py": trap,
        }
    )
    useless = tmp_path / "bin" / "python3"
    useless.parent.mkdir()
    useless.write_text("#!/bin/sh\nexit 1\n")
    useless.chmod(0o755)
    path = f"{useless.parent}{os.pathsep}{os.environ['PATH']}"
    run = runner.run("push", pushed(), workflow="lint.yml", PATH=path)
    assert run.code == 0, run.log
    assert run.set_python_up
    (plan,) = json.loads(run.outputs["check"]["result"])
    assert [finding["severity"] for finding in plan["diagnostics"]] == ["error"]
    assert "check.run: exit status 2" in run.log
    assert run.annotations[0].startswith(f"error file={PLAN},line=1,col=1,title=planbot PB002::")
    assert f"| {PLAN.replace('.', chr(92) + '.')}:<!-- -->1 | error | PB002:" in run.summaries["check"]
    assert "The input 'command' is none of sync, diff and check." in run.log
    assert "The input 'dry-run' is neither true nor false." in run.log
    assert run.ended["nothing-ran"] == "success"


def test_a_run_that_was_replaced_by_the_next_loses_no_tick(world: World, runner: Runner) -> None:
    """GitHub keeps one waiting run of a group: of two events in a row, the first one's run may never start."""
    world.sync()
    payloads = []
    for start, text in (("Phase 1", "the page opens"), ("Billing", "Who answers?")):
        issue = world.issue(start)
        payloads.append(edited(world, issue.number, issue.body.replace(f"[ ] {text}", f"[x] {text}")))
    run = runner.run("issues", payloads[-1])
    assert run.code == 0, run.log
    assert run.outputs[SYNC]["ticked"] == "2"
    assert world.plan().count(b"[x]") == 2
    assert git(world.origin, "rev-list", "--count", "main") == "2"


def pull_request(world: World, number: int, *, fork: bool, branch: str = "change") -> dict[str, Any]:
    """Return the payload of a pull request from a branch, in this repository or in a fork."""
    base = {
        "ref": "main",
        "sha": git(world.origin, "rev-parse", "main"),
        "repo": {"id": 1, "full_name": NAME},
    }
    head = {
        "ref": branch,
        "sha": git(world.origin, "rev-parse", branch),
        "repo": {"id": 2, "full_name": "eve/plans", "fork": True} if fork else base["repo"],
    }
    return {
        "action": "synchronize",
        "number": number,
        "pull_request": {"number": number, "merged": False, "head": head, "base": base},
        "repository": {"full_name": NAME, "default_branch": "main"},
        "sender": {"login": "maya", "id": 2, "type": "User"},
    }


def test_a_pull_request_is_previewed_and_one_from_a_fork_in_the_summary_alone(
    world: World, runner: Runner
) -> None:
    world.sync()
    world.branch("change", {PLAN: PHASED.replace("Foundation", "Ground")})
    number = world.person.pulls.create_pull_request("Change", "", head="change", base="main").number
    before = world.issues()
    fork = runner.run("pull_request", pull_request(world, number, fork=True), branch="change")
    assert fork.code == 0, fork.log
    assert world.person.comments.of(number) == ()
    own = runner.run("pull_request", pull_request(world, number, fork=False), branch="change")
    assert own.code == 0, own.log
    (comment,) = world.person.comments.of(number)
    assert comment.author.login == "planbot"
    for text in (comment.body, own.summaries[SYNC], fork.summaries[SYNC]):
        assert "would update phase" in text
        assert "Phase 1:<!-- --> Ground" in text
    assert own.outputs[SYNC]["changed"] == "true"
    assert world.issues() == before


def test_a_refused_pass_says_what_waits_and_a_run_by_hand_allows_it(world: World, runner: Runner) -> None:
    world.sync()
    number = world.issue("Billing").number
    world.commit({PLAN: None})
    refused = runner.run("push", pushed())
    assert refused.code != 0
    assert f"{SYNC}.run: exit status 4" in refused.log
    assert "### Would be refused" in refused.summaries[SYNC]
    form = f"{world.sandbox.url}/{NAME}/actions/workflows/planbot.yml"
    assert form in refused.annotations[0]
    (comment,) = world.person.comments.of(number)
    assert f"[run the workflow](<{form}>) and allow `closes`." in comment.body
    assert {issue.state for issue in world.issues().values()} == {"open"}

    allowed = runner.run("workflow_dispatch", {**pushed(), "inputs": {"allow": "closes", "dry-run": "false"}})
    assert allowed.code == 0, allowed.log
    assert {issue.state for issue in world.issues().values()} == {"closed"}
    assert not [one for one in world.person.comments.of(number) if "planbot:refusal" in one.body]


def test_texts_from_a_plan_are_no_commands_to_the_runner(world: World, runner: Runner) -> None:
    world.commit({PLAN: PHASED.replace("Billing", HOSTILE).replace("the page", HOSTILE)})
    first = runner.run("push", pushed())
    assert first.code == 0, first.log
    issue = world.issue("Phase 1")
    second = runner.run("issues", edited(world, issue.number, issue.body.replace("- [ ] ", "- [x] ", 1)))
    assert second.code == 0, second.log
    assert second.outputs[SYNC]["ticked"] == "1"
    for run in (first, second):
        assert [one for one in run.annotations if "PB0" not in one] == []
        assert set(run.outputs[SYNC]) == set(first.outputs[SYNC])
        assert world.bot_token not in run.log + run.summaries[SYNC]


@pytest.fixture
def protected(tmp_path: Path, sandbox: Sandbox) -> Iterator[Protected]:
    """Have a plan in step with its issues, in a repository whose branch takes pull requests alone."""
    made = Protected(tmp_path, sandbox)
    made.commit({**own_files(), PLAN: PHASED, ".github/planbot.yml": SETTINGS})
    made.sync()
    yield made
    made.close()


def test_where_the_branch_takes_no_push_ticks_wait_in_one_pull_request(
    protected: Protected, kept: Path
) -> None:
    runner, world = Runner(protected, kept), protected

    def ticked(start: str, text: str) -> Run:
        issue = world.issue(start)
        run = runner.run(
            "issues", edited(world, issue.number, issue.body.replace(f"[ ] {text}", f"[x] {text}"))
        )
        assert run.code == 0, run.log
        return run

    first = ticked("Phase 1", "the page opens")
    opened = world.pull()["number"]
    assert first.outputs[SYNC]["pull-request"] == str(opened)
    assert not first.outputs[SYNC].get("commit")
    second = ticked("Billing", "Who answers?")
    assert second.outputs[SYNC]["pull-request"] == str(opened)
    assert world.boxes() == ["- [x] the page opens", "- [x] Who answers?"]

    world.close_pull()
    # GitHub runs the workflow as it stands on the pull request's branch, where code of somebody else's may be
    world.branch("theirs", {"planbot/__main__.py": "print('planted')\n"})
    payload = {**pull_request(world, opened, fork=False, branch="planbot/progress"), "action": "closed"}
    for part in ({"merged": True}, {"head": {**payload["pull_request"]["head"], "repo": {"id": 2}}}):
        other = {**payload, "pull_request": {**payload["pull_request"], **part}}
        assert runner.run("pull_request", other, branch="theirs").ended == {}
    closed = runner.run("pull_request", payload, branch="theirs")
    assert closed.code == 0, closed.log
    assert world.pulls("open") == []
    assert "### Waiting" in closed.summaries[SYNC]
    assert "planted" not in closed.log

    issue = world.issue("Phase 1")
    world.person.update_issue(issue.number, body=issue.body.replace("[x] the page", "[ ] the page"))
    world.sync()
    third = ticked("Phase 1", "the page opens")
    assert third.outputs[SYNC]["pull-request"] == str(world.pull()["number"]) != str(opened)
    world.merge()
    merged = runner.run("push", pushed())
    assert merged.code == 0, merged.log
    assert b"[x] the page opens" in world.plan()
    world.quiet()
