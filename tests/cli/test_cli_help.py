"""Help texts that are worth reading, and whose examples work."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from planbot.cli.main import COMMANDS, cli

if TYPE_CHECKING:
    from pathlib import Path

    from cli.commands import Planbot


def command_named(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


def examples(name: str) -> list[str]:
    help_text = command_named(name).help or ""
    return re.findall(r"^ *(planbot .+)$", help_text.partition("Examples:")[2], re.MULTILINE)


ALL_EXAMPLES = [(name, line) for name in COMMANDS for line in examples(name)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does_in_a_sentence(name: str) -> None:
    options = [param for param in command_named(name).params if isinstance(param, click.Option)]
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_in_the_help_text(planbot: Planbot, name: str) -> None:
    out = planbot(name, "--help").require().out
    for param in command_named(name).params:
        names = [param.human_readable_name] if isinstance(param, click.Argument) else param.opts
        assert all(shown in out for shown in names)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_begins_with_a_sentence_and_shows_examples(planbot: Planbot, name: str) -> None:
    out = planbot(name, "-h").require().out
    usage, sentence = out.split("\n\n")[:2]
    assert usage.startswith(f"Usage: planbot {name}")
    assert sentence.strip().endswith(".")
    assert examples(name)
    assert all(f"\n    {line}\n" in out for line in examples(name))


@pytest.mark.parametrize(("name", "line"), ALL_EXAMPLES)
def test_every_example_parses(name: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "origin.git").mkdir()
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path / "clone")
    program, called, *args = shlex.split(line)
    assert (program, called) == ("planbot", name)
    with command_named(name).make_context(name, args) as context:
        assert context.params
        assert context.args == []


def test_the_exit_codes_are_listed(planbot: Planbot) -> None:
    out = planbot("--help").require().out
    assert [code for code in (0, 1, 2, 3, 4, 5, 130) if not re.search(rf"\b{code} ", out)] == []
