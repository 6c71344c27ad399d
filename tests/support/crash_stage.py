"""Accidents in one pass, each from the very moment before it: where they are tried, and what is left of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from support.crash import Death, request_kind
from support.crash_state import Copies, copies, left_behind, of_people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.crash import Border, CrashWorld

_READS = re.compile(r"GET |POST /graphql|POST \S+/git-upload-pack|(?!push |update-ref |fetch )[a-z]")


class Stage:
    """Hold the moment before a pass, what is left when nothing disturbs it, and what came of its accidents so far.

    With `every` there is an accident before and after each call of the pass. Else it comes after each one that writes
    (to the tracker, to a remote, to refs), and after the first of each kind of the others in this scene: of those with
    the same method, path and fields, and of git commands with the same options and refs. What comes before a call is
    what came after the one before it: nothing passes between the two.
    """

    def __init__(
        self, world: CrashWorld, border: Border, set_scene: Callable[[Any], None], *, every: bool
    ) -> None:
        self.world = world
        self.border = border
        self._every = every
        set_scene(world)
        people, made = of_people(world), copies(world).made
        self._moment = world.save()
        world.lag()
        world.sandbox.clear_requests()
        with border.watch():
            world.sync()
        self._calls = {kind: tuple(calls) for kind, calls in border.calls.items()}
        self._exchanges = [
            request_kind(one.method, f"{one.path}?{one.query}", one.body) for one in world.sandbox.requests
        ]
        over_http = any("git-receive-pack" in one for one in self._exchanges)
        self._pushes = 0 if over_http else len(border.pushes)
        assert world.recover() == 0
        self._undisturbed = self._left()
        assert self._undisturbed["people"] == people
        assert self._undisturbed["copies"] == Copies(open=0, made=made)
        self._made_good: list[Any] = []
        self.passes: list[int] = []
        self.tried = self.possible = 0

    def deaths(self) -> Iterator[Death]:
        """Yield where the pass is to die."""
        for kind, calls in self._calls.items():
            self.possible += len(calls)
            for at in self._chosen(calls):
                if self._every or at == 1:
                    self.tried += 1
                    yield Death(kind, "before", at)
                yield Death(kind, "after", at)

    def exchanges(self) -> Iterator[int]:
        """Yield which answers of the server are to be lost, from 1."""
        return self._chosen(self._exchanges)

    def pushes(self) -> Iterator[int]:
        """Yield which pushes are to be the last thing that the remote does, from 1; those over HTTP are exchanges."""
        return self._chosen([f"push {at}" for at in range(self._pushes)])

    def _chosen(self, calls: Sequence[str]) -> Iterator[int]:
        self.possible += len(calls)
        for at, call in enumerate(calls, 1):
            if self._every or not _READS.match(call) or call not in calls[: at - 1]:
                self.tried += 1
                yield at

    def begin(self) -> None:
        """Go back to the moment before the pass."""
        self.world.restore(self._moment)

    def check(self, accident: object, *, at_once: bool = False) -> None:
        """Let passes make good what happened, unless the very same remains were made good before."""
        remains = self.world.remains()
        if remains in self._made_good:
            return
        self.passes.append(self.world.recover(at_once=at_once))
        assert self._left() == self._undisturbed, accident
        self._made_good.append(remains)

    def _left(self) -> dict[str, Any]:
        people = {"people": of_people(self.world), "copies": copies(self.world)}
        return left_behind(self.world) | people | self.world.beside()
