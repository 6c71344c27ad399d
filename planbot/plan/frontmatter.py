"""YAML front matter: where it ends, what it holds, and where a scalar of it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Hold front matter: `end` is the line after it, counted from 0, and 0 where a file has none.

    `lines` are those of its keys, counted from 1; `cells` its plain scalars, quotes left out; `error` says
    why it could not be read, `error_offset` at which byte of the file.
    """

    end: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    error_offset: int = 0


def front_matter(source: Source) -> FrontMatter:
    """Read the front matter of a file; between two rules may also stand what is none."""
    lines = source.lines
    if lines[0].rstrip(_BLANK) != _FENCE:
        return FrontMatter()
    end = next((n for n in range(1, min(len(lines), _MOST_LINES)) if lines[n].rstrip(_BLANK) in _ENDS), 0)
    text = source.markdown(1, end)
    if not end or len(text) > _MOST_CHARACTERS:
        return FrontMatter()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except _YAML_ERRORS as error:
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        offset = _offset(source, text, _index_of(error))
        return FrontMatter(end=end + 1, error=reason, error_offset=offset)
    if values is None:
        return FrontMatter(end=end + 1)
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        return FrontMatter()
    keys = {key.value: key.start_mark.line + 2 for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
    return FrontMatter(end + 1, values, _cells(source, text, node), keys)


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
