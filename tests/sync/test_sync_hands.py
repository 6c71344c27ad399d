"""A limit may refuse any write: after the wait the change goes on where it stopped, from what is there by then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from support.memory_world import MemoryWorld, block
from support.plans import SMALL

from planbot.errors import RateLimitedError, StoppedError
from planbot.sync.options import FileOptions, IssueOptions

if TYPE_CHECKING:
    from support.memory_tracker import MemoryTracker

    from planbot.tracker.records import IssueRecord

FINISHED = "\n### Phase 3: Done\n\n#### 3.1 All\n\nText.\n\n### Phase 3 Verification\n\n- [x] it works\n"


def mixed(*, batches: bool = True) -> MemoryWorld:
    """Return a world with a bit of everything to do: make, close, change, link, depend, retire, heal a twin."""
    world = MemoryWorld(batches=batches, options=FileOptions(issues=IssueOptions(finished="import")))
    world.write(SMALL)
    world.sync()
    first = world.issue("Phase 1")
    world.tracker.create_issue("Phase 1 again", first.body, labels=("planbot",))
    text = world.text()
    for old, new in (
        ("[ ] the tests pass", "[x] the tests pass"),
        ("#### 1.2 Answer repeated keys\n\nSee [the guide](docs/guide.md).\n\n", ""),
        ("Nothing to add.", "**Depends on**: 1.1"),
        ("**Goal**: Lists are short.", "**Goal**: Lists are shorter."),
        ("\n## Priority Order", f"{FINISHED}\n## Priority Order"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    world.write(text)
    return world


def limit(tracker: MemoryTracker, at: int, times: int = 1) -> list[str]:
    """Let the write number `at` from now be refused by a limit; return the names of all that are tried."""
    tried: list[str] = []
    left = times

    def before(name: str) -> None:
        nonlocal left
        tried.append(name)
        if len(tried) > at and left:
            left -= 1
            raise RateLimitedError("wait", seconds=20)

    tracker.before = before
    return tried


def left_behind(world: MemoryWorld) -> dict[str, Any]:
    texts = {
        number: (issue.title, issue.state, issue.state_reason, issue.labels, issue.milestone, issue.parent)
        + ((block(issue).text,) if "planbot:begin" in issue.body else (issue.body,))
        for number, issue in world.tracker.by_number.items()
    }
    stones = [replace(stone, description="") for stone in world.tracker.milestones()]
    comments = sorted(world.tracker.comments)
    return {
        "issues": texts,
        "stones": stones,
        "comments": comments,
        "blocked": dict(world.tracker.blocked_by),
    }


@pytest.mark.parametrize(
    ("batches", "creates"), [(True, {"create_issues"}), (False, {"create_issue", "add_sub_issue"})]
)
def test_a_limit_at_any_write_of_a_pass_changes_nothing_of_what_it_does(
    batches: bool,  # noqa: FBT001 - what the server can do
    creates: set[str],
) -> None:
    world = mixed(batches=batches)
    tried = limit(world.tracker, 1000)
    world.sync()
    assert creates < set(tried)
    assert {"update_issue", "create_milestone", "update_milestone", "set_blocked_by", "comment"} < set(tried)
    undisturbed = left_behind(world)
    for at in range(len(tried)):
        world = mixed(batches=batches)
        limit(world.tracker, at, times=2)
        world.sync()
        assert world.watch.rested == [20, 20], at
        assert world.applied[-1].undone == [], at
        assert left_behind(world) == undisturbed, at
        world.quiet()


def test_a_limit_that_stays_ends_the_pass_and_the_next_one_goes_on() -> None:
    world = mixed()
    limit(world.tracker, 3, times=4)
    world.sync()
    assert world.watch.rested == [20] * 3
    assert world.applied[-1].stopped.startswith("the tracker limits requests and asks to wait 20 s")
    world.sync()
    world.quiet()


@pytest.mark.parametrize("at", range(4))
def test_a_wait_that_nobody_grants_ends_the_pass(at: int) -> None:
    def refuse() -> None:
        raise StoppedError("no time for that")

    world = mixed()
    limit(world.tracker, at)
    world.watch.on_rest = refuse
    world.sync()
    assert world.applied[-1].stopped == "no time for that"
    world.sync()
    world.quiet()


def test_nothing_is_written_where_the_read_before_took_too_long() -> None:
    world = MemoryWorld()
    world.write(SMALL)
    world.sync()
    world.edit("[ ] the tests pass", "[x] the tests pass")
    before, read = world.issue("Phase 1"), world.tracker.issue

    def slow(number: int) -> object:
        world.watch.why = "too late"
        return read(number)

    changes = world.reconcile()
    world.tracker.issue = slow  # type: ignore[method-assign, assignment]
    world._apply(changes)
    world.tracker.issue = read  # type: ignore[method-assign]
    assert world.applied[-1].stopped == "too late"
    assert world.issue("Phase 1") == before
    world.watch.why = ""
    world.sync()
    world.quiet()


def test_the_time_between_two_writes_passes_before_what_is_written_over_is_read() -> None:
    world = mixed()
    tracker, read, last, found = world.tracker, world.tracker.issue, "", []

    def wait(seconds: float) -> None:
        nonlocal last
        tracker.pause, last = 0, "waited" if seconds else last

    def issue(number: int) -> IssueRecord | None:
        nonlocal last
        last = "read"
        return read(number)

    def write(name: str) -> None:
        tracker.pause = 1
        found.append((name, last))

    world.watch.wait, tracker.issue, tracker.before = wait, issue, write  # type: ignore[method-assign]
    world.sync()
    assert {"update_issue", "comment", "set_blocked_by"} <= {name for name, _ in found}
    assert ("update_issue", "waited") not in found[1:]


def test_what_a_person_does_to_a_new_issue_while_a_limit_is_waited_for_is_seen() -> None:
    world = MemoryWorld(batches=False)
    world.write(SMALL)
    tried = limit(world.tracker, 1000)
    world.sync()
    at = tried.index("add_sub_issue")
    world = MemoryWorld(batches=False)
    world.write(SMALL)
    other = world.tracker.create_issue("Mine", "")
    limit(world.tracker, at)

    def adopt() -> None:
        child = max(world.tracker.by_number)
        world.tracker.by_number[child] = replace(world.tracker.by_number[child], parent=other.number)

    world.watch.on_rest = adopt
    world.sync()
    assert [undone.why for undone in world.applied[-1].undone] == ["the issue changed meanwhile"]
    assert other.number in {issue.parent for issue in world.issues().values()}
