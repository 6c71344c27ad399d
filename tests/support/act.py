"""Run workflows for real: act does what GitHub's runner does, on this machine and without containers.

https://nektosact.com/usage/runners.html
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.world import NAME, git

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.world import World

ROOT = Path(__file__).resolve().parent.parent.parent

# Only PyPI can be counted on where tests run, so other people's actions are played by actions of our own.
# actions/setup-python tells that it was asked, and hands over the Python that runs the tests.
_STAND_IN = "stand-in"
_SETUP_PYTHON = f"""\
name: setup-python
description: Puts the Python of the tests on PATH.
runs:
  using: composite
  steps:
    - id: {_STAND_IN}
      shell: bash
      run: echo "$PYTHON_OF_THE_TESTS" >>"$GITHUB_PATH"
"""
# actions/checkout; act has a way of its own, which it leaves where a ref is named.
_CHECKOUT = """\
name: checkout
description: Checks out a branch, or the one that the run is about.
inputs:
  ref:
    description: The branch.
  persist-credentials:
    description: There are none.
  fetch-depth:
    description: Always 1.
runs:
  using: composite
  steps:
    - shell: bash
      env:
        REF: ${{ inputs.ref }}
      run: |
        git init --quiet
        git remote add origin "$ORIGIN_OF_THE_TESTS"
        git fetch --quiet --depth=1 origin "${REF:-$BRANCH_OF_THE_TESTS}"
        git checkout --quiet --detach FETCH_HEAD
"""
# actions/cache keeps folders below one folder; like the real one it saves them when the job is over.
_CACHE = """\
name: cache
description: Keeps a folder from run to run.
inputs:
  path:
    description: The folder.
  key:
    description: Its name.
runs:
  using: node20
  main: restore.js
  post: save.js
"""
_COPY = """\
const fs = require("fs");
const kept = `${process.env.KEPT_BY_THE_TESTS}/${process.env.INPUT_KEY}`;
const [from, to] = %s;
if (fs.existsSync(from) && !fs.existsSync(to)) {
  const partial = fs.mkdtempSync(`${to}.`);
  fs.cpSync(from, partial, { recursive: true, verbatimSymlinks: true });
  fs.renameSync(partial, to);
}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Hold a finished run: its exit code, what the steps printed and gave out, how each ended, their summaries.

    `annotations` are as they were written. A step is named by its id, or its place from 0 on; one inside an action by
    what leads to it, with dots between.
    """

    code: int
    log: str
    outputs: dict[str, dict[str, str]]
    ended: dict[str, str]
    summaries: dict[str, str]
    annotations: list[str]

    @property
    def set_python_up(self) -> bool:
        """Tell whether actions/setup-python was asked."""
        return any(step.endswith(f".{_STAND_IN}") for step in self.ended)


class Runner:
    """Play the runner of a world's repository: each run works in a fresh, shallow clone over HTTP."""

    def __init__(self, world: World, kept: Path) -> None:
        """Take a world and the folder that stands for GitHub's cache."""
        self._world = world
        self._home = world.folder / "runner"
        self._runs = 0
        self._kept = kept
        self._stand_in("actions/checkout", {"action.yml": _CHECKOUT})
        self._stand_in("actions/setup-python", {"action.yml": _SETUP_PYTHON})
        restore, save = _COPY % "[kept, process.env.INPUT_PATH]", _COPY % "[process.env.INPUT_PATH, kept]"
        self._stand_in("actions/cache", {"action.yml": _CACHE, "restore.js": restore, "save.js": save})

    def _stand_in(self, action: str, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self._home / action / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def run(
        self,
        event: str,
        payload: Mapping[str, Any],
        *,
        workflow: str = "planbot.yml",
        branch: str = "main",
        **environment: str,
    ) -> Run:
        """Run one workflow on an event, as the planbot user, in an environment with additions."""
        self._runs += 1
        folder = self._home / str(self._runs)
        clone = folder / "clone"
        origin = f"{self._world.sandbox.url}/{NAME}.git"
        git(self._home, "clone", "--quiet", "--depth=1", f"--branch={branch}", origin, str(clone))
        event_file = folder / "event.json"
        event_file.write_text(json.dumps(payload))
        command = [
            *(program(), event, "--json", "--directory", str(clone)),
            *("--workflows", str(clone / ".github/workflows" / workflow), "--eventpath", str(event_file)),
            *("--platform", "ubuntu-latest=-self-hosted", "--no-cache-server"),
            *("--action-cache-path", str(folder / "cache")),
            *self._replaced("actions/checkout"),
            *self._replaced("actions/setup-python"),
            *self._replaced("actions/cache"),
            *("--secret", "GITHUB_TOKEN", "--env", f"GITHUB_API_URL={self._world.sandbox.url}"),
            *("--env", f"GITHUB_REPOSITORY={NAME}"),
        ]
        here = Path(sys.executable).parent
        done = subprocess.run(
            command,
            env={
                **os.environ,
                "PATH": f"{here}{os.pathsep}{os.environ['PATH']}",
                "PYTHON_OF_THE_TESTS": str(here),
                "KEPT_BY_THE_TESTS": str(self._kept),
                "ORIGIN_OF_THE_TESTS": origin,
                "BRANCH_OF_THE_TESTS": branch,
                "GITHUB_TOKEN": self._world.bot_token,
                "GIT_CONFIG_GLOBAL": os.devnull,  # like a fresh runner's, git knows no name to commit under
                "GIT_CONFIG_NOSYSTEM": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return _read(done.returncode, done.stdout)

    def _replaced(self, action: str) -> tuple[str, str]:
        return "--local-repository", f"{action}@{_pin(action)}={self._home / action}"


def program() -> str:
    """Return the path of act; skip the running test where there is none, but fail it in CI."""
    found = shutil.which("act", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        missing = "act is not installed; it comes with the extra `test`"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def own_files() -> dict[str, bytes | str | None]:
    """Return what a checkout of this repository holds that the action needs, by path."""
    named = ["action.yml", "pyproject.toml", "README.md", "LICENSE", ".github/workflows/planbot.yml"]
    package = [path for path in (ROOT / "planbot").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in (*(ROOT / name for name in named), *package)
    }


def _pin(action: str) -> str:
    """Return the commit of another action that ours names."""
    files = (ROOT / "action.yml", ROOT / ".github" / "workflows" / "planbot.yml")
    found = re.search(rf"{action}@([0-9a-f]{{40}})", "".join(file.read_text() for file in files))
    assert found, f"neither action nor workflow names a commit of {action}"
    return found[1]


def _read(code: int, output: str) -> Run:
    log: list[str] = []
    outputs: dict[str, dict[str, str]] = {}
    ended: dict[str, str] = {}
    summaries: dict[str, str] = {}
    annotations: list[str] = []
    for line in output.splitlines():
        plain = {"msg": f"{line}\n", "raw_output": True}
        entry: dict[str, Any] = json.loads(line) if line.startswith("{") else plain
        step = ".".join(entry.get("stepID", ()))
        if entry.get("raw_output"):
            log.append(entry["msg"])
        elif entry.get("level") in ("warning", "error"):
            log.append(f"{step}: {entry['msg']}\n")
        if entry.get("command") == "set-output":
            outputs.setdefault(step, {})[entry["name"]] = entry["arg"]
        if entry.get("command") == "summary":
            summaries[step] = entry["content"]
        if entry.get("command") in ("error", "warning"):
            annotations.append(entry["msg"].partition("::")[2].rstrip("\n"))
        if "stepResult" in entry:
            ended[step] = entry["stepResult"]
    return Run(code, "".join(log), outputs, ended, summaries, annotations)
