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

_CREATION = re.compile(r"\bcreateIssue\s*\(")


class QueryError(Exception):
    """Refuse a document, in the words that GitHub has for it, and with the code or what else it has there."""

    def __init__(self, message: str, code: str = "", **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions = ({"code": code} if code else {}) | extensions


class FieldError(Exception):
    """Say why one field of a document has no value: `kind` is such as `NOT_FOUND`."""

    def __init__(self, message: str, kind: str = "NOT_FOUND") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind


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
    """Hold the selections of the one query or mutation and of each fragment, by name with its type."""

    selections: tuple[Field | Spread, ...]
    fragments: Mapping[str, Spread]
    mutation: bool = False


def parse(text: str) -> Document:
    """Read a document with one query or mutation. Raises `QueryError`."""
    return _Parser(text).document()


def creations(body: Any) -> int:
    """Return how many issues a request to the GraphQL API is to make."""
    query = body.get("query") if isinstance(body, dict) else None
    return len(_CREATION.findall(query)) if isinstance(query, str) else 0


def execute(root: Node, document: Document, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was selected of the root, and what failed of it.

    A field that fails is null, with an error that says where, and stops no other. Raises `QueryError` for a field that
    its type has not.
    """
    execution = _Execution(document, variables)
    data = execution.select(root, document.selections, ())
    return {"data": data} | ({"errors": execution.errors} if execution.errors else {})


def value_of(argument: Any, variables: Mapping[str, Any]) -> Any:
    """Return what an argument stands for."""
    return variables.get(argument.name) if isinstance(argument, Variable) else argument


class _Execution:
    """Answer one document, field by field."""

    def __init__(self, document: Document, variables: Mapping[str, Any]) -> None:
        self.errors: list[dict[str, Any]] = []
        self._document = document
        self._variables = variables

    def select(
        self, node: Node, selections: tuple[Field | Spread, ...], path: tuple[str, ...]
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for selection in selections:
            if isinstance(selection, Spread):
                chosen = self._document.fragments.get(selection.fragment, selection)
                if chosen.type_name in ("", node.type_name, *node.fields.get("__interfaces", ())):
                    result |= self.select(node, chosen.selections, path)
            elif selection.name == "__typename":
                result[selection.key] = node.type_name
            else:
                result[selection.key] = self._field(node, selection, (*path, selection.key))
        return result

    def _field(self, node: Node, chosen: Field, path: tuple[str, ...]) -> Any:
        if chosen.name not in node.fields:
            raise QueryError(
                f"Field '{chosen.name}' doesn't exist on type '{node.type_name}'", "undefinedField"
            )
        value = node.fields[chosen.name]
        try:
            if callable(value):
                given = {name: value_of(it, self._variables) for name, it in chosen.arguments.items()}
                value = value(**given)
        except FieldError as error:
            self.errors.append({"type": error.kind, "path": list(path), "message": error.message})
            return None
        return self._selected(value, chosen, path)

    def _selected(self, value: Any, chosen: Field, path: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [self._selected(item, chosen, path) for item in value]
        if not isinstance(value, Node):
            return value
        if not chosen.selections:
            what = f"field '{chosen.name}' returns {value.type_name} but has no selections."
            raise QueryError(f"Field must have selections ({what})", "selectionMismatch")
        return self.select(value, chosen.selections, path)


class _Parser:
    """Read tokens from the front."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)

    def document(self) -> Document:
        selections: tuple[Field | Spread, ...] = ()
        fragments = {}
        mutation = False
        while self._tokens:
            if self._skip("fragment"):
                name = self._next()
                self._expect("on")
                fragments[name] = Spread(name, self._next(), self._selections())
            else:
                mutation = self._operation()
                selections = self._selections()
        return Document(selections, fragments, mutation)

    def _operation(self) -> bool:
        """Skip what stands before the selections, such as the types of variables; return whether it is a mutation."""
        mutation = self._peek() == "mutation"
        while self._peek() != "{":
            self._next()
        return mutation

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
