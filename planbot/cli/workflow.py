"""What a workflow takes from a step: annotations on the log, the job's summary, the step's outputs.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planbot.cli.console import printable, show, show_json, whole
from planbot.errors import PlanbotError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.plan.model import Diagnostic


@contextmanager
def only_text() -> Iterator[None]:
    """Keep the runner from taking any line of what is shown meanwhile for a command."""
    import secrets

    word = secrets.token_hex(16)
    show(f"::stop-commands::{word}")
    try:
        yield
    finally:
        show(f"::{word}::")


def annotate(findings: Iterable[tuple[str, Diagnostic]]) -> None:
    """Show diagnostics on the lines of their files, errors first: GitHub shows ten of each kind a step."""
    from planbot.report.annotations import workflow_commands

    for line in workflow_commands(sorted(findings, key=lambda one: one[1].severity)):
        show(line)


@contextmanager
def failures_told(args: Sequence[str]) -> Iterator[None]:
    """Show a failure in the format that a command's arguments ask for, where that is one for programs."""
    try:
        yield
    except (PlanbotError, click.ClickException, OSError) as error:
        _tell(as_failure(error), _output_of(args))
        raise


def _output_of(args: Sequence[str]) -> str:
    """Return the last `--output` among arguments: click may fail before it comes to the option."""
    words = (arg.split("=", 1) if arg.startswith("--output=") else [arg] for arg in args)
    pairs = list(pairwise(chain.from_iterable(words)))
    return next((value for name, value in reversed(pairs) if name == "--output"), "")


def _tell(failure: PlanbotError, output: str) -> None:
    match output:
        case "json":
            from planbot.report.failure import failure_data

            show_json(failure_data(failure))
        case "sarif":
            from planbot.report.sarif import sarif_failure

            show_json(sarif_failure(failure))
        case "github":
            from planbot.report.annotations import failure_commands
            from planbot.report.markdown import failure_markdown

            for line in failure_commands(failure):
                show(line)
            summarise(failure_markdown(failure))


def as_failure(error: PlanbotError | click.ClickException | OSError) -> PlanbotError:
    """Return any failure that ends a command as one of planbot's own."""
    match error:
        case PlanbotError():
            return error
        case OSError():
            text = error.strerror or str(error)
            return UsageError(f"{error.filename}: {text}") if error.filename else PlanbotError(text)
        case _:
            return UsageError(error.format_message())


def summarise(text: str) -> None:
    """Add Markdown to the job's summary; do nothing outside a workflow."""
    _append("GITHUB_STEP_SUMMARY", printable(text))


def give_out(data: Any) -> None:
    """Make a command's JSON data the outputs of the step; do nothing outside a workflow."""
    from planbot.report.outputs import output_lines

    _append("GITHUB_OUTPUT", "".join(f"{line}\n" for line in output_lines(whole(data))))


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
