"""Findings about comments that begin with planbot's name: those that say nothing to it, and make a second issue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.diagnostics import MARK
from planbot.plan.markers import explicit_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.draft import Reading
    from planbot.plan.model import Diagnostic, Plan

_BEGUN = re.compile(r"<!--[ \t]*/?planbot(?!\w)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[ \t]*/?planbot(?!\w)(?:(?!-->).)*(?P<closed>-->)?", re.IGNORECASE)
# what planbot itself writes into files, issues, milestones, comments and pull requests
_WRITTEN = re.compile(
    r"<!--[ \t]*/?planbot:(?:progress|begin|end|milestone|farewell|proposal|preview|refusal)(?=[ \t]|-->).*-->"
)
_LONGEST = 10_000  # characters of a line that is looked at
_NUMBER = re.compile(r"(?<!\d)[1-9]\d{0,9}(?!\d)")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def lint_marks(reading: Reading, plan: Plan) -> Iterator[Diagnostic]:
    """Yield the marks that are not understood, and those that stand beside nothing they could name."""
    if _BEGUN.search(reading.outline.source.text) is None:
        return
    named = {plan.explicit, *(part.explicit for part in plan.parts())}
    for line, column, comment in _comments(reading):
        name = explicit_in(comment)
        if name in named and name is not None:
            continue
        if name is None:
            found = _NUMBER.search(comment)
            message = f"planbot does not understand {comment[:60].rstrip()}"
            hint = f"write `<!-- planbot: {f'#{found[0]}' if found else '#NUMBER'} -->`, or `<!-- planbot: id=WORD -->`"
        else:
            message = f"{comment} names the issue of nothing here"
            hint = "put it into the heading or the list item that it is about, or right under the heading"
        yield MARK.at(line, column, message, hint)


def _comments(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and text of each comment outside code that planbot did not write."""
    code = reading.outline.parsed.fenced()
    for n, line in enumerate(reading.outline.source.lines):
        if n < reading.outline.root.line or n in code or len(line) > _LONGEST or not _BEGUN.search(line):
            continue
        text = _CODE.sub(lambda span: " " * len(span[0]), line)
        for found in _COMMENT.finditer(text):
            if not _WRITTEN.fullmatch(found[0]):
                yield n + 1, found.start() + 1, found[0]
