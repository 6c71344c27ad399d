"""Which files of a source are plan files, and how each is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.plans import SMALL

from planbot.errors import SettingsError
from planbot.loading import Given, load, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

OFF = f"---\nplanbot: off\n---\n{SMALL}"


class Files:
    """Hold files in memory, and remember which were read."""

    def __init__(self, **files: str) -> None:
        self._files = {name.replace("__", "/").replace("_md", ".md"): text for name, text in files.items()}
        self.asked: list[str] = []

    def paths(self) -> Iterable[str]:
        return self._files

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        names = list(paths)
        self.asked += names
        return {name: self._files[name].encode() for name in names if name in self._files}


def with_settings(text: str, **files: str) -> Files:
    source = Files(**files)
    source._files["planbot.yml"] = text
    return source


def test_plan_files_are_found_by_the_default_patterns_in_order_of_path() -> None:
    source = Files(notes_md=SMALL, docs__plans__b_md=SMALL, PLAN_md=SMALL, archive__PLAN_md=SMALL)
    loaded = load(source)
    assert [plan.path for plan in loaded.read] == ["PLAN.md", "docs/plans/b.md"]
    assert [plan.path for plan, _ in loaded.plans] == ["PLAN.md", "docs/plans/b.md"]
    assert loaded.there == {"notes.md", "docs/plans/b.md", "PLAN.md", "archive/PLAN.md"}


def test_only_plan_files_and_settings_are_read() -> None:
    source = Files(notes_md=SMALL, PLAN_md=SMALL)
    load(source)
    assert source.asked == [".github/planbot.yml", "planbot.yml", "PLAN.md"]


def test_the_settings_in_the_github_folder_come_first() -> None:
    source = with_settings("branch: second\n")
    assert settings_of(source, None).branch == "second"
    source._files[".github/planbot.yml"] = "branch: first\n"
    assert settings_of(source, None).branch == "first"


def test_settings_that_do_not_count_are_told() -> None:
    source = with_settings("branch: second\n", PLAN_md=SMALL)
    source._files[".github/planbot.yml"] = "branch: first\n"
    loaded = load(source)
    assert loaded.settings.branch == "first"
    ((path, finding),) = loaded.findings
    assert (path, finding.code, finding.severity) == ("planbot.yml", "PB101", "warning")
    assert finding.message == "planbot.yml is ignored, because .github/planbot.yml counts"
    assert load(source, Given(("own.yml", b""))).findings == ()


def test_settings_given_by_hand_take_the_place_of_those_in_the_source() -> None:
    source = with_settings("no: settings\n", PLAN_md=SMALL)
    assert settings_of(source, ("own.yml", b"branch: other\n")).branch == "other"
    with pytest.raises(SettingsError) as caught:
        load(source)
    assert caught.value.mistakes[0].startswith("planbot.yml:1:1: ")


def test_without_settings_the_defaults_hold() -> None:
    assert settings_of(Files(), None).branch is None


def test_a_file_that_is_off_is_left_alone() -> None:
    loaded = load(Files(PLAN_md=OFF + "- [~] no box\n"))
    assert (loaded.read, loaded.plans, loaded.findings, loaded.unreadable) == ((), (), (), frozenset())
    assert "PLAN.md" in loaded.there


def test_a_file_named_by_hand_is_read_even_if_it_is_off_but_is_not_to_be_synced() -> None:
    loaded = load(Files(PLAN_md=OFF), only=["PLAN.md"])
    assert [plan.path for plan in loaded.read] == ["PLAN.md"]
    assert loaded.plans == ()


def test_a_template_is_no_plan_and_nothing_is_said_about_it() -> None:
    template = SMALL.replace("# Billing", "# [Project/Feature]", 1)
    loaded = load(Files(PLAN_md=template))
    assert (loaded.read, loaded.findings) == ((), ())
    assert load(with_settings("plans: [PLAN.md]\n", PLAN_md=template)).plans
    assert load(Files(PLAN_md=template), only=["PLAN.md"]).plans


def test_a_file_that_is_no_plan_is_unreadable_and_the_others_go_on() -> None:
    loaded = load(Files(PLAN_md=SMALL, docs__plans__b_md="nothing here\n"))
    assert loaded.unreadable == {"docs/plans/b.md"}
    assert [plan.path for plan, _ in loaded.plans] == ["PLAN.md"]
    assert [finding.code for finding in loaded.about("docs/plans/b.md")] == ["PB001"]
    assert loaded.about("PLAN.md") == []


def test_files_named_by_hand_need_no_pattern_and_have_their_rules_options() -> None:
    settings = "plans: [{files: 'a/*.md', milestones: false}]\nissues: {phase: false}\n"
    loaded = load(with_settings(settings, a__x_md=SMALL, b_md=SMALL), only=["b.md", "a/x.md"])
    options = {plan.path: options for plan, options in loaded.plans}
    assert list(options) == ["b.md", "a/x.md"]
    assert [one.milestones for one in options.values()] == [True, False]
    assert [one.issues.phase for one in options.values()] == [False, False]


def test_front_matter_overrides_the_settings_for_its_file() -> None:
    matter = "---\nplanbot: {dialect: generic, issues: {plan: false}}\n---\n"
    loaded = load(with_settings("issues: {phase: false}\n", PLAN_md=matter + SMALL))
    ((plan, options),) = loaded.plans
    assert plan.dialect == "generic"
    assert (options.issues.plan, options.issues.phase) == (False, False)


@pytest.mark.parametrize(
    ("own", "place", "told"),
    [
        ("{issues: {plan: perhaps, phase: false}}", (3, 26), "`planbot.issues.plan` must be"),
        ("{dialect: nope, milestones: false}", (3, 20), "`planbot.dialect` must be one of"),
        ("{dialect: [a]}", (3, 20), "`planbot.dialect` must be"),
        ("{dialect: 3}", (3, 20), "`planbot.dialect` must be one of"),
        ("{titels: {}}", (3, 11), "unknown key `titels` in `planbot`"),
        ("{dialect: template, dialect: template}", (3, 30), "`dialect` is here again"),
        ("of", (3, 10), "`planbot` is neither off nor a mapping"),
        ("{a: b: c}", (3, 15), "the front matter is no YAML"),
    ],
)
def test_a_plan_file_whose_front_matter_holds_a_mistake_is_left_alone(
    own: str, place: tuple[int, int], told: str
) -> None:
    matter = f"---\ntitle: Ü\nplanbot: {own}\n---\n"
    loaded = load(Files(PLAN_md=matter + SMALL, docs__plans__b_md=SMALL))
    assert [plan.path for plan, _ in loaded.plans] == ["docs/plans/b.md"]
    assert loaded.unreadable == {"PLAN.md"}
    (finding,) = loaded.about("PLAN.md")
    assert (finding.code, finding.severity, (finding.line, finding.column)) == ("PB005", "error", place)
    assert finding.message.startswith(told)


def test_a_file_that_is_off_need_not_be_a_plan() -> None:
    loaded = load(Files(PLAN_md="---\nplanbot: off\n---\nnothing\n"), only=["PLAN.md"])
    assert (loaded.plans, loaded.findings, loaded.unreadable) == ((), (), frozenset())


def test_words_of_the_settings_are_known_in_every_plan_file() -> None:
    source = with_settings("words: {phase: [Etappe]}\n", PLAN_md=SMALL.replace("Phase", "Etappe"))
    ((plan, _),) = load(source).plans
    assert [phase.title for phase in plan.phases] == ["Foundation", "Paging"]
