"""Leaving: everything of planbot's goes, everything of people's stays, and it can be cut off anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.crash import Border, CrashWorld, Death
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.engine import Means
from planbot.errors import BusyError, LimitError
from planbot.leaving import Leaver
from planbot.repo.logbook import Logbook
from planbot.repo.repository import JOURNAL_REF, PROGRESS_REF, Repository
from planbot.sandbox import Fault
from planbot.sync.agreed import Agreed, Lease
from planbot.tracker.marker import split, split_milestone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.report.departure import Departure
    from planbot.sandbox import Sandbox


@pytest.fixture
def synced(world: World) -> World:
    """Return a world after its first pass."""
    world.commit({PLAN: SMALL})
    world.sync()
    return world


def leave(world: World, *allow: str, close: bool = False, dry_run: bool = False) -> Departure:
    means = Means(
        world._clock,
        world._sleep,
        lambda: next(world._stamps),
        world._tell,
        lambda _, __, text: world._tell(text),
    )
    with world.tracker(world.bot_token) as tracker:
        leaver = Leaver(Repository.open(world.work), tracker, means, close=close, allow=allow)
        return leaver.leave(dry_run=dry_run)


def traces(world: World) -> list[str]:
    """Return everything that tells of planbot."""
    found = [f"#{issue.number} {issue.labels}" for issue in world.person.issues("planbot")]
    found += [f"#{issue.number}" for issue in world.person.issues(None) if split(issue.body) is not None]
    found += [one.title for one in world.person.milestones() if split_milestone(one.description) is not None]
    found += [label.name for label in world.person.labels() if label.name == "planbot"]
    return found + [
        ref for ref in (world.refs() + git(world.work, "for-each-ref")).split() if "planbot" in ref
    ]


def told(departure: Departure) -> list[tuple[str, str]]:
    return [(step.action, step.kind) for step in departure.steps]


def writes(world: World) -> int:
    return sum(request.method not in ("GET", "HEAD") for request in world.sandbox.requests)


def test_nothing_of_planbots_is_left_and_the_issues_stay_as_they_read(synced: World) -> None:
    before = {issue.number: issue for issue in synced.person.issues(None)}
    departure = leave(synced)
    assert traces(synced) == []
    assert departure.undone == ()
    assert told(departure) == [
        *[("strip", "issue")] * 6,
        *[("delete", "milestone")] * 2,
        *[("delete", "label")] * 3,
        ("delete", "journal"),
    ]
    after = {issue.number: issue for issue in synced.person.issues(None)}
    assert after.keys() == before.keys()
    for number, issue in after.items():
        body = split(before[number].body)
        assert body is not None
        assert issue.body == getattr(body, "text", None)
        assert (issue.title, issue.state) == (before[number].title, "open")
    assert synced.person.milestones() == ()
    assert synced.person.labels() == ()


def test_the_plan_file_is_not_touched(synced: World) -> None:
    head = git(synced.origin, "rev-parse", "main")
    leave(synced)
    assert git(synced.origin, "rev-parse", "main") == head


def test_open_issues_are_closed_as_not_planned_where_that_is_asked_for(synced: World) -> None:
    done = synced.issue("1.1")
    synced.person.update_issue(done.number, state="closed", state_reason="completed")
    departure = leave(synced, close=True)
    assert traces(synced) == []
    issues = {issue.number: issue for issue in synced.person.issues(None)}
    assert issues.pop(done.number).state_reason == "completed"
    assert {(issue.state, issue.state_reason) for issue in issues.values()} == {("closed", "not_planned")}
    assert told(departure).count(("close", "issue")) == 5


def test_a_dry_run_tells_the_very_steps_and_writes_nothing(synced: World) -> None:
    refs = synced.refs()
    synced.sandbox.clear_requests()
    foretold = leave(synced, dry_run=True)
    assert writes(synced) == 0
    assert synced.refs() == refs
    assert leave(synced).steps == foretold.steps


def test_leaving_twice_has_nothing_to_do(synced: World) -> None:
    leave(synced)
    synced.sandbox.clear_requests()
    again = leave(synced)
    assert (again.steps, again.undone) == ((), ())
    assert writes(synced) == 0


def test_what_people_wrote_around_the_block_stays_byte_for_byte(synced: World) -> None:
    issue = synced.issue("1.1")
    text = getattr(split(issue.body), "text", "")
    synced.person.update_issue(issue.number, body=f"Mine, \r\nfirst.\n\n{issue.body}\n\n  and after  ")
    leave(synced)
    found = synced.person.issue(issue.number)
    assert found is not None
    assert found.body == f"Mine, \r\nfirst.\n\n{text}\n\n  and after  "


def test_a_label_that_another_issue_has_stays_there_and_goes_from_ours(synced: World) -> None:
    other = synced.person.create_issue("Another", "text", labels=("planbot", "impact: High"))
    leave(synced)
    kept = synced.person.issue(other.number)
    assert kept is not None
    assert sorted(kept.labels) == ["impact: High", "planbot"]
    assert [issue.number for issue in synced.person.issues("planbot")] == [other.number]
    assert {label.name for label in synced.person.labels()} == {"planbot", "impact: High"}


def test_a_label_that_a_person_made_or_restyled_is_not_planbots_to_delete(world: World) -> None:
    with world.tracker(world.person_token) as person:
        url = f"/repos/{NAME}/labels"
        person._gateway.send(
            "POST", url, {"name": "impact: High", "color": "ff0000"}, lambda _: None, doing="x"
        )
    world.commit({PLAN: SMALL})
    world.sync()
    leave(world)
    assert [label.name for label in world.person.labels()] == ["impact: High"]
    assert world.person.issues("impact: High") != ()


def test_a_milestone_that_another_issue_is_in_stays_without_planbots_mark(synced: World) -> None:
    first, second = synced.person.milestones()
    synced.person.create_issue("Another", "text", milestone=first.number)
    departure = leave(synced)
    (kept,) = synced.person.milestones()
    assert (kept.number, kept.title, kept.description) == (first.number, first.title, "One invoice an order.")
    assert ("strip", "milestone") in told(departure)
    assert second.number != kept.number


def test_a_milestone_or_a_label_that_a_pull_request_has_stays(synced: World) -> None:
    git(synced.work, "push", "--quiet", "origin", "HEAD:feature")
    git(synced.work, "commit", "--quiet", "--allow-empty", "-m", "more")
    git(synced.work, "push", "--quiet", "origin", "HEAD:feature")
    pull = synced.person.pulls.create_pull_request("More", "", head="feature", base="main")
    milestone = synced.person.milestones()[0].number
    synced.person.update_issue(pull.number, labels=("impact: High",), milestone=milestone)
    leave(synced)
    assert [one.number for one in synced.person.milestones()] == [milestone]
    assert [label.name for label in synced.person.labels()] == ["impact: High"]


def test_an_issue_with_a_copied_marker_is_left_alone(synced: World) -> None:
    stranger = synced.sandbox.add_user("stranger", role="none")
    with synced.tracker(stranger) as tracker:
        copied = tracker.create_issue("Mine", synced.issue("1.1").body)
    leave(synced)
    kept = synced.person.issue(copied.number)
    assert kept is not None
    assert kept.body == copied.body


def test_what_planbot_said_of_a_refused_pass_goes_and_what_people_said_stays(synced: World) -> None:
    number = synced.issue("Billing").number
    with synced.tracker(synced.bot_token) as bot:
        bot.comments.add(number, "<!-- planbot:refusal -->\nA pass was refused.")
    synced.person.comments.add(number, "<!-- planbot:refusal -->\nThat is what it looks like.")
    leave(synced)
    assert [one.author.login for one in synced.person.comments.of(number)] == ["maya"]


def test_the_progress_branch_goes(synced: World) -> None:
    git(synced.work, "push", "--quiet", "origin", f"HEAD:{PROGRESS_REF}")
    departure = leave(synced)
    assert ("delete", "branch") in told(departure)
    assert traces(synced) == []


def test_a_lost_journal_does_not_keep_it_from_leaving(synced: World) -> None:
    git(synced.origin, "update-ref", "-d", JOURNAL_REF)
    departure = leave(synced)
    assert told(departure).count(("strip", "issue")) == 6
    assert traces(synced) == []


def test_a_lost_label_does_not_hide_an_issue(synced: World) -> None:
    issue = synced.issue("1.1")
    synced.person.update_issue(issue.number, labels=())
    leave(synced)
    assert traces(synced) == []


def test_a_damaged_marker_is_told(synced: World) -> None:
    issue = synced.issue("1.1")
    synced.person.update_issue(issue.number, body=issue.body.replace("planbot:begin v=1", "planbot:begin v="))
    departure = leave(synced)
    assert departure.notices == (
        f"the marker cannot be read in #{issue.number}: take what is left of it out by hand",
    )
    assert synced.person.issues("planbot") == ()


def test_ticks_that_the_plan_has_not_heard_of_keep_it_from_leaving(synced: World) -> None:
    synced.set_box("Phase 1", "the tests pass")
    refs = synced.refs()
    synced.sandbox.clear_requests()
    foretold = leave(synced, dry_run=True)
    assert foretold.refusals == ("1 box ticked or unticked in an issue is not so in the plan",)
    with pytest.raises(LimitError, match="1 box ticked") as refused:
        leave(synced)
    assert refused.value.hint == "`planbot sync` brings them there; to leave them behind: --allow ticks"
    assert (writes(synced), synced.refs()) == (0, refs)
    synced.sync()
    assert leave(synced, dry_run=True).refusals == ()
    assert leave(synced).notices == ()


def test_ticks_are_left_behind_where_that_is_allowed(synced: World) -> None:
    synced.set_box("Phase 1", "the tests pass")
    synced.set_box("Phase 1", "the page opens")
    behind = "2 boxes ticked or unticked in issues are not so in the plan"
    assert leave(synced, dry_run=True).refusals == (behind,)
    assert leave(synced, "ticks", dry_run=True).refusals == ()
    departure = leave(synced, "ticks")
    assert departure.notices == (f"{behind}: it stays so",)
    assert traces(synced) == []
    assert b"[x]" not in synced.plan()


def test_ticks_that_wait_in_the_pull_request_keep_it_from_leaving(world: World) -> None:
    world.commit({PLAN: SMALL, "planbot.yml": "write_back: {mode: pull-request}\n"})
    world.sync()
    world.set_box("Phase 1", "the tests pass")
    world.sync()
    with pytest.raises(LimitError) as refused:
        leave(world)
    assert refused.value.hint.startswith("merge the pull request in which ticks wait; then `planbot sync`")
    assert PROGRESS_REF in world.refs()


def test_an_issue_named_in_the_plan_is_gone_on_with_after_leaving(synced: World) -> None:
    number = synced.issue("1.1").number
    leave(synced)
    text = getattr(synced.person.issue(number), "body", "")
    synced.edit("#### 1.1 Store keys\n", f"#### 1.1 Store keys\n<!-- planbot: #{number} -->\n")
    synced.sync()
    again = synced.issue("1.1")
    assert again.number == number
    assert again.body.startswith(text)
    synced.quiet()


def test_a_workflow_that_is_still_there_is_told(synced: World) -> None:
    synced.commit({".github/workflows/planbot.yml": "name: planbot\n", "planbot.yml": "branch: main\n"})
    (notice,) = leave(synced, dry_run=True).notices
    assert notice.startswith(".github/workflows/planbot.yml and planbot.yml still there")


def test_what_fails_is_told_and_the_journal_stays_for_the_next_time(synced: World) -> None:
    number = synced.issue("1.1").number
    synced.sandbox.faults.fail(403, method="PATCH", path=f"/repos/*/issues/{number}")
    departure = leave(synced)
    assert [step.number for step, _ in departure.undone] == [number]
    assert JOURNAL_REF in synced.refs()
    again = leave(synced)
    assert [step.number for step in again.steps if step.kind == "issue"] == [number]
    assert traces(synced) == []


def test_a_token_that_is_refused_stops_it_at_once(synced: World) -> None:
    synced.sandbox.faults.fail(401, method="PATCH", times=None)
    departure = leave(synced)
    assert (len(departure.undone), departure.steps) == (1, ())


def test_another_pass_is_waited_for_and_not_for_ever(synced: World) -> None:
    repository = Repository.open(synced.work)
    journal = repository.fetch("main").journal
    until = int(synced.now) + 100_000
    logbook = Logbook(repository, lambda: synced.now)
    taken = logbook.append(journal, Agreed(lease=Lease("other", until)), "Begin: nothing")
    assert taken.done
    with pytest.raises(BusyError):
        leave(synced)
    synced.skip_time(200_000)
    leave(synced)


def test_an_archived_repository_is_left_as_it_is(synced: World) -> None:
    with synced.sandbox.edit(NAME) as repository:
        repository.archived = True
    assert leave(synced).skipped


@pytest.fixture
def stage(tmp_path: Path, sandbox: Sandbox) -> Iterator[CrashWorld]:
    """Return a world with planbot in it that can go back to where it was."""
    world = CrashWorld(tmp_path, sandbox)
    world.commit({PLAN: SMALL})
    world.sync()
    world.person.create_issue("Another", "text", labels=("impact: High",))
    git(world.work, "push", "--quiet", "origin", f"HEAD:{PROGRESS_REF}")
    yield world
    world.close()


@pytest.mark.parametrize("option", ["", "close"])
def test_it_goes_on_wherever_it_was_cut_off(
    stage: CrashWorld, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    close = option == "close"
    border = Border(monkeypatch)
    moment = stage.save()
    with border.watch():
        leave(stage, close=close)
    counts, whole = dict(border.counts), left(stage)
    assert whole[0] == []
    points = 0
    for kind, count in counts.items():
        for at in range(1, count + 1):
            stage.restore(moment)
            with border.watch(Death(kind, "after", at)):
                leave(stage, close=close)
            stage.skip_time(1000)
            stage.sandbox.faults.clear()
            leave(stage, close=close)
            assert left(stage) == whole, (kind, at)
            points += 1
    assert points > 40
    print(f"died at {points} points")


def left(world: World) -> tuple[object, ...]:
    """Return what is left in a repository that was left: traces, issues, labels, milestones."""
    issues = [(one.title, one.body, one.state, one.labels) for one in world.person.issues(None)]
    labels = [label.name for label in world.person.labels()]
    return traces(world), issues, labels, [one.title for one in world.person.milestones()]


def test_a_lost_answer_is_made_good_by_the_next_run(synced: World) -> None:
    synced.sandbox.faults.add(Fault("PATCH", "/repos/*/issues/*", when="after", drop=True))
    synced.sandbox.faults.add(Fault("DELETE", "/repos/*/labels/*", when="after", drop=True))
    first = leave(synced)
    assert len(first.undone) == 2
    leave(synced)
    assert traces(synced) == []


def test_a_limit_is_waited_for_and_what_a_person_did_meanwhile_stays(synced: World) -> None:
    number = synced.issue("Phase 1").number
    path = f"/repos/{NAME}/issues/{number}"
    synced.sandbox.faults.add(Fault("PATCH", path, status=429, headers={"Retry-After": "60"}))
    synced.on_sleep = lambda: synced.person.update_issue(number, body=f"Mine.\n\n{planned(synced, number)}")
    assert leave(synced).undone == ()
    assert sum(synced.slept) == 60
    issue = synced.person.issue(number)
    assert issue is not None
    assert issue.body.startswith("Mine.")
    assert traces(synced) == []


def planned(world: World, number: int) -> str:
    """Return an issue's body as it was before a person wrote above it."""
    issue = world.person.issue(number)
    assert issue is not None
    return issue.body.removeprefix("Mine.\n\n")
