"""Issues that no item has any more are closed, and say why: once, wherever the pass that closes them ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.memory_tracker import Crash, fail, lose_answers, recover
from support.memory_world import MemoryWorld, block
from support.plans import SMALL

from planbot.errors import PermissionDeniedError
from planbot.sync.farewells import DUPLICATE_COMMENT, RETIRED_COMMENT
from planbot.sync.reconcile import LAG

if TYPE_CHECKING:
    from collections.abc import Callable

TASK = "#### 2.1 Page by cursor\n\nNothing to add.\n"

Closed = tuple[MemoryWorld, int, str]


def without_its_task() -> Closed:
    """Return a world whose plan lost a task, the number of its issue, and what is to be said there."""
    world = MemoryWorld()
    world.write(SMALL)
    world.sync()
    world.edit(TASK, "")
    return world, world.issue("2.1").number, RETIRED_COMMENT


def with_a_twin() -> Closed:
    """Return a world in which two issues have one uid, the number of the one too many, and what is to be said there."""
    world = MemoryWorld()
    world.write(SMALL)
    world.sync()
    first = world.issue("Phase 1")
    twin = world.tracker.create_issue("Phase 1 again", first.body, labels=("planbot",))
    return world, twin.number, DUPLICATE_COMMENT.format(number=first.number)


both = pytest.mark.parametrize("scene", [without_its_task, with_a_twin])


def comments(world: MemoryWorld, number: int) -> list[str]:
    """Return what people read of the comments on an issue."""
    return [text.partition("\n\n<!--")[0] for issue, text in world.tracker.comments if issue == number]


def killed(world: MemoryWorld, name: str, *, done: bool) -> None:
    """Let a pass be killed before or after such a write."""

    def die(written: str) -> None:
        if written == name:
            raise Crash

    if done:
        world.tracker.after = die
    else:
        world.tracker.before = die
    with pytest.raises(Crash):
        world.sync()
    recover(world.tracker)


def said_once(world: MemoryWorld, number: int, text: str) -> None:
    """Require that passes come to rest with one comment on a closed issue, and nothing owed."""
    world.sync()
    world.sync()
    assert world.tracker.by_number[number].state == "closed"
    assert comments(world, number) == [text]
    assert world.agreed().farewells == ()
    world.quiet()


@both
def test_a_closed_issue_says_why(scene: Callable[[], Closed]) -> None:
    world, number, text = scene()
    world.sync()
    assert world.applied[-1].undone == []
    assert comments(world, number) == [text]
    said_once(world, number, text)


@both
@pytest.mark.parametrize("name", ["update_issue", "comment"])
@pytest.mark.parametrize("done", [False, True])
def test_a_pass_that_is_killed_around_the_comment_leaves_it_to_the_next(
    scene: Callable[[], Closed],
    name: str,
    done: bool,  # noqa: FBT001 - before or after the request
) -> None:
    world, number, text = scene()
    killed(world, name, done=done)
    said_once(world, number, text)


@both
@pytest.mark.parametrize("name", ["update_issue", "comment"])
def test_an_answer_that_is_lost_makes_no_second_comment(scene: Callable[[], Closed], name: str) -> None:
    world, number, text = scene()
    lose_answers(world.tracker, name)
    world.sync()
    assert len(world.applied[-1].undone) == 1
    said_once(world, number, text)


@both
def test_a_comment_that_fails_is_made_by_the_next_pass(scene: Callable[[], Closed]) -> None:
    world, number, text = scene()
    fail(world.tracker, "comment")
    world.sync()
    assert [undone.why for undone in world.applied[-1].undone] == ["comment was refused"]
    (change,) = world.reconcile().changes
    assert (change.action, change.issue) == ("comment", number)
    said_once(world, number, text)


@both
def test_a_comment_that_is_forbidden_is_given_up(scene: Callable[[], Closed]) -> None:
    def forbid(name: str) -> None:
        if name == "comment":
            raise PermissionDeniedError("the issue is locked")

    world, number, _ = scene()
    world.tracker.before = forbid
    world.sync()
    assert [undone.why for undone in world.applied[-1].undone] == ["the issue is locked"]
    world.sync()
    assert comments(world, number) == []
    world.quiet()


@both
def test_a_comment_that_was_begun_a_moment_ago_is_waited_for(scene: Callable[[], Closed]) -> None:
    world, number, text = scene()
    killed(world, "comment", done=True)
    world.now += LAG - 30
    changes = world.reconcile()
    assert changes.empty
    assert ["looks again in 30 s" in held.why for held in changes.held] == [True]
    assert changes.base.farewells
    said_once(world, number, text)


@both
def test_a_comment_whose_answer_was_lost_late_in_a_long_pass_is_waited_for(
    scene: Callable[[], Closed],
) -> None:
    world, number, text = scene()
    lose_answers(world.tracker, "comment")
    world.watch.long = 300
    world.sync()
    world.now += 310
    assert ["looks again in 50 s" in held.why for held in world.reconcile().held] == [True]
    said_once(world, number, text)


@pytest.mark.parametrize("deed", ["reopened", "deleted", "wanted again"])
def test_a_comment_is_owed_no_longer_once_its_issue_is_not_closed_for_it_any_more(deed: str) -> None:
    world, number, _ = without_its_task()
    killed(world, "comment", done=False)
    if deed == "reopened":
        world.tracker.update_issue(number, state="open")
    elif deed == "deleted":
        world.tracker.delete(number)
    else:
        world.write(SMALL)
    world.sync()
    assert comments(world, number) == []
    assert world.agreed().farewells == ()
    world.quiet()


def test_an_item_that_is_back_before_its_comment_may_be_made_leaves_nothing_behind() -> None:
    world, number, text = without_its_task()
    lose_answers(world.tracker, "comment")
    world.sync()
    world.write(SMALL)
    world.now -= 590  # the next pass comes at once
    world.sync()
    assert world.tracker.by_number[number].state == "open"
    assert comments(world, number) == [text]
    assert world.agreed().farewells == ()
    world.quiet()


def test_an_issue_that_is_reopened_at_the_last_moment_is_told_nothing() -> None:
    world, number, _ = without_its_task()
    killed(world, "comment", done=False)
    world.now += LAG
    changes = world.reconcile()
    world.tracker.update_issue(number, state="open")
    world._apply(changes)
    assert comments(world, number) == []
    world.sync()
    world.quiet()


def test_an_item_that_leaves_a_second_time_says_so_a_second_time() -> None:
    world, number, text = without_its_task()
    world.sync()
    world.write(SMALL)
    world.sync()
    world.edit(TASK, "")
    killed(world, "comment", done=False)
    world.sync()
    assert comments(world, number) == [text, text]
    world.quiet()


def test_a_close_that_surely_did_not_happen_owes_nothing() -> None:
    world, number, _ = without_its_task()
    changes = world.reconcile()
    world.tracker.update_issue(number, state="closed")
    world._apply(changes)
    assert [undone.why for undone in world.applied[-1].undone] == ["it was closed meanwhile"]
    assert world.agreed().farewells == ()


def test_a_retired_issue_keeps_its_text_and_is_marked() -> None:
    world, number, _ = without_its_task()
    before = block(world.tracker.by_number[number])
    world.sync()
    issue = world.tracker.by_number[number]
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert block(issue).marker == replace(before.marker, retired=True, stamp=block(issue).marker.stamp)
    assert block(issue).text == before.text
