"""`planbot doctor`: what works, what does not, and what to do."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

import click

from planbot.cli.common import given, inspection, reading
from planbot.cli.console import show_lines, width
from planbot.cli.output import Shown, output_option, show_in

if TYPE_CHECKING:
    from planbot.cli.common import Connection

TO_DO, BROKEN = 1, 3


@click.command()
@output_option()
@reading
def command(*, at: Connection, output: str) -> int:
    """Say what works here, what does not, and what to do about it.

    Looks at settings, token, clock, repository, issues, the push of the journal, branch rules, signatures, required
    checks, Actions and the workflow. Permissions are tried by requests that can only be refused, and by a ref
    under refs/planbot/ that is taken away again. Exits with 1 if there is something to do, with 3 if planbot cannot
    work so.

    The token is taken from $GITHUB_TOKEN, then $GH_TOKEN.

    \b
    Examples:
      planbot doctor
      planbot doctor --repo octo/plans --output json
    """
    from planbot.doctor.examine import Patient, examine
    from planbot.repo.sources import WorktreeSource
    from planbot.report.examination import (
        examination_commands,
        examination_data,
        examination_markdown,
        finding_lines,
    )

    findings = []
    with inspection(at) as (repository, inspector):
        settings = given(at.config, at.directory).file
        source = WorktreeSource(repository)
        whole = Patient(repository, inspector, source, settings, time.time, lambda: secrets.token_hex(4))
        for one in examine(whole):
            findings.append(one)
            if output == "text":  # as they come: some take a while
                show_lines(finding_lines([one], width()))
    if output != "text":
        show_in(
            output,
            Shown(
                lines=lambda: finding_lines(findings),
                data=lambda: examination_data(findings),
                markdown=lambda: "\n".join(examination_markdown(findings)),
                annotations=lambda: examination_commands(findings),
            ),
        )
    states = {one.state for one in findings}
    return BROKEN if "broken" in states else TO_DO if "to do" in states else 0
