"""What commands print: data on standard output, talk on standard error, colours on a terminal only."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import sys
import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import click

from planbot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.errors import PlanbotError
    from planbot.report.text import Line

_BAR = 20  # characters of a progress bar

_STYLES: dict[str, dict[str, Any]] = {
    "heading": {"bold": True},
    "create": {"fg": "green"},
    "update": {"fg": "yellow"},
    "reopen": {"fg": "yellow"},
    "close": {"fg": "red"},
    "link": {"fg": "yellow"},
    "block": {"fg": "yellow"},
    "unblock": {"fg": "yellow"},
    "comment": {"fg": "yellow"},
    "tick": {"fg": "cyan"},
    "warning": {"fg": "yellow"},
    "error": {"fg": "red", "bold": True},
}

# everything but tab and line feed; direction marks can swap what a line seems to say, lone surrogates are bytes
# that are no UTF-8
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


class _Talk(logging.Handler):
    """Hold how much is said beside a command's data; as a handler, say what the program logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.quiet = False
        self.drawn = False  # whether a bar stands on the terminal's last line

    def emit(self, record: logging.LogRecord) -> None:
        """Say one entry of the log."""
        _echo(printable(record.getMessage()), err=True)


_talk = _Talk()


def talk(*, quiet: bool = False, verbose: bool = False) -> None:
    """Say less, nothing but warnings and errors, or more, each request and each git command too."""
    _talk.quiet = quiet
    logger = logging.getLogger("planbot")
    logger.removeHandler(_talk)
    logger.setLevel(logging.DEBUG if verbose else logging.NOTSET)
    if verbose:
        logger.addHandler(_talk)


def is_quiet() -> bool:
    """Return whether less is to be said."""
    return _talk.quiet


def leave_logs() -> int:
    """Leave it to somebody else to say what the program logs; return the level from which on it was asked for."""
    logger = logging.getLogger("planbot")
    logger.removeHandler(_talk)
    if _talk.quiet:
        return logging.WARNING
    return logging.DEBUG if logger.level == logging.DEBUG else logging.INFO


def say(text: str, style: str = "") -> None:
    """Tell people something that is not the command's data; without a style it is not said to who wants quiet."""
    if style or not _talk.quiet:
        say_lines([((style, text),)])


def say_lines(lines: Iterable[Line]) -> None:
    """Tell people lines that are not the command's data."""
    for line in lines:
        _echo(_painted(line), err=True)


def progress(done: int, total: int, text: str) -> None:
    """Tell how far a pass is: a bar that is drawn over on a terminal, a line for each change elsewhere."""
    if _talk.quiet:
        return
    if not sys.stderr.isatty():
        say(f"[{done}/{total}] {text}")
        return
    filled = _BAR * done // total
    bar = "#" * filled + "-" * (_BAR - filled)
    columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80  # the other stream may be a file
    line = _cut(f"[{bar}] {done}/{total} {printable(text)}", columns - 1)
    click.echo(f"\r\x1b[K{line}", err=True, nl=False)
    _talk.drawn = True


def _cut(text: str, cells: int) -> str:
    """Return as much of a text as fits so many cells of a terminal: letters of East Asia and emoji take two."""
    ends = accumulate(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text[: sum(end <= cells for end in ends)]


def _echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text on lines of its own: a bar that stands there keeps its line."""
    if _talk.drawn:
        _talk.drawn = False
        click.echo(err=True)
    click.echo(text, err=err, nl=nl)


def width() -> int | None:
    """Return how many columns standard output has; None for no terminal, where lines stay whole."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def show(text: str, style: str = "") -> None:
    """Print the command's data as text."""
    show_lines([((style, text),)])


def show_lines(lines: Iterable[Line]) -> None:
    """Print lines of the command's data, all at once."""
    _echo("".join(f"{_painted(line)}\n" for line in lines), nl=False)


def show_json(data: Any) -> None:
    """Print the command's data as JSON, in ASCII: whatever reads it, and whatever shows it, can."""
    _echo(json.dumps(whole(data), indent=2))


def say_error(error: PlanbotError) -> None:
    """Tell of a failure, and what to do about it."""
    for message in error.mistakes if isinstance(error, SettingsError) else (error.message,):
        say(f"error: {message}", "error")
    if error.hint:
        say_lines([(("", f"hint: {error.hint}"),)])


def printable(text: str) -> str:
    """Return a text in which what could drive a terminal is shown as the replacement character."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _painted(line: Line) -> str:
    """Return a line in its colours; click takes them out again where there is no terminal."""
    colourless = bool(os.environ.get("NO_COLOR"))  # https://no-color.org
    return "".join(
        printable(text) if colourless or not style else click.style(printable(text), **_STYLES[style])
        for style, text in line
    )


def whole(data: Any) -> Any:
    """Return JSON data without lone surrogates, which many readers of JSON refuse."""
    match data:
        case str():
            return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", data)
        case list():
            return [whole(item) for item in data]
        case dict():
            return {key: whole(value) for key, value in data.items()}
    return data
