"""The marker: a hidden comment by which planbot knows an issue or a milestone, and what it last wrote there.

An issue's body is what people wrote, one managed block, and again what people wrote:

    <!-- planbot:begin v=1 plan=PLAN.md item=task:1.2 uid=… digest=… ticks=01 stamp=… -->
    text that planbot renders
    <!-- planbot:end -->

A milestone's description is planbot's text and one comment, `<!-- planbot:milestone v=1 … -->`.
Pure: text in, values out.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote

VERSION = 1
END = "<!-- planbot:end -->"

# One comment of ours, on one line: what kind it is, then `key=value` words.
_COMMENT = re.compile(r"<!--[ \t]*planbot:(?P<kind>begin|end|milestone)(?P<words>(?:[ \t][^\r\n<>]*)?)-->")
# Wider than _COMMENT on purpose: what is left of one of our comments after somebody cut into it.
_LOOKALIKE = re.compile(r"(?P<opening><!--[ \t]*planbot):(?P<kind>begin|end|milestone)")
_WORD_JOINER = "\N{WORD JOINER}"  # no width, no line break: the text reads the same

_Kind = Literal["begin", "milestone"]


@dataclass(frozen=True, slots=True)
class Marker:
    """Hold what a marker says of its item.

    `ticks` is one 0 or 1 for each check, in body order: the plan's ticks that the text was written from.
    `stamp` is a fresh random word for each write. `retired` says that the item left its plan and planbot
    closed the issue for that reason.
    """

    plan: str
    locator: str
    uid: str
    digest: str
    ticks: str
    stamp: str
    retired: bool = False
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Managed:
    r"""Hold a body taken apart: `before + block + after` is the body, character by character.

    `text` is what stands inside the block, its line ends made `\n`.
    """

    before: str
    block: str
    after: str
    text: str
    marker: Marker


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Say that a marker is there but must be left alone.

    `newer`: a newer planbot wrote it. `damaged`: somebody cut into it; `marker` is set where only the end
    of its block is missing.
    """

    problem: Literal["damaged", "newer"]
    marker: Marker | None = None


def wrap(marker: Marker, text: str) -> str:
    """Return the managed block of an issue's body; `text` must have gone through `neutralise`."""
    return f"{_comment('begin', marker)}\n{plain_newlines(text)}\n{END}"


def split(body: str) -> Managed | Unreadable | None:
    """Take an issue's body apart at its first marker, or return None where there is none.

    A block ends at the end comment that matches its begin, so that a block pasted into another takes
    nothing of what people wrote.
    """
    opening = _opening(body, "begin", remains=("begin", "end"))
    if opening is None or isinstance(opening, Unreadable):
        return opening
    begin, marker = opening
    end = _matching_end(body, begin.end())
    if end is None:
        return Unreadable("damaged", marker)
    return Managed(
        before=body[: begin.start()],
        block=body[begin.start() : end.end()],
        after=body[end.end() :],
        text=_between_lines(body[begin.end() : end.start()]),
        marker=marker,
    )


def stamp_of(body: str) -> str:
    """Return the stamp of an issue's text, "" where it has no readable marker."""
    found = split(body)
    return found.marker.stamp if isinstance(found, Managed) else ""


def replace_block(body: str, marker: Marker, text: str) -> str:
    """Return the body with its managed block written anew, or put after people's text if it has none.

    Raises:
        ValueError: if the body's marker is `Unreadable`.
    """
    match split(body):
        case Managed(before=before, after=after):
            return before + wrap(marker, text) + after
        case None:
            return f"{body}\n\n{wrap(marker, text)}" if body.strip() else wrap(marker, text)
        case Unreadable(problem=problem):
            raise ValueError(f"the marker of this body is {problem}: it must be left alone")


def wrap_milestone(marker: Marker, text: str) -> str:
    """Return a milestone's description; `text` must have gone through `neutralise`."""
    comment = _comment("milestone", marker)
    return f"{plain_newlines(text)}\n\n{comment}" if text else comment


def split_milestone(description: str) -> Managed | Unreadable | None:
    """Take a milestone's description apart at its marker; `before` is always empty."""
    opening = _opening(description, "milestone", remains=("milestone",))
    if opening is None or isinstance(opening, Unreadable):
        return opening
    comment, marker = opening
    return Managed(
        before="",
        block=description[: comment.end()],
        after=description[comment.end() :],
        text=plain_newlines(description[: comment.start()]).removesuffix("\n\n"),
        marker=marker,
    )


def replace_milestone(description: str, marker: Marker, text: str) -> str:
    """Return the description with planbot's part written anew and what people wrote after it kept.

    Without a marker everything is people's.

    Raises:
        ValueError: if the description's marker is `Unreadable`.
    """
    match split_milestone(description):
        case Managed(after=after):
            return wrap_milestone(marker, text) + after
        case None:
            people = f"\n\n{description}" if description.strip() else ""
            return wrap_milestone(marker, text) + people
        case Unreadable(problem=problem):
            raise ValueError(f"the marker of this milestone is {problem}: it must be left alone")


def digest(text_with_boxes_empty: str) -> str:
    """Return 16 hex digits that stand for a text, whatever its line ends."""
    data = plain_newlines(text_with_boxes_empty).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]


def neutralise(text: str) -> str:
    """Return text in which nothing is taken for a marker, and which reads as it did."""
    return _LOOKALIKE.sub(rf"\g<opening>{_WORD_JOINER}:\g<kind>", text)


def plain_newlines(text: str) -> str:
    r"""Return text with every line end made `\n`.

    GitHub's web editor sends `\r\n`, so texts are compared through this.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _comment(kind: _Kind, marker: Marker) -> str:
    words = {
        "v": str(marker.version),
        "plan": marker.plan,
        "item": marker.locator,
        "uid": marker.uid,
        "digest": marker.digest,
        "ticks": marker.ticks,
        "stamp": marker.stamp,
    }
    if marker.retired:
        words["retired"] = "1"
    listed = " ".join(f"{key}={_encode(value)}" for key, value in words.items())
    return f"<!-- planbot:{kind} {listed} -->"


def _encode(value: str) -> str:
    # A comment may not hold `--`; surrogates come from file names that are no UTF-8.
    return quote(value, safe="/:", errors="surrogatepass").replace("--", "-%2D")


def _opening(
    text: str, kind: _Kind, *, remains: tuple[str, ...]
) -> tuple[re.Match[str], Marker] | Unreadable | None:
    for found in _COMMENT.finditer(text):
        if found["kind"] != kind:
            continue
        match _parse(found["words"]):
            case Marker() as marker:
                return found, marker
            case Unreadable() as newer:
                return newer
    if any(found["kind"] in remains for found in _LOOKALIKE.finditer(text)):
        return Unreadable("damaged")
    return None


def _parse(words: str) -> Marker | Unreadable | None:
    values = dict(word.partition("=")[::2] for word in words.split())
    version = values.get("v", "")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", version):
        return None
    if int(version) > VERSION:
        return Unreadable("newer")
    try:
        plan, locator, uid, digest_, ticks, stamp = (
            unquote(values[key], errors="surrogatepass")
            for key in ("plan", "item", "uid", "digest", "ticks", "stamp")
        )
    except (KeyError, UnicodeDecodeError):
        return None
    if not re.fullmatch(r"[01]*", ticks):
        return None
    return Marker(plan, locator, uid, digest_, ticks, stamp, retired=values.get("retired") == "1")


def _matching_end(body: str, start: int) -> re.Match[str] | None:
    depth = 1
    for found in _COMMENT.finditer(body, start):
        match found["kind"]:
            case "begin":
                depth += 1
            case "end":
                depth -= 1
        if depth == 0:
            return found
    return None


def _between_lines(inside: str) -> str:
    return plain_newlines(inside).removeprefix("\n").removesuffix("\n")
