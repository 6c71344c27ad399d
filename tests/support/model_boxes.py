"""What the model-based test sees of files and issues: boxes by their names, and that nothing but marks moved."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, NoReturn

from support.plan_edits import boxes, name_in

from planbot.tracker.marker import Managed, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.tracker.records import IssueRecord

NOTES = {"README.md": b"- [ ] not a plan\n", "docs/notes.md": b"# Notes\r\n\r\n- [ ] nobody's box\r\n"}
_MARK = re.compile(r"(\s*- )\[[ x]\](?= )")
_STATUS = re.compile(r"(\| [\d.]+ \| \w+ \|) [\w ]+ \|")  # the last cell of a row of the Priority Order table


def fail(words: str) -> NoReturn:
    raise AssertionError(words)


def plan_boxes(files: dict[str, bytes]) -> dict[str, bool]:
    """Return the boxes of the plan file by their names."""
    plans = [data for path, data in files.items() if path not in NOTES]
    return boxes(b"\n".join(plans).decode())


def reworded(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Return the boxes whose line is not what it was but for its mark, or is gone."""
    old, new = ({_unmarked(line) for line in _lines(files)} for files in (before, after))
    return {name for line in old - new if (name := name_in(line))}


def is_task(issue: IssueRecord) -> bool:
    """Return whether an issue is a task's, whose state may have its place in the plan."""
    body = split(issue.body)
    return isinstance(body, Managed) and body.marker.locator.startswith("task:")


def around(issue: IssueRecord) -> tuple[str, str]:
    """Return what people wrote around an issue's managed block."""
    body = split(issue.body)
    return (body.before, body.after) if isinstance(body, Managed) else ("", "")


def require_only_marks_moved(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Require of a write-back that every byte but those of marks is what it was."""
    if before.keys() != after.keys():
        fail(f"a write-back made or lost files: {before.keys() ^ after.keys()}")
    for path, data in after.items():
        pairs: Iterable[tuple[str, str]] = zip_longest(
            before[path].decode().split("\n"), data.decode().split("\n"), fillvalue=""
        )
        for old, new in pairs:
            if old != new and (path in NOTES or _unmarked(old) != _unmarked(new)):
                fail(f"a write-back changed {path}: {old!r} to {new!r}")


def _lines(files: dict[str, bytes]) -> Iterator[str]:
    for path, data in files.items():
        if path not in NOTES:
            yield from data.decode().split("\n")


def _unmarked(line: str) -> str:
    row = _STATUS.fullmatch(line)
    return row[1] if row else _MARK.sub(r"\1[]", line)
