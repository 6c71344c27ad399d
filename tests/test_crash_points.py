"""A pass may die anywhere: at every request and at every git command, the next one makes it good.

Neither an issue nor a pull request is made twice, and no tick is lost. With Hypothesis' long profile there is an
accident at every point; else after every write, and after one call of each other kind in each scene: `Stage` says how
points are chosen. Both counts are printed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from support.crash import Border, CrashWorld
from support.crash_scenes import SCENES
from support.crash_stage import Stage
from support.protected import ProtectedCrashWorld
from support.protected_scenes import PROTECTED

from planbot.errors import PlanbotError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.sandbox import Sandbox

ALL = [(CrashWorld, name) for name in SCENES] + [(ProtectedCrashWorld, name) for name in PROTECTED]


@pytest.fixture(params=ALL, ids=lambda param: param[1])
def stage(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sums: Counter[str],
) -> Iterator[Stage]:
    """Set a scene, and tell at the end how much was tried on it."""
    world, name = request.param
    every = request.config.getoption("--hypothesis-profile") == "long"
    scene = (PROTECTED if world is ProtectedCrashWorld else SCENES)[name]
    made = Stage(world(tmp_path, sandbox), Border(monkeypatch), scene, every=every)
    yield made
    made.world.close()
    sums.update(
        {
            "points": made.tried,
            "points with the long profile": made.possible,
            "different remains": len(made.passes),
        }
    )
    told = f"{made.tried} of {made.possible} points, {len(made.passes)} different remains"
    with capsys.disabled():
        print(f"\n{request.node.name}: {told}, at most {max(made.passes)} passes")


def test_whatever_befalls_a_pass_the_next_one_makes_it_good(stage: Stage) -> None:
    """Let the pass die; lose answers, to API requests and to git's alike; let the remote die when a push is done."""
    for death in stage.deaths():
        stage.begin()
        with stage.border.watch(death):
            stage.world.sync()
        assert stage.border.dead, death
        stage.check(death)
    for at in stage.exchanges():
        stage.begin()
        stage.world.drop_answer(at)
        with suppress(PlanbotError):
            stage.world.sync()
        assert any(one.fault for one in stage.world.sandbox.requests), at
        stage.check(f"answer {at}")
    for at in stage.pushes():
        stage.begin()
        stage.world.lose_answer_of_push(at)
        stage.world.sync()
        stage.check(f"push {at}")


@pytest.mark.parametrize("stage", ALL[:1], indirect=True, ids=["first sync"])
def test_the_pass_after_one_that_died_may_come_at_once(stage: Stage) -> None:
    for death in stage.deaths():
        stage.begin()
        with stage.border.watch(death):
            stage.world.sync()
        stage.check(death, at_once=True)
