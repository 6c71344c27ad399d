"""The well-known sections of a plan file, told by their headings."""

from __future__ import annotations

import re

_NAMES = {
    "context": r"context(?: summary)?|background(?: and context)?|executive summary|overview|summary",
    "gaps": r"gap analysis",
    "decisions": r"(?:key |design |architecture )?decisions(?: made| log)?",
    "questions": r"(?:open |unresolved |outstanding )?questions",
    "priorities": r"priority (?:order|matrix)|priorit(?:y|ies)|execution order",
    "verification": r"verification(?: plan| checklist| commands| steps)?|verify",
    "files": r"(?:critical |key )?files?(?: to be)? (?:modified|to modify|changed|to change|touched)(?: \(.*)?",
    "remediation": r"(?:remediation|implementation)(?: plan| steps| phases| checklist)?",
}
_KNOWN = re.compile(
    rf"(?:\d{{1,3}}\. )?(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _NAMES.items())})[ :\uff1a]*",
    re.IGNORECASE,
)
_LONGEST = 100


def name_of(title: str) -> str:
    """Return the normal name of a section by its undecorated heading, "" for one that is not well known."""
    match = _KNOWN.fullmatch(title) if len(title) <= _LONGEST else None
    return (match.lastgroup or "") if match else ""
