"""What a person did in the one round trip between reading a body and writing it is done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.memory_world import MemoryWorld, block, ticks
from support.plans import SMALL

from planbot.sync.restore import restored, written_over
from planbot.tracker.marker import Marker, wrap

if TYPE_CHECKING:
    from collections.abc import Callable


def body(stamp: str, *boxes: str, before: str = "", after: str = "") -> str:
    marker = Marker("PLAN.md", "phase:1", "u1", "0" * 16, "0" * len(boxes), stamp)
    return before + wrap(marker, "\n".join(f"- {box}" for box in boxes)) + after


READ = body("s1", "[ ] one", "[x] two")
TICKED = body("s1", "[x] one", "[x] two")
WRITTEN = body("s2", "[ ] one", "[x] two", "[ ] three")


@pytest.mark.parametrize(
    "run",
    [
        (WRITTEN, TICKED, READ),
        (READ, TICKED, WRITTEN),
        (WRITTEN.replace("[ ] three", "[x] three"), WRITTEN, TICKED),
        (TICKED, WRITTEN),
    ],
)
def test_the_body_that_was_written_over_stands_beside_the_write(run: tuple[str, ...]) -> None:
    assert written_over([(), (READ,), run], "s2") == TICKED


@pytest.mark.parametrize("run", [(), (WRITTEN,), (READ, TICKED), ("@@ -1 +1 @@", "a summary")])
def test_a_history_that_does_not_hold_the_write_tells_nothing(run: tuple[str, ...]) -> None:
    assert written_over([run], "s2") is None


def test_a_tick_is_set_again_wherever_its_check_stands_now() -> None:
    now = body("s2", "[ ] zero", "[ ] one", "[x] two")
    assert restored(READ, TICKED, now) == body("s2", "[ ] zero", "[x] one", "[x] two")


def test_an_untick_is_made_again_and_what_came_later_stays() -> None:
    over = body("s1", "[ ] one", "[ ] two")
    now = body("s2", "[x] one", "[x] two")
    assert restored(READ, over, now) == body("s2", "[x] one", "[ ] two")


def test_text_around_the_block_is_put_back() -> None:
    over = body("s1", "[ ] one", "[x] two", before="mine\n\n", after="\nand this")
    assert restored(READ, over, WRITTEN) == body(
        "s2", "[ ] one", "[x] two", "[ ] three", before="mine\n\n", after="\nand this"
    )


@pytest.mark.parametrize("over", [READ, body("s9", "[x] one", "[x] two"), "no block", "+ - [x] one"])
def test_there_is_nothing_to_do_again_after_no_edit_or_another_pass_or_without_a_block(over: str) -> None:
    assert restored(READ, over, WRITTEN) is None


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.write(SMALL)
    made.sync()
    return made


def in_the_round_trip(world: MemoryWorld, deed: Callable[[], None]) -> None:
    """Let somebody act when the next PATCH of an issue is under way."""

    def before(name: str) -> None:
        if name == "update_issue":
            world.tracker.before = lambda _: None
            deed()

    world.tracker.before = before


def test_a_tick_in_the_round_trip_between_reading_and_writing_is_found_again(world: MemoryWorld) -> None:
    world.edit("[ ] the tests pass", "[x] the tests pass")
    in_the_round_trip(world, lambda: world.set_box("Phase 1", "the linter is quiet"))
    world.sync()
    assert world.applied[-1].restored == [world.issue("Phase 1").number]
    world.sync()
    assert "- [x] the linter is quiet" in world.text()
    assert "- [x] the tests pass" in world.text()
    assert ticks(world.issue("Phase 1"))[:2] == [True, True]
    world.quiet()


def test_a_note_in_the_round_trip_is_found_again(world: MemoryWorld) -> None:
    number = world.issue("Phase 1").number

    def note() -> None:
        text = world.tracker.by_number[number].body
        world.tracker.update_issue(number, body=f"mind this\n\n{text}")

    world.edit("[ ] the tests pass", "[x] the tests pass")
    in_the_round_trip(world, note)
    world.sync()
    assert block(world.issue("Phase 1")).before == "mind this\n\n"
    world.sync()
    world.quiet()


def test_where_the_server_tells_no_history_a_pass_goes_on_without(world: MemoryWorld) -> None:
    world.tracker.tells_history = False
    world.edit("[ ] the tests pass", "[x] the tests pass")
    in_the_round_trip(world, lambda: world.set_box("Phase 1", "the linter is quiet"))
    world.sync()
    assert world.applied[-1].restored == []
    world.sync()
    world.quiet()


def test_a_pass_that_writes_no_body_asks_for_no_history(world: MemoryWorld) -> None:
    world.set_box("Phase 1", "the tests pass")
    world.tracker.body_histories = None  # type: ignore[assignment, method-assign]
    world.sync()
    world.quiet()
