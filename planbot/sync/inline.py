"""Make a plan's inline text safe in an issue: it notifies nobody, links no issue, and its links resolve."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote, urljoin

_BREAK = "<!-- -->"  # renders as nothing, and GitHub sees no mention or reference across it
_WORD_JOINER = "\N{WORD JOINER}"  # does the same where a comment cannot stand

_ISSUE_URL = re.compile(
    r"(?:https?://(?:www\.)?|www\.)[^/\s]+/[^/\s]+/[^/\s]+/(issues|pull|discussions)/\d", re.IGNORECASE
)
_SCHEME = re.compile(r"https?:(?=//)|www(?=\.)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico)(?:[?#]|\Z)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARKS = re.compile(r"[\\\[\]*_`&]")
_ESCAPE = r"\\\g<0>"
_ATTRIBUTE = re.compile(r"""(?P<head>\b(?P<name>src|href)\s*=\s*["']?)(?P<url>[^\s"'<>]+)""", re.IGNORECASE)
_DEFINITION = re.compile(r"\[(?P<label>(?:\\.|[^\[\]\\])+)\](?P<gap>:[\s>]*<?)(?P<url>[^\s<>]+)", re.DOTALL)
_BOX = re.compile(r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t>]+)+(?=\[[ xX]\]\s)", re.MULTILINE)
_BRACKETED = re.compile(r"\[[ xX]\](?!\()")

# What a name or a number begins with, or a character reference that may stand for that.
_REFERENCE = r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9&]) | \#(?=[\d&]) | (?<![A-Za-z0-9])GH-(?=[\d&])"
_ENTITY = r"&(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|commat|num);"
_URL = r"(?:https?://|www\.)[^\s<>`\[\]*]*[^\s<>`\[\]*\\.,;:!?)'\"_~]"
_TARGET = r"(?!<)(?:\\\S?|[^\s()\\]|\((?:\\\S?|[^\s()\\])*+\))*+"
_TITLE = r"""(?:\s++(?:"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|\((?:\\.|[^()\\])*+\)))?+"""
_TAG = r"""</?+[a-z][a-z0-9-]*+(?:\s++[a-z_:][\w.:-]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+)*+\s*+/?+>"""

# What must be changed in a paragraph, and what must not be looked into. A paragraph may be as long as its file:
# the possessive quantifiers and the code around this see to it that no text is looked at again and again.
_SIGHT = re.compile(
    rf"""
    (?=[`\\<\[\]!&@\#ghw])(?:
      (?P<ticks>`+)
    | (?P<plain>\\[!"$%'-/:-?\[-`{{-~])
    | (?P<comment><!--)
    | <(?P<auto>[a-z][a-z0-9+.-]{{1,31}}:[^\s<>]*)>
    | (?P<tag>{_TAG})
    | (?P<open>!?\[)
    | \](?P<head>\([ \t\n]*)(?:<(?P<angle>[^<>\n]*)>|(?P<target>{_TARGET}))(?P<tail>{_TITLE}\s*+\))
    | (?P<close>\])
    | (?P<url>{_URL})
    | (?P<entity>{_ENTITY})
    | (?P<reference>{_REFERENCE} | \\&(?=\#\d))
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# Raw HTML knows neither code spans nor escapes nor links of Markdown.
_HTML_SIGHT = re.compile(
    rf"""
    (?=[<&@\#ghw])(?:
      (?P<plain><!--(?:-?>|.*?(?:--!?>|\Z)))
    | (?P<tag></?[a-z][^<>]*>)
    | (?P<url>{_URL})
    | (?P<entity>{_ENTITY})
    | (?P<reference>{_REFERENCE})
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"<!--(?!-?>)(?:[^-]|-(?!-))*+-->")
_LIVE = re.compile(rf"(?P<entity>{_ENTITY}) | (?P<reference>{_REFERENCE})", re.VERBOSE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a plan file stands on the web: the repository's page, the branch's name, the file's path."""

    repository: str
    branch: str
    path: str

    def url(self, *, kind: str = "blob", target: str = "") -> str:
        """Return the address of the plan file, or of a relative link target written in it."""
        root = f"{self.repository}/{kind}/{_quote(self.branch)}/"
        # a target that begins with a slash starts at the repository's root
        page = root if target.startswith("/") else root + _quote(self.path)
        return urljoin(page, _quote(target.lstrip("/"), safe="#?%")) if target else page

    def absolute(self, target: str, *, image: bool = False) -> str:
        """Return a link target as it must be written in an issue; only relative ones change."""
        if not target or _ABSOLUTE.match(target):
            return target
        return self.url(kind="raw" if image else "blob", target=target)


def neutral(text: str, place: Place) -> str:
    """Return one block's inline Markdown with mentions, references and relative links made safe."""
    return _Paragraph(text, place).neutral()


def neutral_html(text: str, place: Place) -> str:
    """Return a block of raw HTML with mentions, references and relative links made safe."""
    return _HTML_SIGHT.sub(lambda found: _replaced(found, place), text)


def definition(text: str, place: Place) -> str:
    """Return a link reference definition with its relative target made absolute."""
    found = _DEFINITION.search(text)
    if not found:
        return text
    url, label = found["url"], neutral(found["label"], place)  # as the label is where it is used
    target = _harmless(place.absolute(url, image=_IMAGE.search(url) is not None))
    return f"{text[: found.start()]}[{label}]{found['gap']}{target}{text[found.end() :]}"


class _Paragraph:
    """Go through a text once; what is changed depends on the brackets that are open."""

    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._place = place
        self._boxes = {found.end() for found in _BOX.finditer(text)}
        self._runs = _backtick_runs(text)
        self._last_comment_end = text.rfind("-->")
        self._brackets: list[bool] = []  # of each that is open: whether it may open an image
        self._dead = 0  # so many of them stand around a link, and open no other link

    def neutral(self) -> str:
        parts: list[str] = []
        done = 0
        while found := _SIGHT.search(self._text, done):
            parts.append(self._text[done : found.start()])
            part, done = self._part(found)
            parts.append(part)
        return "".join(parts) + self._text[done:]

    def _part(self, found: re.Match[str]) -> tuple[str, int]:
        """Return what stands for a part of the text, and where to go on."""
        match found.lastgroup:
            case "ticks":
                end = self._code_end(found)
                return self._text[found.start() : end], end
            case "comment":
                return self._comment(found)
            case "open":
                return self._open(found)
            case "tail" | "close":
                return self._close(found)
            case _:
                return _replaced(found, self._place), found.end()

    def _code_end(self, found: re.Match[str]) -> int:
        """Return the end of the code span that a run of backticks opens, or of the run if it opens none.

        It is closed by the next run of the same length: https://spec.commonmark.org/0.31.2/#code-spans
        """
        length = found.end() - found.start()
        same = self._runs.get(length, [])
        after = bisect_left(same, found.end())
        return same[after] + length if after < len(same) else found.end()

    def _comment(self, found: re.Match[str]) -> tuple[str, int]:
        """Leave a comment alone; what only some readers of Markdown take for one must be safe for the others."""
        start = found.start()
        if self._last_comment_end < start + len("<!"):
            return "\\<!--", found.end()  # else the next comment of ours would end it
        end = self._text.find("-->", start + len("<!")) + len("-->")
        comment = self._text[start:end]
        if not _COMMENT.fullmatch(comment):
            comment = _LIVE.sub(lambda live: _apart(live, _WORD_JOINER), comment)
        return comment, end

    def _open(self, found: re.Match[str]) -> tuple[str, int]:
        start = found.end() - 1
        if start not in self._boxes and (box := _BRACKETED.match(self._text, start)):
            # in the text of a check GitHub may take it for the check's own box
            return f"{self._text[found.start() : start]}\\{box[0]}", box.end()
        self._brackets.append(found["open"] == "![")
        return found["open"], found.end()

    def _close(self, found: re.Match[str]) -> tuple[str, int]:
        image = self._brackets.pop() if self._brackets else None
        dead = not image and len(self._brackets) < self._dead
        self._dead = min(self._dead, len(self._brackets))
        if image is None or dead or found["head"] is None:
            return "]", found.start() + 1
        if not image:
            self._dead = len(self._brackets)
        return _link(found, self._place, image=image), found.end()


def _replaced(found: re.Match[str], place: Place) -> str:
    match found.lastgroup:
        case "reference" | "entity":
            return _apart(found)
        case "url":
            return _unlinked(found[0])
        case "auto":
            return _relinked(found)
        case "tag":
            return _ATTRIBUTE.sub(lambda attribute: _attribute(attribute, place), found[0])
        case _:
            return found[0]


def _apart(found: re.Match[str], by: str = _BREAK) -> str:
    """Return a sign with something after it that makes it a sign only; other character references unchanged."""
    if found["entity"] and (unescape(found[0]) not in "@#" or found.string.startswith(by, found.end())):
        return found[0]
    return found[0] + by


def _unlinked(url: str) -> str:
    """Return an issue's bare address so that it reads the same and is none; another unchanged."""
    if not _ISSUE_URL.match(url):
        return url
    return _LIVE.sub(_apart, _SCHEME.sub(rf"\g<0>{_BREAK}", url))


def _relinked(found: re.Match[str]) -> str:
    """Return `<…>` around an issue's address as a link that reads the same and is no reference."""
    url = found["auto"]
    if not _ISSUE_URL.match(url):
        return found[0]
    # else it would be an image, or belong to the brackets before it
    apart = _BREAK if found.string.endswith(("!", "]"), 0, found.start()) else ""
    return f"{apart}[{_MARKS.sub(_ESCAPE, _unlinked(url))}](<{_harmless(url)}>)"


def _link(found: re.Match[str], place: Place, *, image: bool) -> str:
    written = found["target"] if found["angle"] is None else found["angle"]
    target = _ESCAPED.sub(r"\1", written)
    new = place.absolute(target, image=image)
    new = _harmless(written if new == target else new)
    return "]" + found["head"] + (new if found["angle"] is None else f"<{new}>") + found["tail"]


def _attribute(found: re.Match[str], place: Place) -> str:
    image = found["name"].casefold() == "src"
    return found["head"] + _harmless(place.absolute(found["url"], image=image))


def _harmless(url: str) -> str:
    """Write an issue's address so that it still leads there and is not taken for a reference."""
    found = _ISSUE_URL.match(url)
    if not found:
        return url
    start = found.start(1)
    return f"{url[:start]}%{ord(url[start]):02X}{url[start + 1 :]}"


def _quote(text: str, safe: str = "") -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="/:@!$&'*+,;=~" + safe)


def _backtick_runs(text: str) -> dict[int, list[int]]:
    """Return where the runs of backticks start, by their length."""
    runs: defaultdict[int, list[int]] = defaultdict(list)
    for found in re.finditer("`+", text):
        runs[found.end() - found.start()].append(found.start())
    return runs
