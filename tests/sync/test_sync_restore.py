"""What a person did in the one round trip between reading a body and writing it is done again."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.memory_tracker import Crash, fail, recover
from support.memory_world import MemoryWorld, block, ticks
from support.plans import SMALL

from planbot.errors import RateLimitedError, UnreachableError
from planbot.sync.restore import Gap, restored, signature, written_over
from planbot.tracker.marker import Marker, wrap

if TYPE_CHECKING:
    from collections.abc import Callable


def body(stamp: str, *boxes: str, before: str = "", after: str = "") -> str:
    marker = Marker("PLAN.md", "phase:1", "u1", "0" * 16, "0" * len(boxes), stamp)
    return before + wrap(marker, "\n".join(f"- {box}" for box in boxes)) + after


READ = body("s1", "[ ] one", "[x] two")
TICKED = body("s1", "[x] one", "[x] two")
WRITTEN = body("s2", "[ ] one", "[x] two", "[ ] three")


LATER = body("s3", "[ ] one", "[x] two", "[ ] three", "[ ] four")
EDITED = WRITTEN.replace("[ ] three", "[x] three")


@pytest.mark.parametrize(
    "run",
    [
        (WRITTEN, TICKED, READ),
        (READ, TICKED, WRITTEN),
        (EDITED, WRITTEN, TICKED, READ),
        (READ, TICKED, WRITTEN, EDITED),
        (LATER, EDITED, WRITTEN, TICKED, READ),
        (READ, TICKED, WRITTEN, EDITED, LATER),
        (READ, WRITTEN, TICKED, body("s1", "[x] one", "[ ] two"), READ),
        (f"{WRITTEN}", TICKED, f"{READ}\r\n"),
    ],
)
def test_the_body_that_was_written_over_stands_between_what_was_read_and_what_was_written(
    run: tuple[str, ...],
) -> None:
    (gap,) = written_over([(), (READ,), run], "s2", signature(READ))
    assert (gap.read.rstrip(), gap.over, gap.wrote) == (READ, TICKED, WRITTEN)


@pytest.mark.parametrize(
    "run",
    [
        (),
        (WRITTEN,),
        (WRITTEN, READ),
        (READ, WRITTEN, LATER),
        (READ, TICKED),
        (WRITTEN, TICKED),
        ("@@ -1 +1 @@", "a summary"),
    ],
)
def test_a_history_that_tells_of_nothing_in_between_tells_nothing(run: tuple[str, ...]) -> None:
    assert written_over([run], "s2", signature(READ)) == ()


AGAIN = WRITTEN.replace("[ ] one", "[x] one")
BETWEEN = WRITTEN.replace("[ ] three", "[x] three")
BOTH = AGAIN.replace("[ ] three", "[x] three")
FIRST = Gap(READ, TICKED, WRITTEN)
DONE = replace(FIRST, closed=True)
SECOND = Gap(WRITTEN, BETWEEN, AGAIN)


@pytest.mark.parametrize(
    ("later", "gaps"),
    [
        ((), (FIRST,)),
        ((BETWEEN,), (FIRST,)),
        ((AGAIN,), (DONE,)),
        ((BETWEEN, BOTH), (DONE,)),
        ((AGAIN, WRITTEN), (DONE,)),  # taken back since
        ((BETWEEN, WRITTEN, AGAIN), (DONE,)),
        ((BETWEEN, AGAIN), (DONE, SECOND)),
        ((BETWEEN, AGAIN, BOTH), (DONE, replace(SECOND, closed=True))),
        (
            (BETWEEN, AGAIN, AGAIN.replace("[x] two", "[ ] two"), BOTH),
            (
                DONE,
                replace(SECOND, closed=True),
                Gap(AGAIN, AGAIN.replace("[x] two", "[ ] two"), BOTH),
            ),
        ),
    ],
)
@pytest.mark.parametrize("turn", [1, -1])
def test_what_is_done_again_may_be_written_over_something_too(
    later: tuple[str, ...], gaps: tuple[Gap, ...], turn: int
) -> None:
    run = (READ, TICKED, WRITTEN, *later)[::turn]
    assert written_over([run], "s2", signature(READ)) == gaps


def test_a_tick_is_set_again_wherever_its_check_stands_now() -> None:
    now = body("s2", "[ ] zero", "[ ] one", "[x] two")
    assert restored(Gap(READ, TICKED, WRITTEN), now).body == body("s2", "[ ] zero", "[x] one", "[x] two")


def test_an_untick_is_made_again_and_what_came_later_stays() -> None:
    over, wrote = body("s1", "[ ] one", "[ ] two"), body("s2", "[ ] one", "[x] two")
    now = body("s2", "[x] one", "[x] two")
    assert restored(Gap(READ, over, wrote), now).body == body("s2", "[x] one", "[ ] two")


def test_a_tick_that_was_seen_in_time_and_taken_back_since_is_not_made_again() -> None:
    wrote = body("s2", "[x] one", "[x] two", "[ ] three")
    now = body("s2", "[ ] one", "[x] two", "[ ] three")
    assert restored(Gap(READ, TICKED, wrote), now).body == now


def test_text_around_the_block_is_put_back() -> None:
    over = body("s1", "[ ] one", "[x] two", before="mine\n\n", after="\nand this")
    assert restored(Gap(READ, over, WRITTEN), WRITTEN).body == body(
        "s2", "[ ] one", "[x] two", "[ ] three", before="mine\n\n", after="\nand this"
    )


def test_text_around_the_block_that_was_changed_since_stays() -> None:
    over = body("s1", "[ ] one", "[x] two", before="mine\n\n")
    now = body("s2", "[ ] one", "[x] two", "[ ] three", before="newer\n\n")
    assert restored(Gap(READ, over, WRITTEN), now).body == now


@pytest.mark.parametrize("over", [READ, body("s9", "[x] one", "[x] two"), "no block", "+ - [x] one"])
def test_there_is_nothing_to_do_again_after_no_edit_or_another_pass_or_without_a_block(over: str) -> None:
    assert restored(Gap(READ, over, WRITTEN), WRITTEN).body == WRITTEN


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


@pytest.mark.parametrize("kill", [None, 1, 2, 3, 4])
@pytest.mark.parametrize("count", [2, 3, 9])
def test_ticks_in_the_round_trips_of_putting_others_back_are_found_again(
    count: int, kill: int | None
) -> None:
    world, ticked, written = MemoryWorld(), 0, 0
    world.write("# Plan\n\n## Phase 1: One\n\n" + "".join(f"- [ ] check {at}\n" for at in range(count + 1)))
    world.sync()

    def tick(name: str) -> None:
        nonlocal ticked
        if name == "update_issue" and ticked < count:
            ticked += 1
            world.tracker.before = world.tracker.after = lambda _: None
            world.set_box("Phase 1", f"check {ticked}")
            world.tracker.before, world.tracker.after = tick, die

    def die(name: str) -> None:
        nonlocal written
        written += name == "update_issue"
        if name == "update_issue" and written == kill:
            raise Crash

    world.edit("[ ] check 0", "[x] check 0")
    world.tracker.before, world.tracker.after = tick, die
    with nullcontext() if kill is None else pytest.raises(Crash):
        world.sync()
    for _ in range(3):
        world.sync()
    assert kill or any(one.restored for one in world.applied)
    assert ticked == count
    assert "[ ]" not in world.text()
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


def put_back(world: MemoryWorld) -> None:
    """Require that the next pass finds the tick in the round trip again, and leaves nothing to look at."""
    assert world.agreed().rewrites
    recover(world.tracker)
    world.watch.why = ""
    world.sync()
    assert world.applied[-1].restored == [world.issue("Phase 1").number]
    assert world.agreed().rewrites == ()
    world.sync()
    assert "- [x] the linter is quiet" in world.text()
    assert "- [x] the tests pass" in world.text()
    world.quiet()


@pytest.fixture
def ticked(world: MemoryWorld) -> MemoryWorld:
    """Have a pass before it that a person's tick comes in between of."""
    world.edit("[ ] the tests pass", "[x] the tests pass")
    in_the_round_trip(world, lambda: world.set_box("Phase 1", "the linter is quiet"))
    return world


def once_written(world: MemoryWorld, deed: Callable[[], object]) -> None:
    """Let something happen right after the PATCH that a person came in between of."""
    updates = 0

    def after(name: str) -> None:
        nonlocal updates
        updates += name == "update_issue"
        if updates == 2:  # the first is the person's
            deed()

    world.tracker.after = after


def test_a_tick_in_the_round_trip_is_found_by_the_next_pass_where_this_one_is_killed(
    ticked: MemoryWorld,
) -> None:
    def die() -> None:
        raise Crash

    once_written(ticked, die)
    with pytest.raises(Crash):
        ticked.sync()
    put_back(ticked)


@pytest.mark.parametrize("edits", [1, 3])
def test_what_people_do_until_the_next_pass_hides_no_tick(ticked: MemoryWorld, edits: int) -> None:
    once_written(ticked, lambda: setattr(ticked.watch, "why", "time is up"))
    ticked.sync()
    recover(ticked.tracker)
    for count in range(edits):
        ticked.set_box("Phase 1", "the page opens", ticked=count % 2 == 0)
    put_back(ticked)
    assert "- [x] the page opens" in ticked.text()


def test_a_tick_in_the_round_trip_is_found_by_the_next_pass_where_time_is_up(ticked: MemoryWorld) -> None:
    once_written(ticked, lambda: setattr(ticked.watch, "why", "time is up"))
    ticked.sync()
    put_back(ticked)


@pytest.mark.parametrize("error", [RateLimitedError("wait", seconds=3600), UnreachableError("no answer")])
def test_a_tick_in_the_round_trip_is_found_by_the_next_pass_where_the_history_cannot_be_asked_for(
    ticked: MemoryWorld, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(_: object) -> object:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(ticked.tracker, "body_histories", no_answer)
        ticked.sync()
    put_back(ticked)


def test_a_tick_that_could_not_be_put_back_is_put_back_by_the_next_pass(ticked: MemoryWorld) -> None:
    once_written(ticked, lambda: fail(ticked.tracker, "update_issue"))
    ticked.sync()
    assert list(ticked.applied[-1].overwritten.values()) == ["update_issue was refused"]
    put_back(ticked)


def test_a_tick_that_is_refused_again_is_not_put_back_for_ever(ticked: MemoryWorld) -> None:
    once_written(ticked, lambda: fail(ticked.tracker, "update_issue", times=2))
    ticked.sync()
    ticked.tracker.after = lambda _: None
    ticked.sync()
    assert list(ticked.applied[-1].overwritten.values()) == ["update_issue was refused"]
    assert ticked.agreed().rewrites == ()
    ticked.quiet()


def test_a_body_that_a_later_pass_wrote_as_well_gives_its_tick_back(ticked: MemoryWorld) -> None:
    once_written(ticked, lambda: setattr(ticked.watch, "why", "time is up"))
    ticked.sync()
    ticked.edit("**Goal**: One invoice", "**Goal**: Just one invoice")
    put_back(ticked)
    assert "Just one invoice" in ticked.issue("Phase 1").body


def test_a_body_that_was_announced_and_not_written_is_not_looked_at(world: MemoryWorld) -> None:
    world.edit("[ ] the tests pass", "[x] the tests pass")
    world.watch.why = "time is up"
    world.sync()
    assert world.agreed().rewrites == ()


def test_a_history_that_fails_again_is_not_asked_for_for_ever(
    ticked: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(_: object) -> object:
        raise UnreachableError("no answer")

    monkeypatch.setattr(ticked.tracker, "body_histories", no_answer)
    ticked.sync()
    assert ticked.agreed().rewrites
    ticked.sync()
    assert ticked.agreed().rewrites == ()
    ticked.quiet()
