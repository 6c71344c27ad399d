"""YAML as nodes that know their place, so that every mistake in a file can be told with its place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ScalarKind = Literal["text", "bool", "null", "number"]

MAX_BYTES = 100_000
_MAX_NODES = 20_000
_TAGS: dict[str, ScalarKind] = {
    "tag:yaml.org,2002:bool": "bool",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:int": "number",
    "tag:yaml.org,2002:float": "number",
}
_YAML = "tag:yaml.org,2002:"
# plain words may be resolved to the last two, but nothing makes values of them
_KNOWN_TAGS = {*yaml.SafeLoader.yaml_constructors, f"{_YAML}merge", f"{_YAML}value"}


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Hold one mistake: the line it is on, from 1, what is wrong, what to do, and the column, from 1."""

    line: int
    text: str
    hint: str = ""
    column: int = field(default=1, compare=False)

    def __str__(self) -> str:
        return f"{self.text} \N{EM DASH} {self.hint}" if self.hint else self.text


_TOO_MUCH = Mistake(1, "values are nested too deeply, or aliases repeat too many of them")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """Hold a single value: its text as written (`off`, not False), and what YAML 1.1 takes it for."""

    text: str
    kind: ScalarKind
    line: int
    column: int = field(default=1, compare=False)

    @property
    def is_true(self) -> bool:
        """Return whether this is one of YAML's words for true."""
        return self.kind == "bool" and yaml.SafeLoader.bool_values[self.text.lower()]


@dataclass(frozen=True, slots=True)
class ListNode:
    """Hold a list."""

    items: tuple[Node, ...]
    line: int
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Hold a mapping with unique keys, in file order."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    line: int
    column: int = field(default=1, compare=False)


Node = ScalarNode | ListNode | MappingNode


def read_yaml(data: bytes, mistakes: list[Mistake]) -> Node | None:
    """Return a file's one document, or None if it is empty or if what was added to `mistakes` hides it."""
    if len(data) > MAX_BYTES:
        mistakes.append(Mistake(1, f"the file has {len(data):,} bytes, and at most {MAX_BYTES:,} are read"))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(data.count(b"\n", 0, error.start) + 1, "the file is not UTF-8"))
        return None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return None if root is None else node_at(root, mistakes)
    except yaml.reader.ReaderError as error:
        mistakes.append(Mistake(text.count("\n", 0, error.position) + 1, str(error.reason)))
    except yaml.MarkedYAMLError as error:
        mistakes.append(_syntax_mistake(error))
    except RecursionError:
        mistakes.append(_TOO_MUCH)
    return None


def node_at(root: yaml.Node, mistakes: list[Mistake]) -> Node | None:
    """Return what YAML composed as a node, or None if what was added to `mistakes` hides it."""
    try:
        return _Reading(mistakes).node(root)
    except (RecursionError, _TooManyError):
        line, column = root.start_mark.line + 1, root.start_mark.column + 1
        mistakes.append(replace(_TOO_MUCH, line=line, column=column))
    except yaml.MarkedYAMLError as error:
        mistakes.append(_syntax_mistake(error))
    return None


def node_of(value: object, mistakes: list[Mistake]) -> Node | None:
    """Return a value that was read elsewhere as a node on line 1, or None if `mistakes` says why not."""
    try:
        return _plain(value, _Budget())
    except (RecursionError, _TooManyError):
        mistakes.append(_TOO_MUCH)
        return None


class _TooManyError(Exception):
    pass


class _Budget:
    """Count values: a few aliases of aliases are billions of them."""

    def __init__(self) -> None:
        self._left = _MAX_NODES

    def spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooManyError


def _plain(value: object, budget: _Budget) -> Node:
    budget.spend()
    if isinstance(value, dict):
        pairs = ((ScalarNode(str(key), "text", 1), _plain(item, budget)) for key, item in value.items())
        return MappingNode(tuple(pairs), 1)
    if isinstance(value, list | tuple):
        return ListNode(tuple(_plain(item, budget) for item in value), 1)
    if isinstance(value, bool):
        return ScalarNode(str(value).lower(), "bool", 1)
    if value is None:
        return ScalarNode("", "null", 1)
    return ScalarNode(str(value), "number" if isinstance(value, int | float) else "text", 1)


class _Reading:
    """Turn PyYAML's nodes into ours."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self._mistakes = mistakes
        self._budget = _Budget()

    def node(self, node: yaml.Node) -> Node:
        self._budget.spend()
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        _require_known_tag(node)
        if isinstance(node, yaml.MappingNode):
            return MappingNode(tuple(self._entries(node)), line, column)
        if isinstance(node, yaml.SequenceNode):
            return ListNode(tuple(self.node(item) for item in node.value), line, column)
        return ScalarNode(node.value, _TAGS.get(node.tag, "text"), line, column)

    def _entries(self, node: yaml.MappingNode) -> Iterator[tuple[ScalarNode, Node]]:
        first: dict[str, int] = {}
        for key, value in node.value:
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if not isinstance(key, yaml.ScalarNode):
                self._mistakes.append(Mistake(line, "a key must be a single word", column=column))
                continue
            _require_known_tag(key)
            if key.value in first:
                text = f"`{key.value}` is here again: it was set on line {first[key.value]}"
                self._mistakes.append(Mistake(line, text, "keep one of them", column))
            else:
                first[key.value] = line
                yield ScalarNode(key.value, "text", line, column), self.node(value)


def _require_known_tag(node: yaml.Node) -> None:
    """Refuse a tag that asks for more than a plain value; only the first one is told, for aliases may repeat it."""
    if node.tag not in _KNOWN_TAGS:
        tag = node.tag.replace(_YAML, "!!", 1)
        raise yaml.MarkedYAMLError(
            problem=f"the tag `{tag}` means nothing here", problem_mark=node.start_mark
        )


def _syntax_mistake(error: yaml.MarkedYAMLError) -> Mistake:
    mark = error.problem_mark or error.context_mark
    words = ", ".join(part for part in (error.context, error.problem) if part)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Mistake(line, f"the file cannot be read as YAML: {words}", column=column)
