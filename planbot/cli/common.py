"""What several commands share: options, the settings file, and the way to repository and tracker."""

from __future__ import annotations

import functools
import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from planbot.cli.console import progress, say
from planbot.errors import GitError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from planbot.engine import Engine
    from planbot.loading import Given
    from planbot.repo.repository import Repository
    from planbot.sync.saved import Saved
    from planbot.tracker.answers import AnswerCache
    from planbot.tracker.event import Event
    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.inspection import Inspector
    from planbot.tracker.target import Target

F = TypeVar("F", bound="Callable[..., Any]")

ALLOWED = ("closes", "unticks", "creates")


def config_option(command: F) -> F:
    """Add `--config`."""
    return click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Settings file; default: .github/planbot.yml, then planbot.yml.",
    )(command)


def plans_option(command: F) -> F:
    """Add `--plans`."""
    return click.option(
        "--plans",
        multiple=True,
        metavar="GLOB",
        help="Plan files, in the place of `plans:` in the settings; may be given several times.",
    )(command)


def directory_option(command: F) -> F:
    """Add `--directory`."""
    return click.option(
        "-C",
        "--directory",
        metavar="DIR",
        type=click.Path(path_type=Path),
        default=Path(),
        help="Run as if started in this folder.",
    )(command)


@dataclass(frozen=True, slots=True)
class Connection:
    """Hold where a pass runs, and with which settings; `pace` are the seconds between two writes."""

    config: Path | None
    plans: tuple[str, ...]
    write_back: str | None
    directory: Path
    api_url: str | None
    repo: str | None
    pace: float


class Interval(click.ParamType[int]):
    """Read a time such as `90s`, `15m`, `2h` or `1d` as seconds."""

    name = "interval"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return seconds."""
        if isinstance(value, int):
            return value
        from planbot.config_schema import seconds_of

        try:
            return seconds_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def connected(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say where a pass runs, and hand them to the command as one `Connection`, `at`."""
    return _with_connection(command, (*_REPOSITORY_OPTIONS, _WRITE_BACK_OPTION, _PACE_OPTION))


def reading(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say where to read, for a command that writes nothing to the tracker; see `connected`."""
    return _with_connection(command, _REPOSITORY_OPTIONS)


def acting(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say where to act, for a command that reads no plan files; see `connected`."""
    return _with_connection(command, (directory_option, *_TRACKER_OPTIONS, _PACE_OPTION))


def _with_connection(
    command: Callable[..., int], options: tuple[Callable[..., Any], ...]
) -> Callable[..., int]:
    @functools.wraps(command)
    def with_connection(
        *,
        directory: Path,
        api_url: str | None,
        repo: str | None,
        config: Path | None = None,
        plans: tuple[str, ...] = (),
        write_back: str | None = None,
        pace: float = 0,
        **rest: Any,
    ) -> int:
        return command(at=Connection(config, plans, write_back, directory, api_url, repo, pace), **rest)

    added: Callable[..., int] = with_connection
    for option in reversed(options):
        added = option(added)
    return added


_TRACKER_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option(
        "--api-url", metavar="URL", help="API of the server; default: $GITHUB_API_URL, then GitHub's own."
    ),
    click.option(
        "--repo",
        metavar="OWNER/NAME",
        help="Repository; default: $GITHUB_REPOSITORY, then what `origin` points at.",
    ),
)
_REPOSITORY_OPTIONS: tuple[Callable[..., Any], ...] = (
    config_option,
    plans_option,
    directory_option,
    *_TRACKER_OPTIONS,
)
_WRITE_BACK_OPTION = click.option(
    "--write-back",
    metavar="MODE",
    help="How ticks reach the plan files: auto, commit, pull-request or off; default: what the settings say.",
)
_PACE_OPTION = click.option(
    "--pace",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Time between two writes to the tracker.",
)


class _Allowed(click.ParamType[frozenset[str]]):
    """Read names of limits with commas between."""

    name = "limits"

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        """Return the names."""
        names = frozenset(name.strip() for name in str(value).split(",") if name.strip())
        if wrong := sorted(names.difference(self._names)):
            self.fail(f"{wrong[0]!r} is none of {', '.join(self._names)}", param, ctx)
        return names


def allow_option(
    *names: str,
    help: str = "Limits to lift in this pass: closes, unticks, creates, or several with commas between.",  # noqa: A002 - click's name
) -> Callable[[F], F]:
    """Add `--allow`, with the limits of a pass unless others are named."""
    kind = _Allowed(names or ALLOWED)
    return click.option("--allow", metavar="LIMITS", type=kind, default="", help=help)


def given(
    config: Path | None, directory: Path = Path(), plans: tuple[str, ...] = (), write_back: str | None = None
) -> Given:
    """Return what was given by hand; the settings file is relative to a folder.

    Raises:
        UsageError: if it cannot be read, or something is not what it must be.
    """
    from planbot.config import load_patterns, write_back_mode
    from planbot.loading import Given

    file = None if config is None else (str(config), _bytes(directory / config, config))
    return Given(file, load_patterns(plans, "--plans"), write_back_mode(write_back, "--write-back"))


def _bytes(path: Path, name: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: the settings file cannot be read: {error.strerror}") from error


def repository_files(files: Iterable[Path], directory: Path, repository: Repository) -> list[str]:
    """Return the paths, relative to a repository's root, of files named relative to a folder.

    Raises:
        UsageError: if one is not there, or lies elsewhere.
    """
    root, paths = repository.root.resolve(), []
    for file in files:
        full = (directory / file).absolute()
        there = full.parent.resolve() / full.name
        if not there.is_relative_to(root):
            raise UsageError(f"{file} lies outside the repository {root}")
        paths.append(there.relative_to(root).as_posix())
    return paths


def open_repository(directory: Path) -> Repository:
    """Return the repository around a folder, for reading alone."""
    from planbot.repo.repository import Repository

    if not directory.is_dir():
        raise UsageError(f"{directory} is not a folder")
    return Repository.open(directory)


@dataclass(frozen=True, slots=True)
class Connected:
    """Hold a repository, its tracker, and the repository (`owner/name`) that `origin` names there, if it does."""

    repository: Repository
    tracker: GitHubTracker
    origin: str | None


@contextmanager
def connection(at: Connection, cache: AnswerCache | None = None) -> Iterator[Connected]:
    """Yield the repository around a folder and its tracker, which need not tell again what a `cache` holds."""
    from planbot.tracker.github_tracker import GitHubTracker
    from planbot.tracker.target import repository_of

    repository, target, origin = _target(at)
    with GitHubTracker.connect(
        target.api_url, target.token.reveal(), target.repository, seconds_between_writes=at.pace, cache=cache
    ) as tracker:
        yield Connected(repository, tracker, repository_of(origin, target.html_url))


@contextmanager
def inspection(at: Connection) -> Iterator[tuple[Repository, Inspector]]:
    """Yield the repository around a folder, and what asks about its tracker."""
    from planbot.tracker.inspection import Inspector

    repository, target, _ = _target(at)
    with Inspector.connect(target.api_url, target.token.reveal(), target.repository) as inspector:
        yield repository, inspector


def _target(at: Connection) -> tuple[Repository, Target, str | None]:
    from planbot.repo.git import Credentials
    from planbot.repo.repository import Repository
    from planbot.tracker.target import resolve

    origin = _origin(open_repository(at.directory))
    target = resolve(at.api_url, at.repo, os.environ, origin)
    credentials = Credentials(target.token.reveal(), target.html_url)
    return Repository.open(at.directory, credentials=credentials), target, origin


@contextmanager
def engine(
    at: Connection,
    allow: frozenset[str] = frozenset(),
    *,
    wait: float = 120,
    time_budget: float | None = None,
    saved: Saved | None = None,
    cache: AnswerCache | None = None,
) -> Iterator[tuple[Engine, Connected]]:
    """Yield an engine over the repository around a folder and its tracker, and these."""
    import secrets

    from planbot.engine import Engine, Means, Options

    means = Means(time.time, time.sleep, lambda: secrets.token_hex(4), say, progress, at.pace)
    with connection(at, cache) as to:
        options = Options(
            given(at.config, at.directory, at.plans, at.write_back),
            allow,
            wait=wait,
            time_budget=time_budget,
            origin=to.origin,
            ref=_ref(started_by := event()),
            event=started_by,
            saved=saved,
        )
        yield Engine(to.repository, to.tracker, options, means), to


def _ref(started_by: Event | None) -> str | None:
    """Return the ref that a pass is about: the one that was pushed, or that a pull request goes into."""
    if started_by is not None and started_by.pull_request is not None:
        return f"refs/heads/{started_by.pull_request.base}"
    return os.environ.get("GITHUB_REF") if os.environ.get("GITHUB_EVENT_NAME") == "push" else None


def event() -> Event | None:
    """Return the event that started this workflow run, None outside a workflow.

    Raises:
        UsageError: if the file that describes it cannot be read.
    """
    name, path = os.environ.get("GITHUB_EVENT_NAME"), os.environ.get("GITHUB_EVENT_PATH")
    if not name or not path:
        return None
    from planbot.tracker.event import read_event

    try:
        return read_event(name, json.loads(Path(path).read_bytes()))
    except (OSError, ValueError) as error:
        raise UsageError(f"$GITHUB_EVENT_PATH cannot be read: {path}: {error}") from error


def _origin(repository: Repository) -> str | None:
    try:
        return repository.origin_url
    except GitError:
        return None
