"""`planbot sandbox`: the local look-alike of GitHub, alone."""

from __future__ import annotations

import shlex
import signal
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
from cli.commands import Planbot, ended, process, running
from support.plans import SMALL
from support.world import git

from planbot.tracker.github_tracker import GitHubTracker

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


def exported(sandbox: subprocess.Popen[str]) -> dict[str, str]:
    """Return what the first line of a sandbox puts into the environment of a shell."""
    assert sandbox.stdout is not None
    command, *words = shlex.split(sandbox.stdout.readline())
    assert command == "export"
    return dict(word.split("=", 1) for word in words)


def test_planbot_talks_to_it_until_it_is_told_to_end(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=trunk", "origin.git")
    git(tmp_path, "clone", "--quiet", "origin.git", "work")
    work = tmp_path / "work"
    (work / "PLAN.md").write_text(SMALL)
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message", "Plan")
    git(work, "push", "--quiet", "origin", "HEAD:trunk")
    with running("sandbox", "--git", "origin.git", "--repo", "maya/orders", cwd=tmp_path) as sandbox:
        env = exported(sandbox)
        assert env["GITHUB_REPOSITORY"] == "maya/orders"
        git(work, "remote", "set-url", "origin", f"{env['GITHUB_API_URL']}/maya/orders.git")
        made = process("sync", "--pace", "0", cwd=work, env=env).require()
        assert "Created 6 issues" in made.out
        again = process("sync", cwd=work, env=env).require()
        assert again.out == "Nothing to do: 1 plan file and the issues of maya/orders are in step.\n"
        sandbox.send_signal(signal.SIGTERM)
        outcome = ended(sandbox).require()
    url = env["GITHUB_API_URL"]
    told = f"serving maya/orders at {url}, its pages at {url}/maya/orders; Ctrl-C ends it\nstopped\n"
    assert outcome.err == told
    assert "refused" in process("sync", cwd=work, env=env).require(3).err


@pytest.mark.parametrize(
    ("host", "who"),
    [("127.0.0.1", "acting as <b>maya</b>"), ("0.0.0.0", "only looking")],  # noqa: S104  it is meant
)
def test_its_pages_are_for_a_person_of_this_machine(tmp_path: Path, host: str, who: str) -> None:
    state = tmp_path / "state.json"
    for _ in range(2):
        with running("sandbox", "--host", host, "--state", state, cwd=tmp_path) as sandbox:
            port = urlsplit(exported(sandbox)["GITHUB_API_URL"]).port
            page = f"http://127.0.0.1:{port}/octo/plans/issues"
            answer = requests.get(page, headers={"Accept": "text/html"}, timeout=60)
            assert who in answer.text
            sandbox.send_signal(signal.SIGTERM)
            ended(sandbox).require()


def test_a_state_file_lets_it_go_on_where_it_stopped(tmp_path: Path) -> None:
    state = str(tmp_path / "state.json")
    for expected in ((), ("Made before",)):
        with running("sandbox", "--state", state, cwd=tmp_path) as sandbox:
            env = exported(sandbox)
            with GitHubTracker.connect(
                env["GITHUB_API_URL"], env["GITHUB_TOKEN"], "octo/plans", seconds_between_writes=0
            ) as tracker:
                assert tuple(issue.title for issue in tracker.issues(None)) == expected
                if not expected:
                    tracker.create_issue("Made before", "it is kept")
            sandbox.send_signal(signal.SIGTERM)
            ended(sandbox).require()


def test_a_state_file_of_something_else_is_bad_usage(planbot: Planbot, here: Path) -> None:
    (here / "state.json").write_text("[]")
    assert (
        "state.json holds no state of a sandbox" in planbot("sandbox", "--state", "state.json").require(2).err
    )


def test_ctrl_c_ends_it_as_well(tmp_path: Path) -> None:
    with running("sandbox", cwd=tmp_path) as sandbox:
        assert exported(sandbox)["GITHUB_REPOSITORY"] == "octo/plans"
        sandbox.send_signal(signal.SIGINT)
        assert ended(sandbox).require().err.endswith("stopped\n")


def test_a_port_that_is_taken_is_told(planbot: Planbot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = planbot("sandbox", "--port", port).require(2)
    assert outcome.err.startswith(f"error: 127.0.0.1:{port} cannot be listened on: ")


@pytest.mark.parametrize("name", ["octo", "octo/", "/plans", "octo/plans/more"])
def test_a_repository_name_that_is_none_is_bad_usage(planbot: Planbot, name: str) -> None:
    assert "is no repository; write it as owner/name" in planbot("sandbox", "--repo", name).require(2).err


def test_a_git_folder_that_is_not_there_is_bad_usage(planbot: Planbot, here: Path) -> None:
    assert "does not exist" in planbot("sandbox", "--git", here / "nowhere.git").require(2).err
