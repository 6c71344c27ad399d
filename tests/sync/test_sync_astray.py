"""Ticks on checks that moved to another item: they follow the check, wherever one text tells where it is."""

from __future__ import annotations

import pytest
from support.memory_world import MemoryWorld, ticks
from support.plans import SMALL

CHECK = "- [ ] the page opens\n"
OTHER = "- [ ] paging shows each order once\n"


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.write(SMALL)
    made.sync()
    return made


def move(world: MemoryWorld, check: str = CHECK, after: str = OTHER) -> None:
    """Move a check to another phase's, as one edit of the plan."""
    world.edit(check, "")
    world.edit(after, after + check)


def test_a_tick_follows_its_check_to_another_phase(world: MemoryWorld) -> None:
    move(world)
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert "- [x] the page opens" in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    assert ticks(world.issue("Phase 1")) == [False, False]
    world.quiet()


def test_an_untick_follows_too_and_one_on_both_sides_is_one(world: MemoryWorld) -> None:
    world.edit(CHECK, CHECK.replace("[ ]", "[x]"))
    world.sync()
    move(world, CHECK.replace("[ ]", "[x]"))
    world.set_box("Phase 1", "the page opens", ticked=False)
    world.sync()
    assert CHECK in world.text()
    world.quiet()


def test_what_only_the_plan_changed_while_it_moved_stays(world: MemoryWorld) -> None:
    world.set_box("Phase 1", "the page opens")
    world.sync()
    move(world, CHECK.replace("[ ]", "[x]"))
    world.edit("- [x] the page opens", "- [ ] the page opens")
    world.sync()
    assert CHECK in world.text()
    world.quiet()


def test_a_tick_follows_its_check_out_of_an_item_that_goes(world: MemoryWorld) -> None:
    verification = "### Phase 2 Verification\n\n**Automated**:\n" + OTHER
    phase = (
        "### Phase 2: Paging\n\n**Goal**: Lists are short.\n\n#### 2.1 Page by cursor\n\nNothing to add.\n\n"
    )
    world.edit(verification, "")
    world.edit(phase, "")
    world.edit(CHECK, CHECK + OTHER)
    world.set_box("Phase 2", "paging shows each order once")
    world.sync()
    assert OTHER.replace("[ ]", "[x]") in world.text()
    assert ticks(world.issue("Phase 1")) == [False, False, False, True]
    world.quiet()


def test_a_tick_that_waits_follows_its_check_and_goes_on_waiting(world: MemoryWorld) -> None:
    world.write_back = False
    world.set_box("Phase 1", "the page opens")
    world.sync()
    move(world)
    world.sync()
    assert CHECK in world.text()
    assert ticks(world.issue("Phase 2")) == [False, True]
    world.quiet()
    world.write_back = True
    world.sync()
    assert CHECK.replace("[ ]", "[x]") in world.text()
    world.quiet()


@pytest.mark.parametrize("where", ["two lost it", "two got it"])
def test_a_text_that_does_not_tell_whose_check_it_is_brings_no_tick_anywhere(
    world: MemoryWorld, where: str
) -> None:
    question = "- [ ] Who answers the phone?\n"
    if where == "two lost it":
        world.edit(OTHER, OTHER + CHECK)
        world.sync()
        world.write(world.text().replace(CHECK, ""))
        world.edit(question, question + CHECK)
        world.set_box("Phase 2", "the page opens")
    else:
        world.edit(CHECK, "")
        world.edit(OTHER, OTHER + CHECK)
        world.edit(question, question + CHECK)
    world.set_box("Phase 1", "the page opens")
    world.sync()
    assert "[x]" not in world.text()
    world.quiet()
