"""How a setting is described: each kind of value knows how it is read, and says what is wrong with it."""

from __future__ import annotations

import difflib
import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from wcmatch import glob
from wcmatch._wcparse import PatternLimitException  # raised by `glob`, and exported nowhere else

from planbot.yaml_nodes import ListNode, MappingNode, Mistake, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from planbot.yaml_nodes import Node

GLOB_FLAGS = glob.GLOBSTAR | glob.BRACE | glob.IGNORECASE | glob.DOTGLOB | glob.FORCEUNIX


_UNQUOTE = "write it without quotes"
_SHOWN = 60


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(text: str, shortest: int = 1) -> int:
    """Return the seconds that a time such as `90s`, `15m`, `2h` or `1d` has; raise ValueError for any other text."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else -1
    if seconds < shortest:
        raise ValueError(f"{text!r} is no time such as 90s, 15m, 2h or 1d")
    return seconds


class Missing:
    """Mark a setting that is not given, or not as it must be."""


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Place:
    """Hold the dotted name of the setting that is being read, and where mistakes are noted."""

    name: str
    mistakes: list[Mistake]

    def below(self, part: str) -> Place:
        """Return the place of a part of this setting."""
        return Place(f"{self.name}{part}".removeprefix("."), self.mistakes)

    def refuse(self, node: Node, must: str, hint: str = "") -> Missing:
        """Note that the value at a node is not what it must be."""
        text = (
            f"`{self.name}` must be {must}, not {_shown(node)}" if self.name else f"the file must be {must}"
        )
        self.mistakes.append(Mistake(node.line, text, hint, node.column))
        return MISSING


class Kind(Protocol):
    """Read one kind of value: return it, or MISSING once what is wrong is noted."""

    def read(self, node: Node, place: Place) -> Any:
        """Return the value at a node."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Describe a switch."""

    def read(self, node: Node, place: Place) -> bool | Missing:
        """Return whether it is on."""
        if isinstance(node, ScalarNode) and node.kind == "bool":
            return node.is_true
        quoted = isinstance(node, ScalarNode) and node.text.lower() in ("true", "false")
        return place.refuse(node, "true or false", _UNQUOTE if quoted else "")


@dataclass(frozen=True, slots=True)
class Count:
    """Describe a whole number from 0 to `most`."""

    most: int = 1_000_000

    def read(self, node: Node, place: Place) -> int | Missing:
        """Return the number; always decimal, though YAML takes 010 for 8."""
        fits = isinstance(node, ScalarNode) and re.fullmatch("[0-9]{1,9}", node.text) is not None
        if isinstance(node, ScalarNode) and fits and node.kind == "number" and int(node.text) <= self.most:
            return int(node.text)
        quoted = fits and isinstance(node, ScalarNode) and node.kind == "text"
        return place.refuse(node, f"a whole number from 0 to {self.most:,}", _UNQUOTE if quoted else "")


@dataclass(frozen=True, slots=True)
class Choice:
    """Describe one word of several."""

    values: tuple[str, ...]
    nullable: bool = False

    def read(self, node: Node, place: Place) -> str | Missing | None:
        """Return the word; `off` is a word too, though YAML takes it for false."""
        if isinstance(node, ScalarNode):
            text = "off" if node.kind == "bool" and not node.is_true else node.text.casefold()
            if text in self.values:
                return text
            if node.kind == "null" and self.nullable:
                return None
        near = difflib.get_close_matches(node.text, self.values, n=1) if isinstance(node, ScalarNode) else []
        return place.refuse(node, f"one of {_quoted(self.values)}", _did_you_mean(near))


@dataclass(frozen=True, slots=True)
class Text:
    """Describe a text of one line, or with `placeholders` a format string that may hold these.

    A nullable text is None for null and for false. `longest` is in characters.
    """

    placeholders: tuple[str, ...] | None = None
    longest: int | None = None
    nullable: bool = False

    def read(self, node: Node, place: Place) -> str | Missing | None:
        """Return the text as it is written, though YAML may take it for a number or a date."""
        if isinstance(node, ScalarNode) and self.nullable and (_is_false(node) or node.kind == "null"):
            return None
        if not isinstance(node, ScalarNode) or not node.text.strip() or node.kind == "null":
            return place.refuse(node, "a text")
        if "\n" in node.text:
            return place.refuse(node, "a text of one line")
        if self.longest is not None and len(node.text) > self.longest:
            return place.refuse(node, f"at most {self.longest} characters long")
        return node.text if self.placeholders is None else self._format(node, place)

    def _format(self, node: ScalarNode, place: Place) -> str | Missing:
        names = _quoted([f"{{{name}}}" for name in self.placeholders or ()])
        try:
            parts = list(string.Formatter().parse(node.text))
        except ValueError as error:
            return place.refuse(node, f"a text with {names}", f"{error}; write {{{{ for a brace itself")
        for _, name, form, conversion in parts:
            if name is not None and (name not in (self.placeholders or ()) or form or conversion):
                return place.refuse(node, f"a text with no other placeholder than {names}")
        return node.text


@dataclass(frozen=True, slots=True)
class Form:
    """Describe a text that stands for something else; `convert` returns that, or raises ValueError with the reason."""

    must: str
    convert: Callable[[str], Any]

    def read(self, node: Node, place: Place) -> Any:
        """Return what the text stands for."""
        text = Text().read(node, place)
        if not isinstance(text, str):
            return MISSING
        try:
            return self.convert(text)
        except ValueError as error:
            return place.refuse(node, self.must, str(error))


@dataclass(frozen=True, slots=True)
class Checked:
    """Describe a value of a kind that has more to fulfil: `check` returns what, and a hint, or None for a right one."""

    kind: Kind
    check: Callable[[Any], tuple[str, str] | None]

    def read(self, node: Node, place: Place) -> Any:
        """Return the value."""
        before = len(place.mistakes)
        value = self.kind.read(node, place)
        wrong = self.check(value) if value is not MISSING and len(place.mistakes) == before else None
        if wrong is None:
            return value
        text, hint = wrong
        where = f"`{place.name}`" if place.name else "the file"
        place.mistakes.append(Mistake(node.line, f"{where} must {text}", hint, node.column))
        return MISSING


@dataclass(frozen=True, slots=True)
class Glob:
    """Describe a pattern for paths, relative to the repository's root."""

    def read(self, node: Node, place: Place) -> str | Missing:
        """Return the pattern."""
        pattern = Text().read(node, place)
        if not isinstance(pattern, str):
            return MISSING
        if pattern.startswith("!"):
            return place.refuse(node, "a pattern of files to take", "list what to leave out under `exclude`")
        if pattern.startswith(("/", "./", "../")):
            return place.refuse(node, "relative to the repository's root", "start with a folder or file name")
        try:
            glob.translate(pattern, flags=GLOB_FLAGS)
        except PatternLimitException:
            return place.refuse(node, "a pattern with fewer alternatives in braces")
        return pattern


@dataclass(frozen=True, slots=True)
class ListOf:
    """Describe a list; a single item may stand for a list of one."""

    item: Kind

    def read(self, node: Node, place: Place) -> tuple[Any, ...] | Missing:
        """Return the items that are right."""
        if isinstance(node, ScalarNode) and node.kind == "null":
            return MISSING
        if not isinstance(node, ListNode):
            node = ListNode((node,), node.line, node.column)
        read = [self.item.read(item, place.below(f"[{n}]")) for n, item in enumerate(node.items, 1)]
        return tuple(value for value in read if value is not MISSING)


@dataclass(frozen=True, slots=True)
class Key:
    """Describe one key: its name, the kind of its value, and what it is for, in one sentence."""

    name: str
    kind: Kind
    doc: str


@dataclass(frozen=True, slots=True)
class Section:
    """Describe a mapping; a value of another kind is taken for that of the key `short`, if there is one."""

    keys: tuple[Key, ...]
    short: str = ""

    def read(self, node: Node, place: Place) -> dict[str, Any] | Missing:
        """Return the values that are given and right, by key."""
        if isinstance(node, ScalarNode) and node.kind == "null":
            return {}
        if not isinstance(node, MappingNode):
            if not self.short:
                return place.refuse(node, "a mapping", "write its settings below it as `key: value`")
            short = ScalarNode(self.short, "text", node.line, node.column)
            node = MappingNode(((short, node),), node.line, node.column)
        kinds = {key.name: key.kind for key in self.keys}
        found = {}
        for name, value in node.entries:
            if name.text in kinds:
                found[name.text] = kinds[name.text].read(value, place.below(f".{name.text}"))
            else:
                self._unknown(name, place)
        return {name: value for name, value in found.items() if value is not MISSING}

    def _unknown(self, name: ScalarNode, place: Place) -> None:
        names = [key.name for key in self.keys]
        near = difflib.get_close_matches(name.text, names, n=1)
        where = f" in `{place.name}`" if place.name else ""
        hint = _did_you_mean(near) or f"known here: {', '.join(names)}"
        place.mistakes.append(Mistake(name.line, f"unknown key `{name.text}`{where}", hint, name.column))


def _did_you_mean(near: list[str]) -> str:
    return f"did you mean `{near[0]}`?" if near else ""


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _is_false(node: ScalarNode) -> bool:
    return node.kind == "bool" and not node.is_true


def _shown(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if node.kind == "null":
        return "nothing"
    if not node.text.strip():
        return "an empty text"
    return f"`{node.text if len(node.text) <= _SHOWN else node.text[: _SHOWN - 1] + '…'}`"
