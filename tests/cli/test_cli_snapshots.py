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

from planbot.sandbox import BranchRule

if TYPE_CHECKING:
    from collections.abc import Callable

SNAPSHOTS = Path(__file__).parent / "snapshots"
BUSY = SMALL.replace("**Problem**: Keys", "**Owner**: @ada\n\n**Problem**: Keys").replace(
    "Nothing to add.", "**Depends on**: 1.1, 1.2"
)


def test_what_every_command_shows(world: World) -> None:
    world.commit({PLAN: BUSY, "docs/plans/empty.md": "# Empty\n\nNothing to do.\n"})
    git(world.work, "remote", "set-url", "origin", "../origin.git")
    shown = {}

    def show(name: str, *args: str) -> None:
        text = on_a_terminal(world.work, *args, COLUMNS="80", NO_COLOR="1", **environment(world))
        shown[name] = calm(text)

    for name, act, args in SCENES:
        act(world)
        show(name, *args)
    if os.environ.get("PLANBOT_SNAPSHOTS") == "write":
        SNAPSHOTS.mkdir(exist_ok=True)
        for name, text in shown.items():
            (SNAPSHOTS / f"{name}.txt").write_text(text, encoding="utf-8")
    seen = {path.stem: path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*.txt")}
    assert shown == seen


def calm(text: str) -> str:
    """Return a text without what differs from run to run."""
    return re.sub(r"\b[0-9a-f]{10}\b", "COMMIT", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE))


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
