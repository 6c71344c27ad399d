"""References from one part of a plan to another: `1.1`, `Phase 2`, `Tasks 1.1 and 1.3`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(?:[A-Za-z]{0,6}-?[A-Za-z]?\d{1,6}(?:[.-][A-Za-z]?\d{1,6}){0,6}[a-z]?)"
_WORD = r"(?P<word>phases?|tasks?|steps?)"
_PIECE = re.compile(
    rf"[\s*_`(\[-]*(?:{_WORD}[ ]+)?(?P<number>{_NUMBER})[\s*_`)\].]*(?:\(.*\))?\s*", re.IGNORECASE
)
_LEADING = re.compile(rf"[\s*_`]*(?:{_WORD}[ ]+)?(?P<number>{_NUMBER})(?![\w])", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;&+\n]|(?<!\w)(?:and|und|y|et)(?!\w)")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Reference:
    """Hold the number of a phase or task; `kind` is `phase`, `task`, or "" where the text does not say."""

    kind: str
    number: str


def references(text: str) -> tuple[Reference, ...]:
    """Return what a text such as that of `Depends on` names; pieces that are more than a number are none."""
    found, kind = [], ""
    for piece in _BETWEEN.split(text[:_LONGEST]):
        match = _PIECE.fullmatch(piece)
        if match is None:
            kind = ""
            continue
        word = match["word"] or ""
        found.append(Reference(_kind(word) or kind, match["number"]))
        # "Tasks 1.1 and 1.3": a plural holds for what follows
        kind = _kind(word) if word.endswith(("s", "S")) else kind if not word else ""
    return tuple(found)


def leading_reference(text: str) -> Reference | None:
    """Return the phase or task that a text such as `1.1`, `Phase 1: Setup` or `2. Setup` starts with."""
    match = _LEADING.match(text[:_LONGEST])
    return Reference(_kind(match["word"] or ""), match["number"]) if match else None


def _kind(word: str) -> str:
    if not word:
        return ""
    return "phase" if word.lower().startswith("phase") else "task"
