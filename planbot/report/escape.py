"""Text that anyone may have written, put where Markdown is read: it shows as it is and does nothing."""

from __future__ import annotations

import re

_BREAK = "<!-- -->"  # renders as nothing, and GitHub sees no mention, reference, address or emoji across it

# control characters, line ends of every kind, marks that swap what a line seems to say, halves of characters
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\s]+"
)
_LIVE = re.compile(
    r"(?P<html>[<>&\"'])"
    r"|(?P<sign>@|\#|GH-(?=\d)|:)"
    r"|(?P<www>www(?=\.))"
    r"|(?P<mark>[!$()*+\-.=\[\\\]_`{|}~])",
    re.IGNORECASE,
)


def one_line(text: str) -> str:
    """Return a text on one line, without what cannot be seen."""
    return _UNSEEN.sub(" ", text).strip()


def inert(text: str) -> str:
    """Return Markdown that reads as a text does, on one line, in a paragraph as in a cell of a table.

    It holds no markup, closes no comment, names nobody, refers to no issue and links nowhere.
    """
    return _LIVE.sub(_apart, one_line(text))


def _apart(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "html":
            return f"&#{ord(text)};"
        case "mark":
            return f"\\{text}"
        case _:
            return f"{text}{_BREAK}"
