"""Text on a terminal: how wide it is, how it is broken into lines, and bars."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

BAR = 10  # characters between the brackets of a bar


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: full-width characters take two."""
    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def bar(done: int, total: int) -> str:
    """Return a bar that is full only when everything is done, and empty only when nothing is."""
    filled = BAR * done // total if total else 0
    filled = max(filled, 1) if done else 0
    return f"[{'#' * filled}{'-' * (BAR - filled)}]"


def percent(done: int, total: int) -> str:
    """Return a share as a whole percentage, rounded down; "" of nothing."""
    return f"{100 * done // total} %" if total else ""


def wrapped(text: str, width: int | None) -> list[str]:
    """Return a text broken between words into lines of at most `width` columns; None breaks nothing.

    A word that is longer is broken where it must be.
    """
    if width is None:
        return [text]
    lines = [""]
    for word in text.split(" "):
        for piece in _pieces(word, width):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if columns(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for char in word:
        if columns(pieces[-1] + char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces
