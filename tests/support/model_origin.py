"""The remote of the model-based test: a real bare repository, in memory where that can be had."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from support.world import CLEAN_GIT, git

from planbot.repo.git import Git
from planbot.repo.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BRANCH = "main"
_CONFIG = """\
[core]
\tbare = true
\trepositoryformatversion = 0
\tfsync = none
[gc]
\tauto = 0
[receive]
\tautogc = false
[maintenance]
\tauto = false
[transfer]
\tunpackLimit = 10000
[fastimport]
\tunpackLimit = 1
"""
_PROTECTION = f"""\
#!/bin/sh
[ "$1" != refs/heads/{BRANCH} ] || {{ echo "error: GH006: Protected branch update failed for $1." >&2; exit 1; }}
"""


def bare_repository(folder: Path, remote: Path | None = None) -> Path:
    """Make a bare repository in which nothing runs by itself."""
    for inner in ("objects/pack", "objects/info", "refs/heads", "hooks"):
        (folder / inner).mkdir(parents=True)
    (folder / "HEAD").write_text(f"ref: refs/heads/{BRANCH}\n")
    origin = f'[remote "origin"]\n\turl = {remote}\n' if remote else ""
    (folder / "config").write_text(_CONFIG + origin)
    return folder


class Origin:
    """Hold the remote, and what people do to its branch past every rule, as administrators may."""

    def __init__(self, folder: Path) -> None:
        self.folder = bare_repository(folder)

    def protect(self) -> None:
        """Let the branch take no push."""
        hook = self.folder / "hooks/update"
        hook.write_text(_PROTECTION)
        hook.chmod(0o755)

    def tip(self, branch: str) -> str | None:
        """Return the commit of a branch, None if it is not there."""
        ref = self.folder / "refs/heads" / branch
        return ref.read_text().strip() if ref.is_file() else None

    def refs(self) -> list[str]:
        """Return all refs with what they point to."""
        found = sorted(path for path in (self.folder / "refs").rglob("*") if path.is_file())
        return [f"{path} {path.read_text()}" for path in found]

    def files(self, commit: str) -> dict[str, bytes]:
        """Return the files of a commit."""
        objects = Objects(Git(self.folder))
        listed = objects.files(commit)
        blobs = objects.read_blobs(file.blob for file in listed)
        return {file.path: blobs[file.blob] for file in listed}

    def commit(self, changes: Mapping[str, bytes | None], now: float) -> str:
        """Commit to the branch with one git process, and return the commit; None takes a file away."""
        head = self.tip(BRANCH)
        lines = [
            f"commit refs/heads/{BRANCH}\ncommitter Ada <ada@example.org> {int(now)} +0000\ndata 0\n".encode()
        ]
        lines += [f"from {head}\n".encode()] if head else []
        for path, data in changes.items():
            if data is None:
                lines.append(f"D {path}\n".encode())
            else:
                lines += [f"M 100644 inline {path}\ndata {len(data)}\n".encode(), data, b"\n"]
        command = ["git", "fast-import", "--quiet"]
        subprocess.run(command, cwd=self.folder, input=b"".join(lines), env=CLEAN_GIT, check=True)
        made = self.tip(BRANCH)
        assert made is not None
        return made

    def merge(self, commit: str, *, squash: bool) -> str | None:
        """Merge a commit into the branch, and return the merge; None where they are in conflict."""
        head = self.tip(BRANCH)
        assert head is not None
        command = ["git", "merge-tree", "--write-tree", head, commit]
        done = subprocess.run(
            command, cwd=self.folder, env=CLEAN_GIT, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            return None
        parents = [head] if squash else [head, commit]
        options = [word for parent in parents for word in ("-p", parent)]
        made = git(self.folder, "commit-tree", done.stdout.split()[0], *options, "-m", "Merge")
        git(self.folder, "update-ref", f"refs/heads/{BRANCH}", made, head)
        return made
