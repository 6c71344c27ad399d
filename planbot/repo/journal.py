"""The journal: a ref whose commits hold, file by file, what plan and tracker last agreed on."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.repo.objects import Objects

_LONGEST = 180
_KEPT = 120


class Journal:
    """Read and store journal entries; pushing the ref is the business of whoever stores one."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def load(self, commit: str) -> dict[str, bytes]:
        """Return the files of one entry by path."""
        files = [file for file in self._objects.files(commit) if file.is_regular]
        contents = self._objects.read_blobs(file.blob for file in files)
        return {file.path: contents[file.blob] for file in files}

    def entry(self, parent: str | None, files: Mapping[str, bytes], message: str, when: int) -> str:
        """Store an entry that holds exactly these files, and return its commit; `when` is in epoch seconds.

        Its only parent is the entry before it, so that the journal keeps no plan commit alive.
        """
        tree = self._objects.write_tree(None, files)
        parents = () if parent is None else (parent,)
        return self._objects.write_commit(tree, parents, message, when=when)


def plan_file_name(plan_path: str) -> str:
    """Return the journal's file name for a plan file: one path component, another for every path.

    A long path is cut and ends in its digest. No name that was not cut is as long as one that was.
    """
    name = quote(plan_path.encode("utf-8", "surrogateescape"), safe="")
    if len(name) > _LONGEST:
        digest = sha256(plan_path.encode("utf-8", "surrogateescape")).hexdigest()
        name = f"{name[:_KEPT]}~{digest}"
    return f"{name}.json"
