"""The entries of Files Modified: a path, and the phases or tasks that touch it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.model import FileEntry
from planbot.plan.outline import Fence, List, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planbot.plan.outline import Block
    from planbot.plan.source import Source

_TREE = " \t│├└─┬|`+-*"
_NUMBER = re.compile(r"(?<![\w.])(\d{1,6}(?:\.\d{1,6}){0,6}[a-z]?)(?![\w.]*\w)", re.IGNORECASE)
_NAMED = re.compile(r"(?<!\w)(?:phases?|tasks?)(?!\w)", re.IGNORECASE)
_CODE = re.compile(r"`([^`\n]{1,1000})`")
_LONGEST = 2000


def files_in(source: Source, blocks: Sequence[Block]) -> Iterator[FileEntry]:
    """Yield the files that code blocks, lists and tables name."""
    for block in blocks:
        match block:
            case Fence():
                for line in range(block.line + 1, block.end):
                    text = source.lines[line][:_LONGEST].strip(_TREE)
                    named, _, remark = text.partition("#")
                    path = named.split(maxsplit=1)
                    if path and not source.lines[line].lstrip().startswith(block.markup):
                        yield FileEntry(path[0], _numbers(remark), line + 1)
            case List():
                yield from (_entry(item.text, item.text, item.line) for item in block.items if item.text)
            case Table():
                yield from (
                    _entry(row.cells[0], " | ".join(row.cells[1:]), row.line)
                    for row in block.rows[1:]
                    if row.cells[0]
                )
            case _:
                pass


def _entry(named: str, remark: str, line: int) -> FileEntry:
    code = _CODE.search(named[:_LONGEST])
    path = code[1] if code else named.split(maxsplit=1)[0]
    return FileEntry(path, _numbers(remark[:_LONGEST]), line + 1)


def _numbers(remark: str) -> tuple[str, ...]:
    """Return the numbers after a word such as Phase; without one, only those with a dot."""
    named = _NAMED.search(remark)
    found = _NUMBER.findall(remark, named.end()) if named else _NUMBER.findall(remark)
    return tuple(number for number in found if named or "." in number)
