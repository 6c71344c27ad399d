"""`planbot demo`: the whole way once, on this machine, against the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.console import show, show_lines
from planbot.cli.demo_ground import (
    BOT,
    NAME,
    PERSON,
    PLAN,
    demo_folder,
    ended_by_sigterm,
    engine_of,
    git,
    sample_repository,
    tracker_of,
    without_proxy,
)
from planbot.errors import UsageError

if TYPE_CHECKING:
    from planbot.engine import Engine
    from planbot.report.result import PassResult
    from planbot.tracker.github_tracker import GitHubTracker

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
@click.option("--serve", is_flag=True, help="Let it run, with pages to look at and to click in the browser.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Port of the pages on 127.0.0.1, with --serve; default: a free one.",
)
def command(*, keep: Path | None, serve: bool, port: int | None) -> int:
    """See planbot work on this machine: no token, no network, no question asked.

    Makes a git repository with a sample plan, starts a local look-alike of GitHub, shows what a first sync would
    do, does it, ticks two boxes and closes an issue there as a maintainer would, syncs again and shows what
    became of the plan.

    With --serve you are the maintainer: the look-alike has pages, where you tick boxes and close issues, and planbot
    watches. Only this machine can reach them; Ctrl-C or SIGTERM ends it.

    \b
    Examples:
      planbot demo
      planbot demo --serve
      planbot demo --serve --port 8080 --keep /tmp/orders
    """
    if port is not None and not serve:
        raise UsageError("--port goes with --serve", hint="planbot demo --serve --port 8080")
    with ended_by_sigterm(), demo_folder(keep) as folder, without_proxy():
        if serve:
            from planbot.cli.demo_serve import serve_demo

            serve_demo(folder, port or 0)
        else:
            _run(folder)
        if keep is not None:
            show(
                f"\nKept in {folder}: origin.git (the remote) and work (a clone). The journal: "
                f"git -C {folder / 'origin.git'} log refs/planbot/journal"
            )
    return 0


def _run(folder: Path) -> None:
    from planbot.repo.repository import Repository
    from planbot.sandbox import Sandbox

    _title(1, f"A repository with a plan file, {PLAN}")
    work = sample_repository(folder)
    show(git(work, "log", "--oneline", "--stat", "-1").strip())
    with Sandbox() as sandbox:
        bot, maintainer = sandbox.add_user(BOT), sandbox.add_user(PERSON)
        sandbox.create_repository(NAME, git_dir=folder / "origin.git")
        with tracker_of(sandbox, bot) as tracker, tracker_of(sandbox, maintainer) as maya:
            engine = engine_of(Repository.open(work), tracker)
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
    git(work, "pull", "--quiet", "--ff-only")
    show("")
    for line in git(work, "diff", "--unified=0", "HEAD~1", "--", PLAN).strip().split("\n"):
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


def _title(number: int, text: str) -> None:
    if number > 1:
        show("")
    show(f"{number}. {text}", "heading")


def _show(result: PassResult) -> None:
    from planbot.report.text import result_lines

    show_lines(result_lines(result))
