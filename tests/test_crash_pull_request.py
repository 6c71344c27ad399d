"""A pass with a pull request may die anywhere: the next one makes it good, with no second one and no tick lost."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from support.crash import Border, Death
from support.crash_state import left_behind
from support.plans import SMALL
from support.protected import ProtectedCrashWorld
from support.world import PLAN, git

from planbot.errors import PlanbotError
from planbot.repo.repository import PROGRESS_BRANCH

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.crash import Kind
    from support.protected import Protected

    from planbot.sandbox import Sandbox

FIRST, SECOND = "the tests pass", "the linter is quiet"


def opens(world: Protected) -> None:
    """Have a tick that the branch will not take."""
    world.commit({PLAN: SMALL})
    assert world.sync().complete
    world.set_box("Phase 1", FIRST)


def proposed(world: Protected) -> None:
    opens(world)
    assert world.sync().write_back.action == "opened"


def updates(world: Protected) -> None:
    """Have a further tick, and one of the plan's that goes to an issue."""
    proposed(world)
    world.set_box("Phase 1", SECOND)
    world.edit("[ ] the page opens", "[x] the page opens")


def merged(world: Protected) -> None:
    """Have the pull request merged, its box unticked since, and another one ticked."""
    proposed(world)
    world.merge("squash")
    world.set_box("Phase 1", FIRST, ticked=False)
    world.set_box("Phase 1", SECOND)


def closed(world: Protected) -> None:
    """Have the pull request closed, and a new tick."""
    proposed(world)
    world.close_pull()
    world.set_box("Phase 1", SECOND)


def withdraws(world: Protected) -> None:
    """Have the only tick taken back."""
    proposed(world)
    world.set_box("Phase 1", FIRST, ticked=False)


def taken_out(world: Protected) -> None:
    """Have a box set back on the branch by a person, and a new tick to put on top."""
    proposed(world)
    world.edit_proposal(f"[x] {FIRST}", f"[ ] {FIRST}")
    world.set_box("Phase 1", SECOND)


def forbidden(world: Protected) -> None:
    """Have a tick that neither the branch nor a pull request will take."""
    world.act_for_a_workflow()
    world.allow_pull_requests(allowed=False)
    opens(world)


SCENES: dict[str, Callable[[Protected], None]] = {
    "opens": opens,
    "updates": updates,
    "merged": merged,
    "closed": closed,
    "withdraws": withdraws,
    "taken out": taken_out,
    "forbidden": forbidden,
}


class Stage:
    """Hold the moment before a pass, and what is left when nothing disturbs it."""

    def __init__(self, world: ProtectedCrashWorld, border: Border, scene: str) -> None:
        self.world = world
        self.border = border
        SCENES[scene](world)
        self._moment = world.save()
        world.lag()
        world.sandbox.clear_requests()
        with border.watch():
            world.sync()
        self.counts = dict(border.counts)
        self.exchanges = len(world.sandbox.requests)
        assert world.recover() == 0
        self._undisturbed = self._left()
        self._made_good: list[Any] = []
        self.points = 0

    def begin(self) -> None:
        """Go back to the moment before the pass."""
        self.world.restore(self._moment)
        self.points += 1

    def check(self) -> None:
        """Let passes make good what happened, unless the very same remains were made good before."""
        remains = self.world.remains()
        if remains not in self._made_good:
            self.world.recover()
            assert self._left() == self._undisturbed
            self._made_good.append(remains)

    @property
    def remains(self) -> int:
        """Return how many different states accidents left behind."""
        return len(self._made_good)

    def _left(self) -> dict[str, Any]:
        pulls = [
            (pull["number"], pull["state"], bool(pull["merged_at"]), pull["title"], pull["body"])
            for pull in self.world.pulls()
        ]
        branch = self.world.has_branch()
        log = git(self.world.origin, "log", "--format=%s", f"main..{PROGRESS_BRANCH}") if branch else ""
        file = self.world.proposed() if branch else b""
        return left_behind(self.world) | {"pulls": pulls, "branch": (log, file)}


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
    made = Stage(ProtectedCrashWorld(tmp_path, sandbox), Border(monkeypatch), request.param)
    yield made
    made.world.close()
    sums.update({"points": made.points, "different remains": made.remains})
    with capsys.disabled():
        print(f"\n{request.node.name}: {made.points} points, {made.remains} different remains")


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
    """Lose each answer of the server in turn, to API requests and to git's alike."""
    for at in range(1, stage.exchanges + 1):
        stage.begin()
        stage.world.drop_answer(at)
        with suppress(PlanbotError):
            stage.world.sync()
        assert any(one.fault for one in stage.world.sandbox.requests), at
        stage.check()
