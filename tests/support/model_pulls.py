"""The progress pull request in the model-based test: what people do with it, and what it knows of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.last_words import NOTHING, Commit, joined
from support.memory_pulls import MemoryPulls
from support.model_boxes import fail, plan_boxes, require_only_marks_moved
from support.model_origin import BRANCH
from support.plan_edits import name_in

from planbot.repo.repository import PROGRESS_BRANCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.last_words import Known
    from support.model_bot import Bot
    from support.model_world import ModelWorld

    from planbot.tracker.records import PullRequestRecord


class Pulls(MemoryPulls):
    """Hold the pull requests of the world, the commits of planbot's branch, and what people declined."""

    def __init__(self, world: ModelWorld) -> None:
        super().__init__(world.origin.tip, world.issues.numbers)
        self._world = world
        self._commits: dict[str, Commit] = {}
        self._proposed: dict[str, dict[str, int]] = {}
        self._refused: dict[
            str, int
        ] = {}  # boxes that must not be proposed, and the count of events from before
        self.declined: set[str] = set()
        self.closed = False  # whether anything was

    @property
    def open(self) -> PullRequestRecord | None:
        """Return the open pull request."""
        found = self.pull_requests(PROGRESS_BRANCH, BRANCH)
        return next((pull for pull in found if pull.state == "open"), None)

    def bot_pushed(self, bot: Bot) -> None:
        """Judge a push to planbot's branch: it holds the plan as the bot read it, with other marks."""
        name = self._world.origin.tip(PROGRESS_BRANCH)
        if name is None or name in self._commits:
            return
        files = self._world.origin.files(name)
        require_only_marks_moved(bot.head.files, files)
        before, after = plan_boxes(bot.head.files), plan_boxes(files)
        self._proposed[name] = {box: self._world.words.count for box in after if before[box] != after[box]}
        self._commits[name] = Commit(name, files, self._world.told(bot, before, after, bot.head.known))
        self._world.figures.counts["proposals"] += 1

    def merge(self, *, squash: bool) -> bool:
        """Merge the open pull request, as a person does on its page; return whether that could be done.

        What it carries there is what it knows. Whoever merges over what somebody did in the plan meanwhile overrules
        them knowingly, for the page shows that.
        """
        pull, world = self.open, self._world
        if pull is None or pull.head not in self._commits:
            return False
        name = world.origin.merge(pull.head, squash=squash)
        if name is None:
            world.figures.counts["merges in conflict"] += 1
            return False
        files = world.origin.files(name)
        known = self._merged(plan_boxes(world.head.files), plan_boxes(files), self._commits[pull.head].known)
        world.head = Commit(name, files, known)
        self.merged(pull.number, name)
        world.figures.counts["pull requests merged"] += 1
        return True

    def _merged(self, before: dict[str, bool], after: dict[str, bool], theirs: Known) -> Known:
        known, words = dict(self._world.head.known), self._world.words
        for box, ticked in after.items():
            if before[box] == ticked:
                continue
            ours = known.get(box, NOTHING) & words.in_plan
            if ours - theirs.get(box, NOTHING):
                seen = joined({box: ours}, theirs, (box,))
                known[box] = known.get(box, NOTHING) | words.say(seen, box, ticked, in_plan=True)[box]
            else:
                known = joined(known, theirs, (box,))
                self._crossed(box, theirs)
        return known

    def _crossed(self, box: str, theirs: Known) -> None:
        """Demand nothing of a box that was merged while a pass was about to propose something else of it."""
        words = self._world.words
        said = {number for number, event in words.events.items() if event.box == box}
        if self._is_read and said - theirs.get(box, NOTHING):
            words.free.add(box)
            self._world.figures.counts["merges in the round trip"] += 1

    @property
    def _is_read(self) -> bool:
        """Return whether a pass is under way that may have read the pull request, and not yet pushed what it wants."""
        return any(bot.running for bot in self._world.bots)

    def decline(self) -> None:
        """Close the open pull request unmerged: what it proposes is not wanted."""
        if (pull := self.open) is not None:
            self.closed = True
            self._refused |= self._proposed[pull.head]
            self._refused_at = self._world.now
            self.declined |= self._proposed[pull.head].keys()
            if self._is_read:  # what is pushed into it now is closed with it, and waits as declined
                self.declined |= plan_boxes(self._world.head.files).keys()
            self.update_pull_request(pull.number, state="closed")
            self._world.figures.counts["pull requests closed"] += 1

    def touched(self, boxes: Iterable[str]) -> None:
        """Note that boxes were reworded, or went: what was declined of them may be proposed again."""
        for box in boxes:
            self._refused.pop(box, None)

    def create_pull_request(self, title: str, body: str, *, head: str, base: str) -> PullRequestRecord:
        """Open a pull request, and require that it holds nothing that was declined before its maker last looked.

        No lease guards pull requests: one that was just to be opened, while another bot opened the same and a person
        closed that, is opened once more.
        """
        made = super().create_pull_request(title, body, head=head, base=base)
        latest = self._world.words.latest
        for box in self._proposed[made.head].keys() & self._refused.keys():
            looked = self._world.asking is None or self._world.asking.fetched_at > self._refused_at
            if looked and latest.get(box, -1) < self._refused[box]:
                fail(f"{box} was declined by a person, and nobody touched it since, and it is proposed again")
        return made

    def strike(self) -> None:
        """Take a line out of the open pull request's text: that box is not to be set."""
        pull = self.open
        lines = pull.body.split("\n") if pull else []
        boxes = [line for line in lines if line.startswith("- [")]
        if pull is not None and boxes:
            lines.remove(boxes[0])
            self.declined |= {name for name in (name_in(boxes[0]),) if name}
            self.closed = True
            self.update_pull_request(pull.number, body="\n".join(lines))
            self._world.figures.counts["lines struck out"] += 1

    def change_mind(self) -> None:
        """Open again what was closed last, where its branch still is what it was."""
        found = self.pull_requests(PROGRESS_BRANCH, BRANCH)
        last = next((pull for pull in found if pull.merge is None), None)
        if self.open is None and last is not None and self._world.origin.tip(PROGRESS_BRANCH) == last.head:
            self.touched(self._proposed[last.head])
            self.update_pull_request(last.number, state="open")
            self._world.figures.counts["pull requests reopened"] += 1
