"""Two processes sync one repository at the same moment, each from a clone of its own: nothing is made twice."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from support.crash import CrashWorld
from support.crash_process import start
from support.crash_scenes import first_sync, mix
from support.crash_state import Copies, copies, of_people
from support.world import NAME, git

from planbot.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

RACES, ALL_RACES = 10, 50
TOGETHER = 2  # races that one test runs, on one repository
WAITS = ("1s", "1m")  # go away at once, or wait for the other one
# where both are held until both are there: each is read by every pass, one after the other
STARTS = tuple(f"/repos/{NAME}{path}" for path in ("", "/issues", "/milestones", "/labels"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run all races with Hypothesis' long profile only."""
    profile = metafunc.config.getoption("--hypothesis-profile")
    races = ALL_RACES if profile == "long" else RACES
    metafunc.parametrize("number", range(races // TOGETHER))


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> Iterator[CrashWorld]:
    made = CrashWorld(tmp_path, sandbox)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "other")
    git(tmp_path / "other", "remote", "add", "origin", str(made.origin))
    yield made
    made.close()


def race(world: CrashWorld, number: int) -> None:
    """Let two processes run a pass each, held at one of their reads until the other one is there."""
    gate = threading.Barrier(2)
    world.lag()
    world.sandbox.faults.add(Fault("GET", STARTS[number % len(STARTS)], times=2, action=gate.wait))
    with world.real_time():
        wait = WAITS[number // len(STARTS) % len(WAITS)]
        both = [start(world, clone, "--wait", wait) for clone in (world.work, world.folder / "other")]
        said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(said)


def test_two_processes_at_once_make_nothing_twice(
    world: CrashWorld, number: int, capsys: pytest.CaptureFixture[str], sums: Counter[str]
) -> None:
    first_sync(world)
    people = of_people(world)
    race(world, number)
    passes = [world.recover()]
    assert len(world.issues()) == 7
    mix(world)
    race(world, number + 1)
    passes.append(world.recover())
    found = copies(world)
    sums.update({"races": TOGETHER, "duplicates ever made": found.made, "left open": found.open})
    assert found == Copies(open=0, made=0)
    assert of_people(world) == people
    assert len(world.issues()) == 8
    for text in ("the tests pass", "the page opens", "paging shows each order once"):
        assert f"- [x] {text}" in world.plan().decode()
        assert any(f"- [x] {text}" in issue.body for issue in world.issues().values())
    with capsys.disabled():
        print(
            f"\n{TOGETHER} races: {found.made} duplicates made, {found.open} open; {passes} passes until quiet"
        )
