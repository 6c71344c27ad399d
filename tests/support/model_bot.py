"""A bot of the model-based test: one real engine whose passes stop before every request and every push or fetch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from support.connection import READING, Connection, PullConnection
from support.lockstep import Walker
from support.model_origin import bare_repository

from planbot.engine import Engine, Means, Options
from planbot.errors import LostAnswerError, PlanbotError, RateLimitedError, TrackerError, UnreachableError
from planbot.loading import Given
from planbot.plan.diagnostics import HOMELESS
from planbot.repo.git import Git, Output
from planbot.repo.lease import MARGIN
from planbot.repo.repository import Repository
from planbot.tracker.event import Event
from planbot.tracker.records import IssueRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from support.connection import T
    from support.last_words import Known
    from support.model_world import ModelWorld

    from planbot.reading import Round
    from planbot.report.result import PassResult
    from planbot.sync.merge import Merged
    from planbot.tally import Tally
    from planbot.tracker.protocols import PullRequests
    from planbot.tracker.records import CommentRecord
    from planbot.upkeep import Comments

Fault = Literal["refused", "limited", "lost", "answer lost"]
FAULTS: tuple[Fault, ...] = ("refused", "limited", "lost", "answer lost")
REMOTE = ("fetch", "push", "ls-remote")
TRIES = 2  # so often an edit that was written over is looked for in vain, or refused to be done again
REQUEST = 0.5  # seconds that a request takes
WAIT = 11  # seconds for which a pass waits for another one
_HANG_UP = Output(128, b"", "fatal: the remote end hung up unexpectedly")


@dataclass(frozen=True, slots=True)
class Sight:
    """Hold an issue as a bot read it, and what its boxes knew then."""

    issue: IssueRecord
    known: Known


class GatedGit(Git):
    """Run git, but nothing once the process is dead, and stop before whatever goes to the remote."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.clone)
        self._bot = bot

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        remote_url: str | None = None,
        check: bool = True,
    ) -> Output:
        self._bot.require_life()
        name = next((arg for arg in args if arg in REMOTE), None)
        run = super().run
        if name is None:
            return run(*args, stdin=stdin, env=env, remote_url=remote_url, check=check)
        return self._bot.to_remote(
            name,
            args,
            lambda: run(*args, stdin=stdin, env=env, remote_url=remote_url, check=False),
            check=check,
        )


class NoComments:
    """Stand for the comments of issues on which planbot has nothing to say: no pass is refused."""

    def of(self, number: int) -> tuple[CommentRecord, ...]:
        raise AssertionError(number)

    def add(self, number: int, body: str) -> None:
        raise AssertionError((number, body))

    def change(self, comment: int, body: str) -> None:
        raise AssertionError((comment, body))

    def remove(self, comment: int) -> None:
        raise AssertionError(comment)


class WatchedEngine(Engine):
    """An engine that keeps what the last round of a pass made of all items."""

    items: tuple[Merged, ...] = ()

    def _write(self, round_: Round, tally: Tally) -> bool:
        self.items = round_.changes.items
        return super()._write(round_, tally)


class Bot(Connection):
    """Run passes of a real engine, each in a thread that the world lets go on step by step."""

    def __init__(self, world: ModelWorld, number: int) -> None:
        super().__init__(world.issues, "planbot")
        self.world = world
        # the second one is always told of an issue that was touched, and looks at what was touched lately
        self.event = Event("issues", "edited") if number else None
        self.clone = bare_repository(world.folder / f"clone{number}.git", world.origin.folder)
        self.faults: list[Fault] = []
        self.head = world.head
        self.fetched_at = 0.0
        self.seen: dict[int, Sight] = {}
        self.linked: set[int] = set()  # the issues whose dependencies were changed since the last push
        self._last: tuple[str, int | None] = ("", None)
        self._walker: Walker | None = None
        self._result: PassResult | None = None
        self.items: tuple[Merged, ...] = ()

    @property
    def pulls(self) -> PullRequests:
        return PullConnection(self, self.world.pulls)

    @property
    def comments(self) -> Comments:
        return NoComments()

    @property
    def running(self) -> bool:
        return self._walker is not None and not self._walker.ended

    def begin(self) -> None:
        """Start a pass and let it come to its first request."""
        self.seen.clear()
        self.linked.clear()
        self._last = ("", None)
        self._result = None
        self._walker = Walker(self._pass)
        self._walker.start()
        self.world.figures.counts["passes"] += 1
        self._look()

    def go_on(self, steps: int) -> None:
        """Let a pass go on for some requests, or until it ends."""
        assert self._walker is not None
        for _ in range(steps):
            if not self._walker.go_on():
                break
        self._look()

    def go_to(self, gate: str) -> None:
        """Let a pass go on until it is about to make such a request, or ends."""
        assert self._walker is not None
        self.go_on(1)
        while self.running and self._walker.at != gate:
            self.go_on(1)

    def finish(self) -> None:
        """Let a pass go on until it ends."""
        while self.running:
            self.go_on(1)

    def kill(self) -> None:
        """Kill the process that runs a pass, if one does."""
        if self._walker is not None and self.running:
            self._walker.kill()
            self.world.relations.left_behind(self.linked)

    def whole_pass(self) -> PassResult:
        """Run a pass that nothing comes between, and return what it did."""
        self.begin()
        self.finish()
        assert self._result is not None
        return self._result

    def about_to_write(self) -> int | None:
        """Let a pass go on until it is about to write an issue that it has just read, and return which."""
        self.go_to("update_issue")
        name, number = self._last
        return number if self.running and name == "issue" else None

    def just_read(self, number: int) -> Sight | None:
        """Return an issue as it was read if that was this bot's last request."""
        return self.seen[number] if self._last == ("issue", number) else None

    def require_life(self) -> None:
        if self._walker is not None:
            self._walker.require_life()

    def ask(self, name: str, number: int | None, call: Callable[[], T]) -> T:
        sent = self.world.now
        fault = self._gate(name)
        if self.world.now - sent > MARGIN:
            fault = "lost"  # whoever waits for an answer gives up by then, and hangs up
        if fault == "refused":
            self.world.not_done_again([number or 0], "refused")
            raise TrackerError(f"{name} was refused")
        if fault == "limited":
            raise RateLimitedError(f"{name} has to wait", seconds=60)
        lost = UnreachableError if name in READING else LostAnswerError
        if fault == "lost":
            raise lost(f"{name} was not heard")
        before = self.tracker.by_number.get(number or 0)
        if name == "set_blocked_by" and number:
            self.linked.add(number)
        self.world.asking = self
        answer = super().ask(name, number, call)
        self._learn(before, answer)
        self._last = name, number
        if fault == "answer lost":
            raise lost(f"the answer to {name} was lost")
        return answer

    def body_histories(self, numbers: Sequence[int]) -> dict[int, tuple[tuple[str, ...], ...]]:
        try:
            return super().body_histories(numbers)
        except RateLimitedError:
            raise
        except UnreachableError:
            self.world.not_done_again(numbers, "history")
            raise
        except TrackerError:  # as a server answers that keeps none
            self.world.not_done_again(numbers, "history", times=TRIES)
            return {}

    def to_remote(
        self, name: str, args: tuple[str, ...], run: Callable[[], Output], *, check: bool
    ) -> Output:
        """Run a git command that goes to the remote."""
        fault = self._gate(f"git {name}")
        output = _HANG_UP
        if fault in (None, "answer lost"):
            output = run()
            if name == "fetch":
                self.head, self.fetched_at = self.world.head, self.world.now
            if name == "push":
                self.linked.clear()
                self.world.bot_pushed(self)
        self._last = name, None
        if fault is not None:
            output = _HANG_UP
        if check and output.code != 0:
            raise GatedGit(self).failure(args, output)
        return output

    def _gate(self, name: str) -> Fault | None:
        assert self._walker is not None
        self._walker.gate(name)
        self.world.now += REQUEST
        self.world.figures.counts["requests and git commands"] += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            self.world.figures.counts[f"faults: {fault}"] += 1
        return fault

    def _learn(self, before: IssueRecord | None, answer: object) -> None:
        """Note what an answer tells of issues, and let the world judge what a write did."""
        if isinstance(answer, tuple):
            for one in answer:
                self._see(one)
        elif isinstance(answer, list):  # issues made at once
            for one in answer:
                self._learn(None, one)
        elif isinstance(answer, IssueRecord) and answer != before:
            if before is None:
                self.world.bot_made(self, answer)
            else:
                self.world.bot_changed(self, before, answer)
            self._see(answer)
        else:
            self._see(answer)

    def _see(self, one: object) -> None:
        if isinstance(one, IssueRecord) and one.number in self.world.known:
            self.seen[one.number] = Sight(one, self.world.known[one.number])

    def _look(self) -> None:
        """Raise what went wrong in the thread; note a pass that did all it wanted."""
        if self._walker is None or not self._walker.ended:
            return
        error = self._walker.error
        if error is not None and not isinstance(error, PlanbotError):
            raise error
        if error is not None:
            self.world.figures.counts["passes that failed"] += 1
        result = self._result
        if result is None:
            return
        self.world.told_homeless(found.message for _, found in result.findings if found.code == HOMELESS.code)
        if result.complete and not result.skipped:
            self.world.pass_ended(self)

    def _pass(self) -> None:
        engine = self._engine()
        self._result = engine.sync()
        self.items = engine.items

    def _engine(self) -> WatchedEngine:
        means = Means(lambda: self.world.now, self._sleep, self.world.stamp, _ignore, _ignore)
        options = Options(
            settings=Given(("planbot.yml", self.world.settings)),
            allow=frozenset(("closes", "unticks", "creates")),
            wait=WAIT,
            event=self.event,
        )
        return WatchedEngine(Repository(GatedGit(self), bare=True), self, options, means)

    def _sleep(self, seconds: float) -> None:
        assert self._walker is not None
        self._walker.gate("sleep")
        self.world.now += seconds


def _ignore(*_: object) -> None:
    """Listen to nothing."""
