"""The guides and the README: every command line in them is run, and what they say is held against the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import pytest
import yaml
from cli.commands import environment
from support.plans import SMALL
from support.world import PLAN, World, git

from planbot.cli.main import COMMANDS, cli
from planbot.config import WriteBackMode, load_settings
from planbot.config_json import settings_table
from planbot.plan.options import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.commands import Planbot

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", *GUIDES]
STAYS = ("serve", "sandbox", "demo")  # these run until somebody ends them, or have tests of their own
OTHERS = ("export", "eval", "python3")


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def lines(path: Path) -> list[list[str]]:
    """Return the command lines of a document, in words."""
    found = [line for block in blocks(path, "sh") for line in block.splitlines() if line.strip()]
    return [shlex.split(line, comments=True) for line in found]


def mentioned(path: Path) -> Iterator[list[str]]:
    """Yield the commands of planbot in a document: lines, and code spans such as `planbot check --strict`."""
    yield from (line for line in lines(path) if line[0] == "planbot")
    for text in re.findall(r"`(planbot [a-z][^`]*)`", path.read_text(encoding="utf-8")):
        yield shlex.split(text)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_line_runs(path: Path, planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL, "docs/plans/plan.md": SMALL.replace("Billing", "Paging")})
    at_work.sync()
    for program, *args in lines(path):
        if program == "git":
            git(at_work.work, *args)
        elif program == "planbot" and args[0] not in STAYS:
            paced = ["--pace", "0"] if args[0] in ("sync", "leave") else []
            assert planbot(*args, *paced).code in (0, 1), args
        else:
            assert program in (*OTHERS, "planbot"), program


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_that_is_mentioned_is_one(path: Path) -> None:
    for _, name, *args in mentioned(path):
        assert name in COMMANDS
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        options = {option for param in command.params for option in param.opts} | {"--help"}
        assert {arg for arg in args if arg.startswith("-")} <= options, (name, args)


@pytest.mark.parametrize("path", GUIDES, ids=name_of)
def test_links_of_the_guides_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_guide_is_listed() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", text_of("README.md")))
    assert listed == {path.name for path in GUIDES} - {"README.md"}


def test_the_table_of_settings_is_made_from_the_code() -> None:
    table = text_of("settings.md").partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    assert table.splitlines() == settings_table(), "make it anew: planbot check --schema --output markdown"


@pytest.mark.parametrize("path", GUIDES, ids=name_of)
def test_settings_in_the_guides_can_be_read(path: Path) -> None:
    for block in blocks(path, "yaml"):
        front = yaml.safe_load(block.strip().strip("-")) if block.startswith("---") else None
        settings = block if front is None else yaml.safe_dump(front["planbot"])
        load_settings(path.name, settings.encode())


def test_settings_in_the_table_of_wishes_can_be_read() -> None:
    wishes = re.findall(r"^\| [^|`]+ \| `([^`]+)` \|$", text_of("issues.md"), re.MULTILINE)
    assert len(wishes) > 5
    for wish in wishes:
        load_settings("issues.md", wish.encode())


def test_every_dialect_has_its_line() -> None:
    dialects = re.findall(r"^\| `(\w+)` \|", text_of("plan-files.md"), re.MULTILINE)
    assert tuple(dialects) == DIALECTS


def test_every_way_of_writing_back_has_its_line() -> None:
    modes = re.findall(r"^- `([\w-]+)`", text_of("ticks.md"), re.MULTILINE)
    assert sorted(modes) == sorted(get_args(WriteBackMode))


def test_the_environment_of_the_tests_is_the_one_that_the_readme_names(world: World) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in environment(world) if f"`{name}`" not in readme] == []
