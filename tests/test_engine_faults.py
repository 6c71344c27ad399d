"""Lost answers, lists that lag, requests that fail: nothing is made twice, and the next pass finishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.errors import TrackerError
from planbot.repo.repository import JOURNAL_REF
from planbot.sandbox.faults import Fault
from planbot.sync.reconcile import LAG
from planbot.tracker.marker import Marker, wrap

if TYPE_CHECKING:
    from planbot.sandbox.faults import When

LAST_TASK = "#### 2.1 Page by cursor\n\nNothing to add.\n\n"
ISSUES = f"/repos/{NAME}/issues"


@pytest.fixture
def planned(world: World) -> World:
    world.commit({PLAN: SMALL})
    return world


@pytest.fixture
def synced(planned: World) -> World:
    planned.sync()
    return planned


def test_a_create_whose_answer_is_lost_is_not_sent_again_and_is_found(planned: World) -> None:
    planned.sandbox.faults.drop(method="POST", path=ISSUES, when="after")
    result = planned.sync()
    assert not result.complete
    assert any(one.change.kind == "plan" for one in result.undone)
    planned.skip_time(LAG)
    assert planned.sync().complete
    assert len(planned.issues()) == 6
    planned.quiet()


def test_a_create_that_never_arrived_is_made_once_lists_can_have_caught_up(planned: World) -> None:
    planned.sandbox.faults.drop(method="POST", path=ISSUES, when="before")
    planned.sync()
    result = planned.sync()
    assert any("planbot looks again in" in one.why for one in result.undone)
    assert len(planned.issues()) == 5
    planned.skip_time(LAG)
    assert planned.sync().complete
    assert len(planned.issues()) == 6
    planned.quiet()


def test_an_issue_that_lost_answer_and_label_is_found_by_its_stamp(planned: World) -> None:
    planned.sandbox.faults.drop(method="POST", path=ISSUES, when="after")
    planned.sync()
    (made,) = [one for one in planned.person.issues(None) if one.title.startswith("Billing")]
    planned.person.update_issue(made.number, labels=())
    planned.skip_time(LAG)
    planned.sync()
    assert planned.issue("Billing").number == made.number
    assert len(planned.person.issues(None)) == 6
    planned.quiet()


def test_lists_that_lag_behind_make_no_duplicates(planned: World) -> None:
    planned.sandbox.faults.lag_lists(3600)
    planned.sync()
    result = planned.sync()
    assert result.in_sync
    planned.sandbox.faults.clear()
    assert len(planned.issues()) == 6
    planned.quiet()


def test_a_list_that_shows_an_older_body_does_not_undo_a_tick(synced: World) -> None:
    synced.sandbox.faults.freeze_lists()
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    synced.sandbox.clock.advance(5)
    synced.sync()
    synced.quiet()
    assert b"[x] the tests pass" in synced.plan()
    synced.sandbox.faults.thaw_lists()
    assert "- [x] the tests pass" in synced.issue("Phase 1").body
    synced.quiet()


@pytest.mark.parametrize(
    "path", [f"/repos/{NAME}/milestones", f"/repos/{NAME}/labels", f"{ISSUES}/*/sub_issues"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_other_lost_answers_are_made_good_by_the_next_pass(planned: World, path: str, when: When) -> None:
    planned.sandbox.faults.old_schema = True  # else an issue is made under its parent, and none is put there
    planned.sandbox.faults.drop(method="POST", path=path, when=when)
    assert not planned.sync().complete
    assert [one.method for one in planned.sandbox.requests if one.fault] == ["POST"]
    planned.skip_time(LAG)
    planned.sync()
    assert len(planned.issues()) == 6
    assert len(planned.person.milestones()) == 2
    issues = planned.issues()
    assert planned.parent(issues["1.1 Store keys"].number) == issues["Phase 1: Foundation"].number
    assert (
        planned.parent(issues["Phase 1: Foundation"].number) == issues["Billing: Implementation Plan"].number
    )
    planned.quiet()


def test_a_patch_whose_answer_is_lost_is_understood_by_its_stamp(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    number = synced.issue("Phase 1").number
    synced.sandbox.faults.drop(method="PATCH", path=f"{ISSUES}/{number}", when="after")
    assert not synced.sync().complete
    synced.set_box("Phase 1", "the tests pass", ticked=False)
    synced.sync()
    assert b"[ ] the tests pass" in synced.plan(), "the untick came after the tick that had arrived"
    synced.quiet()


READS = [f"/repos/{NAME}", ISSUES, f"/repos/{NAME}/milestones", f"/repos/{NAME}/labels"]


def fails_without_a_write(world: World, fault: Fault) -> None:
    """Let a read fail, and require that the pass ends with neither a push nor a write."""
    before = world.refs(), world.person.issues(None), world.person.milestones()
    world.sandbox.faults.add(fault)
    world.sandbox.clear_requests()
    with pytest.raises(TrackerError):
        world.sync()
    assert any(one.fault for one in world.sandbox.requests)
    assert [one.path for one in world.sandbox.requests if one.method != "GET"] == []
    world.sandbox.faults.clear()
    assert (world.refs(), world.person.issues(None), world.person.milestones()) == before


@pytest.mark.parametrize("path", READS)
def test_a_failed_read_means_no_write_at_all(planned: World, path: str) -> None:
    fails_without_a_write(planned, Fault("GET", path, times=None, status=500))


@pytest.mark.parametrize("path", [*READS, f"/repos/{NAME}/assignees/maya", f"{ISSUES}/[0-9]*"])
def test_a_failed_read_means_no_write_where_there_is_something_to_write_on_both_sides(
    synced: World, path: str
) -> None:
    synced.set_box("Phase 1", "the tests pass")
    synced.edit("Nothing to add.", "Nothing to add.\n\n**Owner**: @maya")
    # an issue that the list lacks is read by itself
    synced.person.update_issue(synced.issue("1.2").number, labels=())
    fails_without_a_write(synced, Fault("GET", path, status=403))  # which is not asked for again, as 500 is
    assert synced.sync().complete
    assert synced.issue("2.1").assignees == ("maya",)
    assert synced.issue("1.2").labels == ("planbot",)
    assert b"[x] the tests pass" in synced.plan()


def test_a_failed_read_of_a_second_page_means_no_write_at_all(world: World) -> None:
    tasks = "".join(f"### 1.{number} Task {number}\n\nText.\n\n" for number in range(1, 101))
    world.commit({PLAN: f"# A plan\n\n## Phase 1: One\n\n{tasks}"})
    assert world.sync("creates").complete
    world.edit("### 1.1 Task 1\n", "### 1.1 First task\n\nText.\n\n### 1.101 Last task\n")
    fails_without_a_write(world, Fault("GET", ISSUES, skip=1, status=403))


def test_one_change_that_fails_stops_no_other(planned: World) -> None:
    planned.sandbox.faults.fail(422, method="POST", path=f"/repos/{NAME}/milestones")
    result = planned.sync()
    assert [one.change.kind for one in result.undone] == ["milestone"]
    assert len(planned.issues()) == 6
    assert planned.sync().complete
    first, second = planned.person.milestones()
    assert planned.issue("1.1").milestone in (first.number, second.number)
    assert planned.issue("1.1").milestone != planned.issue("2.1").milestone
    planned.quiet()


def test_an_announced_stamp_that_somebody_copied_into_an_issue_of_theirs_makes_it_nobodys(
    planned: World,
) -> None:
    planned.sandbox.faults.drop(method="POST", path=ISSUES, when="before")
    planned.sync()
    (begun,) = [item for _, item in planned.agreed().entries() if item.issue is None]
    marker = Marker(PLAN, begun.locator, begun.uid, "0" * 12, "", begun.stamp)
    outsider = planned.tracker(planned.sandbox.add_user("mallory", role="read"))
    copied = outsider.create_issue("Mine", wrap(marker, "Boo."))
    planned.skip_time(LAG)
    planned.sync()
    assert planned.person.issue(copied.number) == copied
    assert len(planned.issues()) == 6
    planned.quiet()


def test_a_journal_that_was_set_back_is_noticed_and_nothing_is_lost(synced: World) -> None:
    old = git(synced.origin, "rev-parse", JOURNAL_REF)
    synced.commit({PLAN: SMALL.replace("[ ] the tests pass", "[x] the tests pass")})
    synced.sync()
    git(synced.origin, "update-ref", JOURNAL_REF, old)
    text = synced.plan()
    notices = synced.sync().notices
    assert any("the journal was set back" in notice for notice in notices)
    assert synced.plan() == text
    assert "- [x] the tests pass" in synced.issue("Phase 1").body
    synced.quiet()
    assert not synced.sync().notices


@pytest.mark.parametrize("new", [f"{LAST_TASK}#### 2.2 Ship\n\nIt is out.\n\n", ""])
def test_a_journal_that_was_set_back_past_a_creation_or_a_farewell_is_noticed(
    synced: World, new: str
) -> None:
    old = git(synced.origin, "rev-parse", JOURNAL_REF)
    synced.edit(LAST_TASK, new)
    synced.sync("closes")
    git(synced.origin, "update-ref", JOURNAL_REF, old)
    issues = synced.issues()
    for result in (synced.diff(), synced.sync()):
        assert any("the journal was set back" in notice for notice in result.notices)
    assert synced.issues() == issues
    synced.quiet()
    assert not synced.sync().notices


def test_a_first_pass_waits_for_nothing(planned: World) -> None:
    assert planned.sync().complete
    assert LAG not in planned.slept


def lose_journal_while_lists_lag(world: World) -> None:
    """Take the journal away while lists show nothing until somebody waits; require that nothing is made twice."""
    git(world.origin, "update-ref", "-d", JOURNAL_REF)
    world.sandbox.faults.lag_lists(3600)
    world.on_sleep = world.sandbox.faults.clear
    world.sync()
    assert world.slept[-1] == LAG
    assert len(world.person.issues(None)) == len(world.issues()) == 6
    world.quiet()


def test_the_label_tells_a_pass_without_its_journal_that_lists_may_lag(planned: World) -> None:
    planned.commit({PLAN: SMALL, "planbot.yml": "milestones: false\n"})
    planned.sync()
    lose_journal_while_lists_lag(planned)


def test_a_pass_without_its_journal_gives_lists_time_before_it_makes_anything(planned: World) -> None:
    planned.sandbox.faults.drop(method="POST", path=ISSUES, when="after", times=1)
    planned.sync()
    lose_journal_while_lists_lag(planned)


def test_where_the_journal_cannot_be_pushed_nothing_is_written_and_no_tick_is_erased(planned: World) -> None:
    planned.sync()
    issue = planned.issue("Phase 1")
    planned.person.update_issue(issue.number, body=issue.body.replace("[ ] the page", "[x] the page"))
    planned.commit(
        {PLAN: SMALL.replace("Store keys", "Keep keys").replace("[ ] the linter", "[x] the linter")}
    )
    hook = planned.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'remote: Permission to octo/plans.git denied to bot.' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = planned.person.issues(None)
    planned.sandbox.clear_requests()
    result = planned.sync()
    assert result.dry_run
    assert result.problem.startswith(
        "nothing was written: the journal cannot be pushed to refs/planbot/journal"
    )
    assert "contents: write" in result.problem
    assert result.ticks
    assert [one for one in planned.sandbox.requests if one.method != "GET" and one.path != "/graphql"] == []
    assert planned.person.issues(None) == before
    hook.unlink()
    assert planned.sync().complete
    assert b"[x] the page" in planned.plan()
    assert "[x] the linter" in planned.issue("Phase 1").body
    planned.quiet()


def test_a_tick_between_listing_and_patch_is_kept(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    number = synced.issue("Phase 1").number
    synced.sandbox.faults.run(
        lambda: synced.set_box("Phase 1", "the page opens"), method="GET", path=f"{ISSUES}/{number}"
    )
    synced.sync()
    body = synced.issue("Phase 1").body
    assert "- [x] the tests pass" in body
    assert "- [x] the page opens" in body
    synced.sync()
    assert b"- [x] the page opens" in synced.plan()
    synced.quiet()


def test_a_milestone_that_a_person_changes_between_listing_and_patch_stays_theirs(synced: World) -> None:
    (first, _) = synced.person.milestones()
    path = f"/repos/{NAME}/milestones/{first.number}"
    synced.edit("**Goal**: One invoice", "**Goal**: Just one invoice")
    synced.sandbox.faults.run(
        lambda: synced.person.update_milestone(first.number, description="Mine."), method="GET", path=path
    )
    assert [one.why for one in synced.sync().undone] == ["the milestone changed meanwhile"]
    assert synced.sync().complete
    assert synced.person.milestones()[0].description == "Mine."
    synced.quiet()


def test_two_issues_of_one_item_are_healed_and_no_tick_in_either_is_lost(synced: World) -> None:
    first = synced.issue("Phase 1")
    twin = synced.person.create_issue(
        "Phase 1 again",
        first.body.replace("- [ ] the page opens", "- [x] the page opens"),
        labels=("planbot",),
    )
    synced.set_box("Phase 1: Foundation", "the tests pass")
    synced.sync()
    for text in ("the page opens", "the tests pass"):
        assert f"- [x] {text}".encode() in synced.plan()
        assert f"- [x] {text}" in synced.issue("Phase 1: Foundation").body
    after = synced.person.issue(twin.number)
    assert after is not None
    assert (after.state, after.state_reason) == ("closed", "duplicate")
    assert synced.issue("Phase 1: Foundation").state == "open"
    synced.quiet()


def test_an_issue_that_somebody_deleted_is_told_of_and_not_made_again(synced: World) -> None:
    number = synced.issue("1.2").number
    synced.sandbox.delete_issue(NAME, number)
    result = synced.sync()
    assert result.in_sync
    assert [finding.code for _, finding in result.findings] == ["PB203"]
    assert f"#{number} is gone" in result.findings[0][1].message
    assert len(synced.issues()) == 5
    synced.quiet()


def test_a_label_that_somebody_took_away_is_put_back_by_way_of_the_journal(synced: World) -> None:
    number = synced.issue("1.2").number
    synced.person.update_issue(number, labels=())
    synced.sync()
    issue = synced.person.issue(number)
    assert issue is not None
    assert issue.labels == ("planbot",)
    synced.quiet()


def test_a_block_that_somebody_deleted_is_put_back(synced: World) -> None:
    number = synced.issue("Phase 1").number
    synced.set_box("Phase 1", "the tests pass")
    synced.sync()
    synced.person.update_issue(number, body="all gone")
    synced.sync()
    body = synced.issue("Phase 1").body
    assert body.startswith("all gone")
    assert "- [x] the tests pass" in body
    assert b"- [x] the tests pass" in synced.plan()
    synced.quiet()


def test_a_tick_beside_marker_lines_that_somebody_took_out_is_told(synced: World) -> None:
    issue = synced.issue("Phase 1")
    assert issue.body.splitlines()[0].startswith("<!-- planbot:begin ")
    bare = "\n".join(issue.body.splitlines()[1:-1]).replace("[ ] the tests pass", "[x] the tests pass")
    synced.person.update_issue(issue.number, body=bare)
    before = synced.plan()
    result = synced.sync()
    assert [f"took the marker lines out of #{issue.number}:" in notice for notice in result.notices] == [True]
    assert synced.issue("Phase 1").body.startswith(f"{bare}\n\n<!-- planbot:begin ")
    assert synced.plan() == before
    synced.quiet()
    synced.set_box("Phase 1", "the tests pass")  # in the new part, which stands last
    synced.sync()
    assert b"- [x] the tests pass" in synced.plan()


def test_a_journal_of_a_newer_planbot_is_refused(synced: World) -> None:
    blob = git(synced.origin, "hash-object", "-w", "--stdin", data=b'{"version": 99}\n')
    tree = git(synced.origin, "mktree", data=f"100644 blob {blob}\trepository.json\n".encode())
    parent = git(synced.origin, "rev-parse", "refs/planbot/journal")
    commit = git(synced.origin, "commit-tree", tree, "-p", parent, "-m", "newer")
    git(synced.origin, "update-ref", "refs/planbot/journal", commit)
    from planbot.errors import PlanbotError  # noqa: PLC0415 - the root, for this one case

    with pytest.raises(PlanbotError, match="newer planbot"):
        synced.sync()
    assert git(synced.origin, "rev-parse", "refs/planbot/journal") == commit
