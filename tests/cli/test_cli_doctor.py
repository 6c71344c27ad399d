"""`planbot doctor`: its lines, its data, its exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.plans import SMALL
from support.world import NAME, PLAN, World

from planbot.report.examination import Finding, finding_lines
from planbot.sandbox import BranchRule

if TYPE_CHECKING:
    import pytest
    from cli.commands import Planbot

SHOWN = """\
ok       settings         no mistakes
ok       token            a classic token of @planbot, scopes: repo
ok       clock            as the server's
ok       git              main can be fetched from {origin}; no pass has been here yet
ok       repository       octo/plans, public, default branch main
ok       issues           switched on
ok       issues: write    the token may write issues, labels and milestones
ok       journal          refs under refs/planbot/ can be pushed and deleted
ok       branch rules     main takes commits without a pull request
ok       signatures       not demanded
ok       required checks  none
unknown  Actions          only an administrator's token may read their settings
ok       workflow         none of planbot's; passes run elsewhere, or by hand
"""


def test_a_line_for_each_thing_that_was_looked_at(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    outcome = planbot("doctor").require()
    assert outcome.out == SHOWN.format(origin=at_work.origin)
    assert outcome.err == ""


def test_something_to_do_is_exit_1(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sandbox.protect_branch(NAME, BranchRule("main", checks=["ci"]))
    outcome = planbot("doctor").require(1)
    assert "to do    required checks  ci must pass before a commit gets in: ticks wait" in outcome.out
    assert "-> let planbot's account bypass the rule" in outcome.out


def test_what_planbot_cannot_work_without_is_exit_3(
    planbot: Planbot, at_work: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work.commit({PLAN: SMALL})
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong")
    outcome = planbot("doctor").require(3)
    assert "broken   token" in outcome.out
    assert "ghp_wrong" not in outcome.out + outcome.err


def test_json(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    data = json.loads(planbot("doctor", "--output", "json").require().out)
    assert {tuple(one) for one in data} == {("name", "state", "found", "advice")}
    assert ("clock", "ok") in [(one["name"], one["state"]) for one in data]


def test_markdown(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    lines = planbot("doctor", "--output", "markdown").require().out.splitlines()
    assert lines[:2] == ["| looked at | state | found | to do |", "|---|---|---|---|"]
    assert "| clock | ok | as the server's |  |".replace("'", "&#39;") in lines


def test_lines_fit_eighty_columns() -> None:
    finding = Finding("required checks", "to do", "ci must pass " * 8, "let planbot's account bypass " * 6)
    lines = ["".join(text for _, text in line) for line in finding_lines([finding], 80)]
    assert max(map(len, lines)) <= 80
    assert len(lines) > 3
