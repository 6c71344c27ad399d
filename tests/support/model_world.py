"""A world for the model-based test: real engines over real git, a tracker in memory, and who may say what of it.

Everything that bots and people do comes past here, so that each of their acts can be judged when it happens.
"""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from support.connection import Connection
from support.last_words import NOTHING, Commit, LastWords, joined
from support.memory_tracker import MemoryTracker
from support.model_bot import TRIES, Bot
from support.model_boxes import around, fail, is_task, plan_boxes, require_only_marks_moved, reworded
from support.model_moves import moves_checks
from support.model_origin import BRANCH, Origin
from support.model_pulls import Pulls
from support.model_relations import STRANGER, Relations
from support.plan_edits import boxes

from planbot.repo.lease import SECONDS
from planbot.sync.reconcile import LAG
from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from support.connection import T
    from support.last_words import Known

    from planbot.sync.merge import MergedBox
    from planbot.tracker.records import IssueRecord

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory where there is one: no run outlives its test
HOUR = 3600
PASSES = 6  # more than these it may not take until nothing is wanted any more
PERSON = "maya"
_NAME = re.compile(r"\bn\d+\b")
_NOT_DONE = ("not_planned", "duplicate")

WriteBack = Literal["commit", "pull-request", "protected"]
_MODES: dict[WriteBack, str] = {
    "commit": "",
    "pull-request": "write_back: {mode: pull-request}\n",
    "protected": "",
}


@dataclass(frozen=True, slots=True)
class Ways:
    """Hold the ways of a server and of a repository.

    For `lag` seconds a new issue is in no list. `history` is whether the server tells how bodies were edited, `batches`
    whether it makes several issues in one request, `moves` whether people move checks from one item to another.
    """

    write_back: WriteBack = "commit"
    history: bool = True
    lag: float = 0
    batches: bool = True
    moves: bool = False


@dataclass
class Figures:
    """Count what was tried and what came of it, over all runs."""

    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))


class Hands(Connection):
    """The hands of a person, whose deeds are noted."""

    def __init__(self, world: ModelWorld) -> None:
        super().__init__(world.issues, PERSON)
        self._world = world

    def ask(self, name: str, number: int | None, call: Callable[[], T]) -> T:
        before = self.tracker.by_number.get(number or 0)
        lag, self.tracker.lag = self.tracker.lag, 0  # people look at the issue's own page
        answer = super().ask(name, number, call)
        self.tracker.lag = lag
        if before is not None and name == "update_issue":
            self._world.person_changed(before, self.tracker.by_number[before.number])
        return answer


class ModelWorld:
    """Hold both sides, the bots, and what people said."""

    def __init__(self, figures: Figures, settings: str, ways: Ways) -> None:
        self.figures = figures
        self.ways = ways
        self.settings = f"{settings}{_MODES[ways.write_back]}".encode()
        self.now = 1_800_000_000.0
        self.issues = MemoryTracker(batches=ways.batches, clock=lambda: self.now)
        self.issues.lag = ways.lag
        self.issues.tells_history = ways.history
        self.issues.strangers.add(STRANGER)
        self.tracker = Hands(self)
        shared = str(MEMORY) if MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="planbot-model-", dir=shared))
        self.origin = Origin(self.folder / "origin.git")
        if ways.write_back == "protected":
            self.origin.protect()
        self.pulls = Pulls(self)
        self.relations = Relations(self.issues)
        self.words = LastWords()
        self.base: dict[str, bool] = {}
        self.ever: set[str] = set()  # all boxes that the plan had
        self.known: dict[int, Known] = {}  # of each issue that a bot made
        self.live: set[int] = set()  # those that were some item's when it was quiet last
        self.dead: set[int] = set()  # and those that were not
        self.in_window: dict[tuple[int, str], frozenset[int]] = {}  # events that were written over
        self._tried: Counter[tuple[tuple[int, str], str]] = (
            Counter()
        )  # how often it was tried in vain to find them
        self.texts: dict[int, tuple[str, str]] = {}  # and what people wrote around a block
        self.own: dict[int, str] = {}  # the box that an issue's state stands for
        self.uids: dict[str, set[int]] = {}
        self.closed_by: dict[int, str] = {}
        self.retitled: dict[int, str] = {}
        self.labelled: dict[int, set[str]] = {}
        self.stamps = 0
        self.head = Commit("", {}, {})
        self.asking: Bot | None = None  # the one that made the last request
        self.bots = [Bot(self, number) for number in range(2)]
        self._foreigners()

    def close(self) -> None:
        for bot in self.bots:
            bot.kill()
        shutil.rmtree(self.folder)

    def stamp(self) -> str:
        self.stamps += 1
        return f"stamp{self.stamps}"

    # what people do

    def text(self, path: str) -> str:
        return self.head.files[path].decode()

    def write(self, text: str, path: str) -> None:
        self.commit({path: text.encode()}, self.head)

    def rename(self, old: str, new: str) -> None:
        self.commit({old: None, new: self.head.files[old]}, self.head)

    def commit(self, changes: dict[str, bytes | None], seen: Commit) -> None:
        """Push a commit on top of the head, by a person who knows what they saw in `seen`."""
        files = {path: data for path, data in (self.head.files | changes).items() if data is not None}
        if files == self.head.files or self._forbids(files):
            return
        before, after = plan_boxes(self.head.files), plan_boxes(files)
        known = dict(self.head.known)
        for box, ticked in after.items():
            if box in before and before[box] != ticked:
                self.figures.counts["events in the plan"] += 1
                known[box] = self.words.say(seen.known, box, ticked, in_plan=True)[box]
            elif box not in before and box in self.ever:
                self.words.free.add(box)  # it is back, and its issue may still show what somebody said of it
        self.ever |= before.keys() | after.keys()
        self.words.free |= before.keys() - after.keys()
        if self.words.free:
            self.words.heirs |= after.keys() - before.keys()
        self.pulls.touched(reworded(self.head.files, files))
        self.base = {box: ticked for box, ticked in after.items() if box not in self.base} | self.base
        self.head = Commit(self.origin.commit(changes, self.now), files, known)

    def _forbids(self, files: dict[str, bytes]) -> bool:
        forbidden = not self.ways.moves and moves_checks(self.head.files, files, self.settings)
        self.figures.counts["edits left out that move a check"] += forbidden
        return forbidden

    def person_changed(self, before: IssueRecord, after: IssueRecord) -> None:
        """Note what a person did to an issue."""
        number = after.number
        if number not in self.known:
            return
        was, now = self.shown(before), self.shown(after)
        for box, ticked in now.items():
            if box in was and was[box] != ticked and number in self.dead:
                self.words.free.add(box)
            elif box in was and was[box] != ticked:
                self.figures.counts["events in issues"] += 1
                self.known[number] = self.words.say(self.known[number], box, ticked)
        self.words.free |= was.keys() - now.keys()
        self.pulls.touched(reworded({"": before.body.encode()}, {"": after.body.encode()}))
        if before.title != after.title:
            self.retitled[number] = after.title
        if before.state != after.state:
            self.closed_by[number] = PERSON
        self.relations.person_changed(before, after)
        self.labelled.setdefault(number, set()).update(set(after.labels) - set(before.labels))

    # what bots do

    def bot_pushed(self, bot: Bot) -> None:
        """Judge a push: marks may move, and nothing else."""
        self.pulls.bot_pushed(bot)
        name = self.origin.tip(BRANCH)
        if name is None or name == self.head.name:
            return
        files = self.origin.files(name)
        require_only_marks_moved(self.head.files, files)
        before, after = plan_boxes(self.head.files), plan_boxes(files)
        self.head = Commit(name, files, self.told(bot, before, after, self.head.known))
        self.figures.counts["write-backs"] += 1

    def told(self, bot: Bot, before: dict[str, bool], after: dict[str, bool], known: Known) -> Known:
        """Return what a commit of a bot's knows: of each box that it moves also what the issue knew."""
        for box, ticked in after.items():
            told = [one for one in bot.seen.values() if self.shown(one.issue).get(box) == ticked]
            if before[box] != ticked and len(told) == 1:
                known = joined(known, told[0].known, (box,))
        return known

    def bot_made(self, bot: Bot, issue: IssueRecord) -> None:
        """Note a new issue."""
        body = split(issue.body)
        assert isinstance(body, Managed)
        twins = self.uids.setdefault(body.marker.uid, set())
        if any(not self._is_gone(self.issues.by_number[twin]) for twin in twins):
            self.figures.counts["duplicates made"] += 1
        twins.add(issue.number)
        self.known[issue.number] = {}
        self._own(bot, issue)
        if (name := self.own.get(issue.number)) in self.pulls.declined:
            self.words.free.add(
                name
            )  # a check became this task: the tick that was declined stays with the old issue
        plan = plan_boxes(bot.head.files)
        same = [box for box, ticked in self.shown(issue).items() if plan.get(box) == ticked]
        self.known[issue.number] = joined({}, bot.head.known, same)

    def bot_changed(self, bot: Bot, before: IssueRecord, after: IssueRecord) -> None:
        """Judge a change of an issue, and note what it carried there and what it wrote over."""
        number = after.number
        if number not in self.known:
            fail(f"#{number} is not planbot's")
        self._require_kept(bot, before, after)
        self._own(bot, after)
        got = bot.just_read(number)
        was, now, plan = self.shown(before), self.shown(after), plan_boxes(bot.head.files)
        known = self.known[number]
        changed = [box for box in was.keys() | now.keys() if was.get(box) != now.get(box)]
        for box in changed:
            if box in now and (again := self._done_again(number, box, now[box])):
                known = {**known, box: known.get(box, NOTHING) | again}
                continue
            in_window = known.get(box, NOTHING) - got.known.get(box, NOTHING) if got else NOTHING
            if in_window:
                self.figures.counts["events in the window"] += len(in_window)
                if self.issues.tells_history:
                    self.in_window[number, box] = self.in_window.get((number, box), NOTHING) | in_window
                    for why in ("history", "refused"):
                        del self._tried[(number, box), why]
                else:
                    self._lose(in_window)
            known = {**known, box: known.get(box, NOTHING) - in_window}
        carried = [box for box in changed if box in now and plan.get(box) == now[box]]
        self.known[number] = joined(known, bot.head.known, carried)
        if before.state != after.state:
            self.closed_by[number] = bot.who

    def _done_again(self, number: int, box: str, ticked: bool) -> frozenset[int]:  # noqa: FBT001
        """Return the events in the round trip that a write of this value does again."""
        again = self.in_window.get((number, box), NOTHING)
        if not again or self.words.events[max(again)].value != ticked:
            return NOTHING
        self.figures.counts["events found again"] += len(again)
        del self.in_window[number, box]
        return again

    def not_done_again(self, numbers: Sequence[int], why: str, *, times: int = 1) -> None:
        """Count as lost what fell into the round trip, once it was tried in vain often enough to do it again."""
        for at in [one for one in self.in_window if one[0] in numbers]:
            self._tried[at, why] += times
            if self._tried[at, why] >= TRIES:
                self._lose(self.in_window.pop(at))

    def _lose(self, events: frozenset[int]) -> None:
        self.words.lost |= events
        self.figures.counts["events lost in the window"] += len(events)

    def pass_ended(self, bot: Bot) -> None:
        """Note that both sides know what a whole pass found the same on both."""
        plan = plan_boxes(bot.head.files)
        for box, ticked in plan.items():
            told = [one for one in bot.seen.values() if box in self.shown(one.issue)]
            if len(told) != 1 or self.shown(told[0].issue)[box] != ticked:
                continue
            number = told[0].issue.number
            self.known[number] = joined(self.known[number], bot.head.known, (box,))
            self.head = Commit(
                self.head.name, self.head.files, joined(self.head.known, told[0].known, (box,))
            )

    def told_homeless(self, texts: Iterable[str]) -> None:
        """Demand nothing of boxes whose tick counts nowhere, as people were told."""
        for text in texts:
            self.words.free.update(_NAME.findall(text))

    def shown(self, issue: IssueRecord) -> dict[str, bool]:
        """Return the boxes that an issue of a bot's shows, its state being one where that stands for a box."""
        body = split(issue.body)
        if issue.number not in self.known or not isinstance(body, Managed) or body.marker.retired:
            return {}
        if issue.state_reason == "duplicate":
            return {}
        found = boxes(body.text)
        if issue.number in self.own:
            done = issue.state == "closed" and issue.state_reason not in _NOT_DONE
            found[self.own[issue.number]] = done
        return found

    # quiet

    def settle(self) -> None:
        """Let all bots end, time pass, and passes run until nothing is wanted; then judge the whole."""
        for bot in self.bots:
            bot.faults.clear()
            bot.finish()
        self.now += SECONDS + LAG
        self._pass_until_quiet()
        while self.pulls.open:
            if not self.pulls.merge(squash=bool(self.words.count % 2)):
                fail("the pull request is in conflict, and nothing is done about it")
            self._pass_until_quiet()
        self._require_agreement(self._in_step())
        self._require_one_issue_each()
        self.relations.require(self.bots[0].items, self.figures)
        self.dead = self.known.keys() - self.live
        self.words.settle()
        self.in_window.clear()
        self.base = plan_boxes(self.head.files)
        self.now += HOUR  # from here on what was touched lately is not everything

    def _pass_until_quiet(self) -> None:
        for count in itertools.count(1):
            before, writes = self.origin.refs(), self.bots[0].writes
            result = self.bots[0].whole_pass()
            self.now += LAG
            wrote = self.origin.refs() != before or self.bots[0].writes != writes
            if result.in_sync and not result.skipped and not wrote:
                break
            if count == PASSES:
                fail(f"after {PASSES} passes there is still something to do: {result}")

    def _in_step(self) -> dict[str, bool]:
        """Return the boxes of the plan, less those whose items are left alone; require that the engine is content."""
        sure = plan_boxes(self.head.files)
        items = self.bots[0].items
        self.live = {item.matched.issue.number for item in items if item.matched.issue}
        for item in items:
            for box in item.every_box():
                if item.matched.hands_off:
                    for name in _NAME.findall(box.text):
                        sure.pop(name, None)
                elif self._is_declined(box):
                    sure = {name: ticked for name, ticked in sure.items() if name not in box.text.split()}
                    self.figures.counts["boxes declined"] += 1
                elif not box.issue == box.plan == box.value:
                    fail(f"{item.matched.desired.locator} is not in step: {box}")
            self.figures.counts["items left alone"] += bool(item.matched.hands_off)
        return sure

    def _is_declined(self, box: MergedBox) -> bool:
        """Return whether a box stays different for a person closed the pull request that proposed it."""
        names = _NAME.findall(box.text)
        closed = bool(self.pulls.declined.intersection(names)) if names else self.pulls.closed
        return closed and box.waiting == "declined" and box.issue == box.value

    def _require_agreement(self, plan: dict[str, bool]) -> None:
        """Require that issues show what the plan says, and that it is somebody's last word."""
        shown: dict[str, set[bool]] = {}
        for number in self.known:
            for name, ticked in self.shown(self.issues.by_number[number]).items():
                if number in self.live:
                    shown.setdefault(name, set()).add(ticked)
                else:
                    self.words.free.add(name)  # its item is gone, and a person had closed it before
        for name, ticked in plan.items():
            if shown.get(name, {ticked}) != {ticked}:
                fail(f"{name} is {ticked} in the plan, and in issues {shown[name]}")
            if ticked not in self.words.allowed(name):
                fail(f"the last word on {name} was {not ticked}: {self.words.events}")
            if self.words.silent(name) and self.base[name] != ticked:
                fail(f"nobody touched {name}, and it is {ticked}")

    def _require_one_issue_each(self) -> None:
        for uid, numbers in self.uids.items():
            there = [number for number in numbers if self.issues.by_number[number].state == "open"]
            if len(there) > 1:
                fail(f"{uid} has the open issues {there}")
        for number, title in self.retitled.items():
            if self.issues.by_number[number].title != title:
                fail(f"#{number} was retitled by a person")

    def _require_kept(self, bot: Bot, before: IssueRecord, after: IssueRecord) -> None:
        """Require that what people made of an issue stands, but for what they did since the bot read it just now."""
        number, read = after.number, bot.just_read(after.number)
        got = read.issue if read else before
        self.relations.require_kept(before, after, got)
        if after.title != before.title == self.retitled.get(number) == got.title:
            fail(f"#{number} was retitled by a person")
        gone = set(before.labels) - set(after.labels)
        if gone & self.labelled.get(number, set()) & set(got.labels):
            fail(f"{gone} were put on #{number} by a person")
        reopened = before.state == "closed" == got.state and after.state == "open"
        if reopened and self.closed_by.get(number) == PERSON and not is_task(before):
            fail(f"#{number} was closed by a person")
        if around(before) != around(after) and around(after) != self.texts.pop(number, None):
            if around(got) == around(before):
                fail(f"the text around the block of #{number} is not what it was")
            self.figures.counts["texts in the window"] += 1
            self.texts[number] = around(before)

    def _own(self, bot: Bot, issue: IssueRecord) -> None:
        """Note which box an issue's state stands for: that of a task whose title it bears."""
        found = _NAME.findall(issue.title)
        before = self.own.pop(issue.number, None)
        if is_task(issue) and found and found[-1] in plan_boxes(bot.head.files):
            self.own[issue.number] = found[-1]
        if before is not None and before != self.own.get(issue.number):
            self.words.free.add(before)  # the plan made something else of it

    def _is_gone(self, issue: IssueRecord) -> bool:
        return issue.state_reason == "duplicate"

    def _foreigners(self) -> None:
        self.tracker.create_issue("1.1 store", "- [ ] mine n1", labels=("bug",))
        self.tracker.create_issue("Notes", "- [ ] mine n2", labels=("planbot",))
        self.tracker.create_milestone("The plan: Phase 1 – store", "not planbot's")
