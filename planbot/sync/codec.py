"""The journal's files: `Agreed` to versioned JSON and back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from planbot.errors import PlanbotError
from planbot.sync.agreed import Agreed, AgreedPlan, Listed
from planbot.typed_json import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import DataclassInstance

VERSION = 1
REPOSITORY = "repository.json"
LISTED = "listed.json"
PLANS = "plans/"

T = TypeVar("T", bound="DataclassInstance")


def encode(agreed: Agreed, name: Callable[[str], str]) -> dict[str, bytes]:
    """Return the journal's files; `name` makes a file name of a plan path."""
    head = _fields(agreed)
    del head["plans"], head["known"], head["listed"]
    plans = [plan for plan in agreed.plans if plan.items or plan.milestones]
    files = {REPOSITORY: _dump(head)} | {PLANS + name(plan.path): _dump(_fields(plan)) for plan in plans}
    return files if agreed.listed is None else files | {LISTED: _dump(_fields(agreed.listed))}


def decode(files: Mapping[str, bytes]) -> Agreed:
    """Return what the journal's files say; raise `PlanbotError` if a newer planbot wrote them or they are damaged."""
    head = _load(Agreed, REPOSITORY, files.get(REPOSITORY, b"{}"))
    plans = [_load(AgreedPlan, path, data) for path, data in files.items() if path.startswith(PLANS)]
    listed = _load(Listed, LISTED, files[LISTED]) if LISTED in files else None
    return replace(head, plans=tuple(sorted(plans, key=lambda plan: plan.path)), known=True, listed=listed)


def _fields(value: DataclassInstance) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _dump(value: dict[str, Any]) -> bytes:
    # surrogates stand for bytes of a path that are no UTF-8: ASCII escapes carry them through
    text = json.dumps({"version": VERSION, **value}, indent=1, ensure_ascii=True, default=_fields)
    return text.encode("ascii") + b"\n"


def _load(kind: type[T], path: str, data: bytes) -> T:
    try:
        value = json.loads(data)
        if not isinstance(value, dict):
            raise ValueError("not a mapping")  # noqa: TRY004, TRY301 - told with what else is wrong with a file
        version = value.get("version", VERSION)
        if isinstance(version, int) and version <= VERSION:
            return record(kind, value)
    except (ValueError, RecursionError) as error:
        raise PlanbotError(
            f"the journal (refs/planbot/journal, {path}) cannot be read: {error}",
            hint="look at `git log refs/planbot/journal`; the entry before it can be pushed back",
        ) from error
    raise PlanbotError(
        f"the journal (refs/planbot/journal, {path}) was written by a newer planbot (format {version})",
        hint="use the same version of planbot everywhere, or the newer one here",
    )
