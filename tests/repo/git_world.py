"""A real origin and real clones of it, in a folder of their own, free of the machine's git settings."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from planbot.repo.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

ALICE = {
    "GIT_AUTHOR_NAME": "Alice",
    "GIT_AUTHOR_EMAIL": "alice@example.com",
    "GIT_COMMITTER_NAME": "Alice",
    "GIT_COMMITTER_EMAIL": "alice@example.com",
}


class World:
    """Hold a bare `origin`, Alice's clone `alice`, and the clone `clone` that planbot works in."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        self.folder = folder
        self.origin = folder / "origin.git"
        self.alice = folder / "alice"
        self.clone = folder / "clone"
        run(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        run(folder, "clone", "--quiet", str(self.origin), str(self.alice))
        self.head = self.commit({"PLAN.md": b"# Plan\n\n- [ ] one\n"})
        run(folder, "clone", "--quiet", str(self.origin), str(self.clone))

    def commit(self, files: Mapping[str, bytes], *, branch: str = "main") -> str:
        """Commit files as Alice, byte for byte, push them, and return the commit."""
        for name, content in files.items():
            path = self.alice / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        run(self.alice, "add", "--all")
        run(self.alice, "commit", "--quiet", "--allow-empty", "--message", "Work")
        run(self.alice, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        return run(self.alice, "rev-parse", "HEAD")

    def push_ref(self, ref: str, commit: str | None) -> None:
        """Point a ref of the origin to one of Alice's commits, or delete it."""
        run(self.alice, "push", "--quiet", "--force", "origin", f"{commit or ''}:{ref}")

    def ref(self, ref: str) -> str | None:
        """Return what a ref of the origin points to."""
        return refs(self.origin).get(ref)

    def hook(self, name: str, script: str) -> None:
        """Give the origin a hook."""
        write_hook(self.origin / "hooks" / name, script)

    def repository(self, **options: object) -> Repository:
        """Return the clone as planbot sees it."""
        return Repository.open(self.clone, **options)  # type: ignore[arg-type]  # each test names its own


def run(folder: Path, *args: str, stdin: bytes = b"") -> str:
    """Run git as Alice and return what it prints."""
    command = ["git", "-c", "protocol.file.allow=always", "-C", str(folder), *args]
    done = subprocess.run(command, input=stdin, env={**os.environ, **ALICE}, capture_output=True, check=False)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def refs(folder: Path) -> dict[str, str]:
    """Return every ref of a repository."""
    lines = run(folder, "for-each-ref", "--format=%(refname) %(objectname)").split("\n")
    pairs = (line.split(" ") for line in lines if line)
    return {name: commit for name, commit in pairs}  # noqa: C416  # a pair of a list is no tuple to mypy


def write_hook(path: Path, script: str) -> None:
    """Write an executable shell script."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
