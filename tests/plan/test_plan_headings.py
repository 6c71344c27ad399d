"""What headings say: decoration off, numbers as text, priorities, and which headings are decoys."""

from __future__ import annotations

import pytest

from planbot.plan.headings import grammar
from planbot.plan.options import Words
from planbot.plan.words import undecorated, without_comments, without_status

GRAMMAR = grammar(Words())


@pytest.mark.parametrize(
    ("heading", "number", "title", "priority"),
    [
        ("Phase 1: Foundation (MVP-Critical)", "1", "Foundation", "MVP-Critical"),
        ("Phase 1: Foundation & Wiring (Days 1-2)", "1", "Foundation & Wiring (Days 1-2)", None),
        ("Phase 3: Security (HIGH - Quick Win)", "3", "Security", "HIGH - Quick Win"),
        ("Phase 5 \u2014 Shields (Sprint 1, Days 1\u20133)", "5", "Shields (Sprint 1, Days 1\u20133)", None),
        ("Phase 2: Lint (HIGH - 15 min)", "2", "Lint", "HIGH - 15 min"),
        ("Phase 4: Stubs (OPTIONAL - 5 min)", "4", "Stubs", "OPTIONAL - 5 min"),
        ("Phase 1: Wrappers (Low Risk, High Impact)", "1", "Wrappers (Low Risk, High Impact)", None),
        ("Phase 3: Logger (Medium Risk) ✓ COMPLETE", "3", "Logger (Medium Risk)", None),
        ("✅ 🔴 PHASE 1: FIXES (IMMEDIATE) - **COMPLETED**", "1", "FIXES", "IMMEDIATE"),
        ("**PHASE 2: Metrics (Days 2-3)**", "2", "Metrics (Days 2-3)", None),
        ("Phase 1\uff1a基础（US1 + US2）", "1", "基础（US1 + US2）", None),
        ("Phase 9a: Links", "9a", "Links", None),
        ("Phase A2: Base", "A2", "Base", None),
        ("Phase 3.10: Polish", "3.10", "Polish", None),
        ("Phase 2.5. Carry", "2.5", "Carry", None),
        ("Phase II - Walls", "II", "Walls", None),
        ("Phase 1", "1", "Phase 1", None),
        ("Phase 1 (P0)", "1", "(P0)", None),
        ("Phase 3: User Story 1 - Keep (Priority: P1) 🎯 MVP", "3", "User Story 1 - Keep", "Priority: P1"),
        ("阶段 2：界面", "2", "界面", None),
        ("第二阶段：界面", "二", "界面", None),
        ("フェーズ3: 仕上げ", "3", "仕上げ", None),
        ("Phase One: Begin", "One", "Begin", None),
        ("Phase 横断: 全体", "横断", "全体", None),
        ("Phase 1-2: Both", "1-2", "Both", None),
        ("Phase 1: --force is gone", "1", "--force is gone", None),
        ("Phase 0: Look [DONE]", "0", "Look", None),
        ("Phase #4: Look", "4", "Look", None),
        ("Phase-4: Look", "4", "Look", None),
        ("PHASE TWO - Look", "TWO", "Look", None),
        ("3.1 Phase 4: Look", "4", "Look", None),
        ("Implementation Phase 4: Look", "4", "Look", None),
        ("Phase 7: Review (DEFERRED)", "7", "Review", None),
        ("Phase 7: Review (60% Complete)", "7", "Review", None),
        ("Phase 7: Make it complete", "7", "Make it complete", None),
    ],
)
def test_a_phase_heading_is_taken_apart(heading: str, number: str, title: str, priority: str | None) -> None:
    found = GRAMMAR.phase(undecorated(heading))
    assert found is not None
    assert (found.number, found.title, found.priority) == (number, title, priority)


@pytest.mark.parametrize(
    "heading",
    [
        "Phase 1 Verification",
        "Phase 2 Testing",
        "Phase 1 Success Criteria ✅ **COMPLETED**",
        "Phase 3 Dependencies",
        "After Phase 1",
        "After Phase 1: look",
        "5. Phase 1 Verification",
        "Completed (Phases 1\u20134)",
        "Phases 1\u20134",
        "Phase Overview",
        "Phase Dependencies: none",
        "Phaser setup: now",
        "Phase 1 without a separator",
        "The Phase 1: tale",
    ],
)
def test_a_decoy_names_no_phase(heading: str) -> None:
    assert GRAMMAR.phase(undecorated(heading)) is None


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("Phase 1 Verification", "1"),
        ("Phase 9a Success Criteria ✅", "9a"),
        ("Success Criteria (Phase 9a)", "9a"),
        ("Verification for Phase 2", "2"),
        ("Phase 3's Testing", "3"),
        ("After Phase 1", None),
        ("Final Success Criteria", None),
        ("Verification", None),
    ],
)
def test_a_verification_heading_names_its_phase(heading: str, number: str | None) -> None:
    assert GRAMMAR.verifies(undecorated(heading)) == number


@pytest.mark.parametrize(
    ("heading", "number", "title", "sure"),
    [
        ("1.1 Store keys", "1.1", "Store keys", True),
        ("Task 1.1: Store keys", "1.1", "Store keys", True),
        ("✅ Task 2.1: Links - **DONE**", "2.1", "Links", True),
        ("3.1: Draw (HIGH - Quick Win)", "3.1", "Draw (HIGH - Quick Win)", True),
        ("3a: Memory (COMPLETE)", "3a", "Memory", True),
        ("3a Memory", "3a", "Memory", False),
        ("A0.1 Data isolation", "A0.1", "Data isolation", True),
        ("B5.1.1 Deferred: client role", "B5.1.1", "Deferred: client role", True),
        ("T-1 Icon", "T-1", "Icon", True),
        ("Task 7: Push", "7", "Push", True),
        ("1. Test File", "1", "Test File", False),
        ("B1 Navigation", "B1", "Navigation", False),
        ("5.10 Heating", "5.10", "Heating", True),
    ],
)
def test_a_task_heading_is_taken_apart(heading: str, number: str, title: str, sure: bool) -> None:  # noqa: FBT001 - a case
    found = GRAMMAR.task(undecorated(heading))
    assert found is not None
    assert (found.titled.number, found.titled.title, found.sure) == (number, title, sure)


@pytest.mark.parametrize(
    "heading", ["Tasks", "Overview", "`src/a.ts` - remove it", "Bug 1: x", "Test 1", "2 files"]
)
def test_an_ordinary_heading_names_no_task(heading: str) -> None:
    assert GRAMMAR.task(undecorated(heading)) is None


def test_settings_widen_the_words() -> None:
    widened = grammar(Words(phase=("Etappe",), task=("Schritt",), verification=("Abnahme",)))
    phase, task = widened.phase("Etappe 2: Wände"), widened.task("Schritt 4: Tür")
    assert phase is not None
    assert task is not None
    assert (phase.number, phase.title) == ("2", "Wände")
    assert (task.titled.number, task.titled.title) == ("4", "Tür")
    assert widened.verifies("Etappe 2 Abnahme") == "2"


@pytest.mark.parametrize(
    ("heading", "bare"),
    [
        ("**Bold**", "Bold"),
        ("🚨 PHASE 1", "PHASE 1"),
        ("✅ 🔴 Go", "Go"),
        ("*all of it*", "all of it"),
        ("a *part* of it", "a *part* of it"),
        ("Split `store.go`", "Split `store.go`"),
        ("Use [the guide](docs/guide.md)", "Use the guide"),
        ("Set `**kwargs`", "Set `**kwargs`"),
        ("A <!-- planbot: #1 --> B", "A B"),
        ("A <!-- open", "A <!-- open"),
        ("  two   spaces ", "two spaces"),
        ("🚀", "🚀"),
    ],
)
def test_decoration_is_taken_off(heading: str, bare: str) -> None:
    assert undecorated(heading) == bare


@pytest.mark.parametrize(
    "title",
    [
        "Rotate by 90°",
        "cafe\u0301",
        "一二三",
        "10 ㎡",
        "Ship it (v2)",
        "Answer [sic]",
        "Merge",
        "50 %",
        "(DONE",
    ],
)
def test_an_end_that_is_no_status_stays(title: str) -> None:
    assert without_status(title) == title


@pytest.mark.parametrize(
    "end",
    [
        "✅",
        "[DONE]",
        "(In Progress)",
        "- DONE",
        "\u2014 Completed",
        "(✅ Complete)",
        "✓ COMPLETE",
        "(80% done)",
        "（已完成）",
        "✅ - done (COMPLETED) ✔\ufe0f",
    ],
)
def test_a_status_is_taken_off(end: str) -> None:
    assert without_status(f"Login {end}") == "Login"


def test_comments_are_cut_out_in_one_go() -> None:
    assert without_comments("a<!-- b -->c<!---->d<!-- e") == "acd<!-- e"
