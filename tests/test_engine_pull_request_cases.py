"""Pull requests and what else goes on: other dialects, moves, lost answers, changed minds, hostile texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import OPENSPEC, SMALL
from support.protected import Protected, ShallowProtected
from support.world import NAME, PLAN, git

from planbot.errors import GitError
from planbot.repo.repository import PROGRESS_BRANCH, PROGRESS_REF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

FIRST, SECOND = "the tests pass", "the linter is quiet"
BOATS = """\
# Shipping

## Phase 1: Boats

### Phase 1 Verification

- [ ] they float
"""
TASKS = "openspec/changes/login/tasks.md"
HOSTILE = (
    "closes #1",
    "fixes: octo/plans#1 and resolves GH-1",
    "closes https://github.com/octo/plans/issues/1",
    "ask @octo/team",
    "[skip ci]",
    "`fixes #1`",
    "Co-authored-by: mallory <m@example.com>",
    "::error::x ${{ github.token }} %0A",
)


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> Iterator[Protected]:
    made = Protected(tmp_path, sandbox)
    yield made
    made.close()


@pytest.fixture
def proposed(world: Protected) -> Protected:
    """Have one tick in an open pull request."""
    world.commit({PLAN: SMALL})
    world.sync()
    world.set_box("Phase 1", FIRST)
    world.sync()
    return world


def test_a_task_that_is_a_box_is_proposed_when_its_issue_is_closed(world: Protected) -> None:
    world.commit({TASKS: OPENSPEC, "planbot.yml": "issues: {task: all}\n"})
    world.sync()
    world.person.update_issue(world.issue("1.1").number, state="closed", state_reason="completed")
    world.sync()
    assert world.boxes() == ["- [x] Build the form"]
    world.quiet()
    world.merge("rebase")
    world.person.update_issue(world.issue("1.1").number, state="open")
    world.sync()
    assert world.issue("1.1").state == "open", "opened again after the merge"
    assert world.boxes() == ["- [ ] Build the form"]
    world.quiet()
    world.close_pull()
    assert [tick.waiting for tick in world.sync().waiting] == ["declined"]
    world.quiet()


def test_ticks_of_several_plan_files_go_into_one_pull_request(proposed: Protected) -> None:
    proposed.commit({"docs/plans/b.md": BOATS})
    proposed.sync()
    proposed.set_box("Phase 1: Boats", "they float")
    proposed.sync()
    body = proposed.pull()["body"]
    assert "In `PLAN.md`:" in body
    assert "In `docs/plans/b.md`:" in body
    assert len(proposed.boxes()) == 2
    proposed.quiet()
    proposed.set_box("Phase 1: Foundation", FIRST, ticked=False)
    proposed.sync()
    assert git(proposed.origin, "diff", "--name-only", "main", PROGRESS_BRANCH) == "docs/plans/b.md"
    proposed.quiet()


def test_a_tick_that_the_plan_had_when_the_branch_was_made_is_in_what_is_merged(proposed: Protected) -> None:
    number = proposed.issue("Phase 1").number
    proposed.edit(f"[ ] {SECOND}", f"[x] {SECOND}")
    proposed.sandbox.faults.drop(method="PATCH", path=f"/repos/{NAME}/issues/{number}", when="before")
    assert not proposed.sync().complete
    proposed.edit(f"[x] {SECOND}", f"[ ] {SECOND}")
    proposed.set_box("Phase 1", SECOND)
    proposed.sync()
    assert len(proposed.boxes()) == 2
    proposed.merge()
    assert proposed.sync().waiting == ()
    assert f"[x] {SECOND}".encode() in proposed.plan()
    proposed.quiet()


@pytest.mark.parametrize("merged", [True, False])
def test_what_is_pushed_after_the_pull_request_has_ended_is_proposed_in_the_next(
    proposed: Protected,
    merged: bool,  # noqa: FBT001 - a column of the table
) -> None:
    proposed.set_box("Phase 1", SECOND)
    end = proposed.merge if merged else proposed.close_pull
    proposed.sandbox.faults.run(end, method="POST", path=f"/{NAME}.git/git-receive-pack")
    proposed.sync()
    waiting = proposed.sync().waiting
    assert [(tick.text, tick.waiting) for tick in waiting if tick.text == SECOND] == [(SECOND, "proposed")]
    assert {tick.waiting for tick in waiting if tick.text == FIRST} == (set() if merged else {"declined"})
    proposed.merge()
    proposed.sync()
    assert f"[x] {SECOND}".encode() in proposed.plan()
    proposed.quiet()


@pytest.mark.parametrize("merged", [True, False])
def test_what_is_pushed_after_the_end_is_proposed_in_the_next_also_of_a_plan_file_that_moved(
    proposed: Protected,
    merged: bool,  # noqa: FBT001 - a column of the table
) -> None:
    moved = "docs/plans/billing.md"
    proposed.commit({PLAN: None, moved: SMALL})
    proposed.set_box("Phase 1", SECOND)
    end = proposed.merge if merged else proposed.close_pull
    proposed.sandbox.faults.run(end, method="POST", path=f"/{NAME}.git/git-receive-pack")
    proposed.sync()
    waiting = [(tick.text, tick.waiting) for tick in proposed.sync().waiting]
    assert sorted(waiting) == [(SECOND, "proposed"), *([] if merged else [(FIRST, "declined")])]
    proposed.merge()
    proposed.sync()
    assert f"[x] {SECOND}".encode() in proposed.plan(moved)
    proposed.quiet()


def test_a_plan_file_that_moves_takes_its_proposal_along(proposed: Protected) -> None:
    proposed.commit(
        {PLAN: None, "docs/plans/billing.md": SMALL.replace("Phase 1: Foundation", "Phase 1: Ground")}
    )
    proposed.sync()
    assert f"[x] {FIRST}".encode() in proposed.proposed("docs/plans/billing.md")
    assert proposed.boxes() == [f"- [x] {FIRST}"]
    assert len(proposed.pulls()) == 1
    proposed.quiet()
    proposed.merge()
    assert proposed.sync().waiting == ()
    proposed.quiet()


def test_a_check_that_left_an_item_that_is_done_stays_proposed(world: Protected) -> None:
    done = "- [x] 1.1 Build the form\n  - [ ] it is tested\n"
    settings = "issues: {finished: import}\n"
    plan = OPENSPEC.replace("- [ ] 1.1 Build the form\n", done)
    world.commit({TASKS: plan, "planbot.yml": settings})
    world.sync()
    world.set_box("1.1", "it is tested")
    world.sync()
    world.commit({TASKS: plan.replace("  - [ ] it is tested", "- [ ] it is tested")})
    world.sync()
    assert [tick.waiting for tick in world.sync().waiting] == ["proposed"]
    assert world.boxes() == ["- [x] it is tested"]
    world.merge()
    world.sync()
    assert b"\n- [x] it is tested" in world.plan(TASKS)
    world.quiet()


def test_an_item_that_leaves_the_plan_leaves_the_pull_request(proposed: Protected) -> None:
    proposed.edit(f"- [ ] {FIRST}\n", "")
    assert proposed.sync().write_back.action == "closed"
    assert FIRST not in proposed.issue("Phase 1").body
    proposed.quiet()


def test_an_untick_after_the_merge_counts_though_an_answer_was_lost_before(proposed: Protected) -> None:
    number = proposed.issue("Phase 1").number
    proposed.edit(f"[ ] {SECOND}", f"[x] {SECOND}")
    proposed.sandbox.faults.drop(method="PATCH", path=f"/repos/{NAME}/issues/{number}", when="after")
    assert not proposed.sync().complete
    proposed.merge()
    proposed.set_box("Phase 1", FIRST, ticked=False)
    proposed.sync()
    assert f"- [ ] {FIRST}" in proposed.issue("Phase 1").body
    assert proposed.boxes() == [f"- [ ] {FIRST}"]
    proposed.quiet()


def test_a_merge_into_another_branch_brings_nothing_into_this_one(proposed: Protected) -> None:
    git(proposed.origin, "branch", "other", "main")
    proposed.retarget("other")
    proposed.merge()
    assert [tick.waiting for tick in proposed.sync().waiting] == ["declined"]
    assert f"- [x] {FIRST}" in proposed.issue("Phase 1").body
    proposed.quiet()


def test_a_person_who_opens_a_closed_pull_request_again_says_yes_after_all(proposed: Protected) -> None:
    head = git(proposed.origin, "rev-parse", PROGRESS_BRANCH)
    number = proposed.pull()["number"]
    proposed.close_pull()
    proposed.sync()
    git(proposed.origin, "update-ref", PROGRESS_REF, head)
    proposed.quiet()
    proposed.reopen(number)
    result = proposed.sync()
    assert [tick.waiting for tick in result.waiting] == ["proposed"]
    assert proposed.pull()["number"] == number
    proposed.quiet()
    proposed.merge()
    proposed.sync()
    assert f"[x] {FIRST}".encode() in proposed.plan()
    proposed.quiet()


def test_a_merge_while_the_pass_reads_is_seen(proposed: Protected) -> None:
    pulls = f"/repos/{NAME}/pulls/{proposed.pull()['number']}"
    proposed.sandbox.faults.run(proposed.merge, method="GET", path=pulls)
    assert proposed.sync().waiting == ()
    assert f"[x] {FIRST}".encode() in proposed.plan()
    assert proposed.pulls("open") == []
    proposed.quiet()


def test_the_pull_request_that_a_person_merges_while_it_is_withdrawn_counts(proposed: Protected) -> None:
    number = proposed.pull()["number"]
    proposed.set_box("Phase 1", FIRST, ticked=False)
    proposed.sandbox.faults.run(proposed.merge, method="PATCH", path=f"/repos/{NAME}/pulls/{number}")
    proposed.sync()
    assert f"- [ ] {FIRST}" in proposed.issue("Phase 1").body, "the untick is newer than the merge held"
    assert proposed.boxes() == [f"- [ ] {FIRST}"]
    proposed.quiet()


def test_what_planbot_withdrew_is_proposed_again_though_the_pass_died_then(proposed: Protected) -> None:
    proposed.set_box("Phase 1", FIRST, ticked=False)
    proposed.sandbox.faults.drop(method="POST", path=f"/{NAME}.git/git-receive-pack", times=None)
    with pytest.raises(GitError):
        proposed.sync()
    proposed.sandbox.faults.clear()
    assert proposed.pulls("open") == []
    proposed.set_box("Phase 1", FIRST)
    proposed.sync()
    assert proposed.boxes() == [f"- [x] {FIRST}"]
    proposed.quiet()


def test_a_push_of_a_person_between_reading_and_pushing_is_not_overwritten(proposed: Protected) -> None:
    theirs = []

    def push() -> None:
        theirs.append(proposed.edit_proposal("Lists are short.", "Lists are very short."))

    proposed.set_box("Phase 1", SECOND)
    proposed.sandbox.faults.run(push, method="GET", path=f"/repos/{NAME}/milestones")
    proposed.sync()
    assert [git(proposed.origin, "rev-parse", f"{PROGRESS_BRANCH}^")] == theirs
    assert b"Lists are very short." in proposed.proposed()
    assert f"[x] {SECOND}".encode() in proposed.proposed()
    proposed.quiet()


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_clone_without_history_knows_what_a_pull_request_held(
    tmp_path: Path, sandbox: Sandbox, method: str
) -> None:
    world = ShallowProtected(tmp_path, sandbox)
    world.commit({PLAN: SMALL})
    world.sync()
    for text in (FIRST, SECOND, "the page opens"):
        world.set_box("Phase 1", text)
        world.commit({f"{text}.txt": "the branch moves on\n"})
        world.sync()
    assert len(world.boxes()) == 3
    assert git(world.origin, "rev-list", "--count", f"main..{PROGRESS_BRANCH}") == "1"
    world.edit_proposal(f"[x] {FIRST}", f"[ ] {FIRST}")
    world.merge(method)
    world.edit(f"[x] {SECOND}", f"[ ] {SECOND}")
    world.commit({"more.txt": "and on\n"})
    result = world.sync()
    assert [(tick.text, tick.waiting) for tick in result.waiting] == [(FIRST, "declined")]
    assert f"- [ ] {SECOND}" in world.issue("Phase 1").body, "taken back in the plan after the merge"
    assert not world.has_branch()
    world.quiet()
    world.set_box("Phase 1", "the page opens", ticked=False)
    world.sync()
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert world.pulls("open") == []
    world.quiet()
    world.close()


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_hostile_texts_bring_nothing_to_life(world: Protected, method: str) -> None:
    checks = "".join(f"- [ ] {text}\n" for text in HOSTILE)
    world.person.create_issue("A victim", "- [ ] mine")
    plan = SMALL.replace(f"- [ ] {FIRST}\n", checks).replace("Billing:", "Fixes #1: @octo/team [skip ci]")
    world.commit({"docs/plans/fixes #1 @octo.md": plan})
    world.sync()
    issue = world.issue("Phase 1")
    world.person.update_issue(issue.number, body=issue.body.replace("- [ ]", "- [x]"))
    world.sync()
    assert len(world.boxes()) == len(HOSTILE) + 2
    world.merge(method)
    world.sync()
    victim = world.person.issue(1)
    assert victim is not None
    assert (victim.title, victim.state) == ("A victim", "open")
    log = git(world.origin, "log", "--format=%B", "main")
    for live in ("#1", "@octo", "[skip ci]", "mallory", "GH-1"):
        assert live not in log.replace("Merge pull request #", "").replace(" (#", "")
    world.quiet()
