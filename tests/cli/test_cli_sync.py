"""`planbot sync`: one pass, as people see it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cli.commands import Planbot, environment, process
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.report.escape import inert

IN_STEP = f"Nothing to do: 1 plan file and the issues of {NAME} are in step.\n"


@pytest.fixture
def synced(at_work: World) -> World:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    return at_work


def test_a_first_pass_tells_what_it_makes_in_plan_order_and_a_second_one_line(world: World) -> None:
    world.commit({PLAN: SMALL})
    env = environment(world)
    outcome = process("sync", "--pace", "0", cwd=world.work, env=env).require()
    lines = outcome.out.splitlines()
    numbers = {title: issue.number for title, issue in world.issues().items()}
    assert lines[:3] == ["  + label  impact: High", "  + label  planbot", "  + label  priority: MVP-Critical"]
    assert lines[3:] == [
        f"{PLAN}: Billing: Implementation Plan",
        f"  + plan #{numbers['Billing: Implementation Plan']}  Billing: Implementation Plan",
        "  + milestone  Billing: Implementation Plan: Phase 1 – Foundation",
        f"  + phase #{numbers['Phase 1: Foundation']}  Phase 1: Foundation",
        f"  + task #{numbers['1.1 Store keys']}  1.1 Store keys",
        f"  + task #{numbers['1.2 Answer repeated keys']}  1.2 Answer repeated keys",
        "  + milestone  Billing: Implementation Plan: Phase 2 – Paging",
        f"  + phase #{numbers['Phase 2: Paging']}  Phase 2: Paging",
        f"  + task #{numbers['2.1 Page by cursor']}  2.1 Page by cursor",
        "Created 6 issues, 2 milestones, 3 labels.",
    ]
    assert "create task: 1.1 Store keys" in outcome.err
    assert "\x1b" not in outcome.out + outcome.err
    assert process("sync", cwd=world.work, env=env).require().out == IN_STEP


def test_a_tick_in_an_issue_is_told_with_its_line_and_the_commit(planbot: Planbot, synced: World) -> None:
    synced.set_box("Phase 1", "the page opens")
    lines = planbot("sync").require().out.splitlines()
    number, head = synced.issue("Phase 1").number, git(synced.origin, "rev-parse", "main")
    assert lines == [
        f"{PLAN}: Billing: Implementation Plan",
        f"  [x] #{number} → line 49  the page opens",
        "Ticked by maya.",
        f"Brought 1 box in step; commit {head[:10]}.",
    ]


def test_json_tells_both_directions_and_what_it_cost(planbot: Planbot, synced: World) -> None:
    synced.set_box("Phase 1", "the page opens")
    synced.edit("[ ] paging shows", "[x] paging shows")
    first, second = synced.issue("Phase 1").number, synced.issue("Phase 2").number
    data = json.loads(planbot("sync", "--pace", "0", "--output", "json").require().out)
    assert sorted(data["ticked"], key=lambda tick: tick["line"]) == [
        {"path": PLAN, "line": 49, "text": "the page opens", "issue": first, "direction": "plan"},
        {
            "path": PLAN,
            "line": 54,
            "text": "paging shows each order once",
            "issue": second,
            "direction": "issue",
        },
    ]
    assert (data["unticked"], data["waiting"], data["complete"]) == ([], [], True)
    assert data["people"] == [{"issue": first, "login": "maya"}]
    assert data["write_back"] == {
        "mode": "auto",
        "commit": git(synced.origin, "rev-parse", "main"),
        "pull_request": None,
        "url": None,
        "action": "",
    }
    assert data["requests"]["write"] == 1
    assert data["requests"]["read"] > 0


def test_json_counts_what_was_made(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    data = json.loads(planbot("sync", "--pace", "0", "--output", "json").require().out)
    created = [change for change in data["changes"] if change["action"] == "create"]
    assert data["created"] == len(created) == 6 + 2 + 3
    assert {change["issue"] for change in created if change["kind"] in ("plan", "phase", "task")} == {
        issue.number for issue in at_work.issues().values()
    }
    again = json.loads(planbot("sync", "--output", "json").require().out)
    assert again["changes"] == []
    assert again["requests"]["write"] == 0
    assert again.keys() == data.keys()


def test_a_dry_run_tells_the_same_and_writes_nothing(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    before = at_work.refs()
    outcome = planbot("sync", "--dry-run").require()
    assert "Would create 6 issues, 2 milestones, 3 labels." in outcome.out.splitlines()
    assert (at_work.refs(), at_work.issues()) == (before, {})
    data = json.loads(planbot("sync", "--dry-run", "--output", "json").require().out)
    assert (data["created"], data["complete"], data["requests"]["write"]) == (11, False, 0)


def test_what_stands_in_the_work_tree_alone_is_not_synced(planbot: Planbot, synced: World) -> None:
    (synced.work / PLAN).write_text(SMALL.replace("[ ]", "[x]"))
    assert planbot("sync").require().out == IN_STEP


def test_it_can_be_run_from_anywhere(
    planbot: Planbot, synced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment(synced):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GH_TOKEN", synced.bot_token)
    monkeypatch.chdir(synced.folder)
    outcome = planbot("sync", "-C", "work", "--api-url", synced.sandbox.url, "--repo", NAME)
    assert outcome.require().out == IN_STEP


def test_no_plan_file_is_a_warning(planbot: Planbot, at_work: World) -> None:
    at_work.commit({"README.md": "hello\n"})
    outcome = planbot("sync").require()
    assert outcome.err == "warning: no plan file matched `plans:` in the settings\n"
    assert outcome.out == "Nothing to do: no plan file to bring in step.\n"
    assert json.loads(planbot("sync", "--output", "json").require().out)["plans"] == []
    assert planbot("sync", "--plans", "x.md").require().err == "warning: no plan file matched --plans\n"


def test_a_plan_file_that_is_not_pushed_is_told(planbot: Planbot, at_work: World) -> None:
    at_work.commit({"README.md": "hello\n"})
    (at_work.work / PLAN).write_text(SMALL)
    told = "warning: main on origin has no plan file to bring in step; this work tree has PLAN.md: commit and push it\n"
    assert planbot("sync").require().err == told
    assert planbot("sync", "--dry-run").require().err == told
    warning = told.replace("warning: ", "::warning title=planbot::")
    assert warning in planbot("sync", "--output", "github").require().out
    assert "no plan file matched" in planbot("diff", "--commit", "HEAD").require().err


def test_a_file_that_is_left_alone_is_named(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: f"---\nplanbot: off\n---\n{SMALL}", "MY_PLAN.md": "# [Name]\n\n- [ ] one\n"})
    assert planbot("sync").require().err.splitlines() == [
        "warning: left alone, for `planbot: off` stands there: PLAN.md",
        "warning: MY_PLAN.md is left alone until its title is yours: a title in brackets marks a template",
    ]


def test_a_plan_file_that_cannot_be_read_is_told_alone(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: b"x" * 10_000_001})
    assert "no plan file matched" not in planbot("sync").require(2).err


def test_an_unreadable_plan_file_is_told_and_the_others_are_synced(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL, "BAD_PLAN.md": "nothing here\n", "BIG_PLAN.md": b"x" * 10_000_001})
    outcome = planbot("sync", "--pace", "0").require(2)
    assert "BAD_PLAN.md:1:1: warning PB001: " in outcome.err
    assert "BIG_PLAN.md:1:1: error PB002: " in outcome.err
    assert len(at_work.issues()) == 6


def test_a_plan_file_that_is_none_any_more_is_told_once_and_in_every_output(
    planbot: Planbot, synced: World
) -> None:
    synced.commit({"planbot.yml": "plans: [docs/**/*.md]\n", "docs/ROADMAP.md": SMALL})
    said = f"{PLAN} is no plan file any more, as the settings or the file itself say: its 6 issues are left alone"
    wanted = ("--dry-run", "--output")
    assert any(one.startswith(said) for one in json.loads(planbot("sync", *wanted, "json").out)["notices"])
    assert f"- {inert(said)}" in planbot("sync", *wanted, "markdown").require().out
    assert f"\nnote: {said}" in planbot("sync", *wanted, "text").require().out
    assert f"\nnote: {said}" in planbot("sync", "--pace", "0").require().out
    assert planbot("sync").require().out == IN_STEP


def test_a_limit_refuses_with_its_own_exit_code_until_it_is_lifted(planbot: Planbot, synced: World) -> None:
    synced.commit({PLAN: None})
    outcome = planbot("sync").require(4)
    assert outcome.out == ""
    assert f"{PLAN} is gone" in outcome.err
    assert "--allow" in outcome.err
    assert all(issue.state == "open" for issue in synced.issues().values())
    assert "would be refused: " in planbot("sync", "--dry-run").require().out
    planbot("sync", "--pace", "0", "--allow", "closes,unticks").require()
    assert all(issue.state == "closed" for issue in synced.issues().values())


def test_plan_files_and_write_back_can_be_given_by_hand(planbot: Planbot, synced: World) -> None:
    synced.commit({"docs/Other.md": SMALL.replace("Billing", "Other")})
    planbot("sync", "--pace", "0", "--plans", "docs/*.md", "--plans", "*/{a,b}.md").require()
    issues = synced.person.issues("planbot")
    assert [issue.state for issue in issues] == ["open"] * 12, "what no glob takes is left alone"
    for issue in issues:
        if "Who answers" in issue.body:
            synced.person.update_issue(issue.number, body=issue.body.replace("[ ] Who", "[x] Who"))
    outcome = planbot("sync", "--plans", PLAN, "--write-back", "off").require()
    assert "1 tick waiting" in outcome.out
    assert b"[x]" not in synced.plan()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--plans", "/PLAN.md"), "`--plans[1]` must be relative"),
        (("--plans", "!a.md"), "`--plans[1]` must be a pattern of files to take"),
        (("--write-back", "never"), "`--write-back` must be one of auto, commit"),
    ],
)
def test_what_is_given_by_hand_is_checked(
    planbot: Planbot, at_work: World, args: tuple[str, str], said: str
) -> None:
    assert said in planbot("sync", *args).require(2).err
    assert at_work.sandbox.requests == []


def test_a_limit_that_there_is_not_is_bad_usage(planbot: Planbot, at_work: World) -> None:
    assert (
        "'deletes' is none of closes, unticks, creates"
        in planbot("sync", "--allow", "closes,deletes").require(2).err
    )
    assert at_work.sandbox.requests == []


def test_a_partial_pass_says_what_was_not_done_and_the_next_does_it(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sandbox.faults.fail(403, method="POST", path="/repos/*/milestones", times=1)
    outcome = planbot("sync", "--pace", "0").require(3)
    assert "not done: create milestone" in outcome.out
    assert "Partly: created " in outcome.out
    planbot("sync", "--pace", "0").require()
    assert planbot("sync").require().out == IN_STEP


def test_out_of_time_has_its_own_exit_code_and_the_next_pass_goes_on(
    planbot: Planbot, at_work: World
) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sandbox.faults.delay(1.5, method="POST", path="/repos/*/issues", times=1)
    outcome = planbot("sync", "--pace", "0", "--time-budget", "1s").require(5)
    assert re.search(
        r"^not done: \d changes, not tried: the time budget is used up$", outcome.out, re.MULTILINE
    )
    assert outcome.out.count("the time budget is used up") == 1
    made = len(at_work.issues())
    assert 0 < made < 6
    planbot("sync", "--pace", "0").require()
    assert len(at_work.issues()) == 6
    assert planbot("sync").require().out == IN_STEP


def test_while_another_pass_writes_there_is_nothing_to_do(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    outcomes = []

    def meanwhile() -> None:
        outcomes.append(process("sync", "--wait", "1s", cwd=at_work.work, env=environment(at_work)))

    at_work.sandbox.faults.run(meanwhile, method="POST", path="/repos/*/issues")
    planbot("sync", "--pace", "0").require()
    (other,) = outcomes
    assert other.require().out == f"another pass is running in {NAME}: it will see to everything\n"
    assert len(at_work.issues()) == 6


@pytest.mark.parametrize(
    ("changed", "said"), [({"archived": True}, "is archived"), ({"fork": True}, "is a fork")]
)
def test_a_repository_that_is_not_to_be_synced_is_one_line(
    planbot: Planbot, at_work: World, changed: dict[str, Any], said: str
) -> None:
    at_work.commit({PLAN: SMALL})
    with at_work.sandbox.edit(NAME) as repository:
        for name, value in changed.items():
            setattr(repository, name, value)
    outcome = planbot("sync").require()
    assert said in outcome.out
    assert (len(outcome.out.splitlines()), outcome.err) == (1, "")
    assert at_work.issues() == {}


def test_titles_from_a_plan_cannot_drive_the_terminal(planbot: Planbot, at_work: World) -> None:
    hostile = SMALL.replace("Store keys", "Store \x1b[8m\x1b]0;t\x07keys")
    at_work.commit({PLAN: hostile})
    outcome = planbot("sync", "--pace", "0").require()
    assert "\x1b" not in outcome.out + outcome.err
    assert "\x07" not in outcome.out + outcome.err
