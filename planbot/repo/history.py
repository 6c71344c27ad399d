"""The versions of one file along a branch, oldest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.repo.git import Git

if TYPE_CHECKING:
    from planbot.repo.repository import Repository

_HEAD = re.compile(r"commit (\d+)")
_RAW = re.compile(r":\d{6} \d{6} [0-9a-f]+ ([0-9a-f]+) [AMRC]\d*\t")


@dataclass(frozen=True, slots=True)
class Version:
    """Hold one version of a file: when it was committed, in epoch seconds, and its blob."""

    when: int
    blob: str


def versions(repository: Repository, path: str, revision: str = "HEAD") -> tuple[Version, ...]:
    """Return the versions of a file along the first parents of a commit, followed across renames.

    A file that is in no commit has none, and of a shallow clone only what it has is told. No version is older than
    the one before it, whatever clocks said.
    """
    options = ("--first-parent", "-m", "--follow", "--raw", "--no-abbrev", "--format=commit %ct")
    output = Git(repository.root).run("log", *options, revision, "--", path, check=False)
    found: list[Version] = []
    for head, blob in reversed(_commits(output.text)):
        found.append(Version(max(head, found[-1].when if found else head), blob))
    return tuple(found)


def _commits(text: str) -> list[tuple[int, str]]:
    commits, when = [], 0
    for line in text.split("\n"):
        if head := _HEAD.fullmatch(line):
            when = int(head[1])
        elif raw := _RAW.match(line):
            commits.append((when, raw[1]))
    return commits


def spread(found: tuple[Version, ...], most: int) -> tuple[Version, ...]:
    """Return at most so many versions, spread over all of them, the first and the last among them; `most` is over 1."""
    if len(found) <= most:
        return found
    last = len(found) - 1
    return tuple(found[place * last // (most - 1)] for place in range(most))


def times(repository: Repository, commit: str, most: int) -> tuple[int, ...]:
    """Return when the newest commits up to this one were made, in epoch seconds, the newest first."""
    options = ("--first-parent", "--format=%ct", f"--max-count={most}")
    output = Git(repository.root).run("log", *options, commit, "--")
    return tuple(int(line) for line in output.text.split("\n") if line)
