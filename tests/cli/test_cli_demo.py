"""`planbot demo`: the whole way once, on this machine."""

from __future__ import annotations

import os
import re
import signal
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from cli.commands import Outcome, Planbot, ended, process, running
from support.world import git

from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from pathlib import Path

PLAN = "PLAN.md"
IN_STEP = "Nothing to do: 1 plan file and the issues of octo/orders are in step."
TICKED = ["- [x] `pytest tests/test_idempotency.py` passes", "- [x] Start the service: `make run`"]


def bare(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment without a home, with nobody to ask and a proxy that leads nowhere."""
    (folder / "tmp").mkdir()
    return {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        **more,
    }


def require_the_story(outcome: Outcome) -> None:
    """Demand that every step is told, and that the diff holds just the two ticks."""
    assert outcome.err == ""
    parts = re.split(r"^\d\. .*$", outcome.out, flags=re.MULTILINE)[1:]
    made, wanted, first, person, second, third = parts
    assert "Plan the orders API" in made
    assert "Would create 12 issues, 3 milestones" in wanted
    assert "Created 12 issues, 3 milestones" in first
    assert "closed: 1.1 Store idempotency keys" in person
    assert "Brought 2 boxes in step; commit " in second
    diff = [line for line in second.splitlines() if re.match(r"[+-](?!--|\+\+)", line)]
    assert diff == [sign + line for new in TICKED for sign, line in (("-", unticked(new)), ("+", new))]
    assert third.strip().splitlines()[:2] == [IN_STEP, "  #3  still closed: 1.1 Store idempotency keys"]


def unticked(line: str) -> str:
    return line.replace("[x]", "[ ]")


def test_it_needs_no_token_no_network_no_home_and_cleans_up(tmp_path: Path) -> None:
    outcome = process("demo", cwd=tmp_path, env=bare(tmp_path)).require()
    require_the_story(outcome)
    assert outcome.out.endswith("  #3  still closed: 1.1 Store idempotency keys\n")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp"]


def test_what_is_kept_holds_the_plan_its_history_and_the_journal(tmp_path: Path) -> None:
    outcome = process("demo", "--keep", "kept", cwd=tmp_path, env=bare(tmp_path)).require()
    kept = tmp_path / "kept"
    assert f"Kept in {kept}" in outcome.out
    sample = resources.files("planbot.cli").joinpath("sample", PLAN).read_text(encoding="utf-8")
    plan = (kept / "work" / PLAN).read_text(encoding="utf-8")
    changed = [
        (old, new) for old, new in zip(sample.splitlines(), plan.splitlines(), strict=True) if old != new
    ]
    assert changed == [(unticked(line), line) for line in TICKED]
    assert git(kept / "origin.git", "log", "--format=%s", "main") == "Tick 2 boxes\nPlan the orders API"
    assert git(kept / "origin.git", "rev-list", "--count", "refs/planbot/journal") != "0"
    assert git(kept / "work", "status", "--porcelain") == ""


def test_run_in_a_git_hook_it_leaves_that_repository_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "mine")
    mine = tmp_path / "mine"
    hook = {
        "GIT_DIR": str(mine / ".git"),
        "GIT_INDEX_FILE": str(mine / ".git" / "index"),
        "GIT_WORK_TREE": str(mine),
        "GIT_OBJECT_DIRECTORY": str(mine / ".git" / "objects"),
        "GIT_PREFIX": "docs/",
    }
    before = sorted(mine.rglob("*"))
    require_the_story(process("demo", cwd=mine, env=bare(tmp_path, **hook)).require())
    assert sorted(mine.rglob("*")) == before


def test_the_settings_of_whoever_runs_it_do_not_matter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[commit]\n\tgpgSign = true\n[core]\n\tautocrlf = true\n[init]\n\tdefaultBranch = trunk\n"
        "[push]\n\tdefault = nothing\n[diff]\n\texternal = false\n[color]\n\tui = always\n"
    )
    require_the_story(process("demo", cwd=tmp_path, env=bare(tmp_path)).require())


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", ["1. ", "3. ", "5. "])
def test_ended_in_the_middle_it_leaves_nothing_behind(tmp_path: Path, signum: int, step: str) -> None:
    with running("demo", cwd=tmp_path, env=bare(tmp_path)) as demo:
        assert demo.stdout is not None
        while not demo.stdout.readline().startswith(step):
            pass
        demo.send_signal(signum)
        outcome = ended(demo).require(130)
    assert outcome.err == "\ninterrupted\n"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(planbot: Planbot, here: Path) -> None:
    (here / "mine.txt").write_text("mine")
    outcome = planbot("demo", "--keep", here).require(2)
    assert "is not empty" in outcome.err
    assert outcome.out == ""
    assert [path.name for path in here.iterdir()] == ["mine.txt"]
    assert "cannot be used" in planbot("demo", "--keep", here / "mine.txt").require(2).err


def test_the_environment_is_as_before(
    planbot: Planbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "example.org")
    before = dict(os.environ)
    require_the_story(planbot("demo", "--keep", tmp_path / "kept").require())
    assert dict(os.environ) == before


def test_the_sample_is_a_realistic_plan_without_findings() -> None:
    plan = read_plan(PLAN, resources.files("planbot.cli").joinpath("sample", PLAN).read_bytes())
    assert plan.dialect == "template"
    assert len(plan.phases) >= 3
    assert len(list(plan.all_tasks())) >= 8
    assert len(list(plan.all_checks())) >= 20
    assert {check.group for check in plan.all_checks()} >= {"Automated", "Manual", "Invariants"}
    assert plan.diagnostics == ()
