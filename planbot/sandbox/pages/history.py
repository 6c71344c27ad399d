"""Files and commits of a repository, as its pages show them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sandbox.gitdir import GitDir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sandbox.gitdir import Entry
    from planbot.sandbox.model import Repository

MOST_COMMITS = 30
_FIELDS = ("%H", "%an", "%at", "%B")
_LAYOUT = "%x1e" + "%x1f".join(_FIELDS) + "%x1f"
_CO_AUTHOR = re.compile(r"^Co-authored-by: (.+?) <", re.MULTILINE | re.IGNORECASE)
_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Commit:
    """Hold a commit as lists show it; `added` and `removed` count lines."""

    sha: str
    author: str
    at: float
    message: str
    added: int
    removed: int

    @property
    def subject(self) -> str:
        """Return the first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def text(self) -> str:
        """Return the message after its first line."""
        return self.message.partition("\n")[2].strip()

    @property
    def people(self) -> list[str]:
        """Return who made it, and with whom."""
        return list(dict.fromkeys([self.author, *_CO_AUTHOR.findall(self.message)]))


@dataclass(frozen=True, slots=True)
class FileLine:
    """Hold a line of a diff: `kind` is added, removed, place, or empty for what stays."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """Hold what a commit changed in a file."""

    path: str
    lines: tuple[FileLine, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Read a repository's git directory at one of its branches, or at a commit."""

    git: GitDir
    branch: str
    head: str

    @classmethod
    def open(cls, repository: Repository, revision: str = "") -> History | None:
        """Return the history that a branch reaches, the default one unless named; None if there is none."""
        if repository.git_dir is None:
            return None
        git, branch = GitDir(repository.git_dir), revision or repository.default_branch
        head = git.resolve(f"{branch}^{{commit}}") if _SHA.fullmatch(branch) else git.branch(branch)
        return None if head is None else cls(git, branch, head)

    @classmethod
    def at(cls, repository: Repository, place: str) -> tuple[History, str] | None:
        """Return a history and a path in it for `BRANCH/PATH` or `COMMIT/PATH`; a branch may have slashes."""
        cuts = [match.start() for match in re.finditer("/", place)]
        for cut in reversed(cuts):
            found = cls.open(repository, place[:cut])
            if found is not None:
                return found, place[cut + 1 :]
        return None

    def files(self) -> list[Entry]:
        """Return all files."""
        entries = self.git.files(self.head)
        return [replace(entry, path=_readable(entry.path)) for entry in entries if entry.kind == "blob"]

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None if there is no such file."""
        entries = self.git.entries(self.head, path)
        found = next((entry for entry in entries if entry.path == path and entry.kind == "blob"), None)
        return None if found is None else self.git.blob(found.sha)

    def commits(self, path: str = "", most: int = MOST_COMMITS) -> list[Commit]:
        """Return the newest commits, as far as they touch a path."""
        return _commits(self.git, self.head, f"--max-count={most}", path=path)


def read_commit(repository: Repository, sha: str) -> tuple[Commit, tuple[FileChange, ...]] | None:
    """Return a commit and what it changed, or None if there is none of that name."""
    if repository.git_dir is None or _SHA.fullmatch(sha) is None:
        return None
    git = GitDir(repository.git_dir)
    found = _commits(git, sha, "--max-count=1")
    options = ("--root", "--no-commit-id", "--no-renames", "--no-ext-diff", "--no-textconv", "--unified=3")
    diff = git.run("-c", "core.quotePath=false", "diff-tree", "-p", "-r", *options, sha) or ""
    return (found[0], tuple(_changes(_readable(diff)))) if found else None


def _commits(git: GitDir, revision: str, *options: str, path: str = "") -> list[Commit]:
    where = [f":(literal){path}"] if path else []
    shown = git.run("log", "--numstat", f"--format={_LAYOUT}", *options, revision, "--", *where) or ""
    return [_commit(record) for record in _readable(shown).split("\x1e")[1:]]


def _readable(output: str) -> str:
    """Return what git printed with a sign for every byte that is no UTF-8, which a page could not hold."""
    return output.encode(errors="surrogateescape").decode(errors="replace")


def _commit(record: str) -> Commit:
    sha, author, at, message, counts = record.split("\x1f")
    pairs = [line.split("\t")[:2] for line in counts.split("\n") if "\t" in line]
    added, removed = (sum(int(pair[i]) for pair in pairs if pair[i].isdecimal()) for i in (0, 1))
    return Commit(sha, author, float(at), message.strip(), added, removed)


def _changes(diff: str) -> Iterator[FileChange]:
    for part in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        lines = part.split("\n")
        start = next((at for at, line in enumerate(lines) if line.startswith("@@")), len(lines))
        name = lines[0].rpartition(" b/")[2].removesuffix('"')
        yield FileChange(name, tuple(_line(line) for line in lines[start:] if line))


def _line(line: str) -> FileLine:
    kinds = {"+": "added", "-": "removed", "@": "place", "\\": "place"}
    return FileLine(kinds.get(line[:1], ""), line)
