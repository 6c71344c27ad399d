"""What headings say: decoration, numbers, priorities, and the words that name a phase or a task.

Nothing here decides whether something *is* a heading; that is CommonMark's business. A heading may be as
long as the file, so the patterns look at its two ends only and never at the same text twice.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_STATUS = (
    r"completed?|done|finished|shipped|released|merged|in[ -]?progress|ongoing|wip|started|"
    r"not[ -](?:yet[ -])?started|pending|planned|to[ -]?do|blocked|deferred|postponed|skipped|"
    r"cancell?ed|dropped|obsolete|partial(?:ly)?(?: (?:completed?|done))?|mostly (?:completed?|done)|"
    r"\d{1,3} ?% (?:completed?|done)|completed? \d{1,3} ?%|已完成|完成|进行中|未开始|完了|未着手"
)
# what stands after a symbol, as in "Login ✓ COMPLETE" and "Login 🎯 MVP"
_MARKED = re.compile(rf"(?:{_STATUS}|mvp)", re.IGNORECASE)
_STATUS_ALONE = re.compile(rf"(?:{_STATUS})[.!]?", re.IGNORECASE)
_LAST_WORDS = frozenset(
    re.findall(
        r"\S+",
        "complete completed done finished shipped released merged progress in-progress ongoing wip started"
        " not-started pending planned todo do to-do blocked deferred postponed skipped cancelled canceled"
        " dropped obsolete partial partially mvp",
    )
)
_PRIORITY = re.compile(
    r"(?:priority[ :]+)?"
    r"(?:mvp(?:[- ]critical)?|critical|blocker|blocking|urgent|immediate|highest|high|medium|med|moderate|low|"
    r"lowest|normal|p[0-4]|(?:must|should|could|won't|nice)(?:[ -](?:have|to[ -]have))?|backlog|optional|"
    r"required(?: first)?|phase[- ]\d+|post[- ]mvp|future|later|stretch|高|中|低)"
    r"(?: priority)?(?:[ ]*[-\u2013\u2014:\uff1a,\uff0c;/+|].*)?",
    re.IGNORECASE | re.DOTALL,
)
_LINK = re.compile(r"!?\[([^\[\]]{1,300})\]\([^()\s]{0,300}\)")
_OPENINGS = frozenset("[(`'\"")
_OPENING = {")": "(", "]": "[", "\uff09": "\uff08", "\u3011": "\u3010"}
_DASHES = "-\u2013\u2014:\uff1a"
_AFTER_NUMBER = re.compile(
    r"[ ]*[:\uff1a.)\u3001|·]?[ ]*(?:[-\u2013\u2014]{1,3}[ ]+|[-\u2013\u2014](?=[^\s-]))?"
)
# parts of an emoji that are no symbols themselves: variation selectors, keycap, joiner, skin tones
_JOINERS = frozenset("\ufe0e\ufe0f\u20e3\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_ARROWS, _CJK, _EMOJI = 0x2190, 0x3000, 0x1F000
_LONG = 2000


@dataclass(frozen=True, slots=True)
class Titled:
    """Hold what a heading says: its number, its bare title, its priority."""

    number: str | None
    title: str
    priority: str | None = None


def without_comments(text: str) -> str:
    """Cut HTML comments out of a text; one that never ends stays."""
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[place:start])
        place = end + 3
    kept.append(text[place:])
    return "".join(kept)


def undecorated(text: str) -> str:
    """Strip a heading of comments, emphasis marks, links and leading symbols."""
    if (text[:1].isalnum() or text[:1] in _OPENINGS) and len(text) <= _LONG and _is_plain(text):
        return text
    if "<!--" in text:
        text = without_comments(text)
    text = " ".join(text[:_LONG].split())
    text = _unemphasised(text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    return _without_leading_symbols(text)


def without_status(text: str) -> str:
    """Strip a heading's end of symbols such as a tick mark and of words such as `[DONE]` or `- COMPLETED`."""
    while _may_say_status(text):
        shorter = _without_trailing_symbols(text)
        head, inside = _bracketed_end(shorter)
        if inside is not None and _STATUS_ALONE.fullmatch(_bare(inside)):
            shorter = head
        else:
            shorter = _without_trailing_word(shorter)
        if shorter == text:
            break
        text = shorter
    return text


def _may_say_status(text: str) -> bool:
    """Look at the end of a text only: most titles end with a plain word."""
    if not text[-1:].isascii() or text.endswith((")", "]", "%")):
        return True
    return text[text.rfind(" ") + 1 :].rstrip(".!").casefold() in _LAST_WORDS


def split_priority(text: str) -> tuple[str, str | None]:
    """Split a trailing `(High)` or the like off a heading."""
    head, inside = _bracketed_end(text)
    if inside is not None and head and _PRIORITY.fullmatch(inside):
        return head, inside
    return text, None


def titled(number: str | None, rest: str, fallback: str, *, priority: bool = False) -> Titled:
    """Read what follows a number: separators, status and, if asked, a priority are taken off."""
    separator = _AFTER_NUMBER.match(rest)
    title = without_status(rest[separator.end() :] if separator else rest)
    found = None
    if priority:
        title, found = split_priority(title)
        title = without_status(title) if found else title
    return Titled(number, title or fallback, found)


def _is_plain(text: str) -> bool:
    # a plain `in` each: this is asked of every list item, and most have none of it
    marked = "**" in text or "](" in text or "<!--" in text or "  " in text
    return not marked and text.isprintable() and text[-1] != " "


def _bare(text: str) -> str:
    return _without_trailing_symbols(_without_leading_symbols(text.strip()))


def _unemphasised(text: str) -> str:
    for mark in ("**", "__", "~~"):
        if mark in text and text.count(mark) % 2 == 0 and (mark == "**" or text.startswith(mark)):
            text = text.replace(mark, "")
    text = text.strip()
    if text[:1] in {"*", "_"} and text.count(text[0]) == 2 and text.endswith(text[0]):  # noqa: PLR2004 - a pair
        text = text[1:-1].strip()
    return text


def _without_leading_symbols(text: str) -> str:
    for place, character in enumerate(text):
        if not _is_symbol(character):
            return text[place:] if place else text
    return text


def _without_trailing_symbols(text: str) -> str:
    end = len(text)
    while end and _is_symbol(text[end - 1]):
        end -= 1
    return text[:end] if end else text


def _is_symbol(character: str) -> bool:
    if character.isascii():
        return character == " "
    if character in _JOINERS or unicodedata.category(character) == "Zs":
        return True
    # not a degree sign or square metres, which are of the same category
    code = ord(character)
    return unicodedata.category(character) == "So" and not code < _ARROWS and not _CJK <= code < _EMOJI


def _bracketed_end(text: str) -> tuple[str, str | None]:
    opening = _OPENING.get(text[-1:])
    start = text.rfind(opening) if opening else -1
    if start < 0:
        return text, None
    return text[:start].rstrip(), text[start + 1 : -1].strip()


def _without_trailing_word(text: str) -> str:
    for dash in _DASHES:
        head, found, word = text.rpartition(f" {dash} ")
        if found and head and _STATUS_ALONE.fullmatch(_bare(word)):
            return head.rstrip()
    head, found, word = text.rpartition(" ")
    # never "Make it complete"
    if found and head and not head[-1].isascii() and _is_symbol(head[-1]) and _MARKED.fullmatch(word):
        return head
    return text
