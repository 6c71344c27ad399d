"""`--output`: the same formats for every command that reports, and what a workflow takes from them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest
from support.plans import SMALL
from support.world import PLAN, World

from planbot.cli.main import COMMANDS, cli
from planbot.cli.output import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from cli.commands import Planbot


REPORTS = {
    "check": ("check",),
    "list-codes": ("check", "--list-codes"),
    "show": ("show", PLAN),
    "diff": ("diff",),
    "sync": ("sync",),
    "status": ("status",),
    "doctor": ("doctor",),
    "leave": ("leave", "--dry-run"),
}


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Stand in a step of a workflow; return the files of its summary and its outputs."""
    files = tmp_path / "summary.md", tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(files[0]))
    monkeypatch.setenv("GITHUB_OUTPUT", str(files[1]))
    return files


def outputs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def formats(name: str) -> list[str]:
    """Return the formats that a command takes, none where it has no `--output`."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    (found,) = [param.type for param in command.params if param.name == "output"] or [click.Choice(())]
    assert isinstance(found, click.Choice)
    return [str(choice) for choice in found.choices]


def test_every_command_that_reports_takes_the_same_formats() -> None:
    expected = {name: list(FORMATS) for name, *_ in REPORTS.values()} | {"check": [*FORMATS, "sarif"]}
    expected["queue"] = ["text", "json"]  # no workflow looks into it
    assert {name: found for name in COMMANDS if (found := formats(name))} == expected


@pytest.mark.parametrize("name", REPORTS)
def test_a_workflow_gets_what_markdown_and_json_print(
    planbot: Planbot, at_work: World, step: tuple[Path, Path], name: str
) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()

    def shown(output: str) -> str:
        outcome = planbot(*REPORTS[name], "--output", output)
        assert outcome.code in (0, 1), outcome
        return outcome.out

    text, summary, data = shown("text"), shown("markdown"), json.loads(shown("json"))
    assert not step[0].exists()
    in_workflow = shown("github")
    word = in_workflow.splitlines()[0].removeprefix("::stop-commands::")
    assert in_workflow.partition(f"::{word}::")[0] == f"::stop-commands::{word}\n{text}"
    assert step[0].read_text() == summary
    assert json.loads(outputs(step[1])["result"]) == data


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("name", sorted(REPORTS.keys() - {"list-codes"}))
def test_a_failure_stands_in_the_workflow_too(planbot: Planbot, step: tuple[Path, Path], name: str) -> None:
    args = (*REPORTS[name], "--output", "github", *(() if name == "show" else ("-C", "nowhere")))
    outcome = planbot(*args).require(2)
    assert outcome.out.startswith("::error title=planbot::")
    assert "### planbot stopped" in step[0].read_text()
    assert not step[1].exists()


@pytest.mark.parametrize(
    ("args", "code", "why"),
    [
        (("diff", "--output=github", "--allow", "nope"), 2, "nope"),
        (("sync", "--time-budget", "banana", "--output", "github"), 2, "banana"),
        (("sync", "--dry-run", "--changes", "a.json", "--output", "github"), 2, "do not go together"),
        (
            ("diff", "--commit", "HEAD", "--save", "none/a.json", "--output", "github"),
            2,
            "none/a.json: No such",
        ),
    ],
    ids=["choice", "interval", "together", "folder"],
)
def test_a_failure_that_is_no_failure_of_a_pass_stands_there_too(
    planbot: Planbot, at_work: World, step: tuple[Path, Path], args: tuple[str, ...], code: int, why: str
) -> None:
    at_work.commit({PLAN: SMALL})
    outcome = planbot(*args).require(code)
    assert outcome.out.startswith("::error title=planbot::")
    assert why in outcome.out
    assert why in outcome.err
    assert "### planbot stopped" in step[0].read_text()


@pytest.mark.parametrize("name", ["check", "diff", "sync", "status"])
def test_a_pattern_that_matches_nothing_is_a_warning_in_the_workflow(
    planbot: Planbot, at_work: World, name: str
) -> None:
    at_work.commit({"notes.txt": "no plan\n"})
    warning = "::warning title=planbot::no plan file matched `plans:` in the settings"
    assert warning in planbot(name, "--output", "github").require().out.splitlines()
    assert "::warning" not in planbot(name).require().out


@pytest.mark.usefixtures("at_work")
def test_the_doctor_points_at_what_is_to_be_done(planbot: Planbot) -> None:
    out = planbot("doctor", "--output", "github").require(3).out
    assert "::error title=planbot git::the branch main is not on the remote%0Apush it" in out


def test_what_is_looked_up_is_no_sarif(planbot: Planbot) -> None:
    for option in ("--schema", "--list-codes"):
        assert "is for findings" in planbot("check", option, "--output", "sarif").require(2).err


def test_a_pass_writes_summary_outputs_and_annotations(
    planbot: Planbot, at_work: World, step: tuple[Path, Path]
) -> None:
    at_work.commit({PLAN: SMALL, "BAD_PLAN.md": "nothing here\n"})
    out = planbot("sync", "--pace", "0", "--output", "github").require().out.splitlines()
    assert out[0].startswith("::stop-commands::")
    end = out.index(f"::{out[0].removeprefix('::stop-commands::')}::")
    assert "Created 6 issues, 2 milestones, 3 labels." in out[:end]
    assert [line.partition(",title")[0] for line in out[end + 1 :]] == [
        "::warning file=BAD_PLAN.md,line=1,col=1"
    ]
    number = at_work.issue("Phase 1").number
    summary = step[0].read_text()
    assert f"/octo/plans/issues/{number}>)" in summary
    given_out = outputs(step[1])
    assert (given_out["changed"], given_out["created"], given_out["commit"]) == ("true", "11", "")
    assert json.loads(given_out["result"])["created"] == 11
    step[1].unlink()
    planbot("sync", "--output", "github").require()
    assert outputs(step[1])["changed"] == "false"


def test_markdown_is_data_on_standard_output(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    out = planbot("diff", "--output", "markdown").require().out
    assert "Would create 6 issues" in out
    assert "\n| Phase 1:<!-- --> Foundation | | 2 | 0 of 3 | " in out


def test_a_refused_pass_shows_what_it_wanted_and_why_not(
    planbot: Planbot, at_work: World, step: tuple[Path, Path]
) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    at_work.commit({PLAN: None})
    outcome = planbot("sync", "--output", "github").require(4)
    assert "### Would be refused" in step[0].read_text()
    assert "::error title=planbot::nothing was written" in outcome.out
    assert json.loads(outputs(step[1])["result"])["refusals"]


def test_a_mistake_in_the_settings_stands_on_its_line(
    planbot: Planbot, at_work: World, step: tuple[Path, Path]
) -> None:
    at_work.commit({PLAN: SMALL, "planbot.yml": "\nplanz: []\n"})
    for command in ("sync", "check"):
        out = planbot(command, "--output", "github").require(2).out
        assert "::error file=planbot.yml,line=2,col=1,title=planbot::" in out
    assert "### planbot stopped" in step[0].read_text()
    assert not step[1].exists()


def test_check_takes_plan_files_by_hand(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL, "docs/other.md": "nothing here\n"})
    assert "docs/other.md:1:1" in planbot("check", "--plans", "docs/*.md").require().out


def test_check_writes_a_table_and_its_result(
    planbot: Planbot, at_work: World, step: tuple[Path, Path]
) -> None:
    at_work.commit({PLAN: "nothing here\n"})
    planbot("check", "--output", "github").require()
    assert step[0].read_text().startswith("1 plan file, 1 finding\n")
    (plan,) = json.loads(outputs(step[1])["result"])
    assert plan["path"] == PLAN
    assert (
        "| PLAN\\.md:<!-- -->1 | warning | PB001: " in planbot("check", "--output", "markdown").require().out
    )
