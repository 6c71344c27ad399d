"""Results as text for people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from report.passes import change, result, tick
from support.plans import SMALL

from planbot.plan.model import Diagnostic
from planbot.plan.reader import read_plan
from planbot.report.data import result_data
from planbot.report.lines import counted
from planbot.report.markdown import result_markdown
from planbot.report.result import WriteBack
from planbot.report.text import finding_lines, plan_lines, result_lines
from planbot.sync.changes import Action, Undone

if TYPE_CHECKING:
    from planbot.report.result import PassResult
    from planbot.report.text import Line


def said(outcome: PassResult) -> list[str]:
    return [plain(line) for line in result_lines(outcome)]


def plain(line: Line) -> str:
    return "".join(text for _, text in line)


@pytest.mark.parametrize("action", get_args(Action))
def test_every_action_has_its_words_wherever_it_is_told(action: Action) -> None:
    outcome = result(changes=(change(action, "task", "Answer", line=23, issue=5),))
    assert any("Answer" in line for line in said(outcome))
    assert "Answer" in result_markdown(outcome)
    assert counted(outcome.changes) == f"{action} 1"


def test_nothing_to_do_is_one_line() -> None:
    assert said(result()) == ["Nothing to do: 1 plan file and the issues of octo/plans are in step."]


def test_what_was_not_looked_at_is_one_line_too() -> None:
    assert said(result(skipped=True, notices=("octo/plans is archived: nothing to do",))) == [
        "octo/plans is archived: nothing to do"
    ]


def test_changes_and_ticks_stand_in_the_order_of_the_plan() -> None:
    changes = (
        change("create", "label", "planbot", path=""),
        change("close", "task", "1.2 Answer", line=23, issue=5),
        change("create", "milestone", "Phase 1", line=9),
        change("update", "phase", "Phase 1: Foundation", line=9, issue=2, fields=("body", "labels")),
    )
    ticks = (tick("the page opens", 48), tick("the tests pass", 44, "issue", ticked=False))
    outcome = result(changes=changes, ticks=ticks, write_back=WriteBack("auto", "c" * 40))
    assert said(outcome) == [
        "  + label  planbot",
        "PLAN.md: Billing: Implementation Plan",
        "  + milestone  Phase 1",
        "  ~ phase #2  Phase 1: Foundation  (body, labels)",
        "  x task #5  1.2 Answer",
        "  [ ] line 44 → #2  the tests pass",
        "  [x] #2 → line 48  the page opens",
        "Created 1 milestone, 1 label; updated 1 issue; closed 1 issue; brought 2 boxes in step; commit cccccccccc.",
    ]


def test_a_plan_file_that_is_gone_is_named_by_its_path() -> None:
    outcome = result(plans=(), changes=(change("close", "plan", "Billing", path="OLD.md", issue=1),))
    assert said(outcome) == ["OLD.md", "  x plan #1  Billing", "Closed 1 issue."]


def test_a_dry_run_speaks_of_what_would_be() -> None:
    outcome = result(
        changes=(change("create", "task", "1.1"), change("reopen", "task", "1.2", issue=4)),
        ticks=(tick("the page opens", 48),),
        refusals=("101 issues would be created",),
        dry_run=True,
    )
    lines = said(outcome)
    assert "would be refused: 101 issues would be created" in lines
    assert "Would create 1 issue; would reopen 1 issue; would bring 1 box in step." in lines


def test_a_box_of_an_issue_still_to_be_made_has_no_number() -> None:
    moving = tick("the page opens", 48, "issue")
    (_, line, _) = said(result(ticks=(moving,), dry_run=True))
    assert line == "  [x] line 48 → #2  the page opens"
    without = replace(moving, issue=None)
    assert said(result(ticks=(without,), dry_run=True))[1] == line.replace("#2", "a new issue")


def test_putting_a_new_issue_under_its_parent_is_part_of_making_it() -> None:
    made, put = change("create", "task", "1.1"), change("link", "task", "1.1", fields=("parent",))
    assert said(result(changes=(made, put)))[-1] == "Created 1 issue."


def test_an_issue_that_only_gets_another_parent_is_told() -> None:
    outcome = result(changes=(change("link", "task", "1.1 Store", issue=3, fields=("parent",)),))
    assert said(outcome)[-2:] == ["  > task #3  1.1 Store", "Moved 1 issue."]


def test_what_waits_is_told_though_nothing_can_be_done() -> None:
    assert said(result(waiting=(tick("the page opens", 48),))) == [
        "waiting: PLAN.md:48: [x] the page opens (#2)",
        "Nothing to do: 1 plan file and the issues of octo/plans are in step, 1 tick waiting.",
    ]


def test_what_waits_in_a_pull_request_is_told_with_its_address() -> None:
    waiting = (
        replace(tick("the tests pass", 44), waiting="proposed"),
        replace(tick("the page opens", 48), waiting="declined"),
    )
    url = "https://github.test/octo/plans/pull/7"
    assert said(result(waiting=waiting, write_back=WriteBack("auto", None, 7, url, "opened"))) == [
        "waiting in pull request #7: PLAN.md:44: [x] the tests pass (#2)",
        "declined, until its box changes: PLAN.md:48: [x] the page opens (#2)",
        f"Opened pull request #7 ({url}).",
    ]
    assert "(waiting in pull request #<!-- -->7)" in result_markdown(
        result(waiting=waiting, write_back=WriteBack("auto", None, 7, url))
    )
    (*_, last) = said(result(waiting=waiting, write_back=WriteBack("auto", None, 7, url)))
    assert last.endswith(f"are in step, 2 ticks waiting ({url}).")


def test_a_partial_pass_says_what_was_not_done_and_why() -> None:
    done, failed = change("create", "task", "1.1", issue=3), change("update", "task", "1.2", issue=4)
    outcome = result(changes=(done,), undone=(Undone(failed, "Server Error (502)"),))
    assert said(outcome)[-2:] == [
        "not done: update task #4 1.2: Server Error (502)",
        "Partly: created 1 issue.",
    ]
    assert said(result(problem="the push was refused"))[-2:] == [
        "the push was refused",
        "Partly: nothing was done.",
    ]


def test_what_was_left_when_a_pass_ended_is_counted_in_one_line() -> None:
    why = "the time budget is used up"
    left = [change("create", "task", name) for name in ("1.1", "1.2")]
    failed = Undone(change("update", "task", "1.3", issue=4), "Server Error (502)")
    undone = (failed, *(Undone(one, f"not tried: {why}", untried=True) for one in left))
    outcome = result(undone=undone, problem=why, out_of_time=True)
    assert said(outcome)[-3:] == [
        "not done: update task #4 1.3: Server Error (502)",
        f"not done: 2 changes, not tried: {why}",
        "Partly: nothing was done.",
    ]
    assert result_markdown(outcome).count(why) == 1
    assert [one["why"] for one in result_data(outcome)["undone"]] == [one.why for one in undone]


def test_notices_are_told_beside_what_was_done() -> None:
    assert (
        said(result(notices=("this server has no sub-issues",)))[0] == "note: this server has no sub-issues"
    )


def test_a_finding_is_where_how_bad_which_what_and_then_what_to_do() -> None:
    finding = Diagnostic("PB013", "warning", 3, 5, "no box", "write `- [ ] `")
    assert [plain(line) for line in finding_lines("PLAN.md", finding)] == [
        "PLAN.md:3:5: warning PB013: no box",
        "    write `- [ ] `",
    ]


def test_planbots_own_styles_are_kept_apart_from_what_a_plan_says() -> None:
    plan = read_plan("PLAN.md", SMALL.replace("Billing", "create").encode())
    styled = {style for line in plan_lines(plan) for style, _ in line}
    assert styled == {"", "heading", "create", "tick"}
