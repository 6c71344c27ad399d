"""YAML front matter: where it ends, what it holds, and where a scalar of it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import yaml

from planbot.plan.model import Cell, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.plan.source import Source

_FENCE = "---"
_ENDS = ("---", "...")
_MOST_LINES = 1000
_MOST_CHARACTERS = 32_768
_BLANK = " \t"
_QUOTES = ("'", '"')
# PyYAML lets these escape from its constructors on odd tags, such as `!!timestamp soon`
_YAML_ERRORS = (
    yaml.YAMLError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RecursionError,
    OverflowError,
)


# it opens with a key, comments aside: between two rules may also stand a part of the text
_KEYED = re.compile(r"""(?:[ \t]*(?:#.*)?\n)*["']?\w[\w .-]*["']?:(?:\s|$)""")
_NAMED = re.compile(r"""^[-{ \t]*["']?planbot["']?[ \t]*:""", re.MULTILINE | re.IGNORECASE)
_OWN = "planbot"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Hold front matter: `end` is the line after it, counted from 0, and 0 where a file has none.

    `cells` are its plain scalars, quotes left out; `own` is what its `planbot` key holds, in any case of letters, which
    `values` call `planbot`. `error` says why it could not be read, `offset` at which byte of the file; without an error
    that is where `own` begins.
    """

    end: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)
    own: yaml.Node | None = None
    error: str = ""
    offset: int = 0


def front_matter(source: Source) -> FrontMatter:
    """Read the front matter of a file; between two rules may also stand what is none."""
    lines = source.lines[:_MOST_LINES]
    opening = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[opening].rstrip(_BLANK) != _FENCE:
        return FrontMatter()
    end = next((n for n in range(opening + 1, len(lines)) if lines[n].rstrip(_BLANK) in _ENDS), 0)
    if opening:
        return _unread(source, opening, end, "front matter begins on the first line of a file")
    if not end:
        return _unread(source, opening, end, "the front matter is never closed with `---`")
    return _of_text(source, source.markdown(1, end), end)


def _of_text(source: Source, text: str, end: int) -> FrontMatter:
    if len(text) > _MOST_CHARACTERS:
        return _unread(source, 0, end, f"the front matter has more than {_MOST_CHARACTERS:,} characters")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except _YAML_ERRORS as error:
        if not _KEYED.match(text) and not _NAMED.search(text):
            return FrontMatter()
        offset = _offset(source, text, _index_of(error))
        return FrontMatter(end + 1, error=f"the front matter is no YAML: {_reason(error)}", offset=offset)
    if isinstance(node, yaml.MappingNode):
        return _of_mapping(source, text, node, end + 1)
    return FrontMatter(end + 1) if node is None else _unread(source, 0, end, "the front matter has no keys")


def _unread(source: Source, opening: int, end: int, error: str) -> FrontMatter:
    """Return no front matter, with an error only where it would say something to planbot."""
    lines = source.lines[opening + 1 : end or _MOST_LINES]
    shown = lines if end else takewhile(str.strip, lines)
    named = next((n for n, line in enumerate(shown, opening + 1) if _NAMED.match(line)), None)
    return FrontMatter() if named is None else FrontMatter(error=error, offset=source.offset(named, 0))


def _of_mapping(source: Source, text: str, node: yaml.MappingNode, end: int) -> FrontMatter:
    values: dict[str, Any] = {}
    own, error, offset = None, "", 0
    for key, value in node.value:
        name = _name(key)
        if name == _OWN:
            error = f"`{_OWN}` is in the front matter twice" if own else error
            own, offset = value, _offset(source, text, value.start_mark.index)
        try:
            values[name] = yaml.constructor.SafeConstructor().construct_document(value)
        except _YAML_ERRORS as why:  # what other tools say with tags of their own is theirs
            error = f"`{_OWN}` holds what cannot be read: {_reason(why)}" if name == _OWN else error
    return FrontMatter(end, values, _cells(source, text, node), own, error, offset)


def _name(key: yaml.Node) -> str:
    name = key.value if isinstance(key, yaml.ScalarNode) else ""
    return _OWN if name.casefold() == _OWN else name


def _reason(error: Exception) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)


def _index_of(error: Exception) -> int:
    """Return the character at which YAML failed, 0 where it does not say."""
    mark = getattr(error, "problem_mark", None)
    index = getattr(error, "position", 0) if mark is None else mark.index
    return index if isinstance(index, int) else 0


def _cells(source: Source, text: str, node: yaml.MappingNode) -> dict[str, Cell]:
    cells = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            continue
        quoted = value.style in _QUOTES
        first, last = value.start_mark.index + quoted, value.end_mark.index - quoted
        if "\n" not in text[first:last] and (quoted or value.style is None):
            span = Span(_offset(source, text, first), _offset(source, text, last))
            cells[key.value] = Cell(value.value, span)
    return cells


def _offset(source: Source, text: str, index: int) -> int:
    """Return the byte offset of a character of front matter, of which `text` leaves out the first line.

    YAML knows more line ends than Markdown does, so its own count of lines is of no use.
    """
    before = text[:index]
    return source.offset(1 + before.count("\n"), len(before) - before.rfind("\n") - 1)
