"""`planbot init`: settings, workflow and plan for a repository that has none yet."""

from __future__ import annotations

import json
import re
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from support.plans import SMALL
from support.world import PLAN, World, git

from planbot.config import DEFAULT_FILES, load_settings
from planbot.workflow import UNKNOWN_ACTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.commands import Planbot

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ".github/planbot.yml"
WORKFLOW = ".github/workflows/planbot.yml"
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def repository(here: Path) -> Path:
    git(here, "init", "--quiet", "--initial-branch=main")
    return here


def files_of(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def patterns(folder: Path) -> tuple[str, ...]:
    settings = load_settings(SETTINGS, (folder / SETTINGS).read_bytes())
    return tuple(pattern for rule in settings.plans for pattern in rule.files)


def test_the_shipped_files_are_those_of_the_repository() -> None:
    shipped = resources.files("planbot.cli").joinpath("shipped")
    assert shipped.joinpath("workflow.yml").read_bytes() == (ROOT / WORKFLOW).read_bytes()
    template = ROOT / "config" / "plan-template.md"
    assert shipped.joinpath("plan-template.md").read_bytes() == template.read_bytes()


def test_it_writes_settings_with_the_patterns_that_take_files_here(
    planbot: Planbot, repository: Path
) -> None:
    (repository / PLAN).write_text(SMALL)
    (repository / "docs" / "plans").mkdir(parents=True)
    (repository / "docs" / "plans" / "a.md").write_text("# A\n\n- [ ] one\n")
    (repository / "docs" / "plans" / "b.md").write_text("# B\n\n- [ ] two\n")
    planbot("init", "--action", f"octo/planbot@{SHA}").require()
    text = (repository / SETTINGS).read_text()
    assert text.splitlines()[0] == (
        "# yaml-language-server: "
        f"$schema=https://raw.githubusercontent.com/octo/planbot/{SHA}/config/planbot.schema.json"
    )
    assert '  - "**/{*PLAN,*-plan,ROADMAP}.md" # 1 file\n  - "docs/plans/**/*.md" # 2 files\n' in text
    assert patterns(repository) == DEFAULT_FILES[:2]


def test_without_plan_files_the_defaults_are_named(planbot: Planbot, repository: Path) -> None:
    outcome = planbot("init").require()
    assert patterns(repository) == DEFAULT_FILES
    assert "No plan file found: `planbot init --plan` writes one to start from.\n" in outcome.out


def test_files_with_checkboxes_are_named_where_none_is_a_plan_file(
    planbot: Planbot, repository: Path
) -> None:
    (repository / "README.md").write_text("# Read me\n\n[ ] is a box.\n")
    (repository / "TODO.md").write_text("# To do\n\n- [ ] one\n")
    found = (
        "No plan file found; files with checkboxes: {}: name them under `plans:` in .github/planbot.yml.\n"
    )
    assert found.format("TODO.md") in planbot("init").require().out
    for name in "abcd":
        (repository / f"{name}.md").write_text("1. [x] one\n")
    assert found.format("TODO.md, a.md, b.md and 2 more") in planbot("init").require().out


def test_a_plan_with_nothing_open_makes_nothing_yet(planbot: Planbot, repository: Path) -> None:
    (repository / PLAN).write_text("# A\n\n- [x] one\n")
    assert "would make nothing yet: no plan file has anything open.\n" in planbot("init").require().out


def test_no_first_sync_is_foretold_where_planbot_has_been(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sync()
    at_work.quiet()  # what the first pass pushed is fetched by the next
    out = planbot("init").require().out
    assert "first sync" not in out
    assert "planbot has been here already: `planbot diff` shows" in out


def test_the_workflow_is_the_shipped_one_but_for_the_action(planbot: Planbot, repository: Path) -> None:
    planbot("init", "--action", f"octo/planbot@{SHA}").require()
    ours = (ROOT / WORKFLOW).read_text().splitlines()
    theirs = (repository / WORKFLOW).read_text().splitlines()
    changed = [(old, new) for old, new in zip(ours, theirs, strict=True) if old != new]
    assert changed
    assert all(re.search(r"uses: \./", old) for old, _ in changed)
    assert all(new.strip().removeprefix("- ") == f"uses: octo/planbot@{SHA}" for _, new in changed)
    assert yaml.safe_load("\n".join(theirs))["name"] == "planbot"


def test_where_nobody_knows_the_action_it_says_what_to_replace(planbot: Planbot, repository: Path) -> None:
    outcome = planbot("init").require()
    assert UNKNOWN_ACTION in (repository / WORKFLOW).read_text()
    assert f"replace {UNKNOWN_ACTION}" in outcome.err


@pytest.mark.parametrize("url", ["https://github.com/octo/planbot", "https://github.com/octo/planbot.git"])
def test_the_action_is_that_of_the_installation(
    planbot: Planbot, repository: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    origin = {"url": url, "vcs_info": {"vcs": "git", "commit_id": SHA}}
    monkeypatch.setattr(metadata.Distribution, "read_text", lambda *_: json.dumps(origin), raising=False)
    monkeypatch.setattr(metadata.PathDistribution, "read_text", lambda *_: json.dumps(origin))
    outcome = planbot("init").require()
    assert f"uses: octo/planbot@{SHA}\n" in (repository / WORKFLOW).read_text()
    assert "replace" not in outcome.err


def test_nothing_that_is_there_is_overwritten(planbot: Planbot, repository: Path) -> None:
    there: Mapping[str, str] = {SETTINGS: "branch: main\n", WORKFLOW: "name: mine\n", PLAN: SMALL}
    for path, text in there.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)
    before = files_of(repository)
    outcome = planbot("init", "--plan", PLAN).require()
    assert files_of(repository) == before
    assert outcome.out.count("is there already: left as it is") == 3


def test_settings_at_their_other_place_are_found(planbot: Planbot, repository: Path) -> None:
    (repository / "planbot.yml").write_text("branch: main\n")
    assert "planbot.yml is there already" in planbot("init").require().out
    assert not (repository / SETTINGS).exists()


def test_a_plan_to_start_from_is_the_template(planbot: Planbot, repository: Path) -> None:
    outcome = planbot("init", "--plan").require()
    template = (ROOT / "config" / "plan-template.md").read_bytes()
    assert (repository / "docs" / "plans" / "plan.md").read_bytes() == template
    assert "docs/plans/plan.md is left alone until its title is yours" in outcome.out


def test_a_plan_where_no_pattern_looks_is_named_in_the_settings(planbot: Planbot, repository: Path) -> None:
    planbot("init", "--plan", "work/next.md").require()
    assert patterns(repository) == ("work/next.md",)


def test_a_plan_in_a_usual_place_leaves_room_for_the_next_one(planbot: Planbot, repository: Path) -> None:
    planbot("init", "--plan").require()
    assert "docs/plans/**/*.md" in patterns(repository)


def test_a_plan_outside_of_the_repository_is_refused(planbot: Planbot, repository: Path) -> None:
    assert "lies outside" in planbot("init", "--plan", "../plan.md").require(2).err
    assert files_of(repository) == {}


def test_it_shows_what_the_first_sync_makes(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    outcome = planbot("init").require()
    foreseen = outcome.out.partition("The first sync would make:\n")[2]
    assert "+ milestone  Billing: Implementation Plan: Phase 1 – Foundation" in foreseen
    assert planbot("diff").require().out == foreseen


def test_a_folder_that_is_no_repository_is_told(planbot: Planbot, here: Path) -> None:
    assert "not a git repository" in planbot("init").require(2).err
    assert files_of(here) == {}


def test_what_is_no_action_is_refused(planbot: Planbot, repository: Path) -> None:
    assert "OWNER/planbot@REF" in planbot("init", "--action", "planbot").require(2).err
    assert files_of(repository) == {}
