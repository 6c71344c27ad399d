"""What each command shows on a terminal of 80 columns, held against what somebody has looked at.

After a change that is meant: `PLANBOT_SNAPSHOTS=write pytest tests/cli/test_cli_snapshots.py`, and read the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cli.commands import environment, on_a_terminal
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.cli.main import COMMANDS
from planbot.sandbox import BranchRule

if TYPE_CHECKING:
    from collections.abc import Callable

_RESTLESS = (
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
    (re.compile(r"\b([0-9a-f]{7}|[0-9a-f]{10})\b"), "COMMIT"),
    (re.compile(r"\bghp_[0-9a-f]+"), "TOKEN"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
)
SNAPSHOTS = Path(__file__).parent / "snapshots"
BUSY = SMALL.replace("**Problem**: Keys", "**Owner**: @ada\n\n**Problem**: Keys").replace(
    "Nothing to add.", "**Depends on**: 1.1, 1.2"
)


def test_what_every_command_shows(world: World) -> None:
    world.commit({PLAN: BUSY, "docs/plans/empty.md": "# Empty\n\nNothing to do.\n"})
    git(world.work, "remote", "set-url", "origin", "../origin.git")
    shown = {}

    for name, act, args in SCENES:
        act(world)
        shown[name] = seen_at_80(world, *args)
    hold(shown, SNAPSHOTS)


def test_what_commands_show_that_stay(world: World, tmp_path: Path) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    (tmp_path / "tmp").mkdir()
    shown = {
        name: seen_at_80(world, *args, until=ready, TMPDIR=str(tmp_path / "tmp"))
        for name, args, ready in STAYING
    }
    hold(shown, SNAPSHOTS / "stay")


def test_what_every_help_text_shows(tmp_path: Path) -> None:
    shown = {"planbot": on_a_terminal(tmp_path, "--help", COLUMNS="80")}
    for name in COMMANDS:
        shown[name] = on_a_terminal(tmp_path, name, "--help", COLUMNS="80")
    assert [line for text in shown.values() for line in text.splitlines() if len(line) > 80] == []
    hold(shown, SNAPSHOTS / "help")


def seen_at_80(world: World, *args: str, **more: str) -> str:
    """Return what a command shows on a terminal of 80 columns, without colours."""
    env = {"COLUMNS": "80", "NO_COLOR": "1", **environment(world), **more}
    return calm(on_a_terminal(world.work, *args, **env))


def hold(shown: dict[str, str], folder: Path) -> None:
    """Hold texts against those in a folder, or write them there if that is asked for."""
    if os.environ.get("PLANBOT_SNAPSHOTS") == "write":
        folder.mkdir(exist_ok=True)
        for name, text in shown.items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    seen = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}
    assert shown == seen


def calm(text: str) -> str:
    """Return a text without what differs from run to run."""
    for pattern, word in _RESTLESS:
        text = pattern.sub(word, text)
    return text


def nothing(_world: World) -> None:
    pass


def ticked(world: World) -> None:
    world.set_box("Phase 1", "the tests pass")
    task = world.issue("1.1")
    world.person.update_issue(task.number, state="closed", state_reason="completed")


def protected(world: World) -> None:
    world.sandbox.protect_branch(NAME, BranchRule("main", pull_request=True, checks=["ci"]))


SCENES: tuple[tuple[str, Callable[[World], None], tuple[str, ...]], ...] = (
    ("check", nothing, ("check",)),
    ("show", nothing, ("show", PLAN)),
    ("init", nothing, ("init", "--action", "octo/planbot@v1")),
    ("diff", nothing, ("diff",)),
    ("sync-first", nothing, ("sync", "--pace", "0")),
    ("sync-nothing", nothing, ("sync",)),
    ("sync-ticks", ticked, ("sync", "--pace", "0")),
    ("status", nothing, ("status",)),
    ("status-tracker", nothing, ("status", "--tracker")),
    ("doctor", protected, ("doctor",)),
    ("leave-dry-run", nothing, ("leave", "--dry-run")),
    ("leave", nothing, ("leave", "--pace", "0")),
)

STAYING = (
    ("demo", ("demo",), ""),
    ("demo-serve", ("demo", "--serve"), "Ctrl-C ends it."),
    ("sandbox", ("sandbox",), "Ctrl-C ends it"),
    ("serve", ("serve", "--every", "1h"), "Nothing to do"),
)
