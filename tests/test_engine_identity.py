"""Items keep their issues, whatever happens to numbers, titles, places and files at once."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL
from support.world import PLAN, World

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from planbot.tracker.records import IssueRecord


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: SMALL})
    world.sync()
    return world


def numbers(world: World) -> dict[str, int]:
    """Return the issue numbers by the part of the title that has no number."""
    names = {
        title.partition(" ")[2] if title[0].isdigit() else title: one.number
        for title, one in world.issues().items()
    }
    assert len(names) == len(world.issues())
    return names


def test_reordered_and_renumbered_tasks_keep_their_issues(synced: World) -> None:
    before = numbers(synced)
    first = SMALL[SMALL.index("#### 1.1") : SMALL.index("#### 1.2")]
    second = SMALL[SMALL.index("#### 1.2") : SMALL.index("### Phase 2: Paging")]
    swapped = second.replace("1.2", "1.1") + first.replace("1.1", "1.2")
    synced.commit({PLAN: SMALL.replace(first + second, swapped)})
    assert synced.sync().count("create") == 0
    assert numbers(synced) == before
    synced.quiet()


def test_a_task_moved_to_another_phase_keeps_its_issue_and_changes_milestone_and_parent(
    synced: World,
) -> None:
    before = numbers(synced)
    task = SMALL[SMALL.index("#### 1.2") : SMALL.index("### Phase 2: Paging")]
    moved = SMALL.replace(task, "").replace("#### 2.1 Page", task.replace("1.2", "2.2") + "#### 2.1 Page")
    synced.commit({PLAN: moved})
    result = synced.sync()
    assert (result.count("create"), result.count("close")) == (0, 0)
    assert numbers(synced) == before
    issues = synced.issues()
    assert issues["2.2 Answer repeated keys"].milestone == issues["Phase 2: Paging"].milestone
    assert synced.parent(issues["2.2 Answer repeated keys"].number) == issues["Phase 2: Paging"].number
    synced.quiet()


def test_a_phase_that_is_split_keeps_the_issues_of_its_tasks(synced: World) -> None:
    before = numbers(synced)
    split = SMALL.replace("#### 1.2 Answer", "### Phase 3: Answers\n\n**Goal**: Answer.\n\n#### 3.1 Answer")
    synced.commit({PLAN: split})
    result = synced.sync()
    assert [
        change.title for change in result.changes if change.action == "create" and change.kind == "phase"
    ] == ["Phase 3: Answers"]
    assert numbers(synced).items() >= before.items()
    synced.quiet()


def test_titles_numbers_and_the_file_changed_at_once(synced: World) -> None:
    before = {issue.number for issue in synced.issues().values()}
    plan = (
        SMALL.replace("# Billing: Implementation Plan", "# Billing, second try")
        .replace("#### 1.1 Store keys", "#### 1.4 Store the keys safely")
        .replace("#### 1.2 Answer repeated keys", "#### 1.5 Answer repeated keys")
        .replace("### Phase 2: Paging", "### Phase 2: Paging of lists")
    )
    synced.commit({PLAN: None, "docs/plans/billing.md": plan})
    result = synced.sync()
    assert (result.count("create"), result.count("close")) == (0, 0)
    assert {issue.number for issue in synced.issues().values()} == before
    assert "1.4 Store the keys safely" in synced.issues()
    synced.quiet()


ALPHA = {
    "Storage": {
        "Store keys": "Keys are put away.",
        "Add tests": "Tests of storage.",
        "Answer repeated keys": "Give the old answer.",
        "Expire old rows": "Rows go after a day.",
    },
    "Paging": {
        "Page by cursor": "Cursors.",
        "Add tests": "Tests of paging.",
        "Count totals": "Totals are slow.",
    },
}
BETA = {
    "Storage": {"Write the schema": "The schema.", "Add tests": "Tests of the schema."},
    "Paging": {"Draw the pager": "Buttons."},
}
# a task at the front, one renamed, all renumbered, one moved, others reordered; a phase split, one renamed
NEW_ALPHA = {
    "Storage": {
        "Begin the work": "Kick-off.",
        "Add tests": "Tests of storage.",
        "Store all keys": "Keys are put away.",
    },
    "Expiry": {"Expire old rows": "Rows go after a day."},
    "Paging of lists": {
        "Count totals": "Totals are slow.",
        "Answer repeated keys": "Give the old answer.",
        "Page by cursor": "Cursors.",
        "Add tests": "Tests of paging.",
    },
}
NEW_BETA = {**BETA, "Storage": dict(reversed(BETA["Storage"].items()))}


def numbered(title: str, phases: dict[str, dict[str, str]]) -> str:
    """Return a plan whose phases and tasks are numbered as they come."""
    lines = [f"# {title}"]
    for phase, (name, tasks) in enumerate(phases.items(), 1):
        lines += [f"## Phase {phase}: {name}", f"**Goal**: {name} works."]
        for task, (heading, text) in enumerate(tasks.items(), 1):
            lines += [f"### {phase}.{task} {heading}", text]
    return "\n\n".join(lines) + "\n"


def test_two_files_change_in_every_way_at_once_and_only_what_is_new_is_made(world: World) -> None:
    world.commit({"docs/plans/a.md": numbered("Alpha", ALPHA), "docs/plans/b.md": numbered("Beta", BETA)})
    world.sync()
    texts = [text for plan in (ALPHA, BETA) for tasks in plan.values() for text in tasks.values()]

    def by_text() -> dict[str, int]:
        issues = [one for one in world.person.issues("planbot") if one.state == "open"]
        return {text: one.number for text in texts for one in issues if f"\n{text}\n" in one.body}

    before = by_text()
    assert len(set(before.values())) == len(texts) == 10
    world.commit(
        {
            "docs/plans/a.md": None,
            "docs/plans/b.md": None,
            "docs/plans/c.md": numbered("Alpha, again", NEW_ALPHA),
            "docs/plans/d.md": numbered("Beta", NEW_BETA),
        }
    )
    result = world.sync()
    assert result.complete
    assert {(one.kind, one.title) for one in result.changes if one.action == "create"} == {
        ("milestone", "Alpha, again: Phase 2 – Expiry"),
        ("phase", "Phase 2: Expiry"),
        ("task", "1.1 Begin the work"),
    }
    assert result.count("close") == 0
    assert result.findings == ()
    assert by_text() == before
    assert world.sync().in_sync


def test_two_plan_files_with_the_same_phases_renamed_at_once_keep_apart(world: World) -> None:
    other = SMALL.replace("1.2 Answer repeated keys", "1.2 Count the keys")
    world.commit({"docs/plans/a.md": SMALL, "docs/plans/b.md": other})
    world.sync()
    before = {issue.title: issue.number for issue in world.person.issues("planbot")}
    world.commit(
        {"docs/plans/a.md": None, "docs/plans/b.md": None, "docs/plans/c.md": other, "docs/plans/d.md": SMALL}
    )
    result = world.sync()
    assert (result.count("create"), result.count("close")) == (0, 0)
    after = {issue.title: issue for issue in world.person.issues("planbot")}
    assert after["1.2 Count the keys"].number == before["1.2 Count the keys"]
    assert "plan=docs/plans/c.md" in after["1.2 Count the keys"].body
    assert "plan=docs/plans/d.md" in after["1.2 Answer repeated keys"].body
    assert world.sync().in_sync


def test_tasks_of_one_name_in_two_phases_keep_apart_when_one_goes(world: World) -> None:
    plan = "# P\n\n## Phase 1: One\n\n### 1. Tests\n\nFirst.\n\n### 2. Docs\n\nD.\n\n"
    plan += "## Phase 2: Two\n\n### 1. Tests\n\nSecond.\n"
    world.commit({PLAN: plan})
    world.sync()
    assert len(world.person.issues("planbot")) == 1 + 2 + 3
    second = next(one for one in world.person.issues("planbot") if "Second." in one.body)
    world.commit({PLAN: plan.replace("### 1. Tests\n\nFirst.\n\n", "")})
    world.sync()
    after = world.person.issue(second.number)
    assert after is not None
    assert after.state == "open"
    assert "Second." in after.body
    assert world.sync().in_sync


def test_two_candidates_too_close_to_call_are_left_alone_until_a_person_decides(world: World) -> None:
    head = "# P\n\n## Phase 1: One\n\n"
    old = f"{head}### 1.1 Test the login page\n\nA.\n\n### 1.2 Test the logout page\n\nB.\n"
    new = f"{head}### 1.3 Test the page\n\nC.\n"
    world.commit({PLAN: old})
    world.sync()
    world.commit({PLAN: new})
    result = world.sync()
    (finding,) = [finding for _, finding in result.findings if finding.code == "PB204"]
    login, logout = world.issue("1.1 Test the login").number, world.issue("1.2 Test the logout").number
    assert f"#{login}, #{logout}" in finding.message
    assert {issue.state for issue in world.issues().values()} == {"open"}
    world.quiet()
    world.commit(
        {
            PLAN: new.replace(
                "### 1.3 Test the page\n", f"### 1.3 Test the page\n<!-- planbot: #{logout} -->\n"
            )
        }
    )
    world.sync()
    assert world.issue("1.3 Test the page").number == logout
    assert world.issue("1.1 Test the login").state == "closed"
    world.quiet()


def test_an_issue_named_beside_a_heading_is_adopted(world: World) -> None:
    theirs = world.person.create_issue("Keys get lost", "It happened again.", labels=("bug",))
    world.commit(
        {
            PLAN: SMALL.replace(
                "#### 1.1 Store keys\n", f"#### 1.1 Store keys\n<!-- planbot: #{theirs.number} -->\n"
            )
        }
    )
    world.sync()
    adopted = world.person.issue(theirs.number)
    assert adopted is not None
    assert adopted.title == "Keys get lost", "a person named it"
    assert adopted.body.startswith("It happened again.\n\n<!-- planbot:begin ")
    assert {"bug", "planbot"} <= set(adopted.labels)
    assert world.parent(theirs.number) == world.issue("Phase 1").number
    assert len(world.issues()) == 6
    world.quiet()


def test_a_mark_that_names_no_issue_is_told_and_nothing_is_made_for_it(world: World) -> None:
    world.commit(
        {PLAN: SMALL.replace("#### 1.1 Store keys\n", "#### 1.1 Store keys\n<!-- planbot: #999 -->\n")}
    )
    result = world.sync()
    assert [finding.code for _, finding in result.findings if finding.severity == "error"] == ["PB205"]
    assert len(world.issues()) == 5
    world.quiet()


def bearers(issues: Iterable[IssueRecord]) -> dict[str, int]:
    """Return the numbers of the issues of present items by the name that their title gives, where no two share it."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for one in issues:
        if one.state_reason != "not_planned":
            numbers[re.sub(r"^(Phase )?[\d.]+:? *", "", one.title)].append(one.number)
    return {name: same[0] for name, same in numbers.items() if len(same) == 1}


def versions(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.glob("*.md"))]


# what a person who reads the versions one after the other calls new, and what gone while its issue was open;
# a version that is not named brings neither
KIRO = {
    1: (24, 0), 4: (5, 0), 8: (0, 1), 9: (5, 0), 11: (16, 0), 13: (7, 0), 15: (8, 0), 17: (10, 0), 19: (7, 0),
    21: (8, 0), 23: (20, 0), 24: (0, 8), 25: (9, 0),
    # of ten new ones three have the very titles of tasks that went, and two are too close to call
    26: (5, 7),
}  # fmt: skip
OPENSPEC = {1: (19, 0), 3: (6, 0), 4: (9, 0), 5: (6, 0), 6: (7, 0), 7: (9, 0)}
ROADMAP = {1: (18, 0), 3: (1, 0), 4: (3, 0), 5: (5, 0)}


@pytest.mark.parametrize(
    ("history", "path", "expected"),
    [
        ("108yen-kiro-tasks", ".kiro/specs/task-management/tasks.md", KIRO),
        ("macos98-openspec", "openspec/changes/refactor/tasks.md", OPENSPEC),
        ("tea-ROADMAP", "ROADMAP.md", ROADMAP),
    ],
)
def test_histories_of_collected_files_keep_their_issues(
    world: World,
    shared_plans: Path,
    history: str,
    path: str,
    expected: dict[int, tuple[int, int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = []
    settings = "issues: {task: all, finished: import}\n"
    for version, data in enumerate(versions(shared_plans / "history" / history), 1):
        world.commit({path: data, "planbot.yml": settings})
        before = {one.number: one for one in world.person.issues("planbot")}
        result = world.sync("closes", "unticks", "creates")
        assert result.complete, result
        after = {one.number: one for one in world.person.issues("planbot")}
        is_open = {number for number, one in before.items() if one.state == "open"}
        gone = {number for number in is_open if after[number].state_reason == "not_planned"}
        assert (len(after) - len(before), len(gone)) == expected.get(version, (0, 0)), version
        counts = (result.count(action) for action in ("create", "update", "close", "reopen"))
        had, has = bearers(before.values()), bearers(after.values())
        names = had.keys() & has.keys()
        assert {name: has[name] for name in names} == {name: had[name] for name in names}, version
        rows.append((version, *counts, len(before) - len(gone), len(gone), len(names)))
        world.quiet()
    with capsys.disabled():
        print(
            f"\n{history}: version, created, updated, closed, reopened; issues kept, items gone, names compared"
        )
        for row in rows:
            print("  " + "  ".join(f"{value:>3}" for value in row))
