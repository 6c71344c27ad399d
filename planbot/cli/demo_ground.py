"""What a demo stands on: a folder that goes away, a repository with the sample plan, no settings of anybody's."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from planbot.errors import GitError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.engine import Engine
    from planbot.repo.repository import Repository
    from planbot.sandbox import Sandbox
    from planbot.tracker.github_tracker import GitHubTracker

NAME = "octo/orders"
PLAN = "PLAN.md"
BOT, PERSON = "planbot", "maya"
_TRIES = 50
_ENDS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def tracker_of(sandbox: Sandbox, token: str) -> Iterator[GitHubTracker]:
    """Yield the sandbox's tracker as the user with this token sees it."""
    from planbot.tracker.github_tracker import GitHubTracker

    with GitHubTracker.connect(sandbox.url, token, NAME, seconds_between_writes=0) as tracker:
        yield tracker


def engine_of(repository: Repository, tracker: GitHubTracker) -> Engine:
    """Return an engine that says nothing while it works."""
    from planbot.engine import Engine, Means, Options

    means = Means(time.time, time.sleep, lambda: secrets.token_hex(4), lambda _text: None, lambda *_: None)
    return Engine(repository, tracker, Options(), means)


def sample_repository(folder: Path) -> Path:
    """Make a bare repository with the sample plan on `main`, and a clone of it."""
    work = folder / "work"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(folder, "init", "--quiet", "--initial-branch=main", "work")
    git(work, "remote", "add", "origin", str(folder / "origin.git"))
    plan = resources.files("planbot.cli").joinpath("sample", PLAN).read_bytes()
    (work / PLAN).write_bytes(plan)
    git(work, "add", PLAN)
    git(work, "commit", "--quiet", "--message", "Plan the orders API")
    git(work, "push", "--quiet", "--set-upstream", "origin", "main")
    return work


@contextlib.contextmanager
def demo_folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder that is to be kept, or one that is gone in the end, also when SIGTERM is that end.

    Raises:
        UsageError: if the folder cannot be used or has something in it.
    """
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="planbot-demo-"))
        try:
            yield folder
        finally:
            _remove(folder)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
        occupied = any(keep.iterdir())
    except OSError as error:
        raise UsageError(f"{keep} cannot be used: {error.strerror}") from error
    if occupied:
        raise UsageError(f"{keep} is not empty", hint="name a folder that is empty or not there yet")
    yield keep.resolve()


def _remove(folder: Path) -> None:
    """Remove a folder whole: who presses Ctrl-C twice means to end, not to leave half of it."""
    before = [(end, signal.signal(end, signal.SIG_IGN)) for end in _ENDS]
    for _ in range(_TRIES):  # a git that was under way may still write
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(0.1)
    for end, handler in before:
        signal.signal(end, handler)


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end what is under way as Ctrl-C does, so that it cleans up."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def without_proxy() -> Iterator[None]:
    """Keep requests to the sandbox on this machine, whatever proxy the environment names."""
    name = "no_proxy"  # it goes before NO_PROXY
    before = os.environ.get(name)
    os.environ[name] = "127.0.0.1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def git(folder: Path, *args: str) -> str:
    """Run git as somebody without settings of their own, so that the demo looks the same everywhere.

    Variables such as GIT_DIR, which git sets in hooks, would even lead it into another repository.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_PAGER": "cat"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *args], env=environment, capture_output=True, check=True
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed or not on PATH", hint="install git and try again") from error
    except subprocess.CalledProcessError as error:
        raise GitError(f"git {args[0]} failed: {error.stderr.decode('utf-8', 'replace').strip()}") from error
    return done.stdout.decode("utf-8", "replace")
