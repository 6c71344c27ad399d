"""A tick on a check that is another kind of thing meanwhile: it follows the check, or is told.

The state machine found both (`tests/test_model.py`): somebody writes a plan anew from an old copy, while somebody else
ticks what only the newer one had so.
"""

from __future__ import annotations

from support.memory_world import MemoryWorld

PATH = ".kiro/specs/x/tasks.md"
OLD = """\
# Implementation Plan

- [ ] 1. guard trace
  - [x] 1.1 answer keys
    - [ ] cursor answer
    - [ ] lock store
- [ ] 9. last
"""
NEW = OLD.replace("  - [x] 1.1 answer keys\n", "- [ ] cursor\n")
TICKED = OLD.replace("[ ] cursor answer", "[x] cursor answer")


def test_a_tick_follows_its_check_to_a_finished_task_that_has_no_issue() -> None:
    world = MemoryWorld()
    for text in (OLD, NEW):
        world.write(text, PATH)
        world.sync()
    world.set_box("cursor", "cursor answer")
    world.write(OLD, PATH)
    world.sync()
    assert world.text(PATH) == TICKED
    world.quiet()


def test_a_tick_on_a_check_that_becomes_a_task_meanwhile_is_told() -> None:
    world = MemoryWorld()
    before = "# Implementation Plan\n\n- [ ] store\n- [ ] 1. cache trace\n  - [x] 1.1 keys\n- [ ] 9. last\n"
    after = before.replace("- [ ] store\n- [ ] 1. cache trace\n", "- [ ] 1. cache trace\n- [ ] store\n")
    for text in (after, before):
        world.write(text, PATH)
        world.sync()
    world.set_box("Implementation Plan", "store")
    world.write(after, PATH)
    ((_, told),) = world.reconcile().diagnostics
    assert '"store" was ticked' in told.message
    world.sync()
    world.quiet()
