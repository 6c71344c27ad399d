"""OpenSpec's change tasks: numbered groups of numbered checkboxes, https://github.com/Fission-AI/OpenSpec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.dialects import phased
from planbot.plan.dialects.checked import is_work, named_phase, numbered_title
from planbot.plan.dialects.listed import all_check_tasks
from planbot.plan.draft import Draft

if TYPE_CHECKING:
    from planbot.plan.draft import Reading
    from planbot.plan.outline import Section


def read(reading: Reading) -> Draft:
    """Read each numbered group as a phase, each checkbox that stands in no other as a task."""
    draft = Draft(phases=[named_phase(section) for section in _groups(reading)])
    phased.add_tasks(reading, draft, all_check_tasks)
    if not draft.phases and not draft.tasks:
        draft.tasks = phased.plan_tasks(reading)
    return draft


def _groups(reading: Reading) -> list[Section]:
    sections = [section for section in reading.outline.sections[1:] if not section.is_title]
    numbered = [section for section in sections if numbered_title(section)]
    level = min((section.level for section in numbered), default=2)
    working = [one for one in sections if one.level == level and is_work(reading, one)]
    if not numbered and len(working) < 2:  # noqa: PLR2004 - a single group is the plan itself
        return []
    return [one for one in sections if one.level == level and (one in numbered or one in working)]
