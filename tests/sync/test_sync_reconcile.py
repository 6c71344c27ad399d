"""What a pass wants: who is under whom, what is done, and what people decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.memory_world import PLAN, MemoryWorld, block, ticks
from support.plans import SMALL

from planbot.sync.changes import RetireChange
from planbot.sync.options import FileOptions, IssueOptions, LabelOptions
from planbot.tracker.marker import END
from planbot.tracker.records import LabelRecord

OWN = """\
# Tasks

## 1. Storage

- [ ] 1.1 Make the table
- [ ] 1.2 Drop the old one
"""
ALL_TASKS = FileOptions(issues=IssueOptions(task="all"))


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.write(SMALL)
    made.sync()
    return made


@pytest.fixture
def own() -> MemoryWorld:
    """Make a world whose tasks are boxes with issues of their own."""
    made = MemoryWorld(options=ALL_TASKS)
    made.write(OWN, "openspec/changes/x/tasks.md")
    made.sync()
    return made


def lose_journal(world: MemoryWorld) -> None:
    world.journal = None


def reasons(world: MemoryWorld, start: str) -> tuple[str, str | None]:
    issue = world.issue(start)
    return issue.state, issue.state_reason


def test_what_an_empty_plan_wants_is_nothing() -> None:
    changes = MemoryWorld().reconcile()
    assert changes.empty
    assert changes.items == ()


def test_issues_are_made_parents_first_each_with_its_link_and_closes_come_last(world: MemoryWorld) -> None:
    world.edit("#### 2.1 Page by cursor\n\nNothing to add.\n", "#### 2.9 Sort lists\n\nSoon.\n")
    world.edit("# Billing", "# Invoices")
    assert [(change.action, change.kind) for change in world.reconcile().changes] == [
        ("update", "milestone"),
        ("update", "milestone"),
        ("create", "task"),
        ("link", "task"),
        ("update", "plan"),
        ("close", "task"),
    ]


def test_a_task_that_moves_out_of_a_phase_that_goes_gets_the_other_ones_milestone_and_parent(
    world: MemoryWorld,
) -> None:
    text = world.text()
    task = "#### 2.1 Page by cursor\n\nNothing to add.\n\n"
    text = text.replace(task, "").replace("### Phase 2: Paging\n\n**Goal**: Lists are short.\n\n", task)
    text = text.replace(
        "### Phase 2 Verification\n\n**Automated**:\n- [ ] paging shows each order once\n\n", ""
    )
    number = world.issue("2.1").number
    world.write(text)
    world.sync()
    moved, phase = world.issue("2.1"), world.issue("Phase 1")
    assert moved.number == number
    assert moved.milestone == phase.milestone
    assert moved.parent == phase.number
    world.quiet()


def test_a_person_who_filed_an_issue_elsewhere_is_not_overruled_when_its_phase_changes(
    world: MemoryWorld,
) -> None:
    tracker = world.tracker
    theirs = tracker.create_milestone("Q3", "mine")
    task, phase = world.issue("2.1"), world.issue("Phase 1")
    tracker.update_issue(task.number, milestone=theirs.number)
    tracker.add_sub_issue(world.issue("Billing").number, task)
    world.sync()
    text = world.text()
    part = "#### 2.1 Page by cursor\n\nNothing to add.\n\n"
    world.write(text.replace(part, "").replace("### Phase 2: Paging", f"{part}### Phase 2: Paging"))
    world.sync()
    after = world.issue("2.1")
    assert (after.milestone, after.parent) == (theirs.number, world.issue("Billing").number)
    assert after.parent != phase.number
    world.quiet()


def test_milestones_that_are_switched_off_are_taken_off_the_issues_and_come_back(world: MemoryWorld) -> None:
    before = {title: issue.milestone for title, issue in world.issues().items()}
    world.options = FileOptions(milestones=False)
    world.sync()
    world.quiet()
    assert {issue.milestone for issue in world.issues().values()} == {None}
    world.options = FileOptions()
    world.sync()
    world.quiet()
    assert {title: issue.milestone for title, issue in world.issues().items()} == before


def test_labels_are_compared_without_case_as_the_server_does() -> None:
    world = MemoryWorld()
    for name in ("Planbot", "Impact: HIGH"):
        world.tracker.create_label(LabelRecord(name))
    world.write(SMALL)
    world.sync()
    world.quiet()
    assert set(world.issue("1.1").labels) == {"Planbot", "priority: MVP-Critical", "Impact: HIGH"}
    world.edit("| High |", "| Low |")
    world.sync()
    assert set(world.issue("1.1").labels) == {"Planbot", "priority: MVP-Critical", "impact: Low"}
    world.quiet()


def test_a_label_that_a_person_took_off_stays_off_and_one_they_put_on_stays_on(world: MemoryWorld) -> None:
    world.tracker.update_issue(world.issue("1.1").number, labels=("planbot", "bug", "impact: High"))
    world.options = FileOptions(labels=LabelOptions(extra=("bug", "plan")))
    world.sync()
    world.quiet()
    assert set(world.issue("1.1").labels) == {"planbot", "bug", "impact: High", "plan"}


@pytest.mark.parametrize("phase", [True, False])
def test_a_milestone_closes_when_checks_are_ticked_and_tasks_closed_wherever_the_checks_stand(
    phase: bool,  # noqa: FBT001 - whether phases have issues
) -> None:
    world = MemoryWorld(options=FileOptions(issues=IssueOptions(phase=phase)))
    world.write(SMALL)
    world.sync()
    world.tracker.update_issue(world.issue("2.1").number, state="closed", state_reason="completed")
    world.sync()
    world.quiet()
    assert [stone.state for stone in world.tracker.milestones()] == ["open", "open"]
    world.set_box("Phase 2" if phase else "Billing", "paging shows each order once")
    world.sync()
    world.quiet()
    assert [stone.state for stone in world.tracker.milestones()] == ["open", "closed"]


def test_a_phase_that_is_done_when_it_is_first_seen_is_imported_closed_with_its_milestone(
    own: MemoryWorld,
) -> None:
    path = "openspec/changes/x/tasks.md"
    own.write(f"{own.text(path)}\n## 2. Done\n\n- [x] 2.1 All\n\n## 3. Next\n\n- [ ] 3.1 More\n", path)
    own.options = replace(ALL_TASKS, issues=IssueOptions(task="all", finished="import"))
    own.sync()
    own.quiet()
    assert reasons(own, "2.1") == ("closed", "completed")
    assert reasons(own, "Phase 2") == ("closed", "completed")
    assert [stone.state for stone in own.tracker.milestones()] == ["open", "closed", "open"]


@pytest.mark.parametrize(
    ("reason", "closed"), [("completed", True), ("not_planned", True), ("duplicate", True)]
)
def test_a_task_closed_for_any_reason_stands_in_the_way_of_its_phase_no_more(
    own: MemoryWorld,
    reason: str,
    closed: bool,  # noqa: FBT001
) -> None:
    for start in ("1.1", "1.2"):
        own.tracker.update_issue(own.issue(start).number, state="closed", state_reason=reason)  # type: ignore[arg-type]
    own.sync()
    own.quiet()
    assert (own.issue("Phase 1").state == "closed") is closed
    ticked = "[x]" if reason == "completed" else "[ ]"
    assert own.text("openspec/changes/x/tasks.md").count(ticked) == 2


def test_an_item_that_is_back_with_its_box_ticked_is_closed_as_completed_at_once(own: MemoryWorld) -> None:
    path = "openspec/changes/x/tasks.md"
    own.edit("- [ ] 1.2 Drop the old one\n", "", path)
    own.sync()
    assert reasons(own, "1.2") == ("closed", "not_planned")
    own.edit("- [ ] 1.1 Make the table\n", "- [ ] 1.1 Make the table\n- [x] 1.2 Drop the old one\n", path)
    own.sync()
    assert reasons(own, "1.2") == ("closed", "completed")
    own.quiet()


def test_an_item_that_is_back_ticked_closes_the_issue_that_a_person_reopened_meanwhile(
    own: MemoryWorld,
) -> None:
    path = "openspec/changes/x/tasks.md"
    own.edit("- [ ] 1.2 Drop the old one\n", "", path)
    own.sync()
    own.tracker.update_issue(own.issue("1.2").number, state="open")
    own.edit("- [ ] 1.1 Make the table\n", "- [ ] 1.1 Make the table\n- [x] 1.2 Drop the old one\n", path)
    own.sync()
    own.quiet()
    assert reasons(own, "1.2") == ("closed", "completed")


def test_what_a_person_closed_again_stays_closed_also_where_lists_do_not_tell_who(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = "#### 2.1 Page by cursor\n\nNothing to add.\n\n"
    world.edit(task, "")
    world.sync()
    number, listed = world.issue("2.1").number, world.tracker.issues
    world.tracker.actor = "maya"
    world.tracker.update_issue(number, state="open")
    world.tracker.update_issue(number, state="closed", state_reason="not_planned")
    world.tracker.actor = "planbot"
    monkeypatch.setattr(
        world.tracker,
        "issues",
        lambda *args, **options: tuple(replace(one, closed_by=None) for one in listed(*args, **options)),
    )
    world.edit("**Goal**: Lists are short.\n\n", f"**Goal**: Lists are short.\n\n{task}")
    world.sync()
    assert reasons(world, "2.1") == ("closed", "not_planned")
    world.quiet()


def test_a_phase_that_is_back_and_done_is_not_reopened(world: MemoryWorld) -> None:
    start, end = world.text().index("### Phase 2: Paging"), world.text().index("## Priority Order")
    part = world.text()[start:end]
    check = "### Phase 2 Verification\n\n**Automated**:\n- [ ] paging shows each order once\n"
    world.write(world.text().replace(part, "").replace(check, ""))
    world.sync()
    assert reasons(world, "Phase 2") == ("closed", "not_planned")
    done = part.replace("#### 2.1 Page by cursor\n\nNothing to add.\n\n", "")
    world.edit("## Priority Order", f"{done}- [x] paging works\n\n## Priority Order")
    world.sync()
    assert reasons(world, "Phase 2") == ("closed", "completed")
    world.quiet()


def test_levels_that_are_switched_off_retire_their_issues_and_count_as_closes_of_a_file_that_is_there(
    world: MemoryWorld,
) -> None:
    world.options = FileOptions(issues=IssueOptions(task="none"))
    changes = world.reconcile()
    (tally,) = changes.tallies
    assert (tally.closes, tally.open, tally.deleted) == (3, 6, False)
    world.options = FileOptions(issues=IssueOptions(plan=False, phase=False, task="none"))
    (tally,) = world.reconcile().tallies
    assert (tally.closes, tally.open, tally.deleted) == (6, 6, False)


def test_levels_that_are_switched_on_again_reopen_their_issues(world: MemoryWorld) -> None:
    numbers = {title: issue.number for title, issue in world.issues().items()}
    world.options = FileOptions(issues=IssueOptions(task="none"))
    world.sync()
    world.quiet()
    assert reasons(world, "1.1") == ("closed", "not_planned")
    assert "Keys are forgotten." in world.issue("Phase 1").body
    world.options = FileOptions()
    world.sync()
    world.quiet()
    assert {title: issue.number for title, issue in world.issues().items()} == numbers
    assert {issue.state for issue in world.issues().values()} == {"open"}


def test_a_deleted_plan_file_is_told_as_deleted(world: MemoryWorld) -> None:
    del world.files[PLAN]
    (tally,) = world.reconcile().tallies
    assert (tally.path, tally.closes, tally.deleted) == (PLAN, 6, True)


@pytest.mark.parametrize(("old", "new"), [(END, ""), ("v=1", "v=9")])
def test_an_issue_whose_marker_cannot_be_read_is_not_closed_when_its_item_goes(
    world: MemoryWorld, old: str, new: str
) -> None:
    issue = world.issue("2.1")
    world.tracker.update_issue(issue.number, body=issue.body.replace(old, new))
    world.edit("#### 2.1 Page by cursor\n\nNothing to add.\n", "")
    changes = world.reconcile()
    assert not [change for change in changes.changes if isinstance(change, RetireChange)]
    assert changes.tallies[0].closes == 0
    world.sync()
    assert world.issue("2.1").state == "open"
    world.quiet()


def test_an_issue_without_any_marker_is_not_closed_when_its_item_goes(world: MemoryWorld) -> None:
    world.tracker.update_issue(world.issue("2.1").number, body="all mine")
    world.edit("#### 2.1 Page by cursor\n\nNothing to add.\n", "")
    world.sync()
    assert world.issue("2.1").state == "open"
    assert world.issue("2.1").body == "all mine"


def test_without_a_journal_a_damaged_marker_still_names_its_item(world: MemoryWorld) -> None:
    issue = world.issue("1.1")
    world.tracker.update_issue(issue.number, body=issue.body.replace(END, ""))
    lose_journal(world)
    world.sync()
    assert len(world.issues()) == 6
    assert world.issue("1.1").body == issue.body.replace(END, "")
    world.quiet()


def test_without_a_journal_what_people_decided_is_left_and_stays_left(world: MemoryWorld) -> None:
    tracker, task, plan = world.tracker, world.issue("1.1"), world.issue("Billing")
    tracker.update_issue(task.number, title="Wibble", labels=("planbot",), milestone=None)
    tracker.add_sub_issue(plan.number, task)
    tracker.update_issue(world.issue("1.2").number, state="closed", state_reason="not_planned")
    world.edit("[ ] the tests pass", "[x] the tests pass")
    world.edit("Keys are forgotten.", "Keys are lost.")
    lose_journal(world)
    for now, then in (("lost", "gone"), ("gone", "found")):
        world.sync()
        world.quiet()
        issue = world.issue("Wibble")
        assert (issue.labels, issue.milestone, issue.parent) == (("planbot",), None, plan.number)
        assert f"Keys are {now}." in issue.body
        assert world.issue("1.2").state == "closed"
        assert ticks(world.issue("Phase 1")) == [True, False, False]
        world.edit(f"Keys are {now}.", f"Keys are {then}.")


@pytest.mark.parametrize("start", ["1.1", "Phase 2"])
def test_without_a_journal_what_a_person_named_quite_differently_is_known_by_its_uid(
    world: MemoryWorld, start: str
) -> None:
    number, stones = world.issue(start).number, world.tracker.milestones()
    world.set_box("Phase 2", "paging shows each order once")
    world.tracker.update_issue(number, title="Wibble")
    lose_journal(world)
    world.sync()
    assert (world.issue("Wibble").number, world.issue("Wibble").state) == (number, "open")
    assert len(world.tracker.by_number) == 6
    assert world.tracker.milestones() == stones
    assert "- [x] paging shows each order once" in world.text()
    world.quiet()


def test_without_a_journal_a_phase_whose_number_and_title_changed_is_known_by_its_checks(
    world: MemoryWorld,
) -> None:
    number = world.issue("Phase 1").number
    world.edit("### Phase 1: Foundation (MVP-Critical)", "### Phase 1: Ground (MVP-Critical)")
    world.sync()
    world.tracker.update_issue(number, title="Wibble")
    lose_journal(world)
    world.sync()
    assert (world.issue("Wibble").number, world.issue("Wibble").state) == (number, "open")
    assert len(world.tracker.by_number) == 6
    world.quiet()


@pytest.mark.parametrize("closed", [None, "first", "second"])
def test_without_a_journal_the_open_one_of_two_issues_stays_or_the_older(
    world: MemoryWorld, closed: str | None
) -> None:
    first = world.issue("1.2")
    second = world.tracker.create_issue("1.2 Answer repeated keys", first.body, labels=("planbot",))
    gone = {"first": first, "second": second}.get(closed or "")
    if gone is not None:
        world.tracker.update_issue(gone.number, state="closed", state_reason="not_planned")
    lose_journal(world)
    world.sync()
    stays = second if closed == "first" else first
    states = {number: one.state for number, one in world.tracker.by_number.items() if "1.2" in one.title}
    assert states == {first.number: "closed", second.number: "closed"} | {stays.number: "open"}
    world.quiet()


def test_without_a_journal_a_phase_that_a_person_reopened_stays_open(world: MemoryWorld) -> None:
    world.write(world.text().replace("[ ]", "[x]"))
    world.tracker.update_issue(world.issue("2.1").number, state="closed", state_reason="completed")
    world.sync()
    world.tracker.update_issue(world.issue("Phase 2").number, state="open")
    lose_journal(world)
    world.sync()
    world.quiet()
    assert world.issue("Phase 2").state == "open"
    assert world.issue("Billing").state == "open"


def test_a_plan_that_waits_for_a_phase_that_a_person_reopened_is_reopened_too(world: MemoryWorld) -> None:
    world.write(world.text().replace("[ ]", "[x]"))
    for start in ("1.1", "1.2", "2.1"):
        world.tracker.update_issue(world.issue(start).number, state="closed", state_reason="completed")
    world.sync()
    assert {issue.state for issue in world.issues().values()} == {"closed"}
    world.tracker.update_issue(world.issue("Phase 2").number, state="open")
    world.sync()
    world.quiet()
    assert world.issue("Phase 2").state == "open"
    assert world.issue("Billing").state == "open"
    assert world.issue("Phase 1").state == "closed"


def test_a_plan_file_that_is_renamed_while_it_is_edited_keeps_its_issues(world: MemoryWorld) -> None:
    numbers = {issue.number for issue in world.issues().values()}
    text = world.text().replace("Store keys", "Store all keys").replace("# Billing", "# Invoicing")
    del world.files[PLAN]
    world.write(text.replace("[ ] the tests pass", "[x] the tests pass"), "docs/plans/invoicing.md")
    world.sync()
    world.quiet()
    assert {issue.number for issue in world.issues().values()} == numbers
    assert {block(issue).marker.plan for issue in world.issues().values()} == {"docs/plans/invoicing.md"}
    assert ticks(world.issue("Phase 1")) == [True, False, False]


def test_two_plan_files_of_one_text_keep_apart() -> None:
    world = MemoryWorld()
    for path in ("a/PLAN.md", "b/PLAN.md"):
        world.write(SMALL, path)
    world.sync()
    world.quiet()
    issues = world.tracker.issues("planbot")
    assert len(issues) == 12
    assert len({block(issue).marker.uid for issue in issues}) == 12
    mine = next(
        issue for issue in issues if block(issue).marker.plan == "b/PLAN.md" and "the page" in issue.body
    )
    body = mine.body.replace("[ ] the page opens", "[x] the page opens")
    world.tracker.update_issue(mine.number, body=body)
    world.sync()
    world.quiet()
    assert world.text("a/PLAN.md") == SMALL
    assert world.text("b/PLAN.md") == SMALL.replace("[ ] the page opens", "[x] the page opens")
