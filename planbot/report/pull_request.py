"""The progress pull request's text: boxes with links to their issues, in which nothing of a plan is live.

It is read as Markdown, and, where a repository squashes with the description, as a commit message: a reference, a
mention, a closing keyword, a trailer or `[skip ci]` must mean nothing in either.
https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
"""

from __future__ import annotations

import re
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from planbot.repo.writeback import neutral_path
from planbot.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.sync.changes import Tick

TITLE = "Bring progress from issues into the plan"
BEGIN = "<!-- planbot:proposal -->"
WITHDRAWN = "<!-- planbot:proposal withdrawn -->"
END = "<!-- /planbot:proposal -->"

_ROOM = 50_000  # characters for all boxes; GitHub takes 65,536 for a body, and people may write there too
_LONGEST = 200  # characters of a box's text
_INTRO = (
    "Boxes that were ticked or unticked in issues. Merging this brings them into the plan files; closing it leaves the "
    "plan files as they are, and planbot does not ask again until a box changes. To leave one box out, set it back in "
    "the plan file on this branch."
)
_OUTRO = "Nothing is left to bring into the plan files."
_BLOCK = re.compile(rf"(?:{BEGIN}|{WITHDRAWN}).*?{END}", re.DOTALL)
_MARKUP = re.compile(r"[\\`*_\[\]<>&!|~$]")
_JOINER = "\N{WORD JOINER}"
# What begins a mention, a reference, an address or a command: cut in two by a character that nobody sees.
_LIVE = re.compile(r"[@#:\[]|\b(?:GH(?=-)|www(?=\.))|[0-9a-f]{6}(?=[0-9a-f])", re.IGNORECASE)


def pull_request_body(old: str, ticks: Sequence[Tick], page: str) -> str:
    """Return a pull request's body with what planbot says in it brought up to date; `page` is the repository's.

    What people wrote around planbot's part stays as it is.
    """
    boxes = [(tick.path, _box(tick, page)) for tick in ticks]
    lengths = accumulate(len(path) + len(line) for path, line in boxes)
    shown = [box for box, length in zip(boxes, lengths, strict=True) if length <= _ROOM]
    lines = [BEGIN, _INTRO, "", *_by_file(shown)]
    if len(boxes) > len(shown):
        lines += [f"And {len(boxes) - len(shown)} more.", ""]
    return _put(old, "\n".join([*lines, END]))


def withdrawn_body(old: str) -> str:
    """Return the body of a pull request that planbot closes because nothing is left in it.

    It tells this close from a person's, which is a no.
    """
    return _put(old, f"{WITHDRAWN}\n{_OUTRO}\n\n{END}")


def is_withdrawn(body: str) -> bool:
    """Return whether planbot itself closed a pull request with this body."""
    return WITHDRAWN in body


def neutral_text(text: str) -> str:
    """Return a text of a plan on one line, to be read as Markdown or as it is, in which nothing is live."""
    line = one_line(text)
    cut = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return _MARKUP.sub(r"\\\g<0>", _LIVE.sub(rf"\g<0>{_JOINER}", cut))


def _by_file(boxes: Iterable[tuple[str, str]]) -> Iterator[str]:
    for path, group in groupby(boxes, key=lambda box: box[0]):
        yield f"In `{neutral_path(path)}`:"
        yield ""
        yield from (line for _, line in group)
        yield ""


def _box(tick: Tick, page: str) -> str:
    # the link comes first, so that no word of the plan stands in front of it
    link = f"[issue {tick.issue}]({page}/issues/{tick.issue}): " if tick.issue else ""
    return f"- [{'x' if tick.ticked else ' '}] {link}{neutral_text(tick.text)}"


def _put(old: str, block: str) -> str:
    if _BLOCK.search(old):
        return _BLOCK.sub(lambda _: block, old, count=1)
    return f"{old.rstrip()}\n\n{block}" if old.strip() else block
