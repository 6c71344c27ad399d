"""How a plan file is to be read: the dialect, and words that widen what names a phase or a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

Dialect = Literal[
    "template", "speckit", "openspec", "kiro", "superpowers", "humanlayer", "backlog", "generic"
]
DIALECTS: tuple[str, ...] = get_args(Dialect)


@dataclass(frozen=True, slots=True)
class Words:
    """Hold words, in any language, that name a phase, a task or a verification section beside the usual."""

    phase: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    verification: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Hold what the settings say about reading one file; no dialect means: find it out.

    `max_bytes` is the largest file that is read.
    """

    dialect: str | None = None
    words: Words = field(default_factory=Words)
    max_bytes: int = 10_000_000
