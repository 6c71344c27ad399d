"""`planbot demo --serve`: the sandbox with its pages, the sample plan, and planbot watching both."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

from planbot.cli.console import say, say_error, show, show_lines
from planbot.cli.demo_ground import BOT, NAME, PERSON, PLAN, engine_of, git, sample_repository, tracker_of
from planbot.errors import PlanbotError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.engine import Engine
    from planbot.sandbox import Sandbox
    from planbot.tracker.github_tracker import GitHubTracker

HOST = "127.0.0.1"
_A_LOOK = 0.25  # seconds until it is noticed that the end is wanted
_A_REST = 5.0  # seconds until a pass that failed is tried again
_FIRST_PHASE, _FIRST_TASK = "Phase 1:", "1.1 "

_GUIDE = """\
Serving {name} with its sample plan; planbot watches, and you are {person}.

  plan    {web}/blob/main/{plan}
  issues  {web}/issues

Try this:
  1. Open the plan, and beside it the issue of its first phase: {web}/issues/{phase}
  2. Tick a box in the issue: a commit ticks it in the plan, and the progress moves.
  3. Close a task, as completed or as not planned: {web}/issues/{task}
  4. Push a change of the plan, such as another title of a task, and look at its issue:
     git clone {clone}
  5. See what planbot asked for meanwhile: {site}/-/requests

Ctrl-C ends it.
"""


def serve_demo(folder: Path, port: int) -> None:
    """Serve the demo until Ctrl-C or SIGTERM; a pass that is under way is finished first.

    Raises:
        UsageError: if the port cannot be listened on.
    """
    with contextlib.suppress(KeyboardInterrupt), _sandbox(port) as sandbox:
        _run(folder, sandbox)
    say("stopped")


@contextlib.contextmanager
def _sandbox(port: int) -> Iterator[Sandbox]:
    from planbot.sandbox import Sandbox

    sandbox = Sandbox(HOST, port)
    try:
        sandbox.start()
    except OSError as error:
        raise UsageError(f"{HOST}:{port} cannot be listened on: {error.strerror}") from error
    try:
        yield sandbox
    finally:
        sandbox.stop()


def _run(folder: Path, sandbox: Sandbox) -> None:
    from planbot.repo.git import Credentials
    from planbot.repo.repository import Repository

    say("making the repository and its issues ...")
    work = sample_repository(folder)
    git(work, "remote", "set-url", "origin", f"{sandbox.url}/{NAME}.git")
    token = sandbox.add_user(BOT)
    sandbox.add_user(PERSON)
    sandbox.let_act_as(PERSON)
    sandbox.create_repository(NAME, git_dir=folder / "origin.git")
    with tracker_of(sandbox, token) as tracker:
        engine = engine_of(Repository.open(work, credentials=Credentials(token, sandbox.url)), tracker)
        engine.sync()
        show(_guide(sandbox, tracker))
        _watch(engine, sandbox)


def _guide(sandbox: Sandbox, tracker: GitHubTracker) -> str:
    """Tell what there is, and what to try."""
    numbers = {issue.title: issue.number for issue in tracker.issues("planbot")}
    return _GUIDE.format(
        name=NAME,
        person=PERSON,
        plan=PLAN,
        site=sandbox.url,
        web=f"{sandbox.url}/{NAME}",
        phase=next(number for title, number in numbers.items() if title.startswith(_FIRST_PHASE)),
        task=next(number for title, number in numbers.items() if title.startswith(_FIRST_TASK)),
        clone=f"{sandbox.url.replace('://', f'://{PERSON}:{sandbox.token_of(PERSON)}@')}/{NAME}.git",
    )


def _watch(engine: Engine, sandbox: Sandbox) -> None:
    """Run a pass whenever something changed, and tell of each that found something to do."""
    problem = ""
    with _told_to_end() as over:
        while not over.is_set():
            before = sandbox.news.now
            problem = _pass(engine, problem)
            _wait(sandbox, over, before.changes, _A_REST if problem else None)


def _pass(engine: Engine, known: str) -> str:
    """Run a pass; return what went wrong, which is told unless it is known."""
    from planbot.report.text import result_lines

    try:
        result = engine.sync()
    except PlanbotError as error:
        if error.message != known:
            say_error(error)
        return error.message
    if not result.in_sync:
        show_lines(result_lines(result))
    return ""


def _wait(sandbox: Sandbox, over: threading.Event, changes: int, longest: float | None) -> None:
    """Wait until something changed since, the end is wanted, or so many seconds have gone."""
    now, waited = sandbox.news.now, 0.0
    while now.changes == changes and not over.is_set() and (longest is None or waited < longest):
        now = sandbox.news.wait(now, _A_LOOK)
        waited += _A_LOOK


@contextlib.contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Yield what the first SIGTERM or Ctrl-C sets; a second one ends the pass that is under way as well."""
    over = threading.Event()
    ends = (signal.SIGINT, signal.SIGTERM)

    def end(_signum: int, _frame: object) -> None:
        for signum in ends:
            signal.signal(signum, signal.default_int_handler)
        over.set()

    before = [(signum, signal.signal(signum, end)) for signum in ends]
    try:
        yield over
    finally:
        for signum, handler in before:
            signal.signal(signum, handler)
