"""Any write may be refused: the next passes make it good, but for two kinds, which are told and given up."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.crash import CrashWorld
from support.crash_scenes import SCENES
from support.crash_state import Copies, copies, left_behind, of_people

from planbot.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.report.result import PassResult
    from planbot.sandbox import Sandbox
    from planbot.sandbox.record import Request

DEPENDENCY, COMMENT = "/dependencies/blocked_by", "/comments"


@pytest.mark.parametrize("scene", ["first sync", "mixed"])
def test_what_a_refused_write_was_to_do_is_done_by_the_next_passes_or_told(
    tmp_path: Path, sandbox: Sandbox, scene: str, sums: Counter[str]
) -> None:
    with closing(CrashWorld(tmp_path, sandbox)) as world:
        SCENES[scene](world)
        people, moment = of_people(world), world.save()
        world.lag()
        sandbox.clear_requests()
        world.sync()
        writes = list(writes_in(sandbox.requests))
        assert world.recover() == 0
        undisturbed = left_behind(world)
        for method, path, skip in writes:
            world.restore(moment)
            sandbox.faults.add(Fault(method, path, skip=skip, status=422, message="Validation Failed"))
            result = world.sync()
            assert [one.fault for one in sandbox.requests].count(True) == 1, path
            assert world.recover() <= 1, path
            left = left_behind(world)
            other = {name for name, value in left.items() if value != undisturbed[name]}
            assert (other, said_of(result)) == expected(path), (method, path, skip)
            assert (of_people(world), copies(world)) == (people, Copies(0, 0))
            sums["writes refused"] += 1


def writes_in(requests: list[Request]) -> Iterator[tuple[str, str, int]]:
    """Yield the method and the path of each write to the tracker, and how many of the same came before it."""
    before: Counter[tuple[str, str]] = Counter()
    for one in requests:
        if (
            one.kind != "api"
            or one.method == "GET"
            or (one.path == "/graphql" and "createIssue" not in str(one.body))
        ):
            continue
        path = "/graphql/createIssue" if one.path == "/graphql" else one.path
        yield one.method, path, before[one.method, path]
        before[one.method, path] += 1


def said_of(result: PassResult) -> str:
    """Return what the pass whose write was refused says of it."""
    if any("depends on stands in its text alone" in notice for notice in result.notices):
        return "the text tells it"
    return "left to the next pass" if any("Validation Failed" in one.why for one in result.undone) else ""


def expected(path: str) -> tuple[set[str], str]:
    """Return what is other than it would have been, and what is said, where a write to this path was refused."""
    if DEPENDENCY in path:
        return {"blocked"}, "the text tells it"
    if path.endswith(COMMENT):
        return {"comments"}, "left to the next pass"
    if path == "/graphql/createIssue":
        return set(), ""  # they are made one by one
    return set(), "left to the next pass"
