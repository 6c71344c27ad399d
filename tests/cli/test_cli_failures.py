"""What goes wrong outside: one clear message, the right exit code, no traceback and never the token."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from cli.commands import Outcome, Planbot, environment, process
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "ghp_0123456789012345678901234567890secret"
COMMANDS = ("sync", "diff")


def require(outcome: Outcome, code: int, said: str, token: str = SECRET) -> None:
    """Demand a failure that people can do something about."""
    outcome.require(code)
    assert outcome.out == ""
    assert outcome.err.startswith("error: ")
    assert said in outcome.err
    assert token not in outcome.err
    assert "basic " not in outcome.err.lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_token(world: World, command: str) -> None:
    world.commit({PLAN: SMALL})
    outcome = process(command, cwd=world.work, env=environment(world, SECRET))
    require(outcome, 3, f"could not read the repository {NAME}: Bad credentials (401)")
    assert "hint: The token is wrong, expired or revoked." in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("token", "said"),
    [("", "there is no token"), (f"{SECRET}\nX-Admin: yes", "holds characters that no token has")],
)
def test_a_token_that_is_none(
    planbot: Planbot, at_work: World, command: str, token: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    require(planbot(command), 2, said)
    assert at_work.sandbox.requests == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_repository_that_the_tracker_does_not_show(planbot: Planbot, at_work: World, command: str) -> None:
    at_work.commit({PLAN: SMALL})
    outcome = planbot(command, "--repo", "octo/nowhere")
    require(outcome, 3, "octo/nowhere", at_work.bot_token)
    assert "It is not there, or the token has no access to it." in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["octo", "octo/plans/more", "octo/..", "https://example.org/octo/plans"])
def test_a_repository_name_that_is_none(planbot: Planbot, at_work: World, command: str, name: str) -> None:
    require(planbot(command, "--repo", name), 2, "is no repository", at_work.bot_token)


def test_no_repository_named_and_an_origin_that_tells_none(
    planbot: Planbot, at_work: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY")
    require(planbot("sync"), 2, "no repository was named", at_work.bot_token)


@pytest.mark.parametrize("command", COMMANDS)
def test_issues_that_are_switched_off(planbot: Planbot, at_work: World, command: str) -> None:
    at_work.commit({PLAN: SMALL})
    with at_work.sandbox.edit(NAME) as repository:
        repository.has_issues = False
    require(planbot(command), 3, f"issues are switched off in {NAME}", at_work.bot_token)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_tracker_that_is_not_there(planbot: Planbot, at_work: World, command: str) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sandbox.stop()
    outcome = planbot(command)
    require(outcome, 3, "Connection refused", at_work.bot_token)
    assert "hint: " in outcome.err


@pytest.mark.parametrize("url", ["ftp://x", "https://github.com", "http://example.org", "https://u:pw@host"])
def test_an_api_address_that_cannot_be_meant(planbot: Planbot, at_work: World, url: str) -> None:
    outcome = planbot("sync", "--api-url", url)
    require(outcome, 2, "", at_work.bot_token)
    assert "pw" not in outcome.err


@pytest.mark.parametrize("command", [*COMMANDS, "check", "demo"])
def test_no_git(world: World, command: str) -> None:
    world.commit({PLAN: SMALL})
    env = {**environment(world), "PATH": str(world.folder / "empty")}
    outcome = process(command, cwd=world.work, env=env).require(3)
    assert "git" in outcome.err
    assert "not on PATH" in outcome.err
    assert "hint: " in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_no_git_repository(
    planbot: Planbot, at_work: World, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(at_work.folder.parent))
    monkeypatch.chdir(at_work.folder)
    require(planbot(command), 2, "not a git repository", at_work.bot_token)


def test_a_remote_that_is_not_there(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    git(at_work.work, "remote", "set-url", "origin", str(at_work.folder / "nowhere.git"))
    require(planbot("sync"), 3, "nowhere.git", at_work.bot_token)


def test_a_branch_that_is_not_there(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL, "planbot.yml": "branch: next\n"})
    require(planbot("sync"), 3, "the branch next is not there", at_work.bot_token)


@pytest.mark.parametrize("command", COMMANDS)
def test_settings_with_five_mistakes_are_told_before_anything_is_written(
    planbot: Planbot, at_work: World, command: str
) -> None:
    mistakes = "plns: []\nissues: {task: some}\nbranch: [a]\nforks: perhaps\nmilestones: 3\n"
    at_work.commit({PLAN: SMALL, "planbot.yml": mistakes})
    outcome = planbot(command)
    require(outcome, 2, "planbot.yml:1:1: ", at_work.bot_token)
    assert [line.split(":")[2] for line in outcome.err.splitlines()] == ["1", "2", "3", "4", "5"]
    assert at_work.issues() == {}


@pytest.mark.parametrize("command", COMMANDS)
def test_named_settings_that_are_not_there(planbot: Planbot, at_work: World, command: str) -> None:
    require(planbot(command, "--config", "nope.yml"), 2, "nope.yml", at_work.bot_token)


def test_a_server_error_while_reading_writes_nothing(planbot: Planbot, at_work: World) -> None:
    at_work.commit({PLAN: SMALL})
    at_work.sandbox.faults.fail(500, method="GET", path="/repos/*/milestones", times=None)
    before = at_work.refs()
    require(planbot("sync"), 3, "(500)", at_work.bot_token)
    assert at_work.refs() == before


def test_a_password_in_the_address_of_origin_is_never_shown(planbot: Planbot, at_work: World) -> None:
    git(at_work.work, "remote", "set-url", "origin", f"http://bot:{SECRET}@127.0.0.1:9/octo/plans.git")
    require(planbot("sync"), 3, "127.0.0.1")


def test_git_asks_nobody_for_a_password(tmp_path: Path, world: World) -> None:
    asked = tmp_path / "asked"
    script = tmp_path / "askpass"
    script.write_text(f"#!{sys.executable}\nopen({str(asked)!r}, 'w')\n")
    script.chmod(0o755)
    with world.sandbox.edit(NAME) as repository:
        repository.private = True
    git(world.work, "remote", "set-url", "origin", f"{world.sandbox.url}/octo/plans.git")
    env = {**environment(world), "GIT_ASKPASS": str(script), "SSH_ASKPASS": str(script)}
    world.sandbox.faults.fail(401, path="/octo/plans.git/*", times=None)
    require(process("sync", cwd=world.work, env=env), 3, "git fetch", world.bot_token)
    assert not asked.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_clone_without_a_remote_is_told_what_to_do(
    planbot: Planbot, at_work: World, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work.commit({PLAN: SMALL})
    git(at_work.work, "remote", "remove", "origin")
    require(planbot(command, "--repo", NAME), 3, "No such remote 'origin'", at_work.bot_token)
    assert "fetched from there: git remote add origin URL\n" in planbot(command, "--repo", NAME).err
    monkeypatch.delenv("GITHUB_REPOSITORY")
    require(planbot(command), 2, "there is no origin remote to tell", at_work.bot_token)
    assert "fetched from there: git remote add origin URL\n" in planbot(command).err


@pytest.mark.usefixtures("at_work")
def test_a_look_takes_no_token_that_may_write(planbot: Planbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    hint = planbot("diff", "--repo", NAME).require(2).err.splitlines()[-1]
    assert hint.startswith("hint: Set GITHUB_TOKEN to one that may read issues and contents")
    assert hint.endswith("write them unless it is for diff or status.")
