"""Frozen dataclasses to JSON and back, by the types that their fields declare."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def dump(value: DataclassInstance) -> str:
    """Return a record as ASCII JSON: surrogates, which stand for bytes that are no text, come through as escapes."""
    return json.dumps(asdict(value), ensure_ascii=True, default=_plain)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else datetime.isoformat(value)


def load(kind: type[T], text: str) -> T:
    """Return the record that `dump` wrote.

    Raises:
        ValueError: if it is damaged, or of another kind.
    """
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"{kind.__name__} cannot be {value!r}")  # noqa: TRY004 # told with what else is wrong
    return record(kind, value)


def record(kind: type[T], value: dict[str, Any], where: str = "") -> T:
    """Build a dataclass from the keys it knows: an older planbot reads past fields that a newer one has.

    Raises:
        ValueError: where a value is of another type, or missing; it is named from `where` on.
    """
    where = where or kind.__name__
    known = {
        name: _read(hint, value[name], f"{where}.{name}")
        for name, hint in _hints(kind).items()
        if name in value
    }
    try:
        return kind(**known)
    except TypeError as error:
        raise ValueError(f"{where} is not whole: {error}") from error


def _read(hint: Any, value: Any, where: str) -> Any:
    if type(value) is hint:
        return value
    origin, inside = _shape(hint)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return record(hint, value, where)
    if origin in (tuple, frozenset) and isinstance(value, list):
        return origin(_read(inside[0], one, f"{where}[{at}]") for at, one in enumerate(value))
    if origin in (Union, UnionType) and NoneType in inside:
        return None if value is None else _read(inside[0], value, where)
    if origin is Literal and value in inside:
        return value
    return _scalar(hint, value, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    """Return a value for which JSON has no type of its own."""
    if hint is datetime and isinstance(value, str):
        return datetime.fromisoformat(value)
    if hint is float and type(value) is int:  # a whole number of seconds
        return float(value)
    raise ValueError(f"{where} cannot be {value!r}")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _shape(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)
