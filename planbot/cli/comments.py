"""What commands say in comments: on a pull request before it is merged, on a plan's issue when a pass is refused."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from planbot.cli.console import say
from planbot.errors import GitError, TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.engine import Engine
    from planbot.report.result import PassResult
    from planbot.tracker.event import Event
    from planbot.upkeep import Commented

WORKFLOW = "planbot.yml"


def run_pass(bot: Engine, tracker: Commented) -> PassResult:
    """Run a pass; keep up to date what the issues of plan files say of a refusal.

    Raises:
        RefusedPassError: if a limit forbids the change set; its hint names the form that can allow it.
    """
    from planbot.report.result import RefusedPassError
    from planbot.upkeep import refused_issues, tell_refusals, withdraw_refusal

    try:
        result = bot.sync()
    except RefusedPassError as refused:
        form = dispatch_form(refused.result.page)
        refused.hint += f"; or run the workflow with what is meant: {form}"
        with _put_up_with("tell of the refusal"):
            bot.note_told({*refused.result.told, *refused_issues(refused.result)})
            tell_refusals(tracker, refused.result, form)
        raise
    if result.told:
        with _put_up_with("take back what was said of a refusal"):
            for number in result.told:
                withdraw_refusal(tracker, number)
            bot.note_told(())
    return result


def preview(tracker: Commented, result: PassResult, started_by: Event | None) -> PassResult:
    """Keep a comment on the pull request that started this; return the result as it is about the pull request.

    From a fork there is none: its runs get no token that may comment.
    """
    pull = started_by.pull_request if started_by else None
    if pull is None:
        return result
    result = replace(result, ref=pull.head)
    if pull.fork:
        return replace(result, notices=(*result.notices, "this comes from a fork: no comment is made"))
    if not result.skipped:
        from planbot.upkeep import keep_preview

        with _put_up_with("comment on the pull request"):
            keep_preview(tracker, pull.number, result)
    return result


def dispatch_form(page: str) -> str:
    """Return the address of the form that starts the workflow of this run, or planbot's own, by hand."""
    workflow = os.environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2]
    return f"{page}/actions/workflows/{quote(workflow or WORKFLOW)}"


@contextmanager
def _put_up_with(doing: str) -> Iterator[None]:
    """Let a comment that cannot be made be no more than a warning."""
    try:
        yield
    except (TrackerError, GitError) as error:
        say(f"warning: could not {doing}: {error.message}", "warning")
