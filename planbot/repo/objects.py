"""Read and store git objects with plumbing alone: index, work tree and refs stay untouched."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from planbot.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from planbot.repo.git import Git

_FILE = "100644"
_REGULAR = (_FILE, "100755")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """Hold one entry of a commit's tree; bytes of `path` that are not UTF-8 are surrogates."""

    path: str
    mode: str
    blob: str

    @property
    def is_regular(self) -> bool:
        """Return whether this is a file, and not a symbolic link or a submodule."""
        return self.mode in _REGULAR


@dataclass(frozen=True, slots=True)
class Person:
    """Hold who wrote a commit."""

    name: str
    email: str


# `.invalid` can be nobody's address (RFC 2606), so that no stranger on GitHub is credited.
PLANBOT = Person("planbot", "planbot@noreply.invalid")


class Objects:
    """Read and store the objects of one repository. Every method raises `GitError` on failure."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def files(self, commit: str) -> tuple[TreeFile, ...]:
        """Return every entry of a commit's tree, in git's order."""
        output = self._git.run("ls-tree", "-r", "-z", "--full-tree", commit)
        return tuple(_tree_file(entry) for entry in output.stdout.split(b"\0") if entry)

    def is_ours(self, commit: str) -> bool:
        """Return whether planbot itself made a commit that is here: whoever changes one becomes its committer."""
        head, _, _ = self._git.run("cat-file", "commit", commit).text.partition("\n\n")
        return f"\ncommitter {PLANBOT.name} <{PLANBOT.email}> " in head

    def stands_on(self, commit: str, branch: str) -> bool:
        """Return whether all but the newest of a commit's history is in a branch's, as far as both are here."""
        output = self._git.run("merge-base", "--is-ancestor", f"{commit}^", branch, check=False)
        return output.code == 0

    def sizes(self, blobs: Iterable[str]) -> dict[str, int]:
        """Return the sizes of these blobs in bytes."""
        output = self._git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=_lines(blobs))
        pairs = (line.split(" ") for line in output.text.split("\n") if line)
        return {blob: int(size) for blob, size in pairs if size.isdecimal()}

    def read_blobs(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of these blobs, read by one process."""
        wanted = tuple(dict.fromkeys(blobs))
        if not wanted:
            return {}
        return dict(_batch(self._git.run("cat-file", "--batch", stdin=_lines(wanted)).stdout))

    def write_blobs(self, contents: Sequence[bytes]) -> tuple[str, ...]:
        """Store contents byte for byte, with no filter, by one process, and return their names."""
        if not contents:
            return ()
        with tempfile.TemporaryDirectory(prefix="planbot-") as folder:
            paths = [Path(folder, str(number)) for number in range(len(contents))]
            for path, content in zip(paths, contents, strict=True):
                path.write_bytes(content)
            names = _lines(map(str, paths))
            output = self._git.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names)
        return tuple(output.text.split("\n"))

    def write_tree(self, base: str | None, changes: Mapping[str, bytes | None]) -> str:
        """Return the tree of a commit with files replaced or, where None is given, deleted.

        Without a base the tree holds the given files alone. A file keeps its mode; a new one is a plain file.
        """
        known = {file.path: file for file in self.files(base)} if base else {}
        written = {path: content for path, content in changes.items() if content is not None}
        entries = []
        for path, blob in zip(written, self.write_blobs(tuple(written.values())), strict=True):
            file = known.get(path, TreeFile(path, _FILE, blob))
            if not file.is_regular:
                raise GitError(f"{path} is a symbolic link or a submodule, which planbot does not write")
            entries.append(f"{file.mode} {blob}\t{path}\0")
        gone = (known[path] for path in changes if path in known and path not in written)
        entries += [f"0 {'0' * len(file.blob)}\t{file.path}\0" for file in gone]
        return self._write_index(base, "".join(entries).encode("utf-8", "surrogateescape"))

    def write_commit(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        *,
        author: Person | None = None,
        when: int | None = None,
    ) -> str:
        """Store an unsigned commit by planbot and return its name; `when` is in seconds since 1970, UTC."""
        author = author or PLANBOT
        env = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": PLANBOT.name,
            "GIT_COMMITTER_EMAIL": PLANBOT.email,
        }
        if when is not None:
            env["GIT_AUTHOR_DATE"] = env["GIT_COMMITTER_DATE"] = f"@{when} +0000"
        options = [option for parent in parents for option in ("-p", parent)]
        text = message.encode("utf-8", "replace")
        return self._git.run("commit-tree", *options, tree, stdin=text, env=env).text

    def _write_index(self, base: str | None, entries: bytes) -> str:
        """Return the tree of a commit after these `update-index --index-info` entries."""
        with tempfile.TemporaryDirectory(prefix="planbot-") as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            if base:
                self._git.run("read-tree", base, env=env)
            self._git.run("update-index", "-z", "--index-info", stdin=entries, env=env)
            # In a partial clone the blobs of other files are missing on purpose.
            return self._git.run("write-tree", "--missing-ok", env=env).text


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")


def _tree_file(entry: bytes) -> TreeFile:
    """Read `mode SP type SP name TAB path`."""
    head, _, path = entry.partition(b"\t")
    mode, _, blob = head.decode().split(" ")
    return TreeFile(path.decode("utf-8", "surrogateescape"), mode, blob)


def _batch(stdout: bytes) -> Iterator[tuple[str, bytes]]:
    """Read `name SP type SP size LF content LF`, again and again."""
    at = 0
    while at < len(stdout):
        end = stdout.index(b"\n", at)
        name, *rest = stdout[at:end].decode().split(" ")
        if rest[0] != "blob":
            raise GitError(
                f"git has no blob {name}: {rest[0]}",
                hint="Check the clone with `git fsck`, or clone it anew.",
            )
        at = end + 1 + int(rest[1])
        yield name, stdout[end + 1 : at]
        at += 1
