"""Ticks travel both ways, each by one byte, and none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import PLAN, World, changed_bytes, git

from planbot.repo.repository import Repository
from planbot.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.repo.push import PushResult, RefUpdate


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: SMALL})
    world.sync()
    return world


def test_a_tick_in_an_issue_changes_one_byte_of_the_plan(synced: World) -> None:
    before = synced.plan()
    synced.set_box("Phase 1", "the linter is quiet")
    result = synced.sync()
    after = synced.plan()
    (change,) = changed_bytes(before, after)
    assert change == (before.index(b"[ ] the linter is quiet") + 1, b" ", b"x")
    (tick,) = result.ticks
    assert (tick.direction, tick.ticked, tick.text) == ("plan", True, "the linter is quiet")
    assert result.requests.write == 0
    assert result.write_back.commit == git(synced.origin, "rev-parse", "main")
    synced.quiet()


def test_the_write_back_commit_has_fixed_words_and_one_parent(synced: World) -> None:
    head = git(synced.origin, "rev-parse", "main")
    synced.set_box("Phase 1", "the linter is quiet")
    synced.set_box("Phase 2", "paging shows each order once")
    synced.sync()
    assert git(synced.origin, "log", "--format=%s|%P", f"{head}..main") == f"Tick 2 boxes|{head}"
    assert git(synced.origin, "diff", "--name-only", head, "main") == PLAN


def test_a_tick_in_the_plan_reaches_the_issue(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    head = synced.refs()
    result = synced.sync()
    assert "- [x] the tests pass" in synced.issue("Phase 1").body
    (tick,) = result.ticks
    assert (tick.direction, tick.ticked) == ("issue", True)
    assert "refs/heads/main" in head
    assert head.splitlines()[0] == synced.refs().splitlines()[0], "the branch did not move"
    synced.quiet()


def test_unticking_in_an_issue_unticks_the_plan(synced: World) -> None:
    synced.set_box("Phase 1", "the tests pass")
    synced.sync()
    synced.set_box("Phase 1", "the tests pass", ticked=False)
    synced.sync()
    assert synced.plan() == SMALL.encode()
    synced.quiet()


def test_unticking_in_the_plan_unticks_the_issue(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.sync()
    synced.edit("[x] the tests pass", "[ ] the tests pass")
    synced.sync()
    assert "- [ ] the tests pass" in synced.issue("Phase 1").body
    synced.quiet()


def test_both_sides_ticking_different_boxes_lose_neither(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.set_box("Phase 1", "the page opens")
    synced.sync()
    for text in ("the tests pass", "the page opens"):
        assert f"- [x] {text}".encode() in synced.plan()
        assert f"- [x] {text}" in synced.issue("Phase 1").body
    synced.quiet()


def test_both_sides_ticking_the_same_box_is_agreement_and_is_remembered(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.set_box("Phase 1", "the tests pass")
    result = synced.sync()
    assert result.in_sync
    synced.set_box("Phase 1", "the tests pass", ticked=False)
    synced.sync()
    assert b"[ ] the tests pass" in synced.plan()
    synced.quiet()


def test_one_side_ticks_while_the_other_unticks_another_box(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.sync()
    synced.edit("[x] the tests pass", "[ ] the tests pass")
    synced.set_box("Phase 1", "the linter is quiet")
    synced.sync()
    body, plan = synced.issue("Phase 1").body, synced.plan()
    assert "- [ ] the tests pass" in body
    assert b"- [x] the linter is quiet" in plan
    synced.quiet()


def test_a_head_that_moves_during_the_pass_is_read_again(
    synced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced.set_box("Phase 1", "the page opens")
    push = Repository.push
    moved: list[str] = []

    def push_after_somebody_else(repository: Repository, updates: Sequence[RefUpdate]) -> PushResult:
        if not moved:
            moved.append(synced.commit({"README.md": "hello\n"}, "Somebody else's commit"))
        return push(repository, updates)

    monkeypatch.setattr(Repository, "push", push_after_somebody_else)
    result = synced.sync()
    assert result.complete
    assert git(synced.origin, "log", "--format=%s", "-2", "main") == "Tick 1 box\nSomebody else's commit"
    assert b"- [x] the page opens" in synced.plan()


def test_what_is_taken_back_before_the_lease_is_taken_is_never_written(
    synced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = synced.plan()
    synced.edit("#### 1.1 Store keys", "#### 1.1 Keep keys")
    push = Repository.push

    def push_after_somebody_else(repository: Repository, updates: Sequence[RefUpdate]) -> PushResult:
        monkeypatch.setattr(Repository, "push", push)
        synced.commit({PLAN: before}, "No, as it was")
        return push(repository, updates)

    monkeypatch.setattr(Repository, "push", push_after_somebody_else)
    synced.sandbox.clear_requests()
    assert synced.sync().requests.write == 0
    assert synced.issue("1.1").title == "1.1 Store keys"
    synced.quiet()


def test_text_outside_the_managed_block_is_kept_byte_for_byte(synced: World) -> None:
    issue = synced.issue("Phase 1")
    around = f"A note above,  with two spaces\n\n{issue.body}\n\n- [ ] my own box\n\tand a tab"
    synced.person.update_issue(issue.number, body=around)
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.sync()
    body = synced.issue("Phase 1").body
    assert body.startswith("A note above,  with two spaces\n\n<!-- planbot:begin ")
    assert body.endswith("<!-- planbot:end -->\n\n- [ ] my own box\n\tand a tab")
    assert "- [x] the tests pass" in body
    synced.quiet()


def test_text_edited_inside_the_block_is_put_back_and_its_tick_kept(synced: World) -> None:
    issue = synced.issue("Phase 1")
    body = issue.body.replace("- [ ] the tests pass", "- [x] the tests pass, all of them")
    synced.person.update_issue(issue.number, body=body)
    synced.sync()
    assert "- [x] the tests pass\n" in synced.issue("Phase 1").body
    assert b"- [x] the tests pass\n" in synced.plan()
    synced.quiet()


def test_a_check_added_inside_the_block_goes_again_and_the_tick_beside_it_stays(synced: World) -> None:
    issue = synced.issue("Phase 1")
    check = "- [ ] the linter is quiet"
    mine = "- [x] my own new check\n- [x] the linter is quiet"
    synced.person.update_issue(issue.number, body=issue.body.replace(check, mine))
    result = synced.sync()
    assert result.complete
    assert [f"planbot's part of #{issue.number}:" in notice for notice in result.notices] == [True]
    assert synced.plan().decode() == SMALL.replace(check, "- [x] the linter is quiet")
    after = synced.issue("Phase 1").body.partition("-->")[2]
    assert after == issue.body.partition("-->")[2].replace(check, "- [x] the linter is quiet")
    synced.quiet()


def test_a_check_reworded_in_the_plan_keeps_its_tick(synced: World) -> None:
    synced.set_box("Phase 1", "the tests pass")
    synced.edit("the tests pass", "all tests pass on three platforms")
    synced.sync()
    assert b"- [x] all tests pass on three platforms" in synced.plan()
    assert "- [x] all tests pass on three platforms" in synced.issue("Phase 1").body
    synced.quiet()


def test_a_tick_says_nothing_of_another_check_in_the_same_place(synced: World) -> None:
    synced.set_box("Phase 1", "the tests pass")
    synced.edit("the tests pass", "our lawyers approve in writing")
    result = synced.sync()
    assert [finding.code for _, finding in result.findings] == ["PB207"]
    assert b"- [ ] our lawyers approve in writing" in synced.plan()
    assert "- [ ] our lawyers approve in writing" in synced.issue("Phase 1").body
    synced.quiet()


def test_checks_added_and_removed_leave_the_others_as_they_are(synced: World) -> None:
    synced.set_box("Phase 1", "the linter is quiet")
    synced.sync()
    synced.edit("- [ ] the tests pass\n", "- [ ] something new\n- [x] something done\n")
    synced.sync()
    body = synced.issue("Phase 1").body
    assert "the tests pass" not in body
    for line in ("- [ ] something new", "- [x] something done", "- [x] the linter is quiet"):
        assert line in body
        assert line.encode() in synced.plan()
    synced.quiet()


def test_with_write_back_off_ticks_wait_and_are_told_until_it_is_on(synced: World) -> None:
    synced.commit({"planbot.yml": "write_back: {mode: off}\n"})
    synced.set_box("Phase 1", "the page opens")
    result = synced.sync()
    assert [tick.text for tick in result.waiting] == ["the page opens"]
    assert synced.plan() == SMALL.encode()
    synced.quiet()
    assert [tick.text for tick in synced.sync().waiting] == ["the page opens"]
    synced.commit({"planbot.yml": "write_back: {mode: commit}\n"})
    synced.sync()
    assert b"[x] the page opens" in synced.plan()
    synced.quiet()


def test_a_refused_push_makes_ticks_wait_and_the_rest_of_the_pass_goes_on(synced: World) -> None:
    synced.commit({"planbot.yml": "write_back: {mode: commit}\n"})
    hook = synced.origin / "hooks" / "update"
    hook.write_text(
        '#!/bin/sh\ncase "$1" in refs/heads/main) echo "GH006: Protected branch update failed" >&2; exit 1;; esac\n'
    )
    hook.chmod(0o755)
    synced.set_box("Phase 1", "the page opens")
    result = synced.sync()
    assert not result.complete
    assert "GH006" in result.problem
    assert [tick.text for tick in result.waiting] == ["the page opens"]
    assert synced.plan() == SMALL.encode()
    synced.quiet()
    hook.unlink()
    synced.set_box("Phase 1", "the linter is quiet")
    assert len(synced.sync().ticks) == 2
    assert b"[x] the page opens" in synced.plan()
    synced.quiet()


def test_a_lost_journal_never_erases_a_tick(synced: World) -> None:
    synced.set_box("Phase 1", "the page opens")
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    git(synced.origin, "update-ref", "-d", "refs/planbot/journal")
    assert any("the journal is lost" in notice for notice in synced.sync().notices)
    for text in ("the tests pass", "the page opens"):
        assert f"- [x] {text}".encode() in synced.plan()
        assert f"- [x] {text}" in synced.issue("Phase 1").body
    assert len(synced.issues()) == 6
    synced.quiet()


def test_the_journal_is_a_readable_chain(synced: World) -> None:
    synced.set_box("Phase 1", "the page opens")
    synced.sync()
    lines = git(synced.origin, "log", "--format=%s", "refs/planbot/journal").splitlines()
    log = [line for line in lines if line != "Go on"]
    assert log[0] == "Tick 1 box"
    assert log[1].startswith("Finish: create ")
    assert log[2].startswith("Begin: create ")
    assert git(synced.origin, "ls-tree", "--name-only", "-r", "refs/planbot/journal").splitlines() == [
        "listed.json",
        "plans/PLAN.md.json",
        "repository.json",
    ]


def test_a_tick_that_falls_between_reading_and_writing_its_issue_is_found_again(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.sandbox.faults.add(
        Fault("PATCH", "/repos/*/issues/*", action=lambda: synced.set_box("Phase 1", "the linter is quiet"))
    )
    synced.sync()
    assert b"- [x] the linter is quiet" in synced.plan()
    for text in ("the tests pass", "the linter is quiet"):
        assert f"- [x] {text}" in synced.issue("Phase 1").body
    synced.quiet()


def test_a_tick_that_falls_into_the_round_trip_in_which_its_check_goes_follows_it(synced: World) -> None:
    text = synced.plan().decode()
    other = "- [ ] paging shows each order once\n"
    check = "- [ ] the page opens\n"
    synced.commit({PLAN: text.replace(check, "").replace(other, other + check)})
    number = synced.issue("Phase 1").number
    synced.sandbox.faults.add(
        Fault(
            "PATCH", f"/repos/*/issues/{number}", action=lambda: synced.set_box("Phase 1", "the page opens")
        )
    )
    synced.sync()
    assert b"- [x] the page opens" in synced.plan()
    assert "- [x] the page opens" in synced.issue("Phase 2").body
    assert "the page opens" not in synced.issue("Phase 1").body
    synced.quiet()


def test_a_tick_on_a_check_that_is_in_no_plan_any_more_is_told(synced: World) -> None:
    synced.commit({PLAN: SMALL.replace("- [ ] the page opens\n", "")})
    synced.set_box("Phase 1", "the page opens")
    synced.set_box("Phase 1", "the linter is quiet")
    result = synced.sync()
    assert [finding.code for _, finding in result.findings] == ["PB207"]
    assert b"[x] the linter is quiet" in synced.plan()
    synced.quiet()
