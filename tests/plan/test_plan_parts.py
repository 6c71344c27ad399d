"""The smaller parts of a plan: front matter, tables, fields, files, explicit names, mirrors."""

from __future__ import annotations

import pytest
from hypothesis import given
from plan.documents import PATHS, documents
from plan.reading import read

from planbot.plan.frontmatter import front_matter
from planbot.plan.reader import read_plan
from planbot.plan.source import Source


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("---\na: 1\n---\n", 3),
        ("---\na: 1\n...\n", 3),
        ("---\n---\n", 2),
        ("--- \t\na: 1\n---  \n", 3),
        ("---\nno mapping\n---\n", 0),
        ("---\na: 1\n", 0),
        ("\n---\na: 1\n---\n", 0),
        ("----\na: 1\n---\n", 0),
        ("text\n", 0),
        ("---\na: [\n---\n", 3),
        ("---\n[\n---\n", 0),
    ],
)
def test_front_matter_is_what_stands_between_rules_at_the_very_top(text: str, end: int) -> None:
    assert front_matter(Source.of(text.encode())).end == end


@pytest.mark.parametrize(
    "value", ["!!timestamp soon", "!!int x", "!!bool maybe", "*a", "[" * 5000, "!!python/none x", "\x07"]
)
def test_no_yaml_stops_the_reader(value: str) -> None:
    plan = read(f"---\na: {value}\n---\n- [ ] b\n")
    assert len(plan.boxes()) == 1
    # a tag that a tool gives a value of its own is nothing that keeps a file from being read
    assert [one.code for one in plan.diagnostics] == ([] if value.startswith("!!") else ["PB005"])


def test_the_places_of_scalars_are_exact_whatever_ends_a_line_for_yaml() -> None:
    source = Source.of("---\na: 'x\u2028y'\nstatus: \"Dö ne\" # c\n---\n".encode())
    cell = front_matter(source).cells["status"]
    assert source.slice(cell.span).decode() == cell.text == "Dö ne"


@given(documents(), PATHS)
def test_a_cell_is_exactly_the_text_at_its_place(data: bytes, path: str) -> None:
    plan = read_plan(path, data)
    for row in (*plan.solid, *plan.gaps, *plan.priorities, *plan.decisions):
        for cell in row.cells.values():
            written = plan.source.slice(cell.span).decode("utf-8", "surrogateescape")
            assert written.replace("\\|", "|").replace("\0", "\ufffd") == cell.text
    for task in plan.all_tasks():
        if task.status is not None:
            assert plan.source.slice(task.status.span).decode().replace("\\|", "|") == task.status.text


def test_a_row_is_asked_by_name_in_any_case() -> None:
    row = read("## Priority Order\n\n| Phase | Do When |\n|--|--|\n| 1.1 | now |\n\n- [ ] a\n").priorities[0]
    assert row.get("do when") == "now"
    assert row.get("Task", "PHASE") == "1.1"
    assert row.get("Effort") == ""


def test_fields_end_where_the_next_begins_or_checks_do() -> None:
    plan = read(
        "## Phase 1: A\n\n**Goal**: one\nline\n\nnot the goal\n\n### 1.1 B\n\n**Problem:** two\n\nparagraphs\n\n---\n\n"
        "**Files to modify**:\n- a\n- b\n\n**Acceptance** (all):\n- [ ] c\n\n- **Owner**: @d\n- **Depends on**: 1.2\n"
    )
    assert plan.phases[0].goal == "one\nline"
    task = plan.phases[0].tasks[0]
    assert [(one.name, one.text) for one in task.fields] == [
        ("Problem", "two\n\nparagraphs"),
        ("Files to modify", "- a\n- b"),
        ("Acceptance", ""),
        ("Owner", "@d"),
        ("Depends on", "1.2"),
    ]
    assert task.field("owner", "assignee") == "@d"
    assert task.field("nothing") == ""


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ("```\na/b.py   # Phase 1.1, 1.2\nc.md\n```", [("a/b.py", ("1.1", "1.2")), ("c.md", ())]),
        ("- `a.py` - the type (Phase 1.1)\n- b.py", [("a.py", ("1.1",)), ("b.py", ())]),
        ("| File | Change |\n|--|--|\n| `a.py` | 1.1 and version 2 |", [("a.py", ("1.1",))]),
        ("```\n├── a.py # Tasks 2 and 3\n```", [("a.py", ("2", "3"))]),
    ],
)
def test_files_and_the_parts_that_touch_them(body: str, entries: list[tuple[str, tuple[str, ...]]]) -> None:
    plan = read(f"## Files Modified\n\n{body}\n\n## Other\n\n- [ ] a\n")
    assert [(one.path, one.numbers) for one in plan.files] == entries


def test_an_explicit_name_stands_beside_a_heading_or_right_under_it() -> None:
    plan = read(
        "# P <!-- planbot: #7 -->\n\n## Phase 1: A\n<!-- planbot: id=abc -->\n\n### 1.1 B <!--planbot:id=x.y-->\n\n"
        "### 1.2 C\n\ntext\n\n<!-- planbot: #9 -->\n\n### 1.3 D\n\n`<!-- planbot: #10 -->`\n"
    )
    assert plan.explicit == "#7"
    assert plan.phases[0].explicit == "abc"
    assert [task.explicit for task in plan.phases[0].tasks] == ["x.y", None, None]
    assert [task.title for task in plan.phases[0].tasks] == ["B", "C", "D"]


def test_an_explicit_name_may_stand_in_the_item_of_a_task() -> None:
    assert read("## Phase 1: A\n\n- [ ] b <!-- planbot: #3 -->\n").phases[0].tasks[0].explicit == "#3"


@pytest.mark.parametrize(
    ("item", "number", "title"),
    [
        ("T001 Make the folders", "T001", "Make the folders"),
        ("T031-MIN Create it", "T031", "Create it"),
        ("**P1.1** Add `x`", "P1.1", "Add `x`"),
        ("F01-T2: Wire it", "F01-T2", "Wire it"),
        ("01-02: Wire it", "01-02", "Wire it"),
        ("1.2 Wire it", "1.2", "Wire it"),
        ("#3 Wire it", "3", "Wire it"),
        ("T-1 Wire it", "T-1", "Wire it"),
        ("**1. Set up the project** ✅", "1", "Set up the project"),
        ("S1: Lock the door", "S1", "Lock the door"),
        ("S3 bucket is there", None, "S3 bucket is there"),
        ("SHA256 digests", None, "SHA256 digests"),
        ("**Volume** \u2014 loud enough", None, "Volume"),
        ("**Fix the path.** It was wrong.", None, "Fix the path"),
        ("**Mark the line** (1 hour)", None, "Mark the line (1 hour)"),
        ("✅ Anchor holds [DONE]", None, "Anchor holds"),
    ],
)
def test_an_item_that_is_a_task_has_a_number_and_a_title(item: str, number: str | None, title: str) -> None:
    task = read(f"## Phase 1: A\n\n- [ ] {item}\n").phases[0].tasks[0]
    assert (task.number, task.title) == (number, title)


def test_kiro_tasks_go_to_the_phase_of_their_number_wherever_they_stand() -> None:
    plan = read(
        "- [ ] 1. A\n  - [ ] 1.1 a\n- [ ] 2. B\n\n## Later\n\n- [ ] 1.2 b\n- [ ] 2.1 c\n- [ ] 9.1 d\n"
    )
    assert plan.dialect == "kiro"
    assert [[task.number for task in phase.tasks] for phase in plan.phases] == [
        ["1", "1.1", "1.2"],
        ["2", "2.1"],
    ]
    assert [task.number for task in plan.tasks] == ["9.1"]


def test_the_spans_of_a_phase_are_its_section_then_mirrors_then_verification() -> None:
    plan = read(
        "## Verification\n\n### Phase 1 Verification\n- [ ] v\n\n## Phase 1: A\n\n### 1.1 B\n\n"
        "## List\n\n### Phase 1: A\n- [ ] m\n"
    )
    parts = [plan.source.slice(span).split(b"\n")[0] for span in plan.phases[0].spans]
    assert parts == [b"## Phase 1: A", b"### Phase 1: A", b"### Phase 1 Verification"]
    assert [check.text for check in plan.phases[0].checks] == ["v", "m"]


def test_the_plans_own_text_leaves_out_structure_and_what_parts_own() -> None:
    plan = read(
        "---\na: 1\n---\n# P\n\nintro\n\n## Context\n\nwhy\n\n## Work\n\n### Phase 1: A\n\n- [ ] a\n\n"
        "## Priority Order\n\n|Phase|\n|-|\n|1|\n\n## Verification\n\n### Phase 1 Verification\n\n- [ ] v\n\n"
        "## Notes\n\nend\n"
    )
    own = b"".join(map(plan.source.slice, plan.spans))
    assert own == b"\nintro\n\n## Context\n\nwhy\n\n## Notes\n\nend\n"


def test_a_table_of_data_that_also_holds_checks_stays_the_plans_own_text() -> None:
    plan = read("## Phase 1: A\n\n- [ ] a\n\n## Files to Modify\n\n- [ ] `b.py`\n")
    assert b"".join(map(plan.source.slice, plan.spans)) == b"## Files to Modify\n\n- [ ] `b.py`\n"
    assert [check.text for check in plan.checks] == ["`b.py`"]


def test_a_mirrored_task_keeps_its_checks_together() -> None:
    plan = read("## Phase 1: A\n\n### 1.1 B\n- [ ] a\n\n## List\n\n### Phase 1: A\n\n#### 1.1 B\n- [ ] b\n")
    assert [check.text for check in plan.phases[0].tasks[0].checks] == ["a", "b"]
    assert len(plan.phases[0].tasks[0].spans) == 2


@pytest.mark.parametrize("phase", ["Ship", "Fly"])
def test_a_task_of_another_title_is_no_mirror_and_keeps_its_boxes(phase: str) -> None:
    plan = read(
        "# Release\n\n### Phase 1: Ship\n\n#### 1.1 Build it\n**Problem**: p\n\n"
        f"### Phase 1: {phase}\n\n#### 1.1 Deploy to the moon\n\n"
        "## List\n\n### Phase 1: Ship\n\n#### 1.1 Deploy to the moon\n- [ ] box of the moon\n"
    )
    (ship,) = plan.phases
    assert [(task.title, [check.text for check in task.checks]) for task in ship.tasks] == [
        ("Build it", []),
        ("Deploy to the moon", ["box of the moon"]),
    ]
    assert ("PB009", 10) in [(one.code, one.line) for one in plan.diagnostics]


def test_a_mirrored_task_may_have_more_or_fewer_words() -> None:
    for title in ("Build", "Build it: checks", "**Build it**", "BUILD the it"):
        plan = read(
            f"## Phase 1: A\n\n### 1.1 Build it\n\n## List\n\n### Phase 1: A\n\n#### 1.1 {title}\n- [ ] b\n"
        )
        assert [check.text for check in plan.phases[0].tasks[0].checks] == ["b"]
        assert plan.diagnostics == ()


def test_a_task_outside_its_phase_that_has_a_title_of_its_own_is_one() -> None:
    plan = read("## Phase 1: A\n\n### 1.1 Build\n\n## Later\n\n### 1.1 Fly\n- [ ] b\n")
    assert [(task.title, len(task.checks)) for task in plan.all_tasks()] == [("Build", 0), ("Fly", 1)]
    assert {one.code for one in plan.diagnostics} == {"PB008", "PB009"}


def test_groups_come_from_headings_labels_and_items() -> None:
    plan = read(
        "## Phase 1: A\n\n### 1.1 B\n\n## Phase 1 Verification\n\n- [ ] none\n\n"
        "**Automated**:\n- [ ] a\n\n**Notes**:\n- [ ] n\n\n"
        "### Manual Verification:\n- [ ] m\n  - [ ] mm\n\n- **Invariants**:\n  - [ ] i\n"
    )
    assert [(check.text, check.group, check.depth) for check in plan.phases[0].checks] == [
        ("none", None, 0),
        ("a", "Automated", 0),
        ("n", None, 0),
        ("m", "Manual", 0),
        ("mm", "Manual", 1),
        ("i", "Invariants", 0),
    ]


def test_twenty_thousand_items_are_read() -> None:
    plan = read("## Phase 1: A\n\n" + "- [ ] Add exports\n" * 20_000)
    assert len(plan.boxes()) == 20_000
