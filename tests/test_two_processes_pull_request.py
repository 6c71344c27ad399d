"""Two processes propose at the same moment, each from a clone of its own: one pull request, and every tick in it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support.crash_process import start
from support.plans import SMALL
from support.protected import ProtectedCrashWorld
from support.world import NAME, PLAN, git

from planbot.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

# where both are held until both are there: each is asked by every pass, one after the other
STARTS = tuple(f"/repos/{NAME}{path}" for path in ("", "/issues", "/milestones"))
ALWAYS = "write_back: {mode: pull-request}\n"


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> Iterator[ProtectedCrashWorld]:
    made = ProtectedCrashWorld(tmp_path, sandbox)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "other")
    git(tmp_path / "other", "remote", "add", "origin", str(made.origin))
    made.commit({PLAN: SMALL, "planbot.yml": ALWAYS})
    made.sync()
    yield made
    made.close()


def race(world: ProtectedCrashWorld, path: str) -> None:
    """Let two processes run a pass each, held at one of their reads until the other one is there."""
    gate = threading.Barrier(2)
    world.lag()
    world.sandbox.faults.add(Fault("GET", path, times=2, action=gate.wait))
    with world.real_time():
        both = [start(world, clone, "--wait", "1m") for clone in (world.work, world.folder / "other")]
        said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(said)


@pytest.mark.parametrize("path", STARTS)
def test_two_processes_at_once_open_one_pull_request(world: ProtectedCrashWorld, path: str) -> None:
    world.set_box("Phase 1", "the tests pass")
    race(world, path)
    world.recover()
    assert world.boxes() == ["- [x] the tests pass"]
    world.set_box("Phase 1", "the linter is quiet")
    race(world, path)
    world.recover()
    assert world.boxes() == ["- [x] the tests pass", "- [x] the linter is quiet"]
    world.set_box("Phase 1", "the tests pass", ticked=False)
    world.set_box("Phase 1", "the linter is quiet", ticked=False)
    race(world, path)
    world.recover()
    assert world.pulls("open") == []
    assert len(world.pulls()) == 1
    assert not world.has_branch()
    world.set_box("Phase 1", "the page opens")
    race(world, path)
    world.recover()
    assert world.boxes() == ["- [x] the page opens"]
    assert len(world.pulls()) == 2
