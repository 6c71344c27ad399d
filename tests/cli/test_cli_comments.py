"""Comments that are kept up to date: what merging would do, and what a refused pass waits for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.errors import TrackerError
from planbot.workflow import WORKFLOW

if TYPE_CHECKING:
    from pathlib import Path

    from cli.commands import Planbot

TITLE = "Billing: Implementation Plan"
LESS = SMALL.replace(SMALL[SMALL.index("#### 1.1") : SMALL.index("## Priority")], "")


@pytest.fixture
def synced(at_work: World) -> World:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    return at_work


def said(world: World, number: int) -> list[tuple[str, str]]:
    return [(one.author.login, one.body) for one in world.person.comments.of(number)]


class PullRequest:
    """Hold a pull request that changes a plan file, as a workflow run sees it."""

    def __init__(self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        git(world.work, "checkout", "--quiet", "-b", "change")
        self.change(SMALL.replace("1.1 Store keys", "1.1 Keep keys"))
        self.number = world.person.pulls.create_pull_request("Change", "", head="change", base="main").number
        self._file = tmp_path / "event.json"
        self.tell()
        monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(self._file))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
        self.summary = tmp_path / "summary.md"

    def change(self, text: str) -> None:
        (self.world.work / PLAN).write_text(text)
        git(self.world.work, "commit", "--quiet", "--all", "--message", "Change", "--allow-empty")
        git(self.world.work, "push", "--quiet", "origin", "HEAD:change")

    def tell(self, *, base: str = "main", fork: bool = False) -> None:
        head = {"sha": git(self.world.work, "rev-parse", "HEAD"), "repo": {"id": 2 if fork else 1}}
        pull = {"number": self.number, "head": head, "base": {"ref": base, "repo": {"id": 1}}}
        event: dict[str, Any] = {"action": "synchronize", "number": self.number, "pull_request": pull}
        self._file.write_text(json.dumps(event))


@pytest.fixture
def pull(synced: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PullRequest:
    return PullRequest(synced, tmp_path, monkeypatch)


def test_one_comment_says_what_merging_would_do_and_follows_the_branch(
    planbot: Planbot, pull: PullRequest
) -> None:
    planbot("diff", "--output", "github").require()
    ((author, text),) = said(pull.world, pull.number)
    assert author == "planbot"
    assert text.startswith("<!-- planbot:preview -->\n### What merging this would do\n")
    assert "would update task" in text
    assert "1\\.1 Keep keys (title)" in text
    assert "\nCost: 0 new issues" in text
    assert "would update task" in pull.summary.read_text()
    planbot("diff", "--output", "github").require()
    assert said(pull.world, pull.number) == [(author, text)]
    (comment,) = pull.world.person.comments.of(pull.number)

    pull.change(LESS)
    planbot("diff", "--output", "github").require()
    ((_, text),) = said(pull.world, pull.number)
    assert "### Would be refused" in text
    assert "would close task" in text

    pull.change(SMALL)
    planbot("diff", "--output", "github").require()
    ((_, text),) = said(pull.world, pull.number)
    assert "Nothing to do:" in text
    assert pull.world.person.comments.of(pull.number)[0].id == comment.id


def test_a_pull_request_that_changes_no_plan_gets_no_comment(planbot: Planbot, pull: PullRequest) -> None:
    pull.change(SMALL)
    planbot("diff", "--output", "github").require()
    assert said(pull.world, pull.number) == []


def test_a_fork_gets_the_summary_alone(planbot: Planbot, pull: PullRequest) -> None:
    pull.tell(fork=True)
    before = len(pull.world.sandbox.requests)
    planbot("diff", "--output", "github").require()
    assert {request.method for request in pull.world.sandbox.requests[before:]} == {"GET"}
    assert "would update task" in pull.summary.read_text()
    assert "from a fork" in pull.summary.read_text()


def test_a_pull_request_into_another_branch_is_one_line(planbot: Planbot, pull: PullRequest) -> None:
    pull.tell(base="release")
    outcome = planbot("diff", "--output", "github").require()
    assert "refs/heads/release is not the branch main: nothing to do" in outcome.out
    assert said(pull.world, pull.number) == []


def test_what_others_say_is_left_alone_whatever_it_begins_with(planbot: Planbot, pull: PullRequest) -> None:
    pull.world.person.comments.add(pull.number, "<!-- planbot:preview -->\nmine")
    planbot("diff", "--output", "github").require()
    texts = said(pull.world, pull.number)
    assert [author for author, _ in texts] == ["maya", "planbot"]
    assert texts[0][1] == "<!-- planbot:preview -->\nmine"


def test_where_the_server_does_not_tell_who_we_are_a_bot_says_it_once(
    planbot: Planbot, pull: PullRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = pull.world.sandbox.add_user("github-actions[bot]", role="write", kind="bot")
    monkeypatch.setenv("GITHUB_TOKEN", token)
    pull.world.sandbox.faults.fail(403, method="POST", path="/graphql")
    for _ in range(2):
        planbot("diff", "--output", "github").require()
        assert [author for author, _ in said(pull.world, pull.number)] == ["github-actions[bot]"]


def test_a_token_that_may_not_comment_is_a_warning(planbot: Planbot, pull: PullRequest) -> None:
    pull.world.sandbox.faults.fail(403, method="POST", path="/repos/*/comments", times=1)
    outcome = planbot("diff", "--output", "github").require()
    assert "warning: could not comment on the pull request" in outcome.err
    assert "would update task" in pull.summary.read_text()


def test_without_the_github_output_nobody_is_told(planbot: Planbot, pull: PullRequest) -> None:
    planbot("diff").require()
    assert said(pull.world, pull.number) == []


def test_a_refusal_says_on_the_plans_issue_what_waits_until_a_pass_gets_through(
    planbot: Planbot, synced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = synced.issue(TITLE).number
    synced.commit({PLAN: None, WORKFLOW: "name: planbot\n"})
    outcome = planbot("sync", "--pace", "0").require(4)
    form = f"{synced.sandbox.url}/{NAME}/actions/workflows/planbot.yml"
    assert "--allow closes; or run the workflow with what is meant: " + form in outcome.err
    ((_, text),) = said(synced, number)
    assert text.startswith("<!-- planbot:refusal -->\n### planbot waits for a word\n")
    assert "- PLAN\\.md is gone:" in text
    assert f"[run the workflow](<{form}>) and allow `closes`." in text

    planbot("sync", "--pace", "0").require(4)
    assert said(synced, number) == [("planbot", text)]
    monkeypatch.setenv("GITHUB_WORKFLOW_REF", f"{NAME}/.github/workflows/plans.yml@refs/heads/main")
    planbot("sync", "--pace", "0").require(4)
    ((_, text),) = said(synced, number)
    assert "/actions/workflows/plans.yml>" in text

    synced.commit({PLAN: SMALL})
    planbot("sync", "--pace", "0").require()
    assert said(synced, number) == []
    synced.quiet()


def test_no_form_is_named_that_there_is_not(planbot: Planbot, synced: World) -> None:
    number = synced.issue(TITLE).number
    synced.commit({PLAN: None})
    assert planbot("sync", "--pace", "0").require(4).err.endswith("stand in the way: --allow closes\n")
    ((_, text),) = said(synced, number)
    assert "run `planbot sync --allow closes` in a clone" in text


def test_a_refusal_that_was_allowed_is_taken_back(planbot: Planbot, synced: World) -> None:
    number = synced.issue(TITLE).number
    synced.commit({PLAN: None})
    planbot("sync", "--pace", "0").require(4)
    synced.person.comments.add(number, "is this meant?")
    planbot("sync", "--pace", "0", "--allow", "closes").require()
    assert not [text for _, text in said(synced, number) if "planbot:refusal" in text]
    assert "is this meant?" in [text for _, text in said(synced, number)]


def test_a_dry_run_says_nothing_in_comments(planbot: Planbot, synced: World) -> None:
    synced.commit({PLAN: None})
    planbot("sync", "--dry-run").require()
    assert said(synced, synced.issue(TITLE).number) == []


def test_a_refusal_that_cannot_be_told_is_a_refusal(planbot: Planbot, synced: World) -> None:
    synced.commit({PLAN: None})
    synced.sandbox.faults.fail(500, method="POST", path="/repos/*/comments", times=1)
    outcome = planbot("sync", "--pace", "0").require(4)
    assert "warning: could not tell of the refusal" in outcome.err
    with pytest.raises(TrackerError):
        synced.person.comments.change(1, "nobody's")
