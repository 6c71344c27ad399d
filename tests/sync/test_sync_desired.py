"""What a plan file wants on the tracker."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import SMALL

from planbot.plan.reader import read_plan
from planbot.sync.desired import Desired, DesiredPlan, desire
from planbot.sync.inline import Place
from planbot.sync.options import FileOptions, IssueOptions, LabelOptions, TitleOptions
from planbot.sync.wording import LABEL_LIMIT, MILESTONE_LIMIT, TITLE_LIMIT, clean, shorten

OPENSPEC = """\
# Tasks

## 1. Storage

- [ ] 1.1 Make the table
  - [ ] a column for the key
- [x] 1.2 Drop the old one

## 2. Paging

- [ ] 2.1 Page by cursor

  With a note.
"""


def wanted(text: str, options: FileOptions | None = None, path: str = "PLAN.md") -> DesiredPlan:
    plan = read_plan(path, text.encode())
    return desire(plan, options or FileOptions(), Place("https://github.test/octo/plans", "main", path))


def levels(
    *,
    plan: bool = True,
    phase: bool = True,
    task: Literal["headings", "all", "none"] = "headings",
    finished: Literal["skip", "import"] = "skip",
) -> FileOptions:
    return FileOptions(issues=IssueOptions(plan, phase, task, finished))


def by_locator(made: DesiredPlan) -> dict[str, Desired]:
    return {item.locator: item for item in made.items}


def issues(made: DesiredPlan) -> dict[str, str | None]:
    """Return the items that want an issue, each with its parent."""
    return {item.locator: item.parent for item in made.items if item.issue}


def checks(made: DesiredPlan, locator: str) -> list[str]:
    return [check.text for check in by_locator(made)[locator].content.checks]


def test_plan_phases_and_tasks_become_a_tree_of_issues() -> None:
    assert issues(wanted(SMALL)) == {
        "plan": None,
        "phase:1": "plan",
        "task:1.1": "phase:1",
        "task:1.2": "phase:1",
        "phase:2": "plan",
        "task:2.1": "phase:2",
    }


def test_a_level_that_is_left_out_hands_its_text_and_checks_to_the_one_above() -> None:
    made = wanted(SMALL, levels(phase=False))
    assert issues(made) == {"plan": None, "task:1.1": "plan", "task:1.2": "plan", "task:2.1": "plan"}
    assert checks(made, "plan") == [
        "the tests pass",
        "the linter is quiet",
        "the page opens",
        "paging shows each order once",
        "Who answers the phone?",
    ]
    text = by_locator(made)["plan"].content.text
    assert "One invoice an order." in text
    assert "Keys are forgotten." not in text, "the task has an issue of its own"


def test_all_levels_but_the_plan_left_out_give_one_issue_that_says_everything_once() -> None:
    made = wanted(SMALL, levels(phase=False, task="none"))
    assert issues(made) == {"plan": None}
    assert len(checks(made, "plan")) == 5
    assert by_locator(made)["plan"].content.text.count("Keys are forgotten.") == 1


def test_what_is_left_out_at_the_top_has_no_issue() -> None:
    made = wanted(SMALL, levels(plan=False))
    assert issues(made)["phase:1"] is None
    assert "plan" not in issues(made)
    assert issues(wanted(SMALL, levels(plan=False, phase=False, task="none"))) == {}


def test_tasks_that_are_only_boxes_are_checks_of_their_phase_unless_all_tasks_are_wanted() -> None:
    made = wanted(OPENSPEC, path="openspec/changes/x/tasks.md")
    assert list(issues(made)) == ["plan", "phase:1", "task:1.1", "phase:2", "task:2.1"]
    assert checks(made, "phase:1") == ["1.2 Drop the old one"]
    assert checks(made, "task:1.1") == ["a column for the key"]
    assert by_locator(made)["task:1.1"].box is not None
    assert by_locator(made)["task:1.2"].box is None, "its box stands in the phase's issue"
    made = wanted(OPENSPEC, levels(task="all"), "openspec/changes/x/tasks.md")
    assert checks(made, "phase:1") == []
    assert by_locator(made)["task:1.2"].box is not None
    made = wanted(OPENSPEC, levels(task="none"), "openspec/changes/x/tasks.md")
    assert checks(made, "phase:1") == ["1.1 Make the table", "a column for the key", "1.2 Drop the old one"]


def test_an_item_without_an_issue_keeps_the_boxes_that_it_handed_up() -> None:
    made = wanted(OPENSPEC, levels(phase=False, task="none"), "openspec/changes/x/tasks.md")
    plan, phase = by_locator(made)["plan"], by_locator(made)["phase:1"]
    assert len(phase.boxes) == 3
    assert {box.offset for box in phase.boxes} < {check.box.offset for check in plan.content.checks}
    assert plan.boxes == ()


def test_tasks_outside_any_phase_hang_under_the_plan_and_make_no_milestone() -> None:
    made = wanted("# A plan\n\n## Task 1: One\n\nText.\n\n## Task 2: Two\n\n- [ ] a check\n")
    assert issues(made) == {"plan": None, "task:1": "plan", "task:2": "plan"}
    assert made.milestones == ()
    assert checks(made, "task:2") == ["a check"]


def test_a_plan_with_only_checks_is_one_issue() -> None:
    made = wanted("# A list\n\nWords.\n\n- [ ] one\n- [x] two\n")
    assert issues(made) == {"plan": None}
    assert checks(made, "plan") == ["one", "two"]


def test_a_phase_without_a_number_is_named_by_its_title() -> None:
    made = wanted("# Road\n\n## Getting ready\n\n- [ ] one\n\n## Going\n\n- [ ] two\n", path="ROADMAP.md")
    phases = [item for item in made.items if item.kind == "phase"]
    assert [(phase.locator, phase.number, phase.title) for phase in phases] == [
        ("phase:getting-ready", None, "Getting ready"),
        ("phase:going", None, "Going"),
    ]
    assert [stone.title for stone in made.milestones] == ["Road: Getting ready", "Road: Going"]


def test_a_backlog_file_is_exactly_one_issue() -> None:
    text = (
        "---\nid: task-7\ntitle: Page lists\nstatus: To Do\n---\n## Description\n\nWords.\n\n"
        "## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 it pages\n<!-- AC:END -->\n"
    )
    made = wanted(text, path="backlog/tasks/task-7.md")
    assert list(issues(made)) == ["task:task-7"]
    (item,) = (item for item in made.items if item.issue)
    assert item.parent is None
    assert item.content.text.startswith("## Description\n\nWords.")
    assert len(item.content.checks) == 1
    assert item.box is not None, "its status goes both ways"
    assert made.milestones == ()


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        (SMALL.replace("[ ]", "[x]"), {"plan", "phase:1", "task:1.1", "task:1.2", "phase:2", "task:2.1"}),
        (SMALL.replace("[ ] paging", "[x] paging"), {"phase:2", "task:2.1"}),
        (SMALL, set()),
        ("# A plan\n\n## Phase 1: One\n\n### 1.1 Task\n\n- [x] a\n\n### 1.2 Task\n\n- [ ] b\n", {"task:1.1"}),
    ],
)
def test_what_is_ticked_through_is_finished_with_all_its_tasks(text: str, finished: set[str]) -> None:
    assert {item.locator for item in wanted(text).items if item.finished} == finished


def test_labels_come_from_the_phase_the_gaps_the_impact_and_the_settings() -> None:
    text = SMALL.replace(
        "## Remediation Plan",
        "## Gap Analysis\n\n### What Needs Work\n\n| Area | Gap | Priority |\n|---|---|---|\n"
        "| Paging | slow | **Phase-2** |\n| C++ | none | Low |\n\n## Remediation Plan",
    ).replace("2.1 Page by cursor", "2.1 Bind C++, page by cursor")
    made = by_locator(wanted(text, FileOptions(labels=LabelOptions(extra=("plan", "plan")))))
    assert made["plan"].labels == ("plan", "plan")
    assert made["phase:1"].labels == ("plan", "priority: MVP-Critical")
    assert made["task:1.1"].labels == ("plan", "priority: MVP-Critical", "impact: High")
    assert made["phase:2"].labels == ("plan", "priority: Phase-2")
    assert made["task:2.1"].labels == ("plan", "priority: Low"), "its own gap goes before its phase's"
    none = FileOptions(labels=LabelOptions(priority=None, impact=None))
    assert by_locator(wanted(text, none))["task:1.1"].labels == ()


def test_a_label_fits_and_has_no_comma() -> None:
    text = SMALL.replace("| High |", f"| *very*, very {'high ' * 20}|")
    (label,) = (one for one in by_locator(wanted(text))["task:1.1"].labels if one.startswith("impact"))
    assert label.startswith("impact: very very high")
    assert len(label) <= LABEL_LIMIT


def test_rows_and_files_of_other_tables_are_lines_of_the_task() -> None:
    text = SMALL + "\n## Files Modified\n\n```\nstore.py  # Phase 1.1\nmigrations/1.sql  # Phase 1.1\n```\n"
    made = by_locator(wanted(text))
    lines = made["task:1.1"].content.text
    assert "- **Effort**: 2 hours\n- **Impact**: High\n- **Do When**: Before release" in lines
    assert lines.endswith("**Files modified**:\n\n- `migrations/1.sql`"), (
        "store.py stands in its text already"
    )
    assert "Effort" not in made["task:1.2"].content.text


def test_a_row_that_names_nothing_belongs_to_nobody() -> None:
    text = "# Road\n\n## Ready\n\n- [ ] one\n\n## Going\n\n- [ ] two\n\n## Priority Order\n\n"
    text += "| Phase | Impact |\n|---|---|\n| | High |\n"
    assert all(item.labels == () for item in wanted(text, path="ROADMAP.md").items)


def test_titles_follow_the_settings() -> None:
    options = FileOptions(
        titles=TitleOptions("P: {title}", "[{plan}] {number} {title}", "{title} ({number})")
    )
    made = by_locator(wanted(SMALL, options))
    assert made["plan"].title == "P: Billing: Implementation Plan"
    assert made["phase:1"].title == "[Billing: Implementation Plan] 1 Foundation"
    assert made["task:1.1"].title == "Store keys (1.1)"


def test_long_titles_are_shortened_and_signs_of_control_are_taken_out() -> None:
    text = f"# {'long ' * 100}\n\n## Phase 1: a\u202eb\x07c {'word ' * 100}\n\n- [ ] one\n\n### 1.1 \u200f\n\nText.\n"
    made = wanted(text)
    for item in made.items:
        assert len(item.title) <= TITLE_LIMIT
        assert clean(item.title) == item.title
    assert by_locator(made)["phase:1"].title.startswith("Phase 1: a b c word")
    assert by_locator(made)["phase:1"].title.endswith("…")
    (stone,) = made.milestones
    assert len(stone.title) <= MILESTONE_LIMIT
    assert "Phase 1 – a b c" in stone.title, "the plan's title gives way first"


@given(st.text(max_size=300), st.integers(1, 300))
def test_a_shortened_text_fits_and_a_clean_one_is_one_line(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert clean(clean(text)) == clean(text)
    assert "\n" not in clean(text)


def test_the_goal_describes_the_milestone_and_notifies_nobody() -> None:
    text = SMALL.replace("One invoice an order.", "Ask @alice: [why](why.md)? <!-- planbot:milestone v=1 -->")
    (first, second) = wanted(text).milestones
    assert first.phase == "phase:1"
    assert first.description == (
        "Ask @<!-- -->alice: [why](https://github.test/octo/plans/blob/main/why.md)? "
        "<!-- planbot\u2060:milestone v=1 -->"
    )
    assert second.description == "Lists are short."


def test_milestones_can_be_switched_off() -> None:
    assert wanted(SMALL, FileOptions(milestones=False)).milestones == ()


def test_repeated_numbers_have_locators_of_their_own() -> None:
    text = "# A plan\n\n## Phase 1: One\n\n### 1.1 Task\n\nText.\n\n### 1.1 Task\n\nText.\n"
    assert list(issues(wanted(text))) == ["plan", "phase:1", "task:1.1", "task:1.1~2"]


def test_marks_of_authors_are_passed_on() -> None:
    text = SMALL.replace("#### 1.1 Store keys", "#### 1.1 Store keys <!-- planbot: #12 -->")
    assert by_locator(wanted(text))["task:1.1"].explicit == "#12"


def test_nothing_of_an_item_depends_on_its_place_in_the_file() -> None:
    moved = "# Billing: Implementation Plan\n\nSome\nmore\nlines.\n" + SMALL.partition("\n")[2]
    before, after = by_locator(wanted(SMALL)), by_locator(wanted(moved))
    for locator in ("phase:1", "task:1.1", "task:1.2", "phase:2", "task:2.1"):
        assert before[locator].content.text == after[locator].content.text
        assert before[locator].title == after[locator].title
