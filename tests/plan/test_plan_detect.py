"""Which dialect a file is, and who may say otherwise."""

from __future__ import annotations

import pytest
from plan.reading import SAMPLES, name_of, read

from planbot.plan.options import ReadOptions, Words

CONTENT = {
    "template": "## Gap Analysis\n\n## Remediation Plan\n\n### Phase 1: A\n\n#### 1.1 B\n",
    "speckit": "## Phase 1: A\n\n- [ ] T001 a\n- [ ] T002 b\n- [ ] T003 c\n",
    "openspec": "## 1. A\n\n- [ ] 1.1 a\n- [ ] 1.2 b\n\n## 2. B\n\n- [ ] 2.1 c\n",
    "kiro": "- [ ] 1. A\n  - [ ] 1.1 a\n  - [ ] 1.2 b\n- [ ] 2. B\n",
    "superpowers": "### Task 1: A\n\n- [ ] **Step 1: a**\n- [ ] **Step 2: b**\n- [ ] **Step 3: c**\n",
    "humanlayer": "## Phase 1: A\n\n### Success Criteria:\n\n#### Automated Verification:\n- [ ] a\n",
    "backlog": "---\nid: B-1\nstatus: Done\n---\n- [ ] a\n",
    "generic": "# TODO\n\n- [ ] a\n",
}
PATHS = {
    "speckit": "specs/001-login/tasks.md",
    "openspec": "openspec/changes/archive/2026-login/tasks.md",
    "kiro": "app/.kiro/specs/login/tasks.md",
    "humanlayer": "thoughts/shared/plans/login.md",
}


@pytest.mark.parametrize(("dialect", "text"), CONTENT.items())
def test_content_tells_the_dialect(dialect: str, text: str) -> None:
    assert read(text, path="notes.md").dialect == dialect


@pytest.mark.parametrize(("dialect", "path"), PATHS.items())
def test_a_path_tells_the_dialect(dialect: str, path: str) -> None:
    assert read("## A\n\n- [ ] a\n", path=path).dialect == dialect


def test_settings_override_the_guess_and_front_matter_overrides_settings() -> None:
    text = CONTENT["kiro"]
    assert read(text, options=ReadOptions(dialect="generic")).dialect == "generic"
    own = "---\nplanbot: {dialect: openspec}\n---\n"
    assert read(own + text, options=ReadOptions(dialect="generic")).dialect == "openspec"


@pytest.mark.parametrize("word", ["off", "'off'", "'OFF '", "false", "no", "Off"])
@pytest.mark.parametrize("key", ["planbot", "Planbot", "'PLANBOT'"])
def test_front_matter_can_switch_planbot_off(key: str, word: str) -> None:
    plan = read(f"---\n{key}: {word}\n---\n- [ ] a\n")
    assert plan.off
    assert plan.diagnostics == ()


@pytest.mark.parametrize("word", ["on", "true", "", "{}"])
def test_planbot_is_on_where_front_matter_says_so(word: str) -> None:
    plan = read(f"---\nplanbot: {word}\n---\n- [ ] a\n")
    assert not plan.off
    assert plan.readable
    assert plan.diagnostics == ()


@pytest.mark.parametrize(
    "matter",
    [
        "---\ntitle: Plan: the secret one\nplanbot: off\n---\n",
        "---\nplanbot: of\n---\n",
        "---\nplanbot:off\n---\n",
        "---\ntitle: x\nplanbot:off\n---\n",
        "---\n- planbot: off\n---\n",
        "---\n{planbot: off\n---\n",
        "---\nplanbot: off\n\n",
        "\n---\nplanbot: off\n---\n",
        "---\nplanbot: off\nplanbot: {dialect: generic}\n---\n",
        "---\nplanbot: !off\n---\n",
        f"---\ntitle: {'x' * 40_000}\nplanbot: off\n---\n",
    ],
)
def test_front_matter_that_may_say_off_and_cannot_be_read_leaves_the_file_alone(matter: str) -> None:
    plan = read(f"{matter}- [ ] a\n")
    assert not plan.readable
    assert [(one.code, one.severity) for one in plan.diagnostics if one.severity == "error"] == [
        ("PB005", "error")
    ]


def test_off_is_suggested_for_what_resembles_it() -> None:
    (finding,) = read("---\nplanbot: of\n---\n- [ ] a\n").diagnostics
    assert (finding.line, finding.column) == (2, 10)
    assert finding.hint.startswith("did you mean `off`? ")


@pytest.mark.parametrize(
    "matter",
    [
        "---\n**Goal**: a: b\n---\n\n",
        "---\n# Plan <!-- planbot: id=x -->\n\n*a\n\n---\n\n",
        "---\n\n# Plan: it\n\nPlain: planbot: text\n\n",
        "---\nid: 1\ninclude: !include other.yml\ndue: 2026-02-30\n---\n",
        "---\nid: task-1\nstatus: '{{ mustache }}'\ntools: {planbot: nested}\n---\n",
    ],
)
def test_rules_around_text_and_front_matter_of_other_tools_keep_no_file_from_being_read(matter: str) -> None:
    plan = read(f"{matter}- [ ] a\n")
    assert plan.readable
    assert len(plan.boxes()) == 1


def test_front_matter_settings_are_kept_for_others() -> None:
    plan = read("---\nplanbot:\n  dialect: generic\n  labels: [a]\n---\n- [ ] a\n")
    assert plan.settings == {"dialect": "generic", "labels": ["a"]}
    assert not plan.off


def test_words_of_the_settings_name_phases_and_tasks() -> None:
    text = "# Haus\n\n## Etappe 1: Keller\n\n### Schritt 1: Graben\n\n### Abnahme Etappe 1\n\n- [ ] trocken\n"
    words = Words(phase=("Etappe",), task=("Schritt",), verification=("Abnahme",))
    plan = read(text, options=ReadOptions(words=words))
    assert [(phase.number, phase.title) for phase in plan.phases] == [("1", "Keller")]
    assert [(task.number, task.title) for task in plan.phases[0].tasks] == [("1", "Graben")]
    assert len(plan.phases[0].checks) == 1


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_every_dialect_has_a_sample(sample: object) -> None:
    assert {one.parent.name for one in SAMPLES} == set(CONTENT)
    assert sample


@pytest.mark.parametrize(
    ("path", "title"),
    [("specs/login/tasks.md", "login"), ("PLAN.md", "PLAN"), ("docs/big-move.md", "big-move"), ("", "")],
)
def test_a_file_without_a_heading_is_named_by_its_path(path: str, title: str) -> None:
    assert read("- [ ] a\n", path=path).title == title


def test_a_title_that_names_a_phase_is_a_phase_only_among_others_of_its_level() -> None:
    alone = read("# Phase 9: Links\n\n## Phase 9a: Make\n\n- [ ] a\n")
    assert (alone.title, [phase.number for phase in alone.phases]) == ("Phase 9: Links", ["9a"])
    among = read("# Phase 1: Make\n\n- [ ] a\n\n# Phase 2: Break\n\n- [ ] b\n")
    assert (among.title, [phase.number for phase in among.phases]) == ("some-plan", ["1", "2"])


def test_steps_without_checks_are_no_phases_beside_chapters_with_them() -> None:
    steps = (
        "## Setup\n\n### Step 1: Clone\n\n### Step 2: Build\n\n## Core\n\n- [ ] a\n\n## Polish\n\n- [ ] b\n"
    )
    assert [phase.title for phase in read(steps).phases] == ["Core", "Polish"]
    parts = "## Part 1: Core\n\n- [ ] a\n\n## Part 2: Polish\n\n- [ ] b\n"
    assert [(phase.number, phase.title) for phase in read(parts).phases] == [("1", "Core"), ("2", "Polish")]


def test_a_title_may_stand_in_front_matter() -> None:
    assert read("---\ntitle: Big Move\n---\n- [ ] a\n").title == "Big Move"
