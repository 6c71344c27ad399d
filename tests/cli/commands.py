"""planbot as people run it: as a process, or, where speed matters, in this one."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from support.world import NAME

from planbot.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pytest
    from support.world import World

PLANBOT = (sys.executable, "-m", "planbot")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what a command gave back."""

    code: int
    out: str
    err: str

    def require(self, code: int = 0) -> Outcome:
        """Return this; fail with all that was said where the exit code is another or a traceback is shown."""
        assert self.code == code, self
        assert "Traceback" not in self.out + self.err, self
        return self


class Planbot:
    """Run commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: object) -> Outcome:
        self._capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = self._capsys.readouterr()
        return Outcome(code, out, err)


def process(*args: object, cwd: Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run a command as a process of its own, without anything to read from."""
    done = subprocess.run(
        [*PLANBOT, *map(str, args)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def on_a_terminal(folder: Path, *args: str, until: str = "", **env: str) -> str:
    """Run a command with a terminal as standard output and return what it shows there, whatever its exit code.

    One that stays shows both its streams there, and is told to end when it has shown the text `until`.
    """
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    shown = b""
    with subprocess.Popen(
        [*PLANBOT, *args],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs if until else subprocess.DEVNULL,
        env={**environment, **env},
    ) as process:
        os.close(theirs)
        while piece := _read(ours):
            shown += piece
            if until and until.encode() in shown:
                process.terminate()
                until = ""
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def read_all(terminal: int) -> bytes:
    """Return all that is shown on a terminal until nobody has it open any more."""
    shown = b""
    while piece := _read(terminal):
        shown += piece
    os.close(terminal)
    return shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so at the end of a terminal
        return b""


@contextmanager
def running(
    *args: object, cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a command as a process of its own; it is gone at the end in any case."""
    with subprocess.Popen(
        [*PLANBOT, *map(str, args)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(stream: IO[str] | None, start: str) -> str:
    """Read what a process prints up to a line that starts so."""
    assert stream is not None
    lines = [""]
    while not lines[-1].startswith(start):
        lines.append(stream.readline())
        assert lines[-1], lines
    return "".join(lines)


def ended(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a process and return what it gave back since it was last read from."""
    out, err = process.communicate()
    return Outcome(process.returncode, out, err)


def environment(world: World, token: str = "") -> dict[str, str]:
    """Return what leads planbot to the sandbox, as the bot or with another token."""
    return {
        "GITHUB_API_URL": world.sandbox.url,
        "GITHUB_TOKEN": token or world.bot_token,
        "GITHUB_REPOSITORY": NAME,
    }
