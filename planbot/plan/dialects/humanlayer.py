"""HumanLayer's plans: phases with numbered changes and Success Criteria, https://github.com/humanlayer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.dialects import phased
from planbot.plan.dialects.phases import add_phases, phase_headings
from planbot.plan.draft import Draft

if TYPE_CHECKING:
    from planbot.plan.draft import Reading


def read(reading: Reading) -> Draft:
    """Read phases, and as their tasks the numbered headings under Changes Required."""
    draft = Draft()
    add_phases(reading, draft, list(phase_headings(reading)))
    phased.add_tasks(reading, draft)
    return draft
