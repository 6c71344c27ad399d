"""Where plan files are read from: a commit, or the work tree."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.repo.repository import Repository


class Source(Protocol):
    """Tell which files there are, and their bytes."""

    def paths(self) -> Iterable[str]:
        """Return the paths of all regular files."""

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of files by path; a path that is not there is left out."""


class CommitSource:
    """Read files as one commit has them."""

    def __init__(self, repository: Repository, commit: str) -> None:
        self._repository = repository
        self._commit = commit

    @cached_property
    def _blobs(self) -> dict[str, str]:
        return {file.path: file.blob for file in self._repository.files(self._commit) if file.is_regular}

    def paths(self) -> Iterable[str]:
        """Return the paths of all regular files; symbolic links and submodules are none."""
        return self._blobs.keys()

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of files by path, read at once."""
        wanted = {path: self._blobs[path] for path in paths if path in self._blobs}
        contents = self._repository.read_blobs(dict.fromkeys(wanted.values()))
        return {path: contents[blob] for path, blob in wanted.items()}


class WorktreeSource:
    """Read files as they lie in the work tree, tracked or not."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._repository.worktree_files())

    def paths(self) -> Iterable[str]:
        """Return the paths of all regular files that .gitignore does not leave out."""
        return self._paths

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of files by path."""
        return {path: self._repository.read_worktree(path) for path in paths if path in self._paths}
