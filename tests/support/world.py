"""A world to test in: a bare `origin`, a clone of it, a sandbox tracker, a bot and a person."""

from __future__ import annotations

import itertools
import os
import subprocess
from typing import TYPE_CHECKING, Any

import requests

from planbot.engine import Engine, Means, Options
from planbot.repo.journal import Journal
from planbot.repo.repository import Repository
from planbot.sync.codec import decode
from planbot.tracker.github_tracker import GitHubTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from planbot.report.result import PassResult
    from planbot.sandbox import Sandbox
    from planbot.sync.agreed import Agreed
    from planbot.tracker.answers import AnswerCache
    from planbot.tracker.event import Event
    from planbot.tracker.records import IssueRecord

NAME = "octo/plans"
PLAN = "PLAN.md"

_PERSON = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {"NAME": "Ada", "EMAIL": "ada@example.org"}.items()
}
CLEAN_GIT = {**os.environ, **_PERSON, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *args: str, data: bytes | None = None) -> str:
    """Run git without the settings of whoever runs the tests, and return what it prints."""
    done = subprocess.run(
        ["git", *args], cwd=folder, env=CLEAN_GIT, input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr.decode()}"
    return done.stdout.decode("utf-8", "surrogateescape").strip()


class World:
    """Hold everything a pass needs, and the hands of the people around it."""

    def __init__(self, folder: Path, sandbox: Sandbox, **repository: Any) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.origin = folder / "origin.git"
        self.work = folder / "work"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
        git(folder, "init", "--quiet", "--initial-branch=main", "work")
        git(self.work, "remote", "add", "origin", str(self.origin))
        self.bot_token = sandbox.add_user("planbot", role="write")
        self.person_token = sandbox.add_user("maya", role="write")
        sandbox.create_repository(NAME, git_dir=self.origin, **repository)
        self.person = self.tracker(self.person_token)
        self.told: list[str] = []
        self.slept: list[float] = []
        self._stamps = (f"stamp{count}" for count in itertools.count())
        self.now = sandbox.clock.now()
        self.on_sleep: Callable[[], object] = lambda: None
        self.on_tell: Callable[[str], object] = lambda _text: None
        self.event: Event | None = None  # that starts every pass
        self.pace = 0.0  # seconds between two writes that passes reckon with

    def close(self) -> None:
        self.person.close()

    def tracker(self, token: str, cache: AnswerCache | None = None) -> GitHubTracker:
        return GitHubTracker.connect(self.sandbox.url, token, NAME, seconds_between_writes=0, cache=cache)

    def skip_time(self, seconds: float) -> None:
        """Let time pass for the bot."""
        self.now += seconds

    def _clock(self) -> float:
        self.now += 1
        return self.now

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.skip_time(seconds)
        self.on_sleep()

    def _tell(self, text: str) -> None:
        self.told.append(text)
        self.on_tell(text)

    def repository(self) -> Repository:
        """Return the clone that the bot works in."""
        return Repository.open(self.work)

    def engine(self, tracker: GitHubTracker, *allow: str, options: Options | None = None) -> Engine:
        """Return the bot's engine, with a clock that moves by a second whenever it is looked at."""
        means = Means(
            self._clock,
            self._sleep,
            lambda: next(self._stamps),
            self._tell,
            lambda _, __, text: self._tell(text),
            self.pace,
        )
        options = options or Options(allow=frozenset(allow), event=self.event)
        return Engine(self.repository(), tracker, options, means)

    def sync(self, *allow: str) -> PassResult:
        """Run one pass as the bot."""
        with self.tracker(self.bot_token) as tracker:
            return self.engine(tracker, *allow).sync()

    def diff(self) -> PassResult:
        """Run a dry run as the bot."""
        with self.tracker(self.bot_token) as tracker:
            return self.engine(tracker).diff()

    def quiet(self) -> None:
        """Run one more pass and require that it wants nothing and writes nothing on either side."""
        before = self.refs()
        result = self.sync()
        assert result.in_sync, result
        assert result.requests.write == 0
        assert self.refs() == before

    def refs(self) -> str:
        return git(self.origin, "for-each-ref")

    def commit(self, files: dict[str, bytes | str | None], message: str = "Edit") -> str:
        """Commit and push files on top of what the remote has; None deletes."""
        if git(self.origin, "for-each-ref", "refs/heads/main"):
            git(self.work, "fetch", "--quiet", "origin", "main")
            git(self.work, "reset", "--quiet", "--hard", "FETCH_HEAD")
        for path, content in files.items():
            full = self.work / path
            if content is None:
                full.unlink()
                continue
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(content.encode() if isinstance(content, str) else content)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--message", message)
        git(self.work, "push", "--quiet", "origin", "HEAD:main")
        return git(self.work, "rev-parse", "HEAD")

    def branch(self, name: str, files: Mapping[str, str] | None = None) -> str:
        """Push a branch with a commit of its own on top of what the clone has, and return the commit."""
        git(self.work, "checkout", "--quiet", "-B", name)
        for path, content in (files or {}).items():
            (self.work / path).write_text(content)
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", "Branch off")
        git(self.work, "push", "--quiet", "origin", f"HEAD:{name}")
        commit = git(self.work, "rev-parse", "HEAD")
        git(self.work, "checkout", "--quiet", "-")
        return commit

    def edit(self, old: str, new: str, path: str = PLAN) -> None:
        """Replace a text in a plan file on the remote, as a person would."""
        content = self.plan(path)
        assert old.encode() in content, old
        self.commit({path: content.replace(old.encode(), new.encode())})

    def agreed(self) -> Agreed:
        """Return the newest journal state."""
        repository = Repository.open(self.work)
        return decode(Journal(repository).load(repository.fetch("main").journal or ""))

    def plan(self, path: str = PLAN) -> bytes:
        """Return a file as the branch on the remote has it."""
        return subprocess.run(
            ["git", "cat-file", "blob", f"main:{path}"], cwd=self.origin, capture_output=True, check=True
        ).stdout

    def issues(self) -> dict[str, IssueRecord]:
        """Return the managed issues by title, as a person sees them."""
        listed = self.person.issues("planbot")
        issues = {issue.title: issue for issue in listed}
        assert len(issues) == len(listed), "two issues have one title"
        return issues

    def issue(self, start: str) -> IssueRecord:
        """Return the one managed issue whose title starts with a text."""
        (found,) = [issue for title, issue in self.issues().items() if title.startswith(start)]
        return found

    def parent(self, number: int) -> int | None:
        """Return the number of an issue's parent, as the server tells it."""
        url = f"{self.sandbox.url}/repos/{NAME}/issues/{number}/parent"
        headers = {"Authorization": f"Bearer {self.person_token}", "User-Agent": "tests"}
        answer = requests.get(url, headers=headers, timeout=60)
        return answer.json()["number"] if answer.status_code == requests.codes.ok else None

    def set_box(self, start: str, text: str, *, ticked: bool = True) -> None:
        """Tick or untick a box in an issue, as a person does in the browser."""
        issue = self.issue(start)
        old, new = f"[{' ' if ticked else 'x'}] {text}", f"[{'x' if ticked else ' '}] {text}"
        assert old in issue.body, (old, issue.body)
        self.person.update_issue(issue.number, body=issue.body.replace(old, new, 1))


def changed_bytes(before: bytes, after: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return every place where two texts of one length differ."""
    assert len(before) == len(after)
    pairs: Iterable[tuple[int, tuple[int, int]]] = enumerate(zip(before, after, strict=True))
    return [(at, bytes([old]), bytes([new])) for at, (old, new) in pairs if old != new]
