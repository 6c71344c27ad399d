"""`planbot check`: lint plan files and settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.commands import Planbot, process
from support.plans import SMALL
from support.world import PLAN, World, git

from planbot.plan.diagnostics import CODES

FIVE_MISTAKES = """\
plns: [docs/*.md]
issues:
  task: sometimes
limits:
  closes: many
branch: [main]
forks: perhaps
"""
WARNED = SMALL + "- [~] half done\n"


def test_a_plan_without_findings_is_one_line(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    outcome = planbot("check", PLAN, "--strict").require()
    assert (outcome.out, outcome.err) == ("1 plan file, no findings\n", "")


def test_warnings_are_shown_and_fail_only_when_strict(tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text(WARNED)
    outcome = process("check", PLAN, cwd=tmp_path).require()
    assert outcome.out.startswith(f"{PLAN}:59:3: warning PB013: ")
    assert outcome.err == ""
    assert process("check", PLAN, "--strict", cwd=tmp_path).require(1).out == outcome.out


def test_an_error_fails_whether_strict_or_not_and_a_warning_only_when_strict(
    planbot: Planbot, here: Path
) -> None:
    git(here, "init", "--quiet")
    for text, told, codes in (
        ("nothing here\n", "warning PB001: ", (0, 1)),
        (f"---\nplanbot: of\n---\n{SMALL}", "error PB005: ", (2, 2)),
    ):
        (here / PLAN).write_text(text)
        for named in ((), (PLAN,)):
            for strict, code in zip(((), ("--strict",)), codes, strict=True):
                assert told in planbot("check", *named, *strict).require(code).out


def test_json_is_a_list_of_plan_files_with_their_diagnostics(planbot: Planbot, here: Path) -> None:
    (here / "a.md").write_text(WARNED)
    (here / "b.md").write_text(SMALL)
    outcome = planbot("check", "a.md", "b.md", "--output", "json", "--strict").require(1)
    assert [[one["code"] for one in plan["diagnostics"]] for plan in json.loads(outcome.out)] == [
        ["PB013"],
        [],
    ]


def test_without_files_the_plan_files_of_the_work_tree_are_checked(
    planbot: Planbot, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(here, "init", "--quiet")
    for path in (PLAN, "docs/plans/a.md", "docs/notes.md", "docs/archive/OLD_PLAN.md", "ignored/X_PLAN.md"):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(SMALL)
    (here / ".gitignore").write_text("ignored\n")
    monkeypatch.chdir(here / "docs")
    out = planbot("check", "--output", "json").require().out
    assert [plan["path"] for plan in json.loads(out)] == [PLAN, "docs/plans/a.md"]
    assert planbot("check").require().out == "2 plan files, no findings\n"


def test_templates_and_files_that_are_off_are_left_alone(planbot: Planbot, here: Path) -> None:
    git(here, "init", "--quiet")
    (here / "OFF_PLAN.md").write_text(f"---\nplanbot: off\n---\n{WARNED}")
    (here / "MY_PLAN.md").write_text(WARNED.replace("# Billing", "# [Project/Feature]", 1))
    outcome = planbot("check", "--strict").require(1)
    assert outcome.out == ""
    assert outcome.err.splitlines() == [
        "warning: left alone, for `planbot: off` stands there: OFF_PLAN.md",
        "warning: MY_PLAN.md is left alone until its title is yours: a title in brackets marks a template",
    ]
    assert "PB013" in planbot("check", "MY_PLAN.md").require().out


def test_our_own_template_is_a_template(planbot: Planbot, here: Path) -> None:
    git(here, "init", "--quiet")
    template = Path(__file__).resolve().parents[2] / "config" / "plan-template.md"
    (here / "NEW_PLAN.md").write_bytes(template.read_bytes())
    assert json.loads(planbot("check", "--output", "json").require().out) == []


def test_no_plan_file_matched_is_a_warning(planbot: Planbot, here: Path) -> None:
    git(here, "init", "--quiet")
    assert planbot("check", "--strict").require(1).out == ""
    outcome = planbot("check").require()
    assert (outcome.out, outcome.err) == ("", "warning: no plan file matched `plans:` in the settings\n")
    outcome = planbot("check", "--plans", "plans/*.md").require()
    assert outcome.err == "warning: no plan file matched --plans\n"


@pytest.mark.parametrize("name", ["planbot.yml", ".github/planbot.yml"])
def test_five_mistakes_in_the_settings_are_told_at_once_each_with_its_line(
    planbot: Planbot, here: Path, name: str
) -> None:
    git(here, "init", "--quiet")
    (here / ".github").mkdir()
    (here / name).write_text(FIVE_MISTAKES)
    (here / PLAN).write_text(SMALL)
    outcome = planbot("check").require(2)
    assert outcome.out == ""
    lines = outcome.err.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["error", f"{name}:{place}"] for place in ("1:1", "3:9", "5:11", "6:9", "7:8")
    ]
    assert planbot("check", PLAN).require(2).err == outcome.err


def test_settings_named_by_hand_are_told_by_that_name(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    (here / "own.yml").write_text(FIVE_MISTAKES)
    assert "error: own.yml:3:9: " in planbot("check", PLAN, "--config", "own.yml").require(2).err


@pytest.mark.parametrize("name", ["nope.yml", "."])
def test_named_settings_that_cannot_be_read_are_a_usage_error(
    planbot: Planbot, here: Path, name: str
) -> None:
    (here / PLAN).write_text(SMALL)
    assert (
        f"error: {name}: the settings file cannot be read"
        in planbot("check", PLAN, "--config", name).require(2).err
    )


def test_directory_is_where_everything_is_looked_for(
    planbot: Planbot, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(here, "init", "--quiet", "clone")
    clone = here / "clone"
    (clone / PLAN).write_text(WARNED)
    (clone / "own.yml").write_text(f"plans: [{PLAN}]\n")
    monkeypatch.chdir(here)
    for args in ((), (PLAN,), ("--config", "own.yml")):
        assert "PB013" in planbot("check", "-C", "clone", *args).require().out
    assert "nowhere is not a folder" in planbot("check", "-C", "nowhere").require(2).err


@pytest.mark.parametrize("args", [(), ("--output", "json")], ids=["text", "json"])
def test_a_folder_that_is_no_repository_is_told(
    planbot: Planbot, here: Path, args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(here.parent))
    outcome = planbot("check", *args).require(2)
    assert (json.loads(outcome.out)["error"]["exit_code"] == 2) if args else outcome.out == ""
    assert "is not a git repository, nor in one\nhint: Run planbot inside a clone" in outcome.err
    assert "hint: " in outcome.err


def test_a_named_file_that_is_not_there_is_a_usage_error(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    outcome = planbot("check", PLAN, "nope.md").require(2)
    assert (outcome.out, outcome.err) == ("", "error: nope.md cannot be read: No such file or directory\n")


def test_it_reads_the_work_tree_and_not_what_is_committed(
    planbot: Planbot, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.commit({PLAN: SMALL})
    (world.work / PLAN).write_text(WARNED)
    monkeypatch.chdir(world.work)
    assert "PB013" in planbot("check").require().out


def test_every_output_tells_the_same_findings(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(WARNED)
    told = {
        finding["code"]
        for finding in json.loads(planbot("check", PLAN, "--output", "json").out)[0]["diagnostics"]
    }
    assert told
    sarif = json.loads(planbot("check", PLAN, "--output", "sarif").require().out)
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} == told
    commands = planbot("check", PLAN, "--output", "github").require().out.splitlines()
    titles = [line.partition("title=planbot ")[2] for line in commands]
    assert {title[:5] for title in titles if title} == told
    assert "^" in planbot("check", PLAN).require().out


def test_list_codes_explains_each_and_checks_nothing(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(WARNED)
    out = planbot("check", "--list-codes").require().out
    assert all(
        f"{code.code} {code.name} ({code.severity})\n    {code.explanation}\n" in out for code in CODES
    )
    assert PLAN not in out


def test_mistakes_in_the_settings_are_told_to_programs_too(planbot: Planbot, here: Path) -> None:
    (here / PLAN).write_text(SMALL)
    (here / "planbot.yml").write_text("forks: x\nbranch: [main]\n")
    told = json.loads(planbot("check", PLAN, "--output", "json").require(2).out)["error"]
    assert [(one["path"], one["line"], one["column"]) for one in told["diagnostics"]] == [
        ("planbot.yml", 1, 8),
        ("planbot.yml", 2, 9),
    ]
    assert all(one["message"] in told["message"] for one in told["diagnostics"])
    (run,) = json.loads(planbot("check", PLAN, "--output=sarif").require(2).out)["runs"]
    (invocation,) = run["invocations"]
    assert (run["results"], invocation["executionSuccessful"], invocation["exitCode"]) == ([], False, 2)
    regions = [
        one["locations"][0]["physicalLocation"]["region"] for one in invocation["toolExecutionNotifications"]
    ]
    assert regions == [{"startLine": 1, "startColumn": 8}, {"startLine": 2, "startColumn": 9}]


@pytest.mark.usefixtures("here")
def test_a_failure_without_a_place_is_told_to_programs_too(planbot: Planbot) -> None:
    told = json.loads(planbot("check", "nope.md", "--output", "text", "--output", "json").require(2).out)
    assert told == {
        "error": {
            "message": "nope.md cannot be read: No such file or directory",
            "hint": "",
            "exit_code": 2,
            "diagnostics": [],
        }
    }
    (run,) = json.loads(planbot("check", "nope.md", "--output", "sarif").require(2).out)["runs"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "locations" not in notification
    assert planbot("check", "nope.md", "--output", "json", "--output", "text").require(2).out == ""
