"""The bytes of a plan file, seen as text, as lines, and as places for people."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planbot.plan.model import Span

ENCODING = "utf-8"
ERRORS = "surrogateescape"


@dataclass(frozen=True, slots=True)
class Source:
    r"""Hold a file's bytes with its text and its lines; a line ends with `\r\n`, `\r` or `\n` only.

    In `text` every line end is `\n`; it and `lines` lack a byte order mark, and bytes that are not UTF-8
    stand in them as lone surrogates. `starts` are the byte offsets of the lines, and last the file's size.
    """

    data: bytes
    text: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> Source:
        """Read the bytes of a file."""
        mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        text = data[mark:].decode(ENCODING, ERRORS).replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        # bytes.splitlines, unlike str.splitlines, knows exactly these three line ends
        starts = list(accumulate(map(len, data[mark:].splitlines(keepends=True)), initial=mark))
        if len(starts) == len(lines):
            starts.append(len(data))  # the last line is empty
        return cls(data, text, tuple(lines), tuple(starts))

    def line_of(self, offset: int, guess: int = 0) -> int:
        """Return the line, counted from 0, that holds a byte; a good guess makes it quick."""
        if self.starts[guess] <= offset < self.starts[guess + 1]:
            return guess
        return max(bisect_right(self.starts, offset, hi=len(self.lines)) - 1, 0)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a byte, both counted from 1, columns in characters."""
        line = self.line_of(offset)
        before = self.data[self.starts[line] : max(offset, self.starts[line])]
        return line + 1, len(before.decode(ENCODING, ERRORS)) + 1

    def offset(self, line: int, column: int) -> int:
        """Return the byte offset of a character, line and column counted from 0."""
        before = self.lines[line][:column]
        width = column if before.isascii() else len(before.encode(ENCODING, ERRORS))
        return self.starts[line] + width

    def slice(self, span: Span) -> bytes:
        """Return the bytes of a span."""
        return self.data[span.start : span.end]

    def markdown(self, first: int, end: int) -> str:
        r"""Return the text of some lines, counted from 0, joined by `\n`."""
        return "\n".join(self.lines[first:end])
