"""Single lines that tell of changes."""

from __future__ import annotations

import pytest
from report.passes import change

from planbot.report.lines import counted, plural, told


def test_changes_are_counted_by_what_is_done() -> None:
    changes = [
        change("create", "task", "1.1"),
        change("close", "task", "1.2"),
        change("create", "label", "a"),
    ]
    assert counted(changes) == "create 2, close 1"
    assert counted([]) == "nothing"


def test_a_change_is_told_with_its_issue_where_it_has_one() -> None:
    assert (
        told(change("update", "phase", "Phase 1: Foundation", issue=2))
        == "update phase #2: Phase 1: Foundation"
    )
    assert told(change("create", "milestone", "Phase 1")) == "create milestone: Phase 1"


@pytest.mark.parametrize(("count", "said"), [(0, "0 boxes"), (1, "1 box"), (2, "2 boxes")])
def test_a_noun_agrees_with_its_count(count: int, said: str) -> None:
    assert plural(count, "box", "boxes") == said
    assert plural(count, "issue") == f"{count} issue{'' if count == 1 else 's'}"
