"""An item's content: its text, and its checks in the order of their boxes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.markdown import LINES

from planbot.plan.model import Box, Span
from planbot.plan.outline import boxes_in
from planbot.plan.reader import read_plan
from planbot.plan.source import Source
from planbot.sync.body import boxes_of
from planbot.sync.content import TEXT_LIMIT, Content, content
from planbot.sync.desired import Desired, desire
from planbot.sync.inline import Place
from planbot.sync.options import FileOptions, IssueOptions

if TYPE_CHECKING:
    from pathlib import Path

    from planbot.plan.model import Plan

PLACE = Place("https://github.test/octo/plans", "main", "PLAN.md")
LEVELS = st.builds(
    IssueOptions,
    phase=st.booleans(),
    task=st.sampled_from(["headings", "all", "none"]),
    finished=st.sampled_from(["skip", "import"]),
)
HEADINGS = st.sampled_from(
    [
        *[
            "# A plan",
            "## Phase 1: One",
            "### Phase 2: Two",
            "Phase 3: Three\n---",
            "### Phase 1 Verification",
        ],
        *["### 1.1 Task", "#### 2.1 Task", "## Open Questions", "**Manual**:", "**1.2 Bold task**"],
    ]
)
NESTED = st.sampled_from(
    ["- [ ] 1. Own", "  - [ ] 1.1 Own", "\t- [x] tabbed", "> - [x] quoted", "   1) [X] ordered"]
)
PLANS = st.lists(LINES | HEADINGS | NESTED, max_size=25).map(
    lambda lines: "\n".join(f"{line} u{at}u" if "[" in line else line for at, line in enumerate(lines))
)
PATHS = st.sampled_from(
    ["PLAN.md", "specs/x/tasks.md", "openspec/changes/x/tasks.md", ".kiro/specs/x/tasks.md"]
)


def whole(text: str, *, title: int | None = None, extra: str = "") -> Content:
    """Return the content of a text that is one item with all its boxes."""
    source = Source.of(text.encode())
    return content(source, [Span(0, len(source.data))], [], boxes(source), PLACE, title=title, extra=extra)


def boxes(source: Source) -> list[tuple[Box, str | None, int]]:
    return [(Box(box.ticked, box.offset), None, box.line) for box in boxes_in(source.data)]


def shown(items: tuple[Desired, ...]) -> Counter[int]:
    """Count the boxes that the issues of a plan show, a task's own as open and closed."""
    found = Counter(check.box.offset for item in items for check in item.content.checks)
    found.update(item.box.offset for item in items if item.box)
    return found


def places(plan: Plan, items: tuple[Desired, ...]) -> Counter[int]:
    """Count the boxes of a plan; a task's place in a status column takes part where it has an issue."""
    states = {task.status.span.start for task in plan.all_tasks() if task.status and not task.box}
    used = [item.box.offset for item in items if item.box and item.box.offset in states]
    return Counter([*(box.offset for box in plan.boxes()), *used])


def require_pairs(plan: Plan, item: Desired) -> None:
    """Require that the n-th box of an item's text is its n-th check."""
    checks = item.content.checks
    assert [box.text for box in boxes_of(item.content.text)] == [check.text for check in checks]
    assert len(item.content.text) <= TEXT_LIMIT
    for check in checks:
        assert plan.source.position(check.box.offset)[0] == check.line


@given(PATHS, PLANS, LEVELS)
def test_each_box_of_the_text_is_the_check_of_its_line(path: str, text: str, levels: IssueOptions) -> None:
    plan = read_plan(path, text.encode())
    for item in desire(plan, FileOptions(issues=levels), PLACE).items:
        require_pairs(plan, item)
        for check in item.content.checks:
            line = plan.source.lines[check.line - 1]
            assert line.split()[-1] in check.text


@given(PATHS, PLANS, LEVELS)
def test_each_box_of_a_plan_stands_in_one_issue_once(path: str, text: str, levels: IssueOptions) -> None:
    plan = read_plan(path, text.encode())
    items = desire(plan, FileOptions(issues=levels), PLACE).items
    assert shown(items) == places(plan, items)


@pytest.mark.parametrize(
    "levels", [IssueOptions(), IssueOptions(phase=False, task="none"), IssueOptions(task="all")], ids=str
)
def test_collected_plans_show_each_box_once_and_in_its_place(
    shared_plans: Path, levels: IssueOptions
) -> None:
    for file in sorted(shared_plans.rglob("*.md")):
        plan = read_plan(file.relative_to(shared_plans).as_posix(), file.read_bytes())
        items = desire(plan, FileOptions(issues=levels), PLACE).items
        assert shown(items) == places(plan, items), file
        for item in items:
            require_pairs(plan, item)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("## 1.1 Title\n\nBody", "Body"),
        ("Title\n===\n\nBody", "Body"),
        ("Title\n---\nBody", "Body"),
        ("**1.1 Title**\n\nBody", "Body"),
        ("**1.1 Title** - body\nand more", "body\nand more"),
        ("**1.1 Title**: body", "body"),
        ("- [ ] Title\n  - note\n    deeper", "- note\n  deeper"),
        ("- Title\r\n\t- note\r\n\t- other\r\n", "- note\n- other"),
        ("## Title", ""),
        ("## Title\n- one\n- two", "- one\n- two"),
    ],
)
def test_the_title_is_left_out(text: str, left: str) -> None:
    source = Source.of(text.encode())
    made = content(source, [Span(0, len(source.data))], [], [], PLACE, title=1, extra="")
    assert made == Content(left)


def test_a_title_that_is_cut_with_a_child_takes_no_other_line_with_it() -> None:
    source = Source.of(b"- [ ] 1. Title\n  - [ ] 1.1 first\n")
    child = Span(0, source.data.index(b"  -"))
    made = content(source, [Span(0, len(source.data))], [child], boxes(source)[1:], PLACE, title=1, extra="")
    assert made.text == "- [ ] 1.1 first"


def test_lines_of_our_own_follow_the_text_and_are_not_swallowed_by_it() -> None:
    made = whole("text\n\n```\nnever closed", extra="- **Effort**: ask @alice")
    assert made.text == "text\n\n```\nnever closed\n```\n\n- **Effort**: ask @<!-- -->alice"


def test_boxes_that_the_text_does_not_show_are_listed_below_it() -> None:
    text = "- [ ] first `@a`\n- [x] second @bob\n"
    source = Source.of(f"{text}- [ ] third [a](b.md) [x]\n".encode())
    made = content(source, [Span(0, len(text))], [], boxes(source), PLACE, title=None, extra="")
    assert made.text == (
        "- \\[ ] first `@a`\n- \\[x] second @<!-- -->bob\n\n"
        "- [ ] first `@a`\n- [ ] second @<!-- -->bob\n"
        "- [ ] third [a](https://github.test/octo/plans/blob/main/b.md) \\[x]"
    )
    assert [check.line for check in made.checks] == [1, 2, 3]


def test_code_gives_way_where_a_text_is_too_long() -> None:
    code = "```\n" + "a line of code\n" * 5000 + "```\n"
    made = whole(f"Before.\n\n{code}\n- [ ] check\n\nAfter.")
    assert len(made.text) < 1000
    assert "[the plan file](https://github.test/octo/plans/blob/main/PLAN.md)" in made.text
    assert made.text.startswith("Before.")
    assert made.text.endswith("After.")
    assert [check.text for check in made.checks] == ["check"]


def test_checks_stay_where_words_alone_are_too_long() -> None:
    words = "Some words.\n\n" * 6000
    made = whole(f"{words}- [ ] one @alice\n\n{words}- [x] two\n\n{words}")
    assert TEXT_LIMIT // 2 < len(made.text) <= TEXT_LIMIT
    assert made.text.startswith("Some words.")
    assert made.text.endswith("- [ ] one @<!-- -->alice\n- [ ] two")
    assert [check.text for check in made.checks] == ["one @<!-- -->alice", "two"]


def test_words_alone_that_are_too_long_are_cut_at_a_block() -> None:
    made = whole("Some words.\n\n" * 6000)
    assert len(made.text) <= TEXT_LIMIT
    assert made.text.endswith("PLAN.md))*")


def test_long_checks_are_cut_short_until_they_fit() -> None:
    made = whole("".join(f"- [ ] check {number} {'word ' * 30}\n" for number in range(1000)))
    assert len(made.text) <= TEXT_LIMIT
    assert len(made.checks) == 1000
    assert all(check.text.startswith(f"check {number}") for number, check in enumerate(made.checks))


def test_more_checks_than_an_issue_can_hold_are_all_there_all_the_same() -> None:
    made = whole("".join(f"- [ ] check {number}\n" for number in range(6000)))
    assert len(made.checks) == 6000
    assert len(made.text) > TEXT_LIMIT
