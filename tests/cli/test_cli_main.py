"""The command as a whole: its names, its failures, its manners."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from cli.commands import PLANBOT, Planbot, ended, environment, process, running
from support.plans import SMALL
from support.world import PLAN, World

from planbot import __version__
from planbot.cli.main import COMMANDS
from planbot.sandbox import Fault

if TYPE_CHECKING:
    from typing import NoReturn


def test_it_runs_as_a_module_and_says_its_version(tmp_path: Path) -> None:
    outcome = process("--version", cwd=tmp_path).require()
    assert outcome.out == f"planbot, version {__version__}\n"
    assert outcome.err == ""


def test_the_console_script_is_the_same_command() -> None:
    from importlib.metadata import entry_points  # noqa: PLC0415 - only this test looks at the installation

    (script,) = entry_points(group="console_scripts", name="planbot")
    assert script.value == "planbot.cli.main:main"


def test_help_names_every_command(planbot: Planbot) -> None:
    out = planbot("--help").require().out
    assert [name for name in COMMANDS if f"\n  {name} " not in out] == []


def test_every_module_of_a_command_is_listed() -> None:
    folder = Path(importlib.import_module("planbot.cli").__path__[0])
    names = {path.stem for path in folder.glob("*.py")}
    assert {
        name for name in names if hasattr(importlib.import_module(f"planbot.cli.{name}"), "command")
    } == set(COMMANDS)


def test_without_a_command_the_help_is_shown_and_the_exit_code_says_bad_usage(planbot: Planbot) -> None:
    outcome = planbot().require(2)
    assert outcome.out == ""
    assert "Usage: planbot" in outcome.err


@pytest.mark.parametrize(
    ("typed", "meant"), [("snyc", "sync"), ("chek", "check"), ("sho", "show"), ("dif", "diff")]
)
def test_a_mistyped_command_is_answered_with_the_nearest_one(
    planbot: Planbot, typed: str, meant: str
) -> None:
    outcome = planbot(typed).require(2)
    assert f"no such command: '{typed}'" in outcome.err
    assert f"Did you mean '{meant}'?" in outcome.err


def test_a_command_unlike_any_other_is_answered_with_where_to_look(planbot: Planbot) -> None:
    assert "`planbot --help`" in planbot("xyzzy").require(2).err


def test_a_mistyped_option_is_answered_with_the_nearest_one(planbot: Planbot) -> None:
    assert "--strict" in planbot("check", "--strcit").require(2).err


def test_a_full_disk_is_told_and_is_no_traceback(
    planbot: Planbot, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / PLAN).write_text(SMALL)

    def full(*_: object, **kwargs: object) -> None:
        if not kwargs.get("err"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(click, "echo", full)
    planbot("show", PLAN).require(3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text(SMALL)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PLANBOT, "show", PLAN],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (3, "error: No space left on device\n")


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_reader_that_leaves_early_is_no_traceback(tmp_path: Path, output: str) -> None:
    (tmp_path / PLAN).write_text("# Long\n\n" + "- [ ] one of many boxes\n" * 5000)
    with running("show", PLAN, "--output", output, cwd=tmp_path) as show:
        assert show.stdout is not None
        assert show.stdout.read(1)
        show.stdout.close()
        assert show.stderr is not None
        assert show.stderr.read() == ""


def test_text_that_the_terminal_cannot_show_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text("# From → to\n\n- [ ] ready\n", encoding="utf-8")
    outcome = process("show", PLAN, cwd=tmp_path, env={"PYTHONIOENCODING": "latin-1"}).require()
    assert r"From \u2192 to" in outcome.out


def test_ctrl_c_in_the_middle_of_a_pass_gives_130_and_no_traceback(world: World) -> None:
    world.commit({PLAN: SMALL})
    with running("sync", cwd=world.work, env=environment(world)) as sync:

        def interrupt() -> None:
            sync.send_signal(signal.SIGINT)

        world.sandbox.faults.add(Fault("POST", "/repos/*/issues", action=interrupt, delay=60))
        outcome = ended(sync).require(130)
    assert outcome.out == ""
    assert outcome.err.endswith("interrupted\n")


def test_an_error_of_the_program_itself_is_not_hidden(
    planbot: Planbot, monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    (here / PLAN).write_text(SMALL)

    def fail(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr("planbot.loading.read_plan", fail)
    with pytest.raises(ZeroDivisionError):
        planbot("show", PLAN)
