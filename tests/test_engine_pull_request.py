"""Ticks where the branch takes no push: one pull request proposes them, and what becomes of it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.protected import Protected
from support.world import NAME, PLAN, git

from planbot.repo.repository import PROGRESS_BRANCH
from planbot.report.data import result_data
from planbot.report.outputs import output_lines
from planbot.report.text import result_lines

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


@pytest.fixture
def proposed(synced: Protected) -> Protected:
    """Have one tick in an open pull request."""
    synced.set_box("Phase 1", FIRST)
    synced.sync()
    return synced


def writes(world: Protected) -> list[tuple[str, str]]:
    """Return which writing requests there were to pull requests."""
    return [
        (one.method, one.path)
        for one in world.sandbox.requests
        if one.path.startswith(PULLS) and one.method != "GET"
    ]


def test_a_push_that_a_rule_refuses_becomes_a_pull_request(synced: Protected) -> None:
    synced.set_box("Phase 1", FIRST)
    result = synced.sync()
    assert result.complete, result.problem
    assert synced.plan() == SMALL.encode()
    assert synced.proposed() == SMALL.replace(f"[ ] {FIRST}", f"[x] {FIRST}").encode()
    pull = synced.pull()
    assert (pull["head"]["ref"], pull["base"]["ref"]) == (PROGRESS_BRANCH, "main")
    assert (result.write_back.pull_request, result.write_back.url) == (pull["number"], pull["html_url"])
    assert (result.write_back.action, result.write_back.commit) == ("opened", None)
    assert [(tick.text, tick.waiting) for tick in result.waiting] == [(FIRST, "proposed")]
    number = synced.issue("Phase 1").number
    assert f"- [x] [issue {number}]({synced.sandbox.url}/{NAME}/issues/{number}): {FIRST}\n" in pull["body"]
    assert not result.in_sync
    assert "changed=true" in [*output_lines(result_data(result))]
    synced.quiet()


def test_the_next_tick_goes_into_the_same_pull_request(proposed: Protected) -> None:
    before = proposed.pull()
    proposed.set_box("Phase 1", SECOND)
    proposed.set_box("Billing", "Who answers the phone?")
    result = proposed.sync()
    assert (result.write_back.action, result.write_back.pull_request) == ("updated", before["number"])
    assert len(proposed.pulls()) == 1
    assert proposed.boxes() == [f"- [x] {FIRST}", f"- [x] {SECOND}", "- [x] Who answers the phone?"]
    assert git(proposed.origin, "rev-list", "--count", f"main..{PROGRESS_BRANCH}") == "1"
    assert len(result.waiting) == 3
    message = git(proposed.origin, "log", "-1", "--format=%B", PROGRESS_BRANCH)
    assert message.startswith("Tick 3 boxes\n\n- PLAN.md\n\nCo-authored-by: maya <")
    assert (("", "Ticked by maya."),) in [*result_lines(result)]
    proposed.quiet()


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_what_a_merged_pull_request_held_is_agreed_on(proposed: Protected, method: str) -> None:
    proposed.merge(method)
    result = proposed.sync()
    assert result.complete
    assert result.waiting == ()
    assert f"[x] {FIRST}".encode() in proposed.plan()
    assert not proposed.has_branch()
    assert result.write_back.pull_request is None
    proposed.quiet()
    proposed.set_box("Phase 1", FIRST, ticked=False)
    proposed.sync()
    assert proposed.boxes() == [f"- [ ] {FIRST}"]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_an_untick_made_just_after_the_merge_is_not_undone(proposed: Protected, method: str) -> None:
    proposed.merge(method)
    proposed.set_box("Phase 1", FIRST, ticked=False)
    proposed.sync()
    assert f"- [ ] {FIRST}" in proposed.issue("Phase 1").body
    assert proposed.boxes() == [f"- [ ] {FIRST}"]
    proposed.quiet()


def test_a_tick_reverted_in_the_plan_just_after_the_merge_is_reverted_in_the_issue(
    proposed: Protected,
) -> None:
    proposed.merge()
    proposed.edit(f"[x] {FIRST}", f"[ ] {FIRST}")
    result = proposed.sync()
    assert f"- [ ] {FIRST}" in proposed.issue("Phase 1").body
    assert proposed.pulls("open") == []
    assert result.waiting == ()
    proposed.quiet()


def test_a_pull_request_closed_unmerged_is_a_no(proposed: Protected) -> None:
    proposed.close_pull()
    result = proposed.sync()
    assert [(tick.text, tick.waiting) for tick in result.waiting] == [(FIRST, "declined")]
    assert "pull request #" in result.notices[0]
    assert f"- [x] {FIRST}" in proposed.issue("Phase 1").body, "the tick stays where it was made"
    assert not proposed.has_branch()
    proposed.quiet()
    assert [tick.text for tick in proposed.sync().waiting] == [FIRST], "and is reported again"
    assert proposed.pulls("open") == []


def test_a_new_tick_after_a_no_is_proposed_without_what_was_declined(proposed: Protected) -> None:
    proposed.close_pull()
    proposed.sync()
    proposed.set_box("Phase 1", SECOND)
    result = proposed.sync()
    assert proposed.boxes() == [f"- [x] {SECOND}"]
    assert len(proposed.pulls()) == 2
    assert [(tick.text, tick.waiting) for tick in result.waiting] == [
        (FIRST, "declined"),
        (SECOND, "proposed"),
    ]
    proposed.quiet()
    proposed.merge()
    assert [tick.text for tick in proposed.sync().waiting] == [FIRST]
    proposed.quiet()


def test_what_was_declined_is_proposed_once_its_box_changed(proposed: Protected) -> None:
    proposed.close_pull()
    proposed.sync()
    proposed.set_box("Phase 1", FIRST, ticked=False)
    assert proposed.sync().waiting == ()
    proposed.set_box("Phase 1", FIRST)
    proposed.sync()
    assert proposed.boxes() == [f"- [x] {FIRST}"]
    proposed.quiet()


def test_deleting_the_branch_closes_the_pull_request_and_is_a_no(proposed: Protected) -> None:
    git(
        proposed.work,
        "push",
        "--quiet",
        f"http://x:{proposed.person_token}@{proposed.sandbox.url[7:]}/{NAME}.git",
        f":{PROGRESS_BRANCH}",
    )
    assert [tick.waiting for tick in proposed.sync().waiting] == ["declined"]
    proposed.quiet()


def test_a_line_that_a_person_takes_out_is_declined_and_the_rest_stands(proposed: Protected) -> None:
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    theirs = proposed.edit_proposal(f"[x] {FIRST}", f"[ ] {FIRST}")
    result = proposed.sync()
    assert {tick.text: tick.waiting for tick in result.waiting} == {FIRST: "declined", SECOND: "proposed"}
    assert proposed.boxes() == [f"- [x] {SECOND}"]
    assert git(proposed.origin, "rev-parse", PROGRESS_BRANCH) == theirs
    proposed.quiet()
    proposed.merge()
    result = proposed.sync()
    assert f"[ ] {FIRST}".encode() in proposed.plan()
    assert f"[x] {SECOND}".encode() in proposed.plan()
    assert [tick.text for tick in result.waiting] == [FIRST]
    proposed.quiet()


def test_a_line_taken_out_just_before_the_merge_is_declined(proposed: Protected) -> None:
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    proposed.edit_proposal(f"[x] {FIRST}", f"[ ] {FIRST}")
    proposed.merge("squash")
    result = proposed.sync()
    assert [(tick.text, tick.waiting) for tick in result.waiting] == [(FIRST, "declined")]
    assert f"- [x] {FIRST}" in proposed.issue("Phase 1").body
    proposed.quiet()


@pytest.mark.parametrize("way", ["unticked", "removed"])
def test_a_line_taken_out_of_the_description_is_declined(proposed: Protected, way: str) -> None:
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    pull = proposed.pull()
    (line,) = [line for line in pull["body"].splitlines() if line.endswith(FIRST)]
    edited = line.replace("[x]", "[ ]") if way == "unticked" else ""
    proposed.describe(f"{pull['body'].replace(line, edited)}\n\nAll but one.")
    result = proposed.sync()
    assert {tick.text: tick.waiting for tick in result.waiting} == {FIRST: "declined", SECOND: "proposed"}
    assert proposed.boxes() == [f"- [x] {SECOND}"]
    assert proposed.pull()["body"].endswith("All but one.")
    assert f"[ ] {FIRST}".encode() in proposed.proposed()
    proposed.quiet()


def test_commits_of_a_person_stay_below_what_comes_later(proposed: Protected) -> None:
    theirs = proposed.edit_proposal("Lists are short.", "Lists are very short.")
    proposed.sync()
    proposed.quiet()
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    assert git(proposed.origin, "rev-parse", f"{PROGRESS_BRANCH}^") == theirs
    assert b"Lists are very short." in proposed.proposed()
    assert f"[x] {SECOND}".encode() in proposed.proposed()
    assert proposed.boxes() == [f"- [x] {FIRST}", f"- [x] {SECOND}"]
    proposed.quiet()
    for text in (FIRST, SECOND):
        proposed.set_box("Phase 1", text, ticked=False)
    proposed.sync()
    assert len(proposed.pulls("open")) == 1, "somebody's work is in it"
    assert f"[ ] {FIRST}".encode() in proposed.proposed()
    assert proposed.boxes() == []
    proposed.quiet()


def test_a_tick_taken_back_before_the_merge_leaves_the_pull_request(proposed: Protected) -> None:
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    proposed.set_box("Phase 1", FIRST, ticked=False)
    assert proposed.sync().write_back.action == "updated"
    assert proposed.boxes() == [f"- [x] {SECOND}"]
    proposed.quiet()
    proposed.set_box("Phase 1", SECOND, ticked=False)
    result = proposed.sync()
    assert result.write_back.action == "closed"
    assert proposed.pulls("open") == []
    assert not proposed.has_branch()
    proposed.quiet()
    proposed.set_box("Phase 1", FIRST)
    proposed.sync()
    assert proposed.boxes() == [f"- [x] {FIRST}"], "it was withdrawn, not declined"
    assert len(proposed.pulls()) == 2
    proposed.quiet()


def test_a_box_that_a_person_ticks_in_the_plan_leaves_the_pull_request(proposed: Protected) -> None:
    proposed.edit(f"[ ] {FIRST}", f"[x] {FIRST}")
    assert proposed.sync().write_back.action == "closed"
    assert proposed.sync().waiting == ()
    proposed.quiet()


def test_the_branch_follows_a_plan_that_changes(proposed: Protected) -> None:
    proposed.edit("We learned that invoices are made twice.", "We learned a lot.")
    proposed.sync()
    assert git(proposed.origin, "rev-parse", f"{PROGRESS_BRANCH}^") == git(
        proposed.origin, "rev-parse", "main"
    )
    assert b"We learned a lot." in proposed.proposed()
    assert len(proposed.pulls()) == 1
    proposed.quiet()
    proposed.commit({"other.txt": "nothing of a plan\n"})
    proposed.quiet()
    proposed.merge()
    proposed.sync()
    assert f"[x] {FIRST}".encode() in proposed.plan()
    proposed.quiet()


def test_ticks_of_the_plan_go_to_issues_while_others_wait(proposed: Protected) -> None:
    proposed.edit(f"[ ] {THIRD}", f"[x] {THIRD}")
    proposed.sync()
    body = proposed.issue("Phase 1").body
    assert f"- [x] {THIRD}" in body
    assert f"- [x] {FIRST}" in body
    assert proposed.boxes() == [f"- [x] {FIRST}"]
    proposed.quiet()


def test_once_the_rule_is_lifted_and_the_pull_request_merged_ticks_are_committed_again(
    proposed: Protected,
) -> None:
    proposed.unprotect()
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    assert len(proposed.boxes()) == 2
    proposed.merge()
    proposed.sync()
    proposed.set_box("Phase 1", THIRD)
    assert proposed.sync().write_back.commit
    assert proposed.pulls("open") == []
    proposed.quiet()
