from __future__ import annotations

import pytest

from planbot.plan.references import Reference, leading_reference, references


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.1", [("", "1.1")]),
        ("1.1, 2.3", [("", "1.1"), ("", "2.3")]),
        ("Phase 1", [("phase", "1")]),
        ("Phases 1 and 2", [("phase", "1"), ("phase", "2")]),
        ("Tasks 1.1; T001 & A0.1", [("task", "1.1"), ("task", "T001"), ("task", "A0.1")]),
        ("`1.1` (the schema), **2.1**", [("", "1.1"), ("", "2.1")]),
        ("- 1.1\n- 1.2", [("", "1.1"), ("", "1.2")]),
        ("none", []),
        ("Python 3.12", []),
        ("#12", []),
        ("Phase 1 complete", []),
        ("", []),
    ],
)
def test_what_a_text_refers_to(text: str, found: list[tuple[str, str]]) -> None:
    assert references(text) == tuple(Reference(kind, number) for kind, number in found)


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("1.1", "", "1.1"),
        ("Phase 2: Lists", "phase", "2"),
        ("6. Clean up", "", "6"),
        ("**Task 1.1** x", "task", "1.1"),
    ],
)
def test_what_a_row_is_about(text: str, kind: str, number: str) -> None:
    assert leading_reference(text) == Reference(kind, number)


def test_a_row_of_words_is_about_no_number() -> None:
    assert leading_reference("Comment storage") is None
