"""`planbot demo`: the whole way once, on this machine, against the sandbox."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.console import show, show_lines
from planbot.errors import GitError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.engine import Engine
    from planbot.report.result import PassResult
    from planbot.sandbox import Sandbox
    from planbot.tracker.github_tracker import GitHubTracker

NAME = "octo/orders"
PLAN = "PLAN.md"
_TICKED = ("`pytest tests/test_idempotency.py` passes", "Start the service: `make run`")
_CLOSED = "1.1 Store idempotency keys"
_DIFF_STYLES = {"+": "create", "-": "close"}


@click.command()
@click.option(
    "--keep",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Leave the repositories in this folder instead of cleaning up.",
)
def command(*, keep: Path | None) -> int:
    """See planbot work on this machine: no token, no network, no question asked.

    Makes a git repository with a sample plan, starts a local look-alike of GitHub, shows what a first sync would
    do, does it, ticks two boxes and closes an issue there as a maintainer would, syncs again and shows what
    became of the plan.

    \b
    Examples:
      planbot demo
      planbot demo --keep /tmp/orders
    """
    with _folder(keep) as folder, _without_proxy():
        _run(folder)
        if keep is not None:
            show(
                f"\nKept in {folder}: origin.git (the remote) and work (a clone). The journal: "
                f"git -C {folder / 'origin.git'} log refs/planbot/journal"
            )
    return 0


def _run(folder: Path) -> None:
    from planbot.engine import Engine, Means, Options
    from planbot.repo.repository import Repository
    from planbot.sandbox import Sandbox

    _title(1, f"A repository with a plan file, {PLAN}")
    work = _repository(folder)
    show(_git(work, "log", "--oneline", "--stat", "-1").strip())
    with Sandbox() as sandbox:
        bot, maintainer = sandbox.add_user("planbot", role="write"), sandbox.add_user("maya", role="write")
        sandbox.create_repository(NAME, git_dir=folder / "origin.git")
        with _tracker(sandbox, bot) as tracker, _tracker(sandbox, maintainer) as maya:
            means = Means(
                time.time, time.sleep, lambda: secrets.token_hex(4), lambda _text: None, lambda *_: None
            )
            engine = Engine(Repository.open(work), tracker, Options(), means)
            _title(2, "What a first sync would do (planbot diff)")
            _show(engine.diff())
            _title(3, "The first sync (planbot sync)")
            _show(engine.sync())
            _title(4, "A maintainer ticks two boxes in the phase issue and closes a task issue")
            closed = _maintain(maya)
            _again(engine, work)
            _title(6, "A third sync")
            _show(engine.sync())
            _still(maya, closed)


def _again(engine: Engine, work: Path) -> None:
    _title(5, "The second sync brings the ticks into the plan file")
    _show(engine.sync())
    _git(work, "pull", "--quiet", "--ff-only")
    show("")
    for line in _git(work, "diff", "--unified=0", "HEAD~1", "--", PLAN).strip().split("\n"):
        show(line, _DIFF_STYLES.get(line[:1], ""))


def _still(maya: GitHubTracker, number: int) -> None:
    issue = maya.issue(number)
    if issue is not None:
        show(f"  #{issue.number}  still {issue.state}: {issue.title}")


def _maintain(maya: GitHubTracker) -> int:
    """Tick two boxes of the first phase's issue and close a task, over the API, as a person would.

    Returns the number of the issue that was closed.
    """
    issues = {issue.title: issue for issue in maya.issues("planbot")}
    phase = next(issue for title, issue in issues.items() if title.startswith("Phase 1:"))
    body = phase.body
    for text in _TICKED:
        body = body.replace(f"- [ ] {text}", f"- [x] {text}")
        show(f"  #{phase.number}  [x] {text}")
    maya.update_issue(phase.number, body=body)
    task = issues[_CLOSED]
    maya.update_issue(task.number, state="closed", state_reason="completed")
    show(f"  #{task.number}  closed: {task.title}")
    return task.number


@contextlib.contextmanager
def _tracker(sandbox: Sandbox, token: str) -> Iterator[GitHubTracker]:
    from planbot.tracker.github_tracker import GitHubTracker

    with GitHubTracker.connect(sandbox.url, token, NAME, seconds_between_writes=0) as tracker:
        yield tracker


def _repository(folder: Path) -> Path:
    """Make a bare repository with the sample plan on `main`, and a clone of it."""
    work = folder / "work"
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    _git(folder, "init", "--quiet", "--initial-branch=main", "work")
    _git(work, "remote", "add", "origin", str(folder / "origin.git"))
    plan = resources.files("planbot.cli").joinpath("sample", PLAN).read_bytes()
    (work / PLAN).write_bytes(plan)
    _git(work, "add", PLAN)
    _git(work, "commit", "--quiet", "--message", "Plan the orders API")
    _git(work, "push", "--quiet", "--set-upstream", "origin", "main")
    return work


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="planbot-demo-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
        occupied = any(keep.iterdir())
    except OSError as error:
        raise UsageError(f"{keep} cannot be used: {error.strerror}") from error
    if occupied:
        raise UsageError(f"{keep} is not empty", hint="name a folder that is empty or not there yet")
    yield keep.resolve()


@contextlib.contextmanager
def _without_proxy() -> Iterator[None]:
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


def _git(folder: Path, *args: str) -> str:
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


def _title(number: int, text: str) -> None:
    if number > 1:
        show("")
    show(f"{number}. {text}", "heading")


def _show(result: PassResult) -> None:
    from planbot.report.text import result_lines

    show_lines(result_lines(result))
