"""`planbot status`: how far plans are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planbot.cli.common import (
    connection,
    given,
    open_repository,
    reading,
    repository_files,
)
from planbot.cli.console import say, width
from planbot.cli.findings import warn_of_no_plan_file
from planbot.cli.output import Shown, output_option, show_in

if TYPE_CHECKING:
    from planbot.cli.common import Connection
    from planbot.loading import Loaded
    from planbot.plan.model import Plan
    from planbot.repo.repository import Repository
    from planbot.repo.sources import Source
    from planbot.report.standing.burnup import Point
    from planbot.report.standing.value import Standing
    from planbot.sync.merge import Merged

UNREADABLE = 2
VERSIONS = 200  # of a plan file's history that are read for a chart of 640 pixels


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--commit", metavar="REV", help="Read the plan files of this commit instead of the work tree.")
@click.option(
    "--tracker", is_flag=True, help="Ask the tracker too: issue numbers, open or closed, assignees."
)
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one page with everything and a burn-up chart from the plan's git history.",
)
@output_option()
@reading
def command(
    *,
    at: Connection,
    files: tuple[Path, ...],
    commit: str | None,
    tracker: bool,
    page: Path | None,
    output: str,
) -> int:
    """Show how far plans are: what is done, what is blocked, what is next, and who has it.

    Without FILES, every plan file of the work tree that the settings name is shown. Needs neither a token nor a
    network, unless the tracker is asked too: then a task whose issue is closed counts as done.

    \b
    Examples:
      planbot status
      planbot status docs/plans/billing.md --output markdown
      planbot status --tracker
      planbot status --html progress.html
    """
    from planbot.report.standing.data import standing_data
    from planbot.report.standing.markdown import standing_markdown
    from planbot.report.standing.text import standing_lines

    repository = open_repository(at.directory)
    loaded, standings = _standings(at, files, commit, repository, tracker=tracker)
    show_in(
        output,
        Shown(
            lines=lambda: standing_lines(standings, width()),
            data=lambda: [standing_data(one) for one in standings],
            markdown=lambda: "\n".join(standing_markdown(standings)),
            findings=tuple(one for one in loaded.findings if one[0] in loaded.unreadable),
        ),
    )
    if commit is None and (head := repository.last_head) and repository.is_behind(head):
        say("note: the work tree is behind what was last fetched of the branch: `git pull`", "warning")
    if not standings:
        warn_of_no_plan_file(output, loaded, by_hand=bool(at.plans))
    if page is not None and standings:
        _write(page, repository, commit, [plan for plan in loaded.read if plan.readable], standings)
    return UNREADABLE if loaded.unreadable else 0


def _standings(
    at: Connection, files: tuple[Path, ...], commit: str | None, repository: Repository, *, tracker: bool
) -> tuple[Loaded, list[Standing]]:
    from planbot.errors import UsageError
    from planbot.loading import load
    from planbot.report.standing.value import issues_of, standing

    only = repository_files(files, at.directory, repository)
    source = _source(repository, commit)
    if missing := sorted(set(only).difference(source.paths())):
        raise UsageError(
            f"{missing[0]} is no file of {commit or 'the work tree'}, or is left out by .gitignore"
        )
    loaded = load(source, given(at.config, at.directory, at.plans), only)
    plans = [plan for plan in loaded.read if plan.readable]
    if not tracker:
        return loaded, [standing(plan) for plan in plans]
    items = _items(at, commit)
    return loaded, [standing(plan, issues_of(plan.path, items)) for plan in plans]


def _source(repository: Repository, commit: str | None) -> Source:
    from planbot.repo.sources import CommitSource, WorktreeSource

    if commit is None:
        return WorktreeSource(repository)
    return CommitSource(repository, repository.commit(commit))


def _items(at: Connection, commit: str | None) -> tuple[Merged, ...]:
    """Return the items of all plan files, each with its issue: whose issue it is shows only beside all others."""
    from planbot.reading import Reader
    from planbot.repo.logbook import Logbook

    with connection(at) as to:
        logbook = Logbook(to.repository, time.time)
        reader = Reader(
            to.repository, to.tracker, logbook, given(at.config, at.directory, at.plans), time.time
        )
        return reader.read(to.tracker.repository(), _source(to.repository, commit)).changes.items


def _write(
    page: Path, repository: Repository, commit: str | None, plans: list[Plan], standings: list[Standing]
) -> None:
    from planbot.report.standing.page import standing_page

    charts = [_points(repository, plan, commit or "HEAD") for plan in plans]
    text = standing_page(list(zip(standings, charts, strict=True)), int(time.time()))
    page.write_text(text, encoding="utf-8", errors="replace")
    say(f"written to {page}")


def _points(repository: Repository, plan: Plan, revision: str) -> list[Point]:
    """Return what each version of a plan file had; a version that is no plan counts for nothing."""
    from planbot.plan.reader import read_plan
    from planbot.repo.history import spread, versions
    from planbot.report.standing.burnup import Point
    from planbot.report.standing.value import standing

    history = spread(versions(repository, plan.path, revision), VERSIONS)
    contents = repository.read_blobs(dict.fromkeys(version.blob for version in history))
    points = []
    for version in history:
        before = read_plan(plan.path, contents[version.blob], plan.options)
        if before.readable:
            count = standing(before)
            points.append(Point(version.when, count.done, count.total))
    return points
