"""`planbot leave`: what it prints, its data, its exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.plans import SMALL
from support.world import PLAN, World

if TYPE_CHECKING:
    from cli.commands import Planbot

SHOWN = """\
  ~ strip issue #1  Billing: Implementation Plan
  ~ strip issue #2  Phase 1: Foundation
  ~ strip issue #3  1.1 Store keys
  ~ strip issue #4  1.2 Answer repeated keys
  ~ strip issue #5  Phase 2: Paging
  ~ strip issue #6  2.1 Page by cursor
  - delete milestone  Billing: Implementation Plan: Phase 1 – Foundation
  - delete milestone  Billing: Implementation Plan: Phase 2 – Paging
  - delete label  impact: High
  - delete label  planbot
  - delete label  priority: MVP-Critical
  - delete journal  refs/planbot/journal
"""
COUNTED = "octo/plans: 6 issues stripped, 2 milestones deleted, 3 labels deleted, 1 journal deleted.\n"


def test_a_dry_run_and_then_the_same_for_good(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    assert planbot("leave", "--dry-run").require().out == f"{SHOWN}Would leave {COUNTED}"
    outcome = planbot("leave", "--pace", "0").require()
    assert outcome.out == f"{SHOWN}Left {COUNTED}"
    assert "[1/12] strip issue Billing: Implementation Plan\n" in outcome.err
    assert planbot("leave").require().out == "Nothing of planbot's is in octo/plans.\n"


def test_json(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    data = json.loads(planbot("leave", "--close", "--output", "json", "--pace", "0").require().out)
    assert (data["repository"], data["complete"], data["undone"]) == ("octo/plans", True, [])
    assert data["steps"][0] == {
        "action": "close",
        "kind": "issue",
        "name": "Billing: Implementation Plan",
        "number": 1,
    }


def test_markdown_escapes_what_plans_say(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL.replace("Store keys", "Store <b>keys</b> for @ada")})
    at_work.sync()
    out = planbot("leave", "--dry-run", "--output", "markdown").require().out
    assert "- strip issue #3: 1\\.1 Store &#60;b&#62;keys&#60;/b&#62; for @<!-- -->ada\n" in out
    assert out.endswith("1 journal deleted\\.\n")


def test_what_was_not_done_is_exit_3(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    at_work.sandbox.faults.fail(403, method="PATCH", path="/repos/*/issues/3")
    outcome = planbot("leave", "--pace", "0").require(3)
    assert "not done: strip issue 1.1 Store keys: could not change issue #3" in outcome.out
    assert "Partly left octo/plans:" in outcome.out
    assert planbot("leave", "--pace", "0").require().out.startswith("  ~ strip issue #3  1.1 Store keys\n")


def test_a_tick_that_is_only_in_an_issue_is_exit_4_and_foretold(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    at_work.set_box("Phase 1", "the tests pass")
    behind = "1 box ticked or unticked in an issue is not so in the plan"
    assert f"\nwould be refused: {behind}\n" in planbot("leave", "--dry-run").require().out
    markdown = planbot("leave", "--dry-run", "--output", "markdown").require().out
    assert f"- **would be refused**: {behind}\n" in markdown
    data = json.loads(planbot("leave", "--dry-run", "--output", "json").require().out)
    assert data["refusals"] == [behind]
    refused = planbot("leave", "--pace", "0").require(4)
    assert refused.out == ""
    assert f"error: nothing was removed: {behind}\nhint: `planbot sync`" in refused.err
    left = planbot("leave", "--allow", "ticks", "--pace", "0").require()
    assert "sync" not in left.out + left.err
    assert f"note: {behind}: it stays so\n" in left.out


def test_what_can_be_allowed_is_named(planbot: Planbot) -> None:
    assert "'closes' is none of ticks" in planbot("leave", "--allow", "closes").require(2).err
