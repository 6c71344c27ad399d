"""A pass may die anywhere: at every request and at every git command, the next one makes it good."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from support.crash import Border, CrashWorld, Death
from support.crash_scenes import SCENES
from support.crash_state import Copies, copies, left_behind, of_people

from planbot.errors import PlanbotError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from support.crash import Kind

    from planbot.sandbox import Sandbox


class Stage:
    """Hold the moment before a pass, what is left when nothing disturbs it, and what came of its accidents so far."""

    def __init__(self, world: CrashWorld, border: Border, scene: str) -> None:
        self.world = world
        self.border = border
        SCENES[scene](world)
        self._people = of_people(world)
        self._moment = world.save()
        world.lag()
        with border.watch():
            assert world.sync().complete
        self.counts = dict(border.counts)
        self.pushes = len(border.pushes)
        assert world.recover() == 0
        assert copies(world) == Copies(open=0, made=1 if scene == "twin" else 0)
        self._undisturbed, self._copies = left_behind(world), copies(world)
        self._made_good: list[Any] = []
        self.passes: list[int] = []
        self.points = 0

    def begin(self) -> None:
        """Go back to the moment before the pass."""
        self.world.restore(self._moment)
        self.points += 1

    def check(self, *, at_once: bool = False) -> None:
        """Let passes make good what happened, unless the very same remains were made good before."""
        remains = self.world.remains()
        if remains in self._made_good:
            return
        self.passes.append(self.world.recover(at_once=at_once))
        assert copies(self.world) == self._copies
        assert of_people(self.world) == self._people
        assert left_behind(self.world) == self._undisturbed
        self._made_good.append(remains)


@pytest.fixture(params=SCENES)
def stage(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sums: Counter[str],
) -> Iterator[Stage]:
    """Set a scene, and tell at the end how much was tried on it."""
    made = Stage(CrashWorld(tmp_path, sandbox), Border(monkeypatch), request.param)
    yield made
    made.world.close()
    sums.update({"points": made.points, "different remains": len(made.passes)})
    told = f"{made.points} points, {len(made.passes)} different remains, at most {max(made.passes)} passes"
    with capsys.disabled():
        print(f"\n{request.node.name}: {told}")


@pytest.mark.parametrize("kind", ["request", "git"])
def test_a_pass_that_dies_anywhere_is_made_good(stage: Stage, kind: Kind) -> None:
    for at in range(1, stage.counts[kind] + 1):
        for when in ("before", "after"):
            stage.begin()
            with stage.border.watch(Death(kind, when, at)):
                stage.world.sync()
            assert stage.border.dead, at
            stage.check()


def test_an_answer_lost_anywhere_is_made_good(stage: Stage) -> None:
    for at in range(1, stage.counts["request"] + 1):
        stage.begin()
        stage.world.drop_answer(at)
        with suppress(PlanbotError):
            stage.world.sync()
        assert any(one.fault for one in stage.world.sandbox.requests), at
        stage.check()


def test_a_push_whose_answer_is_lost_is_made_good(stage: Stage) -> None:
    for at in range(1, stage.pushes + 1):
        stage.begin()
        stage.world.lose_answer_of_push(at)
        stage.world.sync()
        stage.check()


@pytest.mark.parametrize("stage", ["first sync"], indirect=True)
def test_the_pass_after_one_that_died_may_come_at_once(stage: Stage) -> None:
    for at in range(1, stage.counts["request"] + 1):
        stage.begin()
        with stage.border.watch(Death("request", "after", at)):
            stage.world.sync()
        stage.check(at_once=True)
