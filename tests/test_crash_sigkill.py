"""A real process that is really killed leaves what one that dies in this process leaves, and is made good as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.crash import Border, CrashWorld, Death
from support.crash_process import kill_at_push, kill_at_request
from support.crash_scenes import SCENES
from support.crash_state import Copies, copies, left_behind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.crash import When

    from planbot.sandbox import Sandbox

# requests, with the long profile and without; the test of all points covers what lies between
EVERY, SELDOM = 4, 9


class Pair:
    """Hold a world in which a pass can die in both ways."""

    def __init__(self, world: CrashWorld, border: Border, scene: str, every: int) -> None:
        self.world = world
        self.border = border
        world.look = 0.1  # a process without pauses is done before it would renew its lease
        SCENES[scene](world)
        self._moment = world.save()
        world.lag()
        with border.watch():
            world.sync()
        self.pushes = tuple(border.pushes)
        self.requests = range(border.counts["request"], 0, -every)
        world.recover()
        self._undisturbed = left_behind(world)
        self.points = 0

    def check(self, death: Death) -> None:
        """Let a pass die in both ways, compare what is left, and let the next one make it good."""
        self.world.restore(self._moment)
        with self.border.watch(death):
            self.world.sync()
        simulated = self._left()
        self.world.restore(self._moment)
        with self.world.real_time():
            if death.kind == "git":
                kill_at_push(self.world, self.pushes.index(death.at) + 1, death.when)
            else:
                kill_at_request(self.world, death.at, death.when)
        assert self._left() == simulated
        self.world.recover()
        assert copies(self.world) == Copies(open=0, made=0)
        assert left_behind(self.world) == self._undisturbed
        self.points += 1

    def _left(self) -> dict[str, object]:
        self.world.sandbox.faults.clear()
        return left_behind(self.world)


@pytest.fixture(params=["first sync", "mixed"])
def pair(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Pair]:
    """Set a scene, and tell at the end how much was tried on it."""
    every = EVERY if request.config.getoption("--hypothesis-profile") == "long" else SELDOM
    made = Pair(CrashWorld(tmp_path, sandbox), Border(monkeypatch), request.param, every)
    yield made
    made.world.close()
    with capsys.disabled():
        print(f"\n{request.node.name}: {made.points} processes killed, each as its double")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_at_a_push_leaves_what_a_simulated_one_leaves(pair: Pair, when: When) -> None:
    for at in pair.pushes:
        pair.check(Death("git", when, at))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_at_a_request_leaves_what_a_simulated_one_leaves(pair: Pair, when: When) -> None:
    for at in pair.requests:
        pair.check(Death("request", when, at))
