"""Every finding: when it is made, where it points, and that it says what to do."""

from __future__ import annotations

import pytest
from plan.reading import read

from planbot.plan.diagnostics import CODES
from planbot.plan.options import ReadOptions

# those of a file; what planbot finds when it syncs has codes of its own
OURS = [one for one in CODES if one.code < "PB100"]
# a code, a text that earns it, and the lines and columns it points to
FINDINGS = [
    ("PB001", "# Notes\n\nNothing to do.\n", [(1, 1)]),
    ("PB003", b"- [ ] a\n- [ ] caf\xe9\n", [(2, 10)]),
    ("PB004", b"- [ ] a\r\n- [ ] b\n- [ ] c\r\n", [(2, 8)]),
    ("PB005", "---\na: b\nc: '\n---\n- [ ] a\n", [(3, 5)]),
    ("PB005", "---\na: 1\nplanbot: 7\n---\n- [ ] a\n", [(3, 10)]),
    ("PB006", "## Phase 1: [Name]\n\n- [ ] **Fix**: [Specific solution]\n", [(1, 13)]),
    ("PB007", "## Phase 1: A\n\ntext\n\n## Phase 2: B\n\n- [ ] c\n", [(1, 1)]),
    ("PB008", "## Task 9: X\n\n## Phase 1: A\n\n### Task 1: B\n", [(1, 1)]),
    ("PB009", "## Phase 1: A\n\n### 1.1 B\n\n### 1.1 C\n", [(5, 1)]),
    ("PB009", "## Phase 1: A\n\n- [ ] T001 a\n- [ ] T001 b\n", [(4, 1)]),
    ("PB010", "## Phase 1: Walls\n\n- [ ] a\n\n# List\n\n  ## Phase 1: Doors\n\n- [ ] b\n", [(7, 3)]),
    ("PB011", "- [ ] a\n\n  ```\n  code\n", [(3, 3)]),
    ("PB011", "- [ ] a\n\n~~~\n```\n", [(3, 1)]),
    ("PB012", "- [ ] a\n\n```\n## Phase 2: B\n```\n", [(4, 1)]),
    ("PB012", "- [ ] a\n\n```md\n```py\n```\n#### 4. B\n```\n#### 5. C\n```\n", [(8, 1)]),
    (
        "PB013",
        "- [ ] a\n  - [~] b\n- [] c\n- [ ]* d\n- [ ]e\n- [✓] f\n",
        [(2, 5), (3, 3), (4, 3), (5, 3), (6, 3)],
    ),
    ("PB014", "- [ ] a\n\n<!-- b\n\n- [ ] c\n", [(3, 1)]),
    (
        "PB015",
        "## Phase 1: A\n\n### 1.1 B\n\n## Priority Order\n\n|Phase|\n|-|\n|1.1|\n|9.9|\n|Roofing|\n",
        [(10, 2), (11, 2)],
    ),
    ("PB016", "## Phase 1: A\n\n### 1.1 B\n\n**Depends on**: 1.1, Phase 4, none\n", [(5, 1)]),
    (
        "PB017",
        "## Phase 1: A\n\n### 1.1 B\n\n**Depends on**: 1.2\n\n### 1.2 C\n\n**Depends on**: 1.1\n",
        [(9, 1)],
    ),
    ("PB018", "## Phase 1: A\n\n- [ ] a\n\n## Phase 3 Verification\n\n- [ ] b\n", [(5, 1)]),
    (
        "PB019",
        "## Phase 1: A\n\n- [ ] a\n\n## Files Modified\n\n```\na.py # Phase 1\nb.py # Phase 1.7\n```\n",
        [(9, 1)],
    ),
    ("PB020", "## Phase 1: A\n\n**Due**: next week\n\n- [ ] a\n", [(3, 1)]),
    ("PB021", "# A\n\n<<<<<<< HEAD\n- [ ] a\n=======\n- [x] a\n>>>>>>> other\n", [(3, 1)]),
    (
        "PB022",
        "## Phase 1: A <!-- planbot: 3 -->\n\n- [ ] a\n  <!-- planbot: #4 -->\n\n- [ ] b\n",
        [(1, 15), (4, 3)],
    ),
]
CLEAN = """\
---
planbot: {dialect: template}
---
# Clean

## Phase 1: A

**Goal**: be clean

### 1.1 B

**Depends on**: Phase 2, 2.1

```sh
# 1. a comment
## another
```

## Phase 2: C

### 2.1 D

## Checklist

### Phase 1: A again
- [ ] e
- [x](https://example.org) a link
- [P] a marker

## Priority Order

| Phase | Effort |
|-------|--------|
| 1.1 | 1 h |
| Phase 2: C | 1 d |
| | |

## Verification

### Phase 2 Verification
- [ ] f

## Files Modified

```
a.py # Phase 1.1
b.py
```
"""


@pytest.mark.parametrize(("code", "text", "places"), FINDINGS)
def test_a_finding_points_to_its_place(code: str, text: str | bytes, places: list[tuple[int, int]]) -> None:
    found = [one for one in read(text).diagnostics if one.code == code]
    assert [(one.line, one.column) for one in found] == places
    for one in found:
        assert one.message
        assert one.hint


@pytest.mark.parametrize(
    ("mark", "right"),
    [
        ("<!-- planbot: 3 -->", "#3"),
        ("<!-- planbot #3 -->", "#3"),
        ("<!-- planbot: issue=3 -->", "#3"),
        ("<!-- planbot:#3", "#3"),
        ("<!-- Planbot: #3 -->", "#3"),
        ("<!--planbot:#3,4-->", "#3"),
        ("<!-- planbot:progres -->", "#NUMBER"),
        ("<!-- planbot: no number -->", "#NUMBER"),
    ],
)
def test_a_mark_that_is_not_understood_is_told_with_the_right_form(mark: str, right: str) -> None:
    for text, place in ((f"## Phase 1: Ä {mark}\n", (1, 15)), (f"## Phase 1: Ä\n {mark}\n", (2, 2))):
        (found,) = [one for one in read(f"{text}\n### 1.1 B\n").diagnostics if one.code == "PB022"]
        assert (found.line, found.column) == place
        assert f"`<!-- planbot: {right} -->`" in found.hint


def test_a_mark_beside_nothing_is_told() -> None:
    text = "## Phase 1: A\n\ntext\n\n<!-- planbot: #3 -->\n\n- [ ] a <!-- planbot: #4 -->\n"
    (found,) = [one for one in read(text).diagnostics if one.code == "PB022"]
    assert (found.line, found.column) == (5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "# A\n<!-- planbot: #1 -->\n\n## Phase 1: B <!--planbot:id=b.c-->\n\n- [ ] c <!-- planbot: #3 -->\n",
        "<!-- planbot:progress -->0<!-- /planbot:progress -->\n\n- [ ] a\n",
        "<!-- planbot:begin v=1 plan=PLAN.md item=task:1.2 -->\n\n- [ ] a\n\n<!-- planbot:end -->\n",
        "- [ ] write `<!-- planbot 3 -->` and ``<!-- planbot: `3` -->``\n\n```\n<!-- planbot: 3 -->\n```\n",
        "<!-- planbotany -->\n\n- [ ] a\n",
    ],
)
def test_marks_that_are_understood_and_those_in_code_are_not_told(text: str) -> None:
    assert "PB022" not in {one.code for one in read(text).diagnostics}


@pytest.mark.parametrize(
    ("text", "is_conflict"),
    [
        ("<<<<<<< a\n- [ ] a\n||||||| base\n=======\n- [x] a\n>>>>>>> b\n", True),
        ("---\n<<<<<<< a\nx: 1\n=======\nx: 2\n>>>>>>> b\n---\n- [ ] a\n", True),
        ("- [ ] a\n\n<<<<<<<\n```sh\na\n=======\n```sh\nb\n>>>>>>>\n```\n", True),
        ("<<<<<<< a\r\n- [ ] a\r\n=======\r\n>>>>>>> b\r\n", True),
        ("<<<<<<< a\n=======\n>>>>>>> b\n", True),
        ("- [ ] a\n\n```\n<<<<<<< a\n=======\n>>>>>>> b\n```\n", False),
        ("Title\n=======\n\n- [ ] a\n", False),
        (">>>>>>> a\n=======\n<<<<<<< b\n- [ ] a\n", False),
        ("- [ ] a\n\n  <<<<<<< a\n  =======\n  >>>>>>> b\n", False),
        ("<<<<<<<< a\n========\n>>>>>>>> b\n- [ ] a\n", False),
    ],
)
def test_a_merge_that_went_wrong_leaves_the_file_alone(text: str, *, is_conflict: bool) -> None:
    plan = read(text)
    assert ("PB021" in {one.code for one in plan.diagnostics}) is is_conflict
    assert plan.readable is not is_conflict


def test_placeholders_are_one_finding_that_names_the_lines_of_the_others() -> None:
    rows = "- [ ] [Task]\n" * 12
    (found,) = [one for one in read(f"# [Name] [Goal]\n\n{rows}").diagnostics if one.code == "PB006"]
    assert found.hint == "fill it in, or delete it; 12 more in lines 3, 4, 5, 6, 7, 8, 9, 10 and so on"


def test_a_file_that_is_too_large_is_not_read() -> None:
    plan = read(b"- [ ] a\n" * 10, options=ReadOptions(max_bytes=79))
    assert [(one.code, one.severity) for one in plan.diagnostics] == [("PB002", "error")]
    assert not plan.readable
    assert plan.boxes() == ()
    assert read(b"- [ ] a\n" * 10, options=ReadOptions(max_bytes=80)).readable


def test_a_clean_plan_has_no_findings() -> None:
    assert read(CLEAN).diagnostics == ()


def test_only_what_cannot_be_read_is_an_error() -> None:
    assert [one.code for one in OURS if one.severity == "error"] == ["PB002", "PB005", "PB021"]
    assert not read("# Nothing\n").readable
    assert read("- [~] a\n- [ ] b\n").readable


def test_codes_are_stable_unique_and_explained() -> None:
    assert [one.code for one in OURS] == [f"PB{number:03}" for number in range(1, len(OURS) + 1)]
    assert len({one.code for one in CODES}) == len(CODES)
    assert len({one.name for one in CODES}) == len(CODES)
    assert all(one.explanation.endswith(".") for one in CODES)


def test_every_code_has_a_test() -> None:
    assert {code for code, _, _ in FINDINGS} | {"PB002"} == {one.code for one in OURS}


def test_a_plan_without_anything_to_do_has_one_finding_only() -> None:
    plan = read("# [Project/Feature]: Implementation Plan\n\n```\nnever closed\n")
    assert [one.code for one in plan.diagnostics] == ["PB001"]


def test_many_findings_of_a_kind_are_cut_short() -> None:
    found = [one for one in read("- [ ] a\n" + "- [~] b\n" * 250).diagnostics if one.code == "PB013"]
    assert len(found) == 100
    assert "150 more" in found[-1].message


def test_a_circle_is_told_once_and_in_order() -> None:
    tasks = "".join(f"### 1.{n} T\n\n**Depends on**: 1.{n % 3 + 1}\n\n" for n in (1, 2, 3))
    found = [one for one in read(f"## Phase 1: A\n\n{tasks}").diagnostics if one.code == "PB017"]
    assert [one.message for one in found] == ["1.1 depends on 1.2 depends on 1.3 depends on 1.1"]


def test_a_chain_of_ten_thousand_dependencies_is_no_circle() -> None:
    tasks = "".join(f"### 1.{n} T\n\n**Depends on**: 1.{n + 1}\n\n" for n in range(1, 10_000))
    codes = {one.code for one in read(f"## Phase 1: A\n\n{tasks}### 1.10000 T\n").diagnostics}
    assert codes == set()
