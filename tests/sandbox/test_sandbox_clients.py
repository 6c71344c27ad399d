"""Clients that people use, besides PyGithub and git: octokit and gh."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sandbox.people import ISSUES
from support import npm_package

if TYPE_CHECKING:
    from sandbox.people import People

OCTOKIT_VERSION = "4.1.3"
SCRIPT = Path(__file__).with_name("octokit_client.mjs")


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_octokit_works_against_the_sandbox(people: People, prefix: str) -> None:
    try:
        folder = npm_package.installed("octokit", OCTOKIT_VERSION)
    except npm_package.MissingError as missing:
        npm_package.skip_without(missing)
    done = subprocess.run(
        ["node", "--input-type=module", "-", people.sandbox.url + prefix, people.tokens["alice"]],
        input=SCRIPT.read_text(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "login": "alice",
        "issues": [[3, None, True], [2, "not_planned", False], [1, None, False]],
        "repository": "octo/plans",
        "missing": 404,
    }


def gh(people: People, *arguments: str) -> str:
    """Run gh with the sandbox as its proxy: it only speaks plain HTTP to a host of this name."""
    program = shutil.which("gh")
    if program is None:
        npm_package.skip_without(npm_package.MissingError("gh is not installed"))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(people.folder),
        "GH_HOST": "github.localhost",
        "GH_TOKEN": people.tokens["alice"],
        "http_proxy": people.sandbox.url,
    }
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_gh_reads_writes_and_pages(people: People) -> None:
    path = ISSUES.removeprefix("/")
    for title in ("one", "two"):
        gh(people, "api", path, "--field", f"title={title}", "--field", "body=- [ ] box")
    gh(people, "api", "--method", "PATCH", f"{path}/1", "--raw-field", "state=closed")
    numbers = gh(people, "api", "--paginate", f"{path}?per_page=1&state=all", "--jq", ".[].number")
    assert numbers.split() == ["2", "1"]
    assert gh(people, "api", f"{path}/1", "--jq", ".state_reason") == "completed"
    assert gh(people, "api", "user", "--jq", ".login") == "alice"
    login = gh(
        people, "api", "graphql", "--field", "query={ viewer { login } }", "--jq", ".data.viewer.login"
    )
    assert login == "alice"
