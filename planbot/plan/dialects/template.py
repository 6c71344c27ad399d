"""The canonical dialect: the sections of planbot's own plan template, and plans that resemble it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.dialects import phased

if TYPE_CHECKING:
    from planbot.plan.draft import Draft, Reading


def read(reading: Reading) -> Draft:
    """Read phases, their tasks, mirrors and verification from headings."""
    return phased.read(reading)
