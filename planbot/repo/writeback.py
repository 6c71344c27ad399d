"""Commits that carry ticks back into plan files: their message and their tree."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from planbot.repo.objects import Objects
    from planbot.tracker.records import UserRecord

_MOST_FILES = 50
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?")
_ISSUE = re.compile(r"(GH)-(?=\d)", re.IGNORECASE)


def subject(ticked: int, unticked: int) -> str:
    """Return the first line of a commit message, of fixed words alone."""
    if ticked and unticked:
        return f"Tick {_boxes(ticked)} and untick {unticked}"
    if ticked or unticked:
        return f"Tick {_boxes(ticked)}" if ticked else f"Untick {_boxes(unticked)}"
    return "Update progress"


def commit_message(
    first_line: str, paths: Iterable[str], people: Iterable[UserRecord] = (), *, skip_ci: bool = False
) -> str:
    """Return a commit message: what was done, to which plan files, and on whose behalf.

    Nothing in it notifies, links, closes or configures anything but the credit to `people` and, on demand,
    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs.
    """
    head = f"{first_line} [skip ci]" if skip_ci else first_line
    parts = (head, _file_list(sorted(paths)), "\n".join(_credits(people)))
    return "\n\n".join(part for part in parts if part) + "\n"


def neutral_path(path: str) -> str:
    """Return a path for people to read, percent-encoded where GitHub or git would read more than a path."""
    encoded = "".join(char if _is_plain(char) else _encoded(char) for char in path)
    return _ISSUE.sub(r"\1%2D", encoded)


def build_commit(objects: Objects, head: str, changes: Mapping[str, bytes], message: str, when: int) -> str:
    """Store a commit of these files on top of `head` and return its name; `when` is in epoch seconds."""
    return objects.write_commit(objects.write_tree(head, changes), (head,), message, when=when)


def _boxes(count: int) -> str:
    return f"{count} box" if count == 1 else f"{count} boxes"


def _file_list(paths: Sequence[str]) -> str:
    lines = [f"- {neutral_path(path)}" for path in paths[:_MOST_FILES]]
    if len(paths) > _MOST_FILES:
        lines.append(f"- and {len(paths) - _MOST_FILES} more")
    return "\n".join(lines)


def _credits(people: Iterable[UserRecord]) -> list[str]:
    """Return a trailer for each person.

    See https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits
    """
    known = {person.login: person.id for person in people if _LOGIN.fullmatch(person.login)}
    return [
        f"Co-authored-by: {login} <{number}+{login}@users.noreply.github.com>"
        for login, number in sorted(known.items())
    ]


def _is_plain(char: str) -> bool:
    return char in " /._-+()," or char.isalnum() or unicodedata.category(char).startswith("M")


def _encoded(char: str) -> str:
    return quote(char.encode("utf-8", "surrogateescape"), safe="")
