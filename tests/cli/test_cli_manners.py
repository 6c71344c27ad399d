"""The same manners everywhere: how much is said, what is offered, what is printed in which form."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from cli.commands import PLANBOT, Planbot, environment, process
from support.plans import SMALL
from support.world import PLAN, World

from planbot.cli.main import COMMANDS, cli

if TYPE_CHECKING:
    from pathlib import Path

TALKERS = ("demo", "sandbox", "serve", "worker", "init")  # what they print is for people alone


def command_named(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_told_to_say_less_or_more(name: str) -> None:
    command_named(name)
    options = [option for param in command_named(name).params for option in param.opts]
    assert [options.count(option) for option in ("-q", "--quiet", "-v", "--verbose")] == [1, 1, 1, 1]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in TALKERS])
def test_output_is_called_the_same_everywhere(name: str) -> None:
    (output,) = [param for param in command_named(name).params if param.name == "output"]
    assert output.opts == ["--output"]
    assert output.default == "text"
    assert isinstance(output.type, click.Choice)
    assert list(output.type.choices)[:2] == ["text", "json"]


def test_options_of_one_name_mean_the_same_everywhere() -> None:
    told: dict[str, set[str | None]] = {}
    for name in COMMANDS:
        for param in command_named(name).params:
            if isinstance(param, click.Option) and param.name in (
                "config",
                "directory",
                "api_url",
                "pace",
                "dry_run",
            ):
                told.setdefault(param.name, set()).add(param.help)
    assert {name: len(helps) for name, helps in told.items()} == dict.fromkeys(told, 1)


def test_quiet_leaves_the_result_and_nothing_else(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    loud = planbot("sync", "--pace", "0").require()
    assert "create task: 1.1 Store keys" in loud.err
    at_work.edit("- [ ] the tests pass", "- [x] the tests pass")
    quiet = planbot("sync", "-q", "--pace", "0").require()
    assert quiet.err == ""
    assert quiet.out


def test_quiet_says_nothing_where_there_is_nothing_to_do(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL, "docs/plans/empty.md": "# Empty\n\nNothing to do.\n"})
    first = planbot("sync", "-q", "--pace", "0").require()
    assert "docs/plans/empty.md:1:1: warning" in first.err
    assert "Created 6 issues" in first.out
    again = planbot("sync", "-q").require()
    assert (again.out, again.err) == ("", "")
    assert planbot("diff", "-q").require() == again
    assert "docs/plans/empty.md:1:1: warning" in planbot("sync").require().err
    assert planbot("sync", "-q", "--output", "json").require().out.startswith("{")


def test_quiet_tells_of_what_is_wrong_where_there_is_nothing_to_do(planbot: Planbot, at_work: World) -> None:
    at_work.commit(
        {PLAN: SMALL.replace("#### 1.1 Store keys\n", "#### 1.1 Store keys\n<!-- planbot: #99 -->\n")}
    )
    planbot("sync", "-q", "--pace", "0").require(2)
    outcome = planbot("sync", "-q").require(2)
    assert "error PB205: " in outcome.err
    assert "Nothing to do" in outcome.out


def test_it_can_be_said_before_the_command_too(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    assert planbot("-q", "sync", "--pace", "0").require().err == ""
    assert "tracker: " in planbot("-v", "diff").require().err


def test_quiet_keeps_warnings_and_errors(planbot: Planbot, here: Path) -> None:
    (here / "file").write_text("")
    outcome = planbot("check", "-q", "-C", here / "file").require(2)
    assert "error: " in outcome.err


def test_quiet_keeps_what_to_do(planbot: Planbot, at_work: World, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work.commit({PLAN: SMALL})
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "hint: " in planbot("sync", "-q").require(2).err


def test_verbose_tells_requests_and_git_commands_and_no_secret(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    outcome = planbot("diff", "-v").require()
    assert "tracker: read the repository octo/plans\n" in outcome.err
    assert "`git ls-files " in outcome.err
    assert at_work.bot_token not in outcome.err
    assert planbot("diff").require().err == ""


def test_more_is_said_once_only_where_it_was_asked_for(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    for _ in range(2):
        told = planbot("diff", "--verbose").require().err
        assert told.count("tracker: read the repository octo/plans\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete(shell: str, tmp_path: Path) -> None:
    if shell == "bash" and sys.platform == "darwin":
        pytest.skip("macOS ships a bash that click refuses")
    script = process(cwd=tmp_path, env={"_PLANBOT_COMPLETE": f"{shell}_source"}).require()
    assert "_PLANBOT_COMPLETE" in script.out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("planbot st", "status"),
        ("planbot status --tr", "--tracker"),
        ("planbot sync --output m", "markdown"),
    ],
)
def test_commands_options_and_values_are_completed(tmp_path: Path, words: str, offered: str) -> None:
    env = {
        "_PLANBOT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    out = process(cwd=tmp_path, env=env).require().out
    assert [line.partition(",")[2] for line in out.splitlines()] == [offered]


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["status", "--trakcer"], "--tracker"),
        (["leave", "--dryrun"], "--dry-run"),
        (["doctor", "--outptu", "json"], "--output"),
        (["init", "--plans"], "--plan"),
    ],
)
def test_a_mistyped_option_of_any_command_is_answered_with_the_nearest(
    planbot: Planbot, args: list[str], meant: str
) -> None:
    assert meant in planbot(*args).require(2).err


def test_the_result_can_be_piped_while_the_talk_stays_on_the_terminal(world: World) -> None:
    world.commit({PLAN: SMALL})
    done = subprocess.run(
        [*PLANBOT, "sync", "--pace", "0", "--output", "json"],
        cwd=world.work,
        env={**environment(world), "PATH": "/usr/bin:/bin", "HOME": str(world.folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("{")
    assert "\x1b[" not in done.stdout + done.stderr
