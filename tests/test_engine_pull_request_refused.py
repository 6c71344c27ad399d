"""Pull requests that may not be opened, that fail, or that the settings ask for; branches that are somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.protected import Protected
from support.world import NAME, PLAN, git

from planbot.repo.repository import JOURNAL_REF, PROGRESS_BRANCH
from planbot.sandbox import BranchRule, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

PULLS = f"/repos/{NAME}/pulls"
FIRST, SECOND, THIRD = "the tests pass", "the linter is quiet", "the page opens"


@pytest.fixture
def synced(tmp_path: Path, sandbox: Sandbox) -> Iterator[Protected]:
    """Have a plan in step with its issues, in a repository whose branch takes pull requests alone."""
    world = Protected(tmp_path, sandbox)
    world.commit({PLAN: SMALL})
    world.sync()
    yield world
    world.close()


def test_where_workflows_may_open_none_the_setting_is_named_and_ticks_wait(synced: Protected) -> None:
    synced.act_for_a_workflow()
    synced.allow_pull_requests(allowed=False)
    synced.set_box("Phase 1", FIRST)
    result = synced.sync()
    assert not result.complete
    assert "not permitted to create or approve pull requests" in result.problem
    assert "Settings → Actions → General → Workflow permissions" in result.problem
    assert [(tick.text, tick.waiting) for tick in result.waiting] == [(FIRST, "refused")]
    assert result.write_back.pull_request is None
    assert not synced.has_branch()
    synced.quiet()
    synced.allow_pull_requests(allowed=True)
    synced.set_box("Phase 1", SECOND)
    assert synced.sync().complete
    assert synced.boxes() == [f"- [x] {FIRST}", f"- [x] {SECOND}"]
    synced.quiet()


def test_a_token_without_the_permission_is_told_which(synced: Protected) -> None:
    synced.sandbox.faults.fail(403, method="POST", path=PULLS)
    synced.set_box("Phase 1", FIRST)
    assert "`pull-requests: write`" in synced.sync().problem
    assert not synced.has_branch()
    synced.quiet()


def test_the_rest_of_the_pass_goes_on_when_no_pull_request_can_be_opened(synced: Protected) -> None:
    synced.sandbox.faults.fail(403, method="POST", path=PULLS)
    synced.set_box("Phase 1", FIRST)
    synced.edit(f"[ ] {SECOND}", f"[x] {SECOND}")
    synced.sync()
    assert f"- [x] {SECOND}" in synced.issue("Phase 1").body
    synced.quiet()


def test_a_rule_for_every_branch_makes_ticks_wait(synced: Protected) -> None:
    synced.sandbox.protect_branch(NAME, BranchRule("planbot/*", "ruleset", pull_request=True))
    synced.set_box("Phase 1", FIRST)
    result = synced.sync()
    assert "GH013" in result.problem
    assert PROGRESS_BRANCH in result.problem
    assert [tick.waiting for tick in result.waiting] == ["refused"]
    synced.quiet()


def test_a_branch_that_may_not_be_deleted_is_told_of_and_does_no_harm(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    synced.sandbox.protect_branch(NAME, BranchRule("planbot/*", "ruleset", force_pushes=True))
    synced.merge("squash")
    result = synced.sync()
    assert result.complete
    assert any(f"{PROGRESS_BRANCH} cannot be deleted" in notice for notice in result.notices)
    assert synced.has_branch()
    synced.quiet()
    synced.set_box("Phase 1", SECOND)
    synced.sync()
    assert synced.boxes() == [f"- [x] {SECOND}"]
    synced.quiet()


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_lost_opens_no_second_pull_request(synced: Protected, when: str) -> None:
    synced.sandbox.faults.drop(method="POST", path=PULLS, when="after" if when == "after" else "before")
    synced.set_box("Phase 1", FIRST)
    result = synced.sync()
    assert not result.complete
    assert "could not learn whether it worked" in result.problem
    assert len([one for one in synced.sandbox.requests if (one.method, one.path) == ("POST", PULLS)]) == 1
    result = synced.sync()
    assert result.complete
    assert result.write_back.pull_request == synced.pull()["number"]
    assert len(synced.pulls()) == 1
    synced.quiet()


def test_a_pull_request_that_another_pass_opened_just_before_is_taken(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    synced.sandbox.faults.run(synced.open_pull, method="POST", path=PULLS)
    result = synced.sync()
    assert result.complete
    assert len(synced.pulls()) == 1
    assert synced.boxes() == [f"- [x] {FIRST}"]
    assert synced.pull()["user"]["login"] == "maya"
    synced.quiet()


def test_a_body_that_could_not_be_brought_up_to_date_is_by_the_next_pass(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    synced.sandbox.faults.fail(502, method="PATCH", path=f"{PULLS}/*")
    synced.set_box("Phase 1", SECOND)
    assert not synced.sync().complete
    assert len(synced.boxes()) == 1
    assert synced.sync().write_back.action == "updated"
    assert len(synced.boxes()) == 2
    synced.quiet()


def test_what_could_not_be_told_for_now_makes_no_later_tick_wait_for_the_next_one(synced: Protected) -> None:
    def merge_and_tick() -> None:
        synced.merge()
        synced.set_box("Phase 1", THIRD)

    synced.set_box("Phase 1", FIRST)
    synced.sync()
    synced.set_box("Phase 1", SECOND)
    synced.sandbox.faults.add(Fault("PATCH", f"{PULLS}/*", status=502, action=merge_and_tick))
    assert not synced.sync().complete
    assert synced.sync().complete
    assert synced.boxes() == [f"- [x] {THIRD}"]
    synced.quiet()


def test_a_pull_request_closed_before_its_number_was_noted_is_a_no_all_the_same(synced: Protected) -> None:
    synced.sandbox.faults.drop(method="POST", path=PULLS, when="after")
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    synced.close_pull()
    assert [tick.waiting for tick in synced.sync().waiting] == ["declined"]
    assert len(synced.pulls()) == 1
    synced.quiet()


def test_the_settings_may_ask_for_pull_requests_always(synced: Protected) -> None:
    synced.unprotect()
    synced.commit({"planbot.yml": "write_back: {mode: pull-request, skip_ci: true}\n"})
    synced.set_box("Phase 1", FIRST)
    result = synced.sync()
    assert (result.write_back.mode, result.write_back.action) == ("pull-request", "opened")
    assert synced.plan() == SMALL.encode()
    subject, _, rest = git(synced.origin, "log", "-1", "--format=%B", PROGRESS_BRANCH).partition("\n\n")
    assert subject == "Tick 1 box [skip ci]"
    assert rest.splitlines()[0] == "- PLAN.md"
    synced.quiet()
    synced.merge()
    synced.sync()
    assert f"[x] {FIRST}".encode() in synced.plan()
    synced.quiet()


def test_a_pull_request_is_closed_once_the_settings_ask_for_commits(synced: Protected) -> None:
    synced.unprotect()
    synced.commit({"planbot.yml": "write_back: {mode: pull-request}\n"})
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    synced.commit({"planbot.yml": "write_back: {mode: commit}\n"})
    result = synced.sync()
    assert result.write_back.commit
    assert result.write_back.action == "closed"
    assert f"[x] {FIRST}".encode() in synced.plan()
    assert not synced.has_branch()
    synced.quiet()


def test_with_write_back_off_an_open_pull_request_is_left_alone(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    synced.commit({"planbot.yml": "write_back: {mode: off}\n"})
    synced.set_box("Phase 1", SECOND)
    result = synced.sync()
    assert [tick.waiting for tick in result.waiting] == ["proposed", "off"]
    assert synced.boxes() == [f"- [x] {FIRST}"]
    synced.quiet()
    synced.merge()
    assert [tick.text for tick in synced.sync().waiting] == [SECOND]
    synced.quiet()


def test_a_branch_of_that_name_that_is_not_planbots_is_left_alone(synced: Protected) -> None:
    git(synced.work, "push", "--quiet", "origin", f"main:{PROGRESS_BRANCH}")
    synced.quiet()
    mine = synced.edit_proposal("Lists are short.", "Lists are very short.")
    synced.set_box("Phase 1", FIRST)
    result = synced.sync()
    assert "not planbot's" in result.problem
    assert git(synced.origin, "rev-parse", PROGRESS_BRANCH) == mine
    assert synced.pulls() == []
    synced.quiet()


def test_a_pull_request_is_known_again_after_the_journal_was_lost(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    git(synced.origin, "update-ref", "-d", JOURNAL_REF)
    synced.sync()
    assert synced.boxes() == [f"- [x] {FIRST}"]
    assert len(synced.pulls()) == 1
    synced.quiet()
    synced.set_box("Phase 1", FIRST, ticked=False)
    synced.sync()
    assert synced.pulls("open") == []
    assert not synced.has_branch()
    synced.quiet()


def test_a_dry_run_names_the_pull_request_and_writes_nothing(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    before, body = synced.refs(), synced.pull()["body"]
    synced.set_box("Phase 1", SECOND)
    result = synced.diff()
    assert result.write_back.pull_request == synced.pull()["number"]
    assert [tick.text for tick in result.ticks] == [SECOND]
    assert (synced.refs(), synced.pull()["body"]) == (before, body)


def test_without_a_pull_request_nobody_asks_for_one(synced: Protected) -> None:
    synced.sandbox.clear_requests()
    synced.quiet()
    assert not [one for one in synced.sandbox.requests if one.path.startswith(PULLS)]


def test_a_progress_block_alone_opens_no_pull_request(synced: Protected) -> None:
    block = "<!-- planbot:progress -->\n<!-- /planbot:progress -->"
    synced.edit("## Context Summary", f"{block}\n\n## Context Summary")
    result = synced.sync()
    assert result.complete
    assert "progress blocks are brought up to date with the next tick" in result.notices[0]
    assert synced.pulls() == []
    synced.quiet()
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    assert block.encode() in synced.plan()
    assert block.encode() not in synced.proposed()
    synced.quiet()
