"""Items that come, go, are renamed, close and reopen; and what people decide stays decided."""

from __future__ import annotations

import pytest
from support.plans import SMALL
from support.world import PLAN, World, git

from planbot.engine import Options
from planbot.errors import LimitError
from planbot.loading import Given

RELEASED = (
    f"{PLAN} is no plan file any more, as the settings or the file itself say: its 6 issues are left alone, and found "
    "again if it comes back"
)
TASK = "#### 2.1 Page by cursor\n\nNothing to add.\n\n"


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: SMALL})
    world.sync()
    return world


def test_a_new_task_is_one_new_issue(synced: World) -> None:
    before = synced.issues()
    synced.edit("### Phase 2: Paging", "#### 1.3 Refuse bad keys\n\nWith a 400.\n\n### Phase 2: Paging")
    result = synced.sync()
    assert result.count("create") == 1
    after = synced.issues()
    assert set(after) - set(before) == {"1.3 Refuse bad keys"}
    assert after["1.3 Refuse bad keys"].milestone == after["Phase 1: Foundation"].milestone
    synced.quiet()


def test_a_renamed_task_keeps_its_issue_by_one_write(synced: World) -> None:
    number = synced.issue("1.1").number
    synced.edit("#### 1.1 Store keys", "#### 1.1 Store keys safely")
    result = synced.sync()
    assert result.requests.write == 1
    assert synced.issues()["1.1 Store keys safely"].number == number
    assert len(synced.issues()) == 6
    synced.quiet()


def test_a_task_with_its_number_and_text_keeps_its_issue_whatever_it_is_called(synced: World) -> None:
    number = synced.issue("1.1").number
    synced.edit("#### 1.1 Store keys", "#### 1.1 Bake bread")
    synced.sync()
    assert synced.issues()["1.1 Bake bread"].number == number
    assert len(synced.issues()) == 6
    synced.quiet()


def test_another_task_of_the_same_number_is_a_new_one(synced: World) -> None:
    number = synced.issue("1.1").number
    plan = SMALL.replace("#### 1.1 Store keys", "#### 1.1 Bake bread").replace("Keys are forgotten", "Hungry")
    synced.commit(
        {PLAN: plan.replace("Keep them, as @alice said in #12", "Flour and water, an oven, much time")}
    )
    synced.sync()
    assert synced.issues()["1.1 Bake bread"].number != number
    assert synced.issues()["1.1 Store keys"].state == "closed"
    synced.quiet()


def test_a_renumbered_task_keeps_its_issue(synced: World) -> None:
    numbers = {title.split(" ", 1)[1]: issue.number for title, issue in synced.issues().items()}
    plan = SMALL.replace("#### 1.2 Answer", "#### 1.3 Answer").replace("#### 1.1 Store", "#### 1.2 Store")
    plan = plan.replace("#### 1.2 Store", "#### 1.1 Begin\n\nAt the front.\n\n#### 1.2 Store")
    synced.commit({PLAN: plan})
    result = synced.sync()
    assert result.count("create") == 1
    after = {title.split(" ", 1)[1]: issue.number for title, issue in synced.issues().items()}
    assert after.items() >= numbers.items()
    assert "1.2 Store keys" in synced.issues()
    synced.quiet()


def test_a_renamed_plan_file_keeps_its_issues(synced: World) -> None:
    numbers = sorted(issue.number for issue in synced.issues().values())
    synced.commit({PLAN: None, "docs/plans/billing.md": SMALL})
    result = synced.sync()
    assert result.count("create") == 0
    assert result.count("close") == 0
    assert sorted(issue.number for issue in synced.issues().values()) == numbers
    synced.quiet()


def test_a_removed_task_is_closed_as_not_planned_and_reopened_when_it_is_back(synced: World) -> None:
    number = synced.issue("2.1").number
    synced.edit(TASK, "")
    result = synced.sync()
    assert result.count("close") == 1
    closed = synced.issue("2.1")
    assert (closed.state, closed.state_reason) == ("closed", "not_planned")
    synced.quiet()
    synced.edit("**Goal**: Lists are short.\n\n", f"**Goal**: Lists are short.\n\n{TASK}")
    synced.sync()
    back = synced.issue("2.1")
    assert (back.number, back.state) == (number, "open")
    synced.quiet()


def is_back(world: World) -> str:
    """Put the task back, require that its issue has what the plan says of it from then on, and return its state."""
    world.edit("**Goal**: Lists are short.\n\n", f"**Goal**: Lists are short.\n\n{TASK}")
    assert world.sync().complete
    world.quiet()
    world.edit("Nothing to add.", "A cursor is a number.")
    assert world.sync().complete
    assert "A cursor is a number." in world.issue("2.1").body
    world.quiet()
    return world.issue("2.1").state


def test_an_adopted_issue_is_open_again_when_its_task_is_back(world: World) -> None:
    theirs = world.person.create_issue("2.1 Page by cursor, please", "Hello")
    mark = f"<!-- planbot: #{theirs.number} -->\n"
    world.commit({PLAN: SMALL.replace("cursor\n", f"cursor\n{mark}", 1)})
    world.sync()
    world.edit(TASK.replace("cursor\n", f"cursor\n{mark}"), "")
    world.sync()
    assert world.issue("2.1").state == "closed"
    assert is_back(world) == "open"
    assert world.issue("2.1").number == theirs.number


def test_what_planbot_closed_is_opened_again_though_it_has_another_account_now(synced: World) -> None:
    synced.bot_token = synced.sandbox.add_user("planbot-app", role="write")
    synced.edit("[ ] paging shows", "[x] paging shows")
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    synced.sync()
    assert synced.issue("Phase 2").state == "closed"
    synced.edit("[x] paging shows", "[ ] paging shows")
    synced.person.update_issue(synced.issue("2.1").number, state="open")
    synced.sync()
    assert synced.issue("Phase 2").state == "open"
    synced.edit(TASK, "")
    synced.sync()
    assert is_back(synced) == "open"


def test_what_a_person_reopened_and_closed_again_stays_closed_when_its_task_is_back(synced: World) -> None:
    synced.edit(TASK, "")
    synced.sync()
    number = synced.issue("2.1").number
    synced.person.update_issue(number, state="open")
    synced.person.update_issue(number, state="closed", state_reason="not_planned")
    assert is_back(synced) == "closed"


def test_an_issue_that_a_person_reopened_stays_open_though_its_item_is_gone(synced: World) -> None:
    synced.edit(TASK, "")
    synced.sync()
    synced.person.update_issue(synced.issue("2.1").number, state="open")
    synced.sync()
    assert synced.issue("2.1").state == "open"
    synced.quiet()


def test_a_closed_task_stays_closed_and_ticks_nothing(synced: World) -> None:
    synced.person.update_issue(synced.issue("1.1").number, state="closed", state_reason="completed")
    synced.sync()
    assert synced.issue("1.1").state == "closed"
    assert synced.plan() == SMALL.encode()
    synced.quiet()


def test_a_persons_retitle_is_kept(synced: World) -> None:
    number = synced.issue("1.1").number
    synced.person.update_issue(number, title="Keys, again")
    synced.quiet()
    assert synced.issues()["Keys, again"].number == number
    synced.edit("**Problem**: Keys are forgotten.", "**Problem**: Keys are lost.")
    synced.sync()
    issue = synced.issues()["Keys, again"]
    assert issue.number == number
    assert "Keys are lost." in issue.body
    synced.quiet()


def test_labels_and_milestone_that_a_person_changed_are_kept(synced: World) -> None:
    issue = synced.issue("1.1")
    synced.person.update_issue(issue.number, labels=("planbot", "bug"), milestone=None)
    synced.edit("**Problem**: Keys are forgotten.", "**Problem**: Keys are lost.")
    synced.sync()
    after = synced.issue("1.1")
    assert set(after.labels) == {"planbot", "bug"}
    assert after.milestone is None
    synced.quiet()


def test_a_phase_closes_when_all_below_it_is_done_then_its_milestone_and_last_the_plan(synced: World) -> None:
    synced.commit({PLAN: SMALL.replace("[ ]", "[x]")})
    synced.sync()
    assert synced.issue("Phase 1").state == "open", "its tasks are open"
    for start in ("1.1", "1.2"):
        synced.person.update_issue(synced.issue(start).number, state="closed", state_reason="completed")
    synced.sync()
    phase = synced.issue("Phase 1")
    assert (phase.state, phase.state_reason) == ("closed", "completed")
    assert [one.state for one in synced.person.milestones()] == ["closed", "open"]
    assert synced.issue("Billing").state == "open"
    synced.quiet()
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    synced.sync()
    assert {issue.state for issue in synced.issues().values()} == {"closed"}
    assert {one.state for one in synced.person.milestones()} == {"closed"}
    synced.quiet()


def test_losing_the_condition_reopens_what_planbot_closed(synced: World) -> None:
    synced.commit({PLAN: SMALL.replace("[ ]", "[x]")})
    synced.sync()
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    synced.sync()
    assert synced.issue("Phase 2").state == "closed"
    synced.edit("[x] paging shows each order once", "[ ] paging shows each order once")
    synced.sync()
    assert synced.issue("Phase 2").state == "open"
    assert synced.issue("2.1").state == "closed"
    synced.quiet()


def test_a_phase_that_a_person_reopened_is_not_closed_again(synced: World) -> None:
    synced.commit({PLAN: SMALL.replace("[ ]", "[x]")})
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    synced.sync()
    synced.person.update_issue(synced.issue("Phase 2").number, state="open")
    synced.sync()
    assert synced.issue("Phase 2").state == "open"
    synced.quiet()


def test_a_plan_file_that_is_gone_takes_allow_closes(synced: World) -> None:
    synced.commit({PLAN: None})
    before = synced.issues()
    with pytest.raises(LimitError, match=r"PLAN\.md is gone"):
        synced.sync()
    assert synced.issues() == before
    synced.sync("closes")
    assert {issue.state for issue in synced.issues().values()} == {"closed"}
    synced.quiet()


def test_a_plan_file_that_no_glob_takes_any_more_is_released(synced: World) -> None:
    synced.commit({"planbot.yml": "plans: [docs/**/*.md]\n"})
    assert synced.diff().notices == (RELEASED,)
    result = synced.sync()
    assert (result.notices, result.requests.write) == ((RELEASED,), 0)
    synced.quiet()
    assert synced.sync().notices == (), "once is enough"
    assert {issue.state for issue in synced.issues().values()} == {"open"}
    synced.commit({"planbot.yml": None})
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    back = synced.sync()
    assert (back.count("create"), back.notices) == (0, ())
    synced.quiet()
    synced.commit({"planbot.yml": "plans: [docs/**/*.md]\n"})
    assert synced.sync().notices == (RELEASED,), "it is news again"


def test_a_plan_file_that_says_itself_that_it_is_none_is_released(synced: World) -> None:
    synced.commit({PLAN: f"---\nplanbot: off\n---\n{SMALL}"})
    assert synced.sync().notices == (RELEASED,)
    assert {issue.state for issue in synced.issues().values()} == {"open"}
    synced.quiet()


def test_patterns_given_by_hand_release_nothing(synced: World) -> None:
    with synced.tracker(synced.bot_token) as bot:
        options = Options(settings=Given(plans=("docs/**/*.md",)))
        result = synced.engine(bot, options=options).sync()
    assert (result.in_sync, result.plans, result.notices) == (True, (), ())
    synced.quiet()


def test_a_release_that_comes_while_a_pass_writes_is_told_by_it(synced: World) -> None:
    synced.edit("[ ] the tests pass", "[x] the tests pass")
    settings = ["plans: [docs/**/*.md]\n"]
    synced.on_tell = lambda _: synced.commit({"planbot.yml": settings.pop()}) if settings else None
    result = synced.sync()
    assert (result.count("update"), result.notices) == (1, (RELEASED,))
    synced.quiet()


def test_issues_of_items_that_left_before_are_not_counted_when_their_plan_file_is_released(
    synced: World,
) -> None:
    synced.edit("#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).\n\n", "")
    synced.sync()
    synced.commit({"planbot.yml": "plans: [docs/**/*.md]\n"})
    (notice,) = synced.sync().notices
    assert "its 5 issues are left alone" in notice


def test_a_plan_file_that_became_unreadable_leaves_its_issues_alone(synced: World) -> None:
    before = synced.issues()
    synced.commit({PLAN: "nothing here\n"})
    synced.sync()
    assert synced.issues() == before
    synced.commit({PLAN: SMALL})
    synced.quiet()


def test_many_unticks_at_once_are_refused(world: World) -> None:
    boxes = "".join(f"- [x] box {count}\n" for count in range(8))
    plan = f"# A plan\n\n## Phase 1: One\n\n### 1.1 Task\n\nText.\n\n### Phase 1 Verification\n\n{boxes}- [ ] last\n"
    world.commit({PLAN: plan})
    world.sync()
    world.commit({PLAN: plan.replace("[x]", "[ ]")})
    with pytest.raises(LimitError, match="8 of 8 ticked boxes would be unticked"):
        world.sync()
    assert world.issue("Phase 1").body.count("- [x] ") == 8
    world.sync("unticks")
    assert world.issue("Phase 1").body.count("- [x] ") == 0
    world.quiet()


def test_two_plan_files_with_the_same_phases_keep_apart(world: World) -> None:
    world.commit({"docs/plans/a.md": SMALL, "docs/plans/b.md": SMALL})
    with world.tracker(world.bot_token) as tracker:
        result = world.engine(tracker).sync()
    assert result.complete
    assert len(world.person.issues("planbot")) == 12
    titles = sorted(one.title for one in world.person.milestones())
    assert len(set(titles)) == 4
    assert "Billing: Implementation Plan: Phase 1 – Foundation (docs/plans/b.md)" in titles
    assert world.sync().in_sync


def test_an_issue_or_milestone_of_a_person_is_never_touched(world: World) -> None:
    theirs = world.person.create_issue("1.1 Store keys", "mine", labels=("planbot",))
    world.person.create_milestone("Billing: Implementation Plan: Phase 1 – Foundation", "mine too")
    world.commit({PLAN: SMALL})
    world.sync()
    after = world.person.issue(theirs.number)
    assert after is not None
    assert (after.body, after.state, after.title) == ("mine", "open", "1.1 Store keys")
    mine = next(one for one in world.person.milestones() if one.description == "mine too")
    assert mine.title == "Billing: Implementation Plan: Phase 1 – Foundation"
    assert len(world.person.milestones()) == 3
    assert world.sync().in_sync


def test_the_journal_of_another_repository_is_not_believed(synced: World) -> None:
    other = git(synced.origin, "rev-parse", "refs/planbot/journal")
    assert other
    files = git(synced.origin, "cat-file", "blob", "refs/planbot/journal:repository.json")
    foreign = files.replace('"repository": ', '"repository": 9')
    blob = git(synced.origin, "hash-object", "-w", "--stdin", data=foreign.encode())
    entries = git(synced.origin, "ls-tree", "refs/planbot/journal").splitlines()
    tree = "\n".join(
        f"100644 blob {blob}\trepository.json" if line.endswith("repository.json") else line
        for line in entries
    )
    made = git(synced.origin, "mktree", data=f"{tree}\n".encode())
    commit = git(synced.origin, "commit-tree", made, "-m", "foreign", "-p", other)
    git(synced.origin, "update-ref", "refs/planbot/journal", commit)
    synced.set_box("Phase 1", "the page opens")
    assert any("another repository's" in notice for notice in synced.diff().notices)
    assert any("another repository's" in notice for notice in synced.sync().notices)
    assert b"[x] the page opens" in synced.plan()
    assert len(synced.issues()) == 6
    synced.quiet()
    assert not synced.sync().notices


def test_a_phase_that_a_person_reopened_and_closed_again_is_not_reopened(synced: World) -> None:
    synced.commit({PLAN: SMALL.replace("[ ]", "[x]")})
    synced.person.update_issue(synced.issue("2.1").number, state="closed", state_reason="completed")
    synced.sync()
    phase = synced.issue("Phase 2").number
    synced.person.update_issue(phase, state="open")
    synced.person.update_issue(phase, state="closed", state_reason="completed")
    synced.edit("[x] paging shows each order once", "[ ] paging shows each order once")
    synced.sync()
    assert synced.issue("Phase 2").state == "closed"
    synced.quiet()
