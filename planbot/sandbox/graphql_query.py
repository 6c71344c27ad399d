"""GraphQL documents: as much of the language as queries use, read into values and answered from nodes.

https://spec.graphql.org/October2021/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r'\s*(?:,|#[^\n]*)*\s*(\.\.\.|[{}()\[\]:!$=@]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|\w+)')


class QueryError(Exception):
    """Refuse a document, in the words and with the code that GitHub has for it."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True, slots=True)
class Node:
    """Hold an object: its type, and its fields as values or as functions of their arguments."""

    type_name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """Hold one selected field; `arguments` still name variables as `Variable`."""

    name: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    selections: tuple[Field | Spread, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Hold a fragment's name, or the selections of an inline one for a type ('' for any)."""

    fragment: str
    type_name: str = ""
    selections: tuple[Field | Spread, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """Hold a variable's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """Hold the selections of the one query and of each fragment, by name with its type."""

    selections: tuple[Field | Spread, ...]
    fragments: Mapping[str, Spread]


def parse(text: str) -> Document:
    """Read a document with one query. Raises `QueryError`."""
    return _Parser(text).document()


def select(
    node: Node, selections: tuple[Field | Spread, ...], document: Document, variables: Mapping[str, Any]
) -> Any:
    """Return what was selected of a node. Raises `QueryError` for a field that its type has not."""
    result: dict[str, Any] = {}
    for selection in selections:
        if isinstance(selection, Spread):
            chosen = document.fragments.get(selection.fragment, selection)
            if chosen.type_name in ("", node.type_name, *node.fields.get("__interfaces", ())):
                result |= select(node, chosen.selections, document, variables)
        elif selection.name == "__typename":
            result[selection.key] = node.type_name
        else:
            result[selection.key] = _value(node, selection, document, variables)
    return result


def _value(node: Node, chosen: Field, document: Document, variables: Mapping[str, Any]) -> Any:
    if chosen.name not in node.fields:
        raise QueryError(f"Field '{chosen.name}' doesn't exist on type '{node.type_name}'", "undefinedField")
    value = node.fields[chosen.name]
    if callable(value):
        given = {
            name: variables.get(argument.name) if isinstance(argument, Variable) else argument
            for name, argument in chosen.arguments.items()
        }
        value = value(**given)
    return _selected(value, chosen, document, variables)


def _selected(value: Any, chosen: Field, document: Document, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_selected(item, chosen, document, variables) for item in value]
    if not isinstance(value, Node):
        return value
    if not chosen.selections:
        message = f"Field must have selections (field '{chosen.name}' returns {value.type_name} but has no selections.)"
        raise QueryError(message, "selectionMismatch")
    return select(value, chosen.selections, document, variables)


class _Parser:
    """Read tokens from the front."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)

    def document(self) -> Document:
        selections: tuple[Field | Spread, ...] = ()
        fragments = {}
        while self._tokens:
            if self._skip("fragment"):
                name = self._next()
                self._expect("on")
                fragments[name] = Spread(name, self._next(), self._selections())
            else:
                self._operation()
                selections = self._selections()
        return Document(selections, fragments)

    def _operation(self) -> None:
        """Skip what stands before the selections of a query: its name and the types of its variables."""
        if self._peek() == "mutation":
            raise QueryError("the sandbox answers queries only")
        while self._peek() != "{":
            self._next()

    def _selections(self) -> tuple[Field | Spread, ...]:
        self._expect("{")
        found: list[Field | Spread] = []
        while not self._skip("}"):
            found.append(self._spread() if self._skip("...") else self._field())
        return tuple(found)

    def _spread(self) -> Spread:
        if self._skip("on"):
            return Spread("", self._next(), self._selections())
        return Spread("", "", self._selections()) if self._peek() == "{" else Spread(self._next())

    def _field(self) -> Field:
        key = name = self._next()
        if self._skip(":"):
            name = self._next()
        arguments = {}
        if self._skip("("):
            while not self._skip(")"):
                argument = self._next()
                self._expect(":")
                arguments[argument] = self._literal()
        selections = self._selections() if self._peek() == "{" else ()
        return Field(name, key, arguments, selections)

    def _literal(self) -> Any:
        text = self._next()
        if text == "$":
            return Variable(self._next())
        constants = {"true": True, "false": False, "null": None}
        if text in constants:
            return constants[text]
        return json.loads(text) if text[0] in '"-0123456789' else text

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise QueryError("Unexpected end of document", "parseError")
        return self._tokens.pop(0)

    def _skip(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._tokens.pop(0)
        return True

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise QueryError(f'Expected "{token}", actual "{found}"', "parseError")


def _tokens(text: str) -> list[str]:
    tokens, position, end = [], 0, len(text.rstrip().rstrip(","))
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise QueryError(
                f'Expected one of SCHEMA, actual: "{text[position : position + 10]}"', "parseError"
            )
        tokens.append(match[1])
        position = match.end()
    return tokens
