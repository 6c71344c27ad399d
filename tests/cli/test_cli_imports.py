"""What a command imports: no more than it needs, so that it starts quickly."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cli.commands import environment
from support.plans import SMALL
from support.world import PLAN, World

from planbot.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEAVY = frozenset(
    (
        *("apscheduler", "cronsim", "github", "jinja2", "jwt", "markdown_it", "nh3", "prometheus_client"),
        *("procrastinate", "psycopg", "psycopg_pool", "pythonjsonlogger", "requests", "waitress", "wcmatch"),
        *("werkzeug", "yaml"),
    )
)
PARTS = frozenset(
    f"planbot.{name}"
    for name in (
        *("doctor", "engine", "plan", "queue", "repo", "report", "sandbox", "service", "sync", "tracker"),
    )
)
SLOW = frozenset(("asyncio", "email", "http", "secrets", "ssl", "subprocess", "tempfile", "urllib.request"))
CODE = """\
import sys
from planbot.cli.main import run
code = run(sys.argv[1:])
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(code)
"""


def heavy_imports(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> frozenset[str]:
    return HEAVY & imports(*args, cwd=cwd, env=env)


def imports(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *args],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(done.stderr.splitlines())


def test_the_list_of_commands_needs_no_library_but_click(tmp_path: Path) -> None:
    assert imports("--help", cwd=tmp_path) & (HEAVY | PARTS | SLOW | {"difflib"}) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_needs_no_library_but_click(name: str, tmp_path: Path) -> None:
    assert imports(name, "--help", cwd=tmp_path) & (HEAVY | PARTS) == set()


@pytest.mark.parametrize("name", ["show", "check"])
def test_reading_plan_files_needs_nothing_that_talks_to_git_or_a_tracker(name: str, tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text(SMALL)
    found = imports(name, PLAN, cwd=tmp_path)
    assert found & HEAVY == {"markdown_it", "wcmatch", "yaml"}
    assert found & PARTS == {"planbot.plan", "planbot.report", "planbot.sync"}
    assert found & SLOW == set()
    assert found & {f"planbot.report.{form}" for form in ("markdown", "reading", "sarif")} == set()


@pytest.mark.parametrize("name", ["init", "status"])
def test_what_reads_a_clone_needs_no_tracker(name: str, world: World) -> None:
    world.commit({PLAN: SMALL})
    found = imports(name, cwd=world.work)
    assert found & HEAVY == {"markdown_it", "wcmatch", "yaml"}
    assert found & {"planbot.engine", "planbot.sandbox", "planbot.service"} == set()


def test_a_sandbox_that_nobody_looks_at_needs_nothing_for_pages(tmp_path: Path) -> None:
    found = heavy_imports("demo", cwd=tmp_path)
    assert "werkzeug" in found
    assert not found & {"jinja2", "nh3"}


def test_a_pass_needs_neither_the_scheduler_nor_the_sandbox(world: World) -> None:
    world.commit({PLAN: SMALL})
    found = heavy_imports("diff", cwd=world.work, env=environment(world))
    assert "github" in found
    assert not found & {"apscheduler", "werkzeug"}
