"""`planbot sync` as a process of its own, which can be killed at a request or at a push."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from support.world import CLEAN_GIT, NAME

from planbot.sandbox.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from support.crash import When
    from support.world import World

_GIT = """\
#!/bin/sh
case " $* " in *" push "*)
    echo >> {count}
    if [ "$(wc -l < {count})" -eq {at} ]; then
        [ {when} = before ] || {git} "$@"
        kill -KILL $PPID
        exit 1
    fi ;;
esac
exec {git} "$@"
"""


def start(world: World, clone: Path, *args: str, path: str = "") -> subprocess.Popen[str]:
    """Start a pass over a clone; `path` is searched for programs first."""
    found = {
        "GITHUB_API_URL": world.sandbox.url,
        "GITHUB_TOKEN": world.bot_token,
        "GITHUB_REPOSITORY": NAME,
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "planbot", "sync", "--pace", "0", *args],
        cwd=clone,
        env=CLEAN_GIT | found,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_at_request(world: World, at: int, when: When) -> None:
    """Run a pass that is killed before or after the sandbox acts on its `at`-th request."""
    process = start(world, world.work)
    # in time: the process has to load planbot before it asks for anything
    world.sandbox.faults.add(Fault(when=when, skip=at - 1, drop=True, action=process.kill))
    _require_killed(process)


def kill_at_push(world: World, at: int, when: When) -> None:
    """Run a pass that is killed before or after its `at`-th push."""
    folder = world.folder / "bin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    program = folder / "git"
    program.write_text(_GIT.format(count=folder / "pushes", at=at, when=when, git=shutil.which("git")))
    program.chmod(0o755)
    _require_killed(start(world, world.work, path=str(folder)))


def _require_killed(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL, said
