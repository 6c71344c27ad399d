"""The journal's files: `Agreed` to versioned JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from planbot.errors import PlanbotError
from planbot.sync.agreed import (
    Agreed,
    AgreedCheck,
    AgreedItem,
    AgreedMilestone,
    AgreedMove,
    AgreedPlan,
    Farewell,
    Lease,
    Listed,
    ListedIssue,
    Proposal,
    Rewrite,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = 1
REPOSITORY = "repository.json"
LISTED = "listed.json"
PLANS = "plans/"

T = TypeVar("T")

_KINDS: tuple[type, ...] = (
    Agreed,
    AgreedPlan,
    AgreedItem,
    AgreedCheck,
    AgreedMove,
    AgreedMilestone,
    Farewell,
    Lease,
    Proposal,
    Rewrite,
    Listed,
    ListedIssue,
)
_HINTS = {kind: get_type_hints(kind) for kind in _KINDS}


def encode(agreed: Agreed, name: Callable[[str], str]) -> dict[str, bytes]:
    """Return the journal's files; `name` makes a file name of a plan path."""
    head = asdict(replace(agreed, plans=()))
    del head["plans"], head["known"], head["listed"]
    plans = [plan for plan in agreed.plans if plan.items or plan.milestones]
    files = {REPOSITORY: _dump(head)} | {PLANS + name(plan.path): _dump(asdict(plan)) for plan in plans}
    return files if agreed.listed is None else files | {LISTED: _dump(asdict(agreed.listed))}


def decode(files: Mapping[str, bytes]) -> Agreed:
    """Return what the journal's files say; raise `PlanbotError` if a newer planbot wrote them or they are damaged."""
    head = _load(Agreed, REPOSITORY, files.get(REPOSITORY, b"{}"))
    plans = [_load(AgreedPlan, path, data) for path, data in files.items() if path.startswith(PLANS)]
    listed = _load(Listed, LISTED, files[LISTED]) if LISTED in files else None
    return replace(head, plans=tuple(sorted(plans, key=lambda plan: plan.path)), known=True, listed=listed)


def _dump(value: dict[str, Any]) -> bytes:
    # surrogates stand for bytes of a path that are no UTF-8: ASCII escapes carry them through
    text = json.dumps({"version": VERSION, **value}, indent=1, ensure_ascii=True)
    return text.encode("ascii") + b"\n"


def _load(kind: type[T], path: str, data: bytes) -> T:
    try:
        value = json.loads(data)
        if not isinstance(value, dict):
            raise ValueError("not a mapping")  # noqa: TRY004, TRY301 - told with what else is wrong with a file
        version = value.get("version", VERSION)
        if isinstance(version, int) and version <= VERSION:
            return _record(kind, value, kind.__name__)
    except (ValueError, RecursionError) as error:
        raise PlanbotError(
            f"the journal (refs/planbot/journal, {path}) cannot be read: {error}",
            hint="look at `git log refs/planbot/journal`; the entry before it can be pushed back",
        ) from error
    raise PlanbotError(
        f"the journal (refs/planbot/journal, {path}) was written by a newer planbot (format {version})",
        hint="use the same version of planbot everywhere, or the newer one here",
    )


def _read(hint: Any, value: Any, where: str) -> Any:
    """Return JSON as the type that a field declares; raise `ValueError` where it is of another."""
    if type(value) is hint:
        return value
    origin, inside = _shape(hint)
    if hint in _HINTS and isinstance(value, dict):
        return _record(hint, value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(inside[0], one, f"{where}[{at}]") for at, one in enumerate(value))
    if origin in (Union, UnionType) and NoneType in inside:
        return None if value is None else _read(inside[0], value, where)
    if origin is Literal and value in inside:
        return value
    raise ValueError(f"{where} cannot be {value!r}")


@cache
def _shape(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)


def _record(kind: type[T], value: dict[str, Any], where: str) -> T:
    """Build a dataclass from the keys it knows: an older planbot reads past fields added within a version."""
    known = {
        name: _read(hint, value[name], f"{where}.{name}")
        for name, hint in _HINTS[kind].items()
        if name in value
    }
    try:
        return kind(**known)
    except TypeError as error:
        raise ValueError(f"{where} is not whole: {error}") from error
