"""Whatever moves while people tick: a tick on a check that is in the plan once ends up with that check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from support.memory_tracker import Crash, crash, recover
from support.memory_world import MemoryWorld

from planbot.sync.body import boxes_of
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.records import IssueRecord

ITEMS = ("Store keys", "Page lists", "Lock rows", "Trace calls")
CHECKS = tuple(f"the {word} works well" for word in ("store", "page", "cursor", "lock", "index", "trace"))
LAST = ("finish alpha", "finish omega")  # stays where it is, one in each file
PATHS = (("a.md", "c.md"), ("b.md", "d.md"))
Mode = Literal["on", "off", "refused"]


@dataclass(frozen=True)
class Layout:
    """Say where everything stands: the file of each item, None if it is gone, and the item of each check."""

    files: tuple[int | None, ...]
    owners: tuple[int, ...]
    renamed: bool

    def texts(self, ticked: set[str]) -> dict[str, str]:
        """Return the plan files."""
        there = [at for at, file in enumerate(self.files) if file is not None] or [0]
        owner_of = {
            check: there[owner % len(there)] for check, owner in zip(CHECKS, self.owners, strict=True)
        }
        texts = {}
        for file, names in enumerate(PATHS):
            lines = [
                f"# Plan {'one' if file == 0 else 'two'}",
                "",
                "## Phase 1: All of it",
                "",
                "**Goal**: G.",
                "",
            ]
            for at in there:
                if (self.files[at] or 0) == file:
                    lines += [f"### 1.{at + 1} {ITEMS[at]}", "", f"Text of {ITEMS[at]}.", ""]
                    mine = [check for check, owner in owner_of.items() if owner == at]
                    lines += [*(f"- [{'x' if check in ticked else ' '}] {check}" for check in mine), ""]
            lines += [
                f"### 1.9 {LAST[file].title()}",
                "",
                f"- [{'x' if LAST[file] in ticked else ' '}] {LAST[file]}",
                "",
            ]
            texts[names[self.renamed]] = "\n".join(lines)
        return texts


@dataclass(frozen=True)
class Round:
    """Hold an edit of the plan and what comes between.

    `ticks` are checks and the request before which each is ticked in an issue that shows it, `last` of several; at the
    write of the number `kill` the process dies.
    """

    layout: Layout
    ticks: tuple[tuple[int, int, bool], ...]
    kill: int | None
    mode: Mode


LAYOUTS = st.builds(
    Layout,
    files=st.tuples(*[st.sampled_from([0, 0, 1, None])] * len(ITEMS)),
    owners=st.tuples(*[st.integers(0, 3)] * len(CHECKS)),
    renamed=st.booleans(),
)
ROUNDS = st.builds(
    Round,
    layout=LAYOUTS,
    ticks=st.lists(
        st.tuples(st.integers(0, len(CHECKS) - 1), st.integers(0, 12), st.booleans()), max_size=3
    ).map(tuple),
    kill=st.none() | st.integers(0, 8),
    mode=st.sampled_from(["on", "on", "off", "refused"]),
)


class Crowd:
    """People who tick boxes in issues, some of them just before a request of planbot's."""

    def __init__(self, world: MemoryWorld) -> None:
        self.world = world
        self.ticked: set[str] = set()
        self.read: Callable[[int], IssueRecord | None] = world.tracker.issue
        world.tracker.issue = self._issue  # type: ignore[method-assign]
        self.requests = 0
        self.plans: tuple[tuple[int, int, bool], ...] = ()

    def begin(self, ticks: tuple[tuple[int, int, bool], ...], *, window: bool) -> None:
        """Plan to tick; those of request 0 tick now. `window` lets them act between a read and a write as well."""
        self.requests, self.plans = 0, ticks
        self._act()
        if window:
            self.world.tracker.before = self._before

    def _issue(self, number: int) -> IssueRecord | None:
        self._count()
        return self.read(number)

    def _before(self, name: str) -> None:
        if name == "update_issue":
            self._count()

    def _count(self) -> None:
        self.requests += 1
        self._act()

    def _act(self) -> None:
        before, self.world.tracker.before = self.world.tracker.before, lambda _: None
        for check, at, last in self.plans:
            if at == self.requests:
                self.tick(CHECKS[check], last=last)
        self.world.tracker.before = before

    def tick(self, check: str, *, last: bool) -> None:
        """Tick a check in the first or the last of the issues that show it unticked."""
        line = f"- [ ] {check}"
        shown = [one for one in self.world.tracker.issues("planbot") if line in one.body.split("\n")]
        if shown:
            issue = shown[-1 if last else 0]
            note(f"{check} is ticked in #{issue.number} {issue.title}")
            self.world.tracker.update_issue(issue.number, body=issue.body.replace(line, f"- [x] {check}"))
            self.ticked.add(check)


def planned(world: MemoryWorld) -> dict[str, bool]:
    """Return the boxes of all plan files by text."""
    return {box.text: box.ticked for path in world.files for box in boxes_of(world.text(path))}


def edit(world: MemoryWorld, layout: Layout) -> None:
    """Put everything where a layout says, ticked as it is."""
    ticked = {text for text, done in planned(world).items() if done}
    world.files = {path: text.encode() for path, text in layout.texts(ticked).items()}
    note("\n".join(world.text(path) for path in sorted(world.files)))


# an item is back, and gone again, before a pass that is killed has opened its issue; then that is ticked
BACK_AND_GONE = [
    Round(Layout((None, 0, 1, 0), (3, 1, 3, 0, 3, 1), renamed=True), (), None, "on"),
    Round(Layout((1, 0, None, 0), (2, 3, 1, 3, 2, 3), renamed=True), (), 1, "on"),
    Round(Layout((None, 1, 0, None), (1, 3, 0, 1, 2, 1), renamed=True), ((3, 6, False),), 1, "off"),
]


# a tick in the issue of an item that is back is not gone when its check comes back later
LATE = [
    Round(Layout((0, 0, 0, None), (0, 0, 0, 0, 0, 0), renamed=True), ((0, 11, False),), None, "on"),
    Round(Layout((0, 0, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), ((1, 0, True),), 0, "refused"),
    Round(Layout((0, None, 0, 0), (0, 2, 0, 0, 0, 0), renamed=False), (), None, "on"),
]
# a tick that waits goes on and on, and back
ON_AND_ON = [
    Round(Layout((None, 0, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), ((2, 1, False),), None, "refused"),
    Round(Layout((None, None, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), (), None, "refused"),
    Round(Layout((None, 0, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), (), None, "refused"),
]
# a tick that waits goes to another item, and back to the one it came from
THERE_AND_BACK = [
    Round(Layout((0, 0, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), ((0, 11, False),), None, "on"),
    Round(Layout((None, 0, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), (), None, "refused"),
    Round(Layout((0, None, 1, 0), (0, 0, 0, 0, 0, 1), renamed=False), ((5, 0, False),), None, "on"),
]
# a tick is made while another is put back that was made while the body was written
TWO_AT_ONCE = [
    Round(
        Layout((0, 1, 0, 0), (0, 0, 1, 1, 0, 0), renamed=False), ((2, 11, False), (3, 9, False)), None, "on"
    ),
]


@example(Layout((None, 1, None, None), (0, 0, 0, 0, 0, 0), renamed=False), TWO_AT_ONCE)
@example(Layout((0, 0, 0, 0), (0, 0, 0, 0, 0, 0), renamed=False), ON_AND_ON)
@example(Layout((0, 0, 0, 0), (0, 3, 0, 0, 0, 0), renamed=True), LATE)
@example(Layout((0, 0, 0, 0), (0, 3, 0, 0, 0, 0), renamed=False), THERE_AND_BACK)
@example(Layout((0, 0, None, None), (2, 3, 2, 2, 0, 0), renamed=False), BACK_AND_GONE)
@settings(max_examples=settings().max_examples // 2)
@given(LAYOUTS, st.lists(ROUNDS, min_size=1, max_size=3))
def test_a_tick_on_a_check_that_is_there_once_is_in_the_plan_in_the_end_whatever_moved(
    first: Layout, rounds: list[Round]
) -> None:
    world = MemoryWorld()
    edit(world, first)
    world.sync()
    crowd = Crowd(world)
    for one in rounds:
        edit(world, one.layout)
        world.write_back, world.refuse_pushes = one.mode != "off", one.mode == "refused"
        crowd.begin(one.ticks, window=one.kill is None)
        if one.kill is not None:
            crash(world.tracker, one.kill, done=False)
        try:
            world.sync()
        except Crash:
            note(f"killed at {one.kill}")
        recover(world.tracker)
        crowd.plans = ()
    world.write_back, world.refuse_pushes = True, False
    for last in LAST:
        crowd.tick(last, last=False)  # what was refused goes along with the next tick
    for _ in range(3):
        world.sync()
    world.quiet()
    assert {text for text, ticked in planned(world).items() if ticked} == crowd.ticked
    for issue in world.tracker.issues("planbot"):
        body = split(issue.body)
        if isinstance(body, Managed) and not body.marker.retired:
            assert all(box.ticked == (box.text in crowd.ticked) for box in boxes_of(body.text))
