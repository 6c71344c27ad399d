"""The progress pull request's text: boxes with links to their issues, in which nothing of a plan is live.

It is read as Markdown, and, where a repository squashes with the description, as a commit message: a reference, a
mention, a closing keyword, a trailer or `[skip ci]` must mean nothing in either.
https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
"""

from __future__ import annotations

import re
from itertools import accumulate, chain, groupby
from typing import TYPE_CHECKING, TypeAlias

from planbot.repo.writeback import neutral_path
from planbot.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from planbot.sync.changes import Tick

TITLE = "Bring progress from issues into the plan"
END = "<!-- /planbot:proposal -->"

Lines: TypeAlias = frozenset[str]  # of one box: of one that moved, also the line with the issue it left

_ROOM = 50_000  # characters for all boxes; GitHub takes 65,536 for a body, and people may write there too
_LONGEST = 200  # characters of a box's text
_INTRO = (
    "Boxes that were ticked or unticked in issues. Merging this brings them into the plan files; closing it leaves the "
    "plan files as they are, and planbot does not ask again until a box changes. To leave one out, set its box back, "
    "here or in the plan file on this branch."
)
_OUTRO = "Nothing is left to bring into the plan files."
_WITHDRAWN = "withdrawn"
_MORE = "Boxes that are not listed: "
_BLOCK = re.compile(rf"<!-- planbot:proposal (?P<content>\w+) -->(?P<text>.*?){END}", re.DOTALL)
_BOX = re.compile(r"- \[[ xX]\] ")
_MARKUP = re.compile(r"[\\`*_\[\]<>&!|~$]")
_JOINER = "\N{WORD JOINER}"
# What begins a mention, a reference, an address or a command: cut in two by a character that nobody sees.
_LIVE = re.compile(r"[@#:\[]|GH(?=-\d)|\bwww(?=\.)|[0-9a-f]{6}(?=[0-9a-f])", re.IGNORECASE)


def pull_request_body(old: str, ticks: Sequence[Tick], page: str, content: str) -> str:
    """Return a pull request's body with what planbot says in it brought up to date; `page` is the repository's.

    `content` is a word that tells what the branch holds. What people wrote around planbot's part stays as it is.
    """
    boxes = [(tick.path, box_line(tick.text, tick.issue, page, ticked=tick.ticked)) for tick in ticks]
    lengths = accumulate(len(path) + len(line) for path, line in boxes)
    shown = [box for box, length in zip(boxes, lengths, strict=True) if length <= _ROOM]
    lines = [_begin(content), _INTRO, "", *_by_file(shown)]
    if len(boxes) > len(shown):
        lines += [f"{_MORE}{len(boxes) - len(shown)}.", ""]
    return _put(old, "\n".join([*lines, END]))


def withdrawn_body(old: str) -> str:
    """Return the body of a pull request that planbot closes because nothing is left in it.

    It tells this close from a person's, which is a no.
    """
    return _put(old, f"{_begin(_WITHDRAWN)}\n{_OUTRO}\n\n{END}")


def is_withdrawn(body: str) -> bool:
    """Return whether planbot itself closed a pull request with this body."""
    found = _BLOCK.search(body)
    return found is not None and found["content"] == _WITHDRAWN


def taken_out(body: str, content: str, proposed: Collection[Lines]) -> set[Lines]:
    """Return which proposed boxes a person took out of a body, or set back there; each is told by any of its lines.

    Nothing is known where planbot wrote the body for another content of the branch. That a line is missing counts only
    where every other one is known: a text may have changed.
    """
    found = _BLOCK.search(body)
    if found is None or found["content"] != content:
        return set()
    there = {
        line.rstrip().replace("[X]", "[x]", 1) for line in found["text"].splitlines() if _BOX.match(line)
    }
    gone = {lines for lines in proposed if there.isdisjoint(lines)}
    back = {lines for lines in gone if not there.isdisjoint(map(_opposite, lines))}
    known = {*chain(*proposed), *map(_opposite, chain(*back))}
    return gone if there <= known and _MORE not in found["text"] else back


def box_line(text: str, issue: int | None, page: str, *, ticked: bool) -> str:
    """Return the line of a box; the link comes first, so that no word of the plan stands in front of it."""
    link = f"[issue {issue}]({page}/issues/{issue}): " if issue else ""
    return f"- [{'x' if ticked else ' '}] {link}{neutral_text(text)}"


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


def _begin(content: str) -> str:
    return f"<!-- planbot:proposal {content} -->"


def _opposite(line: str) -> str:
    """Return the line of a box with its box set the other way."""
    return line.replace("[x]", "[ ]", 1) if line.startswith("- [x]") else line.replace("[ ]", "[x]", 1)


def _put(old: str, block: str) -> str:
    if _BLOCK.search(old):
        return _BLOCK.sub(lambda _: block, old, count=1)
    return f"{old.rstrip()}\n\n{block}" if old.strip() else block
