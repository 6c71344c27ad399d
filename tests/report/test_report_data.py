"""Results as data for programs."""

from __future__ import annotations

import json

from report.passes import change, result, tick

from planbot.plan.model import Diagnostic
from planbot.report.data import result_data
from planbot.report.result import WriteBack
from planbot.sync.changes import Undone

PROMISED = {
    "plans": list,
    "changes": list,
    "created": int,
    "updated": int,
    "closed": int,
    "reopened": int,
    "ticked": list,
    "unticked": list,
    "waiting": list,
    "requests": dict,
    "write_back": dict,
    "changed": bool,
    "complete": bool,
}


def test_every_promised_key_is_there_when_there_is_nothing_to_do() -> None:
    data = result_data(result())
    assert {key: type(data[key]) for key in PROMISED} == PROMISED
    assert data["requests"] == {"read": 3, "write": 0}
    assert data["write_back"] == {
        "mode": "auto",
        "commit": None,
        "pull_request": None,
        "url": None,
        "action": "",
    }
    assert data["complete"] is True
    assert json.loads(json.dumps(data)) == data


def test_a_pass_that_was_not_made_has_the_same_keys() -> None:
    assert result_data(result(skipped=True, plans=())).keys() == result_data(result()).keys()


def test_changes_are_told_with_what_they_touch_and_counted_by_action() -> None:
    changes = (
        change("create", "task", "1.1", locator="task:1.1", issue=3),
        change("update", "task", "1.2", issue=4, fields=("title",)),
        change("close", "task", "1.3", issue=5),
        change("reopen", "task", "1.4", issue=6),
        change("link", "task", "1.1", issue=3),
    )
    data = result_data(result(changes=changes))
    assert data["changes"][0] == {
        "action": "create",
        "kind": "task",
        "path": "PLAN.md",
        "locator": "task:1.1",
        "title": "1.1",
        "issue": 3,
        "fields": [],
    }
    assert data["changes"][1]["fields"] == ["title"]
    assert [data[key] for key in ("created", "updated", "closed", "reopened")] == [1, 1, 1, 1]


def test_ticks_are_told_by_where_they_went() -> None:
    ticks = (tick("a", 4), tick("b", 5, "issue", ticked=False))
    data = result_data(result(ticks=ticks, waiting=(tick("c", 6),), write_back=WriteBack("auto", "c0ffee")))
    assert data["ticked"] == [
        {"path": "PLAN.md", "line": 4, "text": "a", "issue": 2, "direction": "plan"},
    ]
    assert data["unticked"] == [
        {"path": "PLAN.md", "line": 5, "text": "b", "issue": 2, "direction": "issue"},
    ]
    assert [(one["text"], one["ticked"], one["why"]) for one in data["waiting"]] == [("c", True, "")]
    assert data["write_back"]["commit"] == "c0ffee"


def test_a_pass_is_complete_only_if_nothing_wanted_is_left() -> None:
    wanted = change("create", "task", "1.1")
    assert result_data(result(changes=(wanted,)))["complete"]
    assert not result_data(result(changes=(wanted,), dry_run=True))["complete"]
    assert result_data(result(dry_run=True))["complete"]
    assert not result_data(result(problem="refused"))["complete"]
    data = result_data(result(undone=(Undone(wanted, "502"),)))
    assert not data["complete"]
    assert [(one["title"], one["why"]) for one in data["undone"]] == [("1.1", "502")]


def test_each_plan_file_is_summed_up_with_its_diagnostics() -> None:
    finding = Diagnostic("PB013", "warning", 3, 5, "no box")
    (plan,) = result_data(result(findings=(("PLAN.md", finding), ("other.md", finding))))["plans"]
    assert [finding["code"] for finding in plan.pop("diagnostics")] == ["PB013"]
    assert plan == {
        "path": "PLAN.md",
        "dialect": "template",
        "title": "Billing: Implementation Plan",
        "phases": 2,
        "tasks": 3,
        "boxes": 5,
        "ticked": 0,
    }
