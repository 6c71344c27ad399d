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
_MOST_CHARACTERS = 65_536
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
    why it could not be read.
    """

    end: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    error_line: int = 1


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
        mark = getattr(error, "problem_mark", None)
        line = 2 + (mark.line if mark is not None else 0)
        reason = getattr(error, "problem", None) or str(error)
        return FrontMatter(end=end + 1, error=reason, error_line=line)
    if values is None:
        return FrontMatter(end=end + 1)
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        return FrontMatter()
    keys = {key.value: key.start_mark.line + 2 for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
    return FrontMatter(end + 1, values, _cells(source, text, node), keys)


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
