"""`planbot status`: how far plans are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli.commands import Planbot, on_a_terminal
from support.plans import SMALL
from support.world import PLAN, World, git

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = """\
[----------]   0 %     0/5 PLAN.md: Billing: Implementation Plan
[----------]   0 %     0/3   [ ] Phase 1: Foundation
                               [ ] 1.1 Store keys
                               [ ] 1.2 Answer repeated keys
[----------]   0 %     0/1   [ ] Phase 2: Paging
                               [ ] 2.1 Page by cursor
Next: 1.1 Store keys
      1.2 Answer repeated keys
"""


def committed(folder: Path, text: str = SMALL, name: str = PLAN) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "Plan")


def test_it_shows_every_plan_of_the_work_tree_without_token_and_network(planbot: Planbot, here: Path) -> None:
    committed(here)
    outcome = planbot("status").require()
    assert outcome.out == SHOWN
    assert outcome.err == ""


def test_files_and_a_folder_can_be_named(planbot: Planbot, here: Path) -> None:
    committed(here)
    committed(here, "# Other\n\n- [x] done\n", "docs/other.md")
    out = planbot("status", "-C", here / "docs", "other.md").require().out
    assert out.startswith("[##########] 100 %     1/1 docs/other.md: Other\n")
    assert planbot("status", PLAN, "docs/other.md").require().out.startswith(SHOWN)


def test_an_older_commit_can_be_looked_at(planbot: Planbot, here: Path) -> None:
    committed(here)
    committed(here, SMALL.replace("- [ ] the tests", "- [x] the tests"))
    assert "1/5 PLAN.md" in planbot("status").require().out
    assert planbot("status", "--commit", "HEAD~1").require().out == SHOWN


def test_a_file_that_is_not_there_is_told(planbot: Planbot, here: Path) -> None:
    committed(here)
    assert "nothing.md is no file of the work tree" in planbot("status", "nothing.md").require(2).err
    assert "lies outside" in planbot("status", "../else.md").require(2).err


def test_no_plan_file_is_a_warning(planbot: Planbot, here: Path) -> None:
    committed(here, "text\n", "README.md")
    outcome = planbot("status").require()
    assert outcome.out == ""
    assert outcome.err.startswith("warning: no plan file matched")
    assert planbot("status", "--output", "json").require().out == "[]\n"


def test_a_plan_that_cannot_be_read_is_told_and_the_others_are_shown(planbot: Planbot, here: Path) -> None:
    committed(here)
    committed(here, "---\nplanbot: {dialect: nonsense}\n---\n# Broken\n", "docs/plans/broken.md")
    outcome = planbot("status")
    assert outcome.out == SHOWN
    assert "docs/plans/broken.md" in outcome.err


def test_json_and_markdown(planbot: Planbot, here: Path) -> None:
    committed(here)
    (plan,) = json.loads(planbot("status", "--output", "json").require().out)
    assert (plan["path"], plan["total"], [part["title"] for part in plan["parts"]]) == (
        PLAN,
        5,
        ["Foundation", "Paging"],
    )
    assert planbot("status", "--output", "markdown").require().out.startswith("### Billing")


def test_the_tracker_tells_issues_closed_ones_and_assignees(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    task = at_work.issue("1.1")
    at_work.person.update_issue(task.number, state="closed", state_reason="completed")
    out = planbot("status", "--tracker").require().out
    assert f"[x] 1.1 Store keys #{task.number} closed" in out
    assert f"[ ] 1.2 Answer repeated keys #{at_work.issue('1.2').number}\n" in out
    assert out.endswith("Next: 1.2 Answer repeated keys\n")


def test_asking_the_tracker_changes_nothing(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    before = at_work.refs()
    at_work.sandbox.clear_requests()
    planbot("status", "--tracker").require()
    assert {request.method for request in at_work.sandbox.requests} == {"GET"}
    assert at_work.refs() == before


def test_the_page_has_a_chart_of_the_plans_history(planbot: Planbot, here: Path) -> None:
    committed(here)
    committed(here, SMALL.replace("- [ ] the tests", "- [x] the tests"))
    outcome = planbot("status", "--html", "out.html").require()
    page = (here / "out.html").read_text()
    assert outcome.err == "written to out.html\n"
    assert "Burn-up: 1 of 5 done on " in page
    assert page.count("<svg") == 1


def test_a_plan_that_was_never_committed_has_a_page_without_a_chart(planbot: Planbot, here: Path) -> None:
    git(here, "init", "--quiet", "--initial-branch=main")
    (here / PLAN).write_text(SMALL)
    planbot("status", "--html", "out.html").require()
    assert "<svg" not in (here / "out.html").read_text()


def test_a_terminal_gets_colours_and_lines_that_fit(here: Path) -> None:
    committed(
        here, SMALL.replace("Foundation (", "A foundation whose name is a good deal longer than a line (")
    )
    shown = on_a_terminal(here, "status", COLUMNS="60")
    assert "\x1b[" in shown
    plain = on_a_terminal(here, "status", COLUMNS="60", NO_COLOR="1")
    assert "\x1b[" not in plain
    assert max(map(len, plain.splitlines())) <= 60
    assert "longer" in plain


def test_a_work_tree_that_is_known_to_be_behind_is_told(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    assert planbot("status").require().err == ""
    at_work.set_box("Phase 1", "the tests pass")
    at_work.sync()
    assert "note: the work tree is behind" in planbot("status").require().err
    assert planbot("status", "--commit", "origin/main").require().err == ""
    git(at_work.work, "pull", "--quiet", "origin", "main")
    assert planbot("status").require().err == ""
