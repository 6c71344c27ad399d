"""The comment by which an author names the issue of an item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.outline import Html

if TYPE_CHECKING:
    from planbot.plan.outline import Section

_NAME = re.compile(r"<!--[ \t]*planbot:[ \t]*(?:(#[1-9]\d{0,9})|id=([\w.-]{1,100}))[ \t]*-->")


def explicit_in(text: str) -> str | None:
    """Return the name that a `<!-- planbot: #12 -->` or `<!-- planbot: id=abc -->` gives, or None."""
    if "planbot:" not in text:
        return None
    found = _NAME.search(text)
    return (found[1] or found[2]) if found else None


def explicit_of(section: Section) -> str | None:
    """Return the explicit name beside a heading, or on its own right under it."""
    beside = explicit_in(section.text)
    if beside is None and section.blocks and isinstance(section.blocks[0], Html):
        return explicit_in(section.blocks[0].text)
    return beside
