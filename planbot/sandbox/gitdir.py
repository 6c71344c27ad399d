"""A repository's bare git directory, read with git's plumbing."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ZERO = "0" * 40


@dataclass(frozen=True, slots=True)
class Signature:
    """Hold who wrote or committed, and when, in ISO 8601."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Hold a commit; `signed` is whether it carries a signature."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a file or folder of a tree: `kind` is git's, blob, tree or commit."""

    mode: str
    kind: str
    sha: str
    size: int
    path: str


class GitDir:
    """Read, and where a merge needs it write, one bare git directory."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def run(self, *arguments: str, env: dict[str, str] | None = None) -> str | None:
        """Return what git prints, or None if it fails."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=git_environment(self.path) | (env or {}),
            capture_output=True,
            check=False,
        )
        return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else None

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Return the commit (or object) of every ref that starts so, by full name, sorted."""
        output = self.run("for-each-ref", "--format=%(refname) %(objectname)") or ""
        pairs = (line.split(" ") for line in output.splitlines())
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    def branch(self, name: str) -> str | None:
        """Return the commit of a branch."""
        return self.resolve(f"refs/heads/{name}")

    def resolve(self, revision: str) -> str | None:
        """Return the object that a revision names."""
        if revision.startswith("-"):
            return None
        output = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
        return None if output is None else output.strip()

    def commit(self, revision: str) -> Commit | None:
        """Return a commit."""
        sha = self.resolve(f"{revision}^{{commit}}")
        layout = "%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI"
        shown = sha and self.run("show", "-s", f"--format={layout}", "--no-show-signature", sha)
        raw = sha and self.run("cat-file", "commit", sha)
        if not sha or not shown or raw is None:
            return None
        tree, parents, an, ae, ad, cn, ce, cd = shown.split("\n")[:8]
        head, _, message = raw.partition("\n\n")
        return Commit(
            sha,
            tree,
            tuple(parents.split()),
            Signature(an, ae, ad),
            Signature(cn, ce, cd),
            message,
            signed="\ngpgsig" in head,
        )

    def log(self, revision: str, *, path: str = "", limit: int = 1000) -> list[str]:
        """Return the commits that a revision reaches, newest first, as far as they touch a path."""
        sha = self.resolve(f"{revision}^{{commit}}")
        output = sha and self.run("rev-list", f"--max-count={limit}", sha, "--", *([path] if path else []))
        return (output or "").split()

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits in `head` that `base` lacks, oldest first."""
        return (self.run("rev-list", "--reverse", head, f"^{base}", "--") or "").split()

    def commits_beyond(self, head: str | None, known: Iterable[str]) -> tuple[Commit, ...]:
        """Return the commits in `head` that none of the known ones reaches, oldest first."""
        if head is None:
            return ()
        shas = self.run("rev-list", "--reverse", head, *(f"^{sha}" for sha in known), "--") or ""
        return tuple(commit for sha in shas.split() if (commit := self.commit(sha)))

    def diff_stat(self, base: str, head: str) -> tuple[int, int, int]:
        """Return how many files, added lines and deleted lines lie between two commits' common ground and `head`."""
        lines = (self.run("diff", "--numstat", f"{base}...{head}", "--") or "").splitlines()
        counts = [line.split("\t")[:2] for line in lines]
        added, deleted = (sum(int(c[i]) for c in counts if c[i].isdecimal()) for i in (0, 1))
        return len(lines), added, deleted

    def changed_files(self, commit: Commit) -> dict[str, list[str]]:
        """Return the paths that a commit added (A), removed (D) and modified (M)."""
        found: dict[str, list[str]] = {"A": [], "D": [], "M": []}
        output = self.run(
            "diff-tree", "--root", "--no-commit-id", "--name-status", "-r", "-z", "--no-renames", commit.sha
        )
        fields = (output or "").split("\0")
        for status, path in zip(fields[0::2], fields[1::2], strict=False):
            found.get(status, found["M"]).append(path)
        return found

    def merged_tree(self, base: str, head: str) -> str | None:
        """Return the tree of a merge of two commits, or None where they conflict."""
        output = self.run("merge-tree", "--write-tree", base, head)
        return None if output is None else output.split("\n")[0]

    def write_commit(
        self,
        tree: str,
        parents: Iterable[str],
        message: str,
        author: Signature,
        committer: Signature | None = None,
    ) -> str:
        """Write a commit and return its hash. Raises RuntimeError if git refuses."""
        person = {
            f"GIT_{role}_{key}": value
            for role, who in (("AUTHOR", author), ("COMMITTER", committer or author))
            for key, value in (("NAME", who.name), ("EMAIL", who.email), ("DATE", who.date))
        }
        parts = [part for parent in parents for part in ("-p", parent)]
        sha = self.run("commit-tree", tree, *parts, "-m", message, env=person)
        if sha is None:
            raise RuntimeError(f"git could not write a commit into {self.path}")
        return sha.strip()

    def move_ref(self, name: str, new: str, old: str) -> bool:
        """Let a ref name another commit; False if it does not name `old` any more."""
        return self.run("update-ref", name, new, old) is not None

    def entries(self, revision: str, path: str) -> list[Entry]:
        """Return what stands at a path of a commit's tree: a folder's entries, or the one file."""
        shown = self.run("ls-tree", "-l", "-z", revision, "--", f":(literal){path}" if path else ".")
        found = [_entry(line) for line in (shown or "").split("\0") if line]
        if path and len(found) == 1 and found[0].kind == "tree":
            shown = self.run("ls-tree", "-l", "-z", revision, "--", f"{path}/")
            return [_entry(line) for line in (shown or "").split("\0") if line]
        return found

    def files(self, revision: str) -> list[Entry]:
        """Return every file of a commit's tree, whatever folder it is in."""
        shown = self.run("ls-tree", "-r", "-l", "-z", revision)
        return [_entry(line) for line in (shown or "").split("\0") if line]

    def blob(self, sha: str) -> bytes:
        """Return a file's bytes."""
        return self._output("cat-file", "blob", sha) or b""

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Tell whether a commit is part of another's history."""
        return self.run("merge-base", "--is-ancestor", ancestor, descendant) is not None

    def _output(self, *arguments: str, env: Mapping[str, str] | None = None) -> bytes | None:
        environment = git_environment(self.path) | dict(env or {})
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else None


def git_environment(path: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which git works on this directory, with these settings and no one else's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = {"safe.directory": "*"} | dict(settings or {})
    counted = {
        f"GIT_CONFIG_{part}_{index}": text
        for index, pair in enumerate(settings.items())
        for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    return (
        kept
        | counted
        | {
            "GIT_DIR": str(path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
    )


def _entry(line: str) -> Entry:
    meta, _, path = line.partition("\t")
    mode, kind, sha, size = meta.split()
    return Entry(mode, kind, sha, int(size) if size.isdecimal() else 0, path)
