"""What commands say in comments: on a pull request before it is merged, on a plan's issue when a pass is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from planbot.cli.console import say
from planbot.workflow import WORKFLOW

if TYPE_CHECKING:
    from planbot.engine import Engine
    from planbot.repo.repository import Repository
    from planbot.report.result import PassResult
    from planbot.tracker.event import Event
    from planbot.upkeep import Commented


def run_pass(bot: Engine, tracker: Commented, repository: Repository) -> PassResult:
    """Run a pass; keep up to date what the issues of plan files say of a refusal.

    Raises:
        RefusedPassError: if a limit forbids the change set; its hint names the form that can allow it, if there is one.
    """
    from planbot.upkeep import run_pass as run

    return run(bot, tracker, partial(_dispatch_form, repository), _warn)


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
        from planbot.upkeep import keep_preview, put_up_with

        with put_up_with("comment on the pull request", _warn):
            keep_preview(tracker, pull.number, result)
    return result


def _dispatch_form(repository: Repository, result: PassResult) -> str:
    """Return the address of the form that starts the workflow of this run, or planbot's own, by hand; "" for none."""
    running = os.environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    if not running and all(file.path != WORKFLOW for file in repository.files(result.ref)):
        return ""
    return f"{result.page}/actions/workflows/{quote((running or WORKFLOW).rpartition('/')[2])}"


def _warn(text: str) -> None:
    say(f"warning: {text}", "warning")
