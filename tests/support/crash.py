"""A world whose passes can die: at any request and any git command, and start over from where they began."""

from __future__ import annotations

import copy
import itertools
import json
import re
import shutil
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import requests
from support.world import NAME, World, git

from planbot.repo.git import Git
from planbot.repo.lease import SECONDS
from planbot.sandbox.faults import Fault
from planbot.sync.reconcile import LAG
from planbot.tracker.github_tracker import GitHubTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pytest

    from planbot.report.result import PassResult
    from planbot.sandbox import Sandbox
    from planbot.sandbox.model import State
    from planbot.tracker.answers import AnswerCache

Kind = Literal["request", "git"]
When = Literal["before", "after"]

LISTS_LAG = 30  # seconds for which a fresh issue is in no list
PASSES = 5  # more than these a crash may not take to be made good
# nothing here has to outlast a power cut, and a repository that repacks itself only costs time
_QUICK_GIT = {
    "core.fsync": "none",
    "gc.auto": "0",
    "receive.autogc": "false",
    "maintenance.auto": "false",
}
_LIKE = re.compile(r"\b(?:[0-9a-f]{7,}|[0-9]+)\b|/tmp/\S+")
_DEATH_AFTER_PUSH = """\
#!/bin/sh
[ "$1" = committed ] || exit 0
echo >> {count}
[ "$(wc -l < {count})" -ne {at} ] || kill -KILL $PPID
"""


class Killed(BaseException):
    """End a pass on the spot, like SIGKILL: no `except` of planbot's takes it for an error of the tracker or git."""


@dataclass(frozen=True, slots=True)
class Death:
    """Say where a pass dies: before or after its `at`-th request or git command, from 1."""

    kind: Kind
    when: When
    at: int


class Border:
    """Stand between a pass and the world: count what passes, and let the process die at one of these.

    Once it is dead nothing gets through any more, so that no `finally` does what SIGKILL would have prevented.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: Counter[Kind] = Counter()
        self.calls: defaultdict[Kind, list[str]] = defaultdict(list)  # of which kind each was
        self.pushes: list[int] = []  # which of the git commands push
        self.dead = False
        self._watching = False
        self._death: Death | None = None
        monkeypatch.setattr(requests.Session, "send", self._guarded("request", requests.Session.send))
        monkeypatch.setattr(Git, "run", self._guarded("git", Git.run))

    @contextmanager
    def watch(self, death: Death | None = None) -> Iterator[None]:
        """Count what the pass in this block does, and let it die."""
        self.counts.clear()
        self.calls.clear()
        self.pushes.clear()
        self._watching, self._death, self.dead = True, death, False
        try:
            yield
        except Killed:
            pass
        finally:
            self._watching = False

    def _guarded(self, kind: Kind, pass_on: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not self._watching:
                return pass_on(*args, **kwargs)
            self.counts[kind] += 1
            self.calls[kind].append(_git_kind(args[1:]) if kind == "git" else _sent_kind(args[1]))
            if "push" in args:
                self.pushes.append(self.counts[kind])
            self._die(kind, "before")
            try:
                return pass_on(*args, **kwargs)
            finally:
                self._die(kind, "after")  # after a refusal as well

        return guarded

    def _die(self, kind: Kind, when: When) -> None:
        self.dead = self.dead or self._death == Death(kind, when, self.counts[kind])
        if self.dead:
            raise Killed


def request_kind(method: str, url: str, body: object) -> str:
    """Return what requests have in common that ask or change the same of other things: no numbers and values."""
    return f"{method} {_LIKE.sub('N', urlsplit(url).path)} {sorted(body) if isinstance(body, dict) else ''}"


def _sent_kind(sent: requests.PreparedRequest) -> str:
    body = json.loads(sent.body) if isinstance(sent.body, str | bytes) else None
    return request_kind(sent.method or "", sent.url or "", body)


def _git_kind(args: Sequence[str]) -> str:
    return " ".join(_LIKE.sub("N", arg) for arg in args)


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold all that is on both sides at one moment."""

    folder: Path
    state: State
    time: float


class CrashWorld(World):
    """Hold a world with one clock for everybody, which stands still but when somebody looks at it or waits.

    `look` is how many seconds a look takes.
    """

    look: float = 1

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        sandbox.clock.hold()
        # whole seconds can be gone back to exactly; a process of its own has the machine's time, and comes later
        sandbox.clock.set(datetime.fromtimestamp(int(sandbox.clock.now()) - 3600, UTC))
        super().__init__(folder, sandbox)
        for repository in (self.origin, self.work):
            shutil.rmtree(git_dir(repository) / "hooks")
            for key, value in _QUICK_GIT.items():
                git(repository, "config", key, value)

    def _clock(self) -> float:
        self.skip_time(self.look)
        return self.sandbox.clock.now()

    def skip_time(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self.sandbox.clock.advance(seconds)

    def tracker(self, token: str, cache: AnswerCache | None = None) -> GitHubTracker:
        return GitHubTracker.connect(
            self.sandbox.url,
            token,
            NAME,
            seconds_between_writes=0,
            sleep=self.skip_time,
            clock=self.sandbox.clock.now,
            cache=cache,
        )

    def save(self) -> Moment:
        """Keep this moment, once lists show all that is there."""
        self.skip_time(LAG)
        kept = self.folder / "kept"
        for repository in (self.origin, self.work):
            shutil.copytree(repository, kept / repository.name)
        store = self.sandbox._services.store
        return Moment(kept, copy.deepcopy(store.state), self.sandbox.clock.now())

    def restore(self, moment: Moment) -> None:
        """Go back to a moment that was kept."""
        for repository in (self.origin, self.work):
            shutil.rmtree(repository)
            shutil.copytree(moment.folder / repository.name, repository)
        store = self.sandbox._services.store
        with store.lock:
            store.state = copy.deepcopy(moment.state)
            repositories = store.state.repositories.values()
            store._places = {issue.id: (one, issue) for one in repositories for issue in one.issues.values()}
        self.sandbox.limits.reset()
        self.sandbox.clear_requests()
        self.sandbox.clock.set(datetime.fromtimestamp(moment.time, UTC))
        self._stamps = (f"later{count}" for count in itertools.count())
        self.lag()

    def remains(self) -> tuple[str, str, State]:
        """Return all that a later pass can find: the refs of both repositories, and what the sandbox holds."""
        own = re.sub(
            r"refs/planbot-remote/[0-9a-f]{16}", "refs/planbot-remote/random", git(self.work, "for-each-ref")
        )
        return self.refs(), own, copy.deepcopy(self.sandbox._services.store.state)

    def beside(self) -> dict[str, Any]:
        """Return what there is beside issues, plan and journal."""
        return {}

    def lag(self) -> None:
        """Take all faults away but the one that lists always have."""
        self.sandbox.faults.clear()
        self.sandbox.faults.lag_lists(LISTS_LAG)

    @contextmanager
    def real_time(self) -> Iterator[None]:
        """Let the machine's time be everybody's while a process of its own runs."""
        self.sandbox.clock.release()
        yield
        self.sandbox.clock.hold()

    def drop_answer(self, at: int) -> None:
        """Let the sandbox act on the `at`-th request from now, from 1, and then cut the connection."""
        self.sandbox.faults.add(Fault(when="after", skip=at - 1, drop=True))

    def lose_answer_of_push(self, at: int) -> None:
        """Let the remote die when it has moved the refs of the `at`-th push from now, from 1."""
        hooks = self.origin / "hooks"
        hooks.mkdir()
        hook = hooks / "reference-transaction"
        hook.write_text(_DEATH_AFTER_PUSH.format(count=self.folder / "pushed", at=at))
        hook.chmod(0o755)
        (self.folder / "pushed").unlink(missing_ok=True)

    def recover(self, *, at_once: bool = False) -> int:
        """Let passes run until one has nothing to do; return how many had something.

        They begin when every lease has run out and lists show everything, or `at_once`, and wait for that themselves.
        """
        self.lag()
        self.on_sleep = lambda: self.skip_time(SECONDS)
        if not at_once:
            self.skip_time(SECONDS + LAG)
        for count in range(PASSES):
            if self.is_quiet():
                self.skip_time(LAG)  # who looks now sees everything
                return count
        raise AssertionError(f"after {PASSES} passes there is still something to do")

    def is_quiet(self) -> bool:
        """Run one pass and return whether it found nothing to do and wrote nothing on either side."""
        before = self.refs()
        result: PassResult = self.sync()
        assert not result.skipped, result
        return result.in_sync and not result.requests.write and self.refs() == before


def git_dir(repository: Path) -> Path:
    """Return where a repository, bare or not, keeps its objects."""
    inner = repository / ".git"
    return inner if inner.is_dir() else repository
