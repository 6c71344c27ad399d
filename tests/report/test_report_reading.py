"""Plan files as read, as Markdown: every part with its line, nothing of a plan alive."""

from __future__ import annotations

from hypothesis import given
from support.markdown import TEXTS, live
from support.plans import SMALL

from planbot.plan.reader import read_plan
from planbot.report.reading import reading_markdown


def test_every_part_stands_there_with_its_line() -> None:
    text = "\n".join(
        reading_markdown([read_plan("PLAN.md", SMALL.replace("[ ] the page", "[x] the page").encode())])
    )
    lines = SMALL.splitlines()
    for words, shown in (
        ("### Phase 1: Foundation", "- **Phase 1"),
        ("#### 1.1 Store keys", "  - 1"),
        ("- [ ] the page opens", "  - ☑ Manual"),
        ("- [ ] the tests pass", "  - ☐ Automated"),
        ("- [ ] Who answers", "- ☐ Who answers"),
    ):
        number = next(at for at, line in enumerate(lines, 1) if line.startswith(words))
        assert [
            line for line in text.splitlines() if line.startswith(shown) and line.endswith(f"(line {number})")
        ]


@given(TEXTS)
def test_no_text_of_a_plan_comes_to_life(text: str) -> None:
    line = " ".join(text.split())
    plan = read_plan(
        "PLAN.md", f"# {line}\n\n## Phase 1: {line}\n\n- [ ] {line}\n".encode("utf-8", "replace")
    )
    assert not live("\n".join(reading_markdown([plan])))
