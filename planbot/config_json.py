"""The settings as a JSON schema, for editors; made from the very description that reads them."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from planbot.config import SCHEMA, Settings
from planbot.config_schema import Choice, Count, Flag, Glob, ListOf, Section, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.config_schema import Key, Kind

_DRAFT = "http://json-schema.org/draft-07/schema#"  # what yaml-language-server reads
_ONE_LINE = r"^[^\n]*\S[^\n]*$"
_NO_DEFAULT = frozenset({"plans"})  # its default is a rule, which would only be repeated


def settings_schema() -> dict[str, Any]:
    """Return the JSON schema of a settings file."""
    return {
        "$schema": _DRAFT,
        "title": "Settings of planbot",
        "description": "Which plan files are kept in step with issues, and how. Every setting has a default.",
        **_section(SCHEMA, Settings()),
    }


def settings_table() -> list[str]:
    """Return the settings as the lines of a Markdown table: name, default, what it is for."""
    return ["| setting | default | what it is for |", "|---|---|---|", *_rows(SCHEMA, Settings(), "")]


def _rows(section: Section, defaults: object, prefix: str) -> Iterator[str]:
    for key in section.keys:
        default, name = getattr(defaults, key.name), f"{prefix}{key.name}"
        if isinstance(key.kind, Section):
            yield f"| `{name}` | | {key.doc} |"
            yield from _rows(key.kind, default, f"{name}.")
        else:
            shown = (
                "see below"
                if key.name in _NO_DEFAULT
                else f"`{json.dumps(_plain(default), ensure_ascii=False)}`"
            )
            yield f"| `{name}` | {shown} | {key.doc} |"


def _schema(kind: Kind) -> dict[str, Any]:
    made: dict[str, Any]
    match kind:
        case Flag():
            made = {"type": "boolean"}
        case Count(most=most):
            made = {"type": "integer", "minimum": 0, "maximum": most}
        case Choice(values=values, nullable=nullable):
            made = {"enum": [*values, None] if nullable else list(values)}
        case Text():
            made = _text(kind)
        case Glob():
            made = {"type": "string", "pattern": _ONE_LINE, "not": {"pattern": r"^(!|/|\./|\.\./)"}}
        case ListOf(item=item):
            one = _schema(item)
            made = {"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]}
        case Section():
            made = _section(kind, None)
        case _:
            raise AssertionError(f"{kind} has no schema")
    return made


def _text(kind: Text) -> dict[str, Any]:
    """Return the schema of a text, which may look like a number to YAML."""
    text: dict[str, Any] = {"type": "string", "pattern": _ONE_LINE}
    if kind.placeholders is not None:
        names = "|".join(map(re.escape, kind.placeholders))
        text["allOf"] = [{"pattern": rf"^(?:[^{{}}]|\{{\{{|\}}\}}|\{{(?:{names})\}})*$"}]
    if kind.longest is not None:
        text["maxLength"] = kind.longest
    others = [{"enum": [None, False]}] if kind.nullable else []
    return {"anyOf": [text, {"type": "number"}, *others]}


def _section(section: Section, defaults: object) -> dict[str, Any]:
    properties = {key.name: _key(key, defaults) for key in section.keys}
    mapping: dict[str, Any] = {
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }
    if not section.short:
        return mapping
    short = next(key for key in section.keys if key.name == section.short)
    return {"anyOf": [_schema(short.kind), mapping]}


def _key(key: Key, defaults: object) -> dict[str, Any]:
    default = getattr(defaults, key.name, None)
    schema = _section(key.kind, default) if isinstance(key.kind, Section) else _schema(key.kind)
    described = {"description": key.doc, **schema}
    if defaults is not None and key.name not in _NO_DEFAULT:
        described["default"] = _plain(default)
    return described


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
