"""The guides and the README: every command line in them is run, and what they say is held against the code."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import pytest
import yaml
from cli.commands import ended, environment, process, read_until, running
from support.plans import SMALL
from support.world import CLEAN_GIT, PLAN, World

from planbot.cli.main import COMMANDS, cli
from planbot.config import WriteBackMode, load_settings
from planbot.config_json import settings_table
from planbot.plan.options import DIALECTS
from planbot.service.settings import load_service_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", *GUIDES]
# what a command that runs until somebody ends it says, and where, when it is ready
READY = {
    "serve": ("stdout", "Nothing to do"),
    "worker": ("stderr", "Nothing to do"),
    "sandbox": ("stderr", "serving "),
    "demo": ("stdout", "Ctrl-C ends it."),
}


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def lines(path: Path) -> list[list[str]]:
    """Return the command lines of a document, in words."""
    found = [line for block in blocks(path, "sh") for line in block.splitlines() if line.strip()]
    return [shlex.split(line, comments=True) for line in found]


def spans(path: Path) -> list[list[str]]:
    """Return the code spans of a document that are commands, such as `planbot check --strict`, in words."""
    return [shlex.split(text) for text in re.findall(r"`(planbot [a-z][^`]*)`", path.read_text("utf-8"))]


def mentioned(path: Path) -> Iterator[list[str]]:
    """Yield the commands of planbot in a document: lines and code spans."""
    yield from (line for line in lines(path) if line[0] == "planbot")
    yield from spans(path)


_PLACES = {"FILE": PLAN, "DIR": "../origin.git"}
# what a command that is mentioned by its name alone is run with
_MORE = {"show": [PLAN], "worker": ["--settings", "config/service.yml"], "queue": ["jobs"]}
_QUEUE = "postgresql://planbot@db.example/planbot"


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def stays(words: list[str]) -> bool:
    """Tell whether a command runs until somebody ends it."""
    return words[1] in READY and (words[1] != "demo" or "--serve" in words)


@pytest.fixture
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return what makes a database for the queue, for those that need one."""

    def make() -> str:
        address = str(request.getfixturevalue("database"))
        process("queue", "setup", "--queue", address, cwd=tmp_path).require()
        return address

    return make


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_line_runs(
    path: Path, tmp_path: Path, at_work: World, queue: Callable[[], str]
) -> None:
    at_work.commit({PLAN: SMALL, "docs/plans/plan.md": SMALL.replace("Billing", "Paging")})
    at_work.sync()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "planbot").write_text(f'#!/bin/sh\nexec {sys.executable} -m planbot "$@"\n')
    (tmp_path / "bin" / "planbot").chmod(0o755)
    env = environment(at_work)
    if any(words[:2] == ["planbot", "queue"] for words in lines(path)):
        env["PLANBOT_QUEUE"] = queue()
    for block in blocks(path, "sh"):
        run = [line for line in block.splitlines() if not left_to_others(shlex.split(line, comments=True))]
        script = "\n".join(f"{line}\n[[ $? -lt 2 ]] || exit 99" for line in run)
        script = script.replace("GITHUB_TOKEN=…", f"GITHUB_TOKEN={at_work.bot_token}")
        done = subprocess.run(
            ["bash", "-c", script.replace(_QUEUE, env.get("PLANBOT_QUEUE", ""))],
            cwd=at_work.work,
            env={**CLEAN_GIT, **env, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr


def left_to_others(words: list[str]) -> bool:
    """Tell whether a line is none that ends by itself, or one that .ci/run runs as it stands there."""
    return not words or words[0] == "python3" or (words[0] == "planbot" and stays(words))


def not_run_yet() -> list[tuple[str, ...]]:
    """Return the commands that no shell can run line by line: code spans, and those that stay."""
    found = {tuple(words) for path in DOCUMENTS for words in spans(path)}
    return sorted(found | {tuple(words) for path in DOCUMENTS for words in mentioned(path) if stays(words)})


@pytest.mark.parametrize("command", not_run_yet(), ids=" ".join)
def test_every_other_command_runs(
    command: tuple[str, ...], world: World, tmp_path: Path, queue: Callable[[], str]
) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    (tmp_path / "trial.git").symlink_to(world.origin)
    args = [_PLACES.get(word, word) for word in command[1:]]
    if len(args) == 1:
        args += _MORE.get(args[0], [])
    env = {**environment(world), "TMPDIR": str(tmp_path)}
    if args[0] in ("queue", "worker"):
        env["PLANBOT_QUEUE"] = queue()
    if "--settings" in args:
        require_service(world, args, env)
        return
    if not stays(list(command)):
        assert process(*args, cwd=world.work, env=env).code in (0, 1)
        return
    with running(*args, cwd=world.work, env=env) as staying:
        stream, ready = READY[args[0]]
        read_until(getattr(staying, stream), ready)
        staying.send_signal(signal.SIGTERM)
        assert ended(staying).require().err.endswith("stopped\n")


def require_service(world: World, args: list[str], env: dict[str, str]) -> None:
    """Run the service with the example of its settings, which leaves out what leads to the sandbox.

    A worker gets a service beside it, which asks for passes.
    """
    settings = args[args.index("--settings") + 1]
    written = world.work / settings
    written.parent.mkdir()
    here = "{listen: '127.0.0.1:0'}"
    more = f"api_url: {world.sandbox.url}\ncache: {{folder: cache}}\nwebhooks: {here}\npages: {here}\n"
    written.write_text((ROOT / settings).read_text() + more)
    beside = running("serve", "--settings", settings, cwd=world.work, env=env)
    with beside if args[0] == "worker" else nullcontext(), running(*args, cwd=world.work, env=env) as staying:
        assert staying.stderr is not None
        while "Nothing to do" not in (line := staying.stderr.readline()):
            assert line, "it ended"
        staying.send_signal(signal.SIGTERM)
        ended(staying).require()


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
def test_settings_in_the_guides_can_be_read(path: Path, tmp_path: Path) -> None:
    for block in blocks(path, "yaml"):
        front = yaml.safe_load(block.strip().strip("-")) if block.startswith("---") else None
        if path.name == "service.md":
            (tmp_path / "service.yml").write_text(block)
            names = re.findall(r"env: (\w+)", block)
            load_service_settings(tmp_path / "service.yml", dict.fromkeys(names, "secret"))
            continue
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
