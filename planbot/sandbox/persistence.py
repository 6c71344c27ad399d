"""The state as a file: JSON of the dataclasses in `model`, read back by their types."""

from __future__ import annotations

import json
import types
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from planbot.sandbox.model import State

if TYPE_CHECKING:
    from pathlib import Path


def save(state: State, path: Path) -> None:
    """Write the state into a file, whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(asdict(state), ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


def load(path: Path) -> State:
    """Read the state from a file, a fresh one if there is none. Raises ValueError for another kind of file."""
    if not path.exists():
        return State()
    try:
        state: State = _build(State, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not a sandbox's state: {error}") from error
    return state


def _build(kind: Any, value: Any) -> Any:
    """Return a JSON value as the type that a field has."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise TypeError(f"{value!r} is no object")
        hints = get_type_hints(kind)
        known = {f.name: _build(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value}
        return kind(**known)  # type: ignore[operator]  # a class, not an instance
    if origin in (Union, types.UnionType):
        inner = next(a for a in arguments if a is not types.NoneType)
        return None if value is None else _build(inner, value)
    if origin is list:
        return [_build(arguments[0], item) for item in value]
    if origin is dict:
        return {arguments[0](key): _build(arguments[1], item) for key, item in value.items()}
    return value
