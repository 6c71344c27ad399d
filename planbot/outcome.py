"""What a pass is reported to have done: its last round, and what all of them did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.report.result import PassResult, Requests, WriteBack, issue_numbers, plan_issues

if TYPE_CHECKING:
    from planbot.reading import Round
    from planbot.tally import Tally


def outcome(round_: Round, tally: Tally, requests: Requests, pace: float) -> PassResult:
    """Return the result of a pass so far; `pace` is the time between two writes in seconds."""
    pull = tally.pull or (round_.pull if round_.changes.base.proposal else None)
    return PassResult(
        repository=round_.record.full_name,
        plans=tuple(plan for plan, _ in round_.loaded.plans),
        findings=(
            *round_.loaded.findings,
            *dict.fromkeys((*tally.homeless, *round_.changes.diagnostics)),
            *tally.unsafe.items(),
        ),
        changes=tuple(tally.changes),
        ticks=tuple(tally.ticks),
        waiting=round_.changes.waiting,
        undone=tuple(tally.undone),
        requests=requests,
        write_back=WriteBack(
            round_.loaded.settings.write_back.mode,
            tally.commit,
            pull.number if pull else None,
            pull.html_url if pull else None,
            tally.pull_action,
        ),
        notices=(*tally.notices, *round_.remarks),
        problem=tally.problem,
        out_of_time=tally.out_of_time,
        pace=pace,
        page=round_.record.html_url,
        branch=round_.branch,
        ref=round_.head,
        issues=issue_numbers(round_.changes, tally.changes),
        people=tally.people,
        plan_issues=plan_issues(round_.changes, tally.changes),
        told=round_.agreed.told,
    )
