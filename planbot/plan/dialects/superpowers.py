"""Plans of the superpowers skills: `Task N` headings whose steps are checks, in optional chunks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.plan.dialects import phased
from planbot.plan.headings import PHASE_WORDS, grammar

if TYPE_CHECKING:
    from planbot.plan.draft import Draft, Reading

_CHUNKS = (*PHASE_WORDS, "chunk", "part", "milestone")


def read(reading: Reading) -> Draft:
    """Read tasks by their headings, in the chunk or phase around them if there is one."""
    return phased.read(replace(reading, grammar=grammar(reading.words, _CHUNKS)))
