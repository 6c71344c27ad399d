"""`planbot diff`: what sync would do, and nothing done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.commands import environment, process
from support.plans import SMALL
from support.world import PLAN, World, git

if TYPE_CHECKING:
    from cli.commands import Planbot


@pytest.fixture
def synced(at_work: World) -> World:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    return at_work


def test_it_shows_what_the_work_tree_would_become_and_does_nothing(world: World) -> None:
    world.commit({"README.md": "hello\n"})
    (world.work / PLAN).write_text(SMALL)
    before = world.refs()
    outcome = process("diff", cwd=world.work, env=environment(world)).require()
    assert outcome.err == ""
    assert "  + task  1.1 Store keys\n" in outcome.out
    assert "Would create 6 issues, 2 milestones, 3 labels." in outcome.out.splitlines()
    assert "Cost: 6 new issues, 2 new milestones, 11 writes, about 1 minute" in outcome.out
    assert (world.refs(), world.issues()) == (before, {})
    assert not [request for request in world.sandbox.requests if request.method != "GET"]


def test_differences_have_an_exit_code_on_demand(planbot: Planbot, synced: World) -> None:
    assert "Nothing to do" in planbot("diff", "--exit-code").require().out
    (synced.work / PLAN).write_text(SMALL.replace("[ ] the page", "[x] the page"))
    assert "Would update 1 issue; would bring 1 box in step." in planbot("diff").require().out
    planbot("diff", "--exit-code").require(1)


def test_a_commit_can_be_looked_at_instead(planbot: Planbot, synced: World) -> None:
    synced.edit("[ ] the page", "[x] the page")
    assert "the page opens" in planbot("diff", "--commit", "HEAD", "--exit-code").require(1).out
    assert "Nothing to do" in planbot("diff", "--commit", "HEAD~1", "--exit-code").require().out


@pytest.mark.parametrize("revision", ["nowhere", "", "--help", "-h"])
def test_a_revision_that_there_is_not_is_bad_usage(planbot: Planbot, synced: World, revision: str) -> None:
    outcome = planbot("diff", f"--commit={revision}").require(2)
    assert outcome.out == ""
    assert "names no commit" in outcome.err
    assert str(synced.work) in outcome.err


def test_json_has_the_shape_of_sync_with_nothing_done(planbot: Planbot, synced: World) -> None:
    done = json.loads(planbot("sync", "--output", "json").require().out)
    (synced.work / PLAN).write_text(SMALL.replace("Store keys", "Keep keys").replace("[ ] the", "[x] the"))
    data = json.loads(planbot("diff", "--output", "json").require().out)
    assert data.keys() == done.keys()
    assert [(one["action"], one["title"]) for one in data["changes"] if "title" in one["fields"]] == [
        ("update", "1.1 Keep keys")
    ]
    assert [tick["line"] for tick in data["ticked"]] == [45, 46, 49]
    assert (data["updated"], data["complete"]) == (2, False)
    assert data["write_back"]["commit"] is None
    assert data["requests"]["write"] == 0


def test_a_work_tree_that_is_behind_is_told(planbot: Planbot, synced: World) -> None:
    assert "behind" not in planbot("diff").require().out
    synced.set_box("Phase 1", "the tests pass")
    planbot("sync", "--pace", "0").require()
    behind = "the work tree is behind origin/main: `git pull`"
    assert f"note: {behind}" in planbot("diff").require().out
    (notice,) = json.loads(planbot("diff", "--output", "json").require().out)["notices"]
    assert notice.startswith(behind)
    assert "is behind origin/main" in planbot("diff", "--output", "markdown").require().out
    assert "Nothing to do" in planbot("diff", "--commit", "origin/main").require().out
    git(synced.work, "pull", "--quiet", "origin", "main")
    assert planbot("diff").require().out.startswith("Nothing to do")
    git(synced.work, "commit", "--quiet", "--allow-empty", "-m", "ahead")
    assert planbot("diff").require().out.startswith("Nothing to do")


def test_a_branch_that_lacks_commits_is_behind_too(planbot: Planbot, synced: World) -> None:
    git(synced.work, "checkout", "--quiet", "-b", "topic")
    git(synced.work, "commit", "--quiet", "--allow-empty", "-m", "aside")
    assert "behind" not in planbot("diff").require().out
    synced.set_box("Phase 1", "the tests pass")
    planbot("sync", "--pace", "0").require()
    assert "the work tree is behind origin/main" in planbot("diff").require().out


def test_what_sync_would_refuse_is_told(planbot: Planbot, synced: World) -> None:
    (synced.work / PLAN).unlink()
    outcome = planbot("diff").require()
    assert f"would be refused: {PLAN} is gone" in outcome.out
    assert "would be refused" not in planbot("diff", "--allow", "closes").require().out


def test_no_plan_file_is_a_warning(planbot: Planbot, at_work: World) -> None:
    at_work.commit({"README.md": "hello\n"})
    assert planbot("diff").require().err == "warning: no plan file matched `plans:` in the settings\n"
