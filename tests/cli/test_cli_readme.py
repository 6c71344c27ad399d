"""The README and the commands say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import BEGIN, END, FIGURES, Figure, table

from planbot.cli.main import COMMANDS

if TYPE_CHECKING:
    from cli.commands import Planbot

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(mark: str) -> str:
    """Return the fenced block under a mark."""
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, mark
    return found[1]


def test_the_table_of_commands_is_that_of_the_help_text() -> None:
    rows = dict(re.findall(r"^\| `planbot (\w+)` \| (.*) \|$", README, re.MULTILINE))
    assert rows == COMMANDS
    assert list(rows) == list(COMMANDS)


def test_the_commands_for_a_bare_machine_are_single_lines() -> None:
    for mark in ("demo-command", "test-command"):
        (line,) = block(mark).splitlines()
        assert line.startswith("python3 -m venv .venv && ")


def test_what_the_readme_shows_of_the_demo_is_what_it_prints(planbot: Planbot) -> None:
    printed = iter(planbot("demo").require().out.splitlines())
    for line in block("demo-output").splitlines():
        assert line in printed, f"missing, or in another order: {line!r}"


def test_the_figures_are_those_that_were_measured() -> None:
    figures = [Figure(**one) for one in json.loads(FIGURES.read_text(encoding="utf-8"))]
    assert README.partition(BEGIN)[2].partition(END)[0].strip().splitlines() == table(figures)


def test_links_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
            assert (ROOT / target).exists(), f"{name}: {target}"


def test_settings_keys_are_named_in_the_example() -> None:
    example = (ROOT / "config" / "planbot.yml").read_text(encoding="utf-8")
    for key in (
        "plans",
        "branch",
        "issues",
        "titles",
        "labels",
        "milestones",
        "words",
        "write_back",
        "limits",
    ):
        assert f"{key}:" in example
