"""Tasks that are no headings: bold paragraphs, checkbox items, items under a `Tasks` label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planbot.plan.checks import group_in
from planbot.plan.draft import TaskDraft
from planbot.plan.fields import label_of
from planbot.plan.markers import explicit_in
from planbot.plan.outline import List, Paragraph, one_line
from planbot.plan.words import undecorated, without_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from planbot.plan.draft import Reading
    from planbot.plan.outline import Block, Item, Section

    Finder = Callable[[Reading, Iterable[Section]], Iterable[TaskDraft]]

_TASKS = re.compile(
    r"(?:sub-?)?tasks?(?: list| breakdown| checklist)?|to-?do(?:s| list)?|任务|タスク", re.IGNORECASE
)
_BOLD = re.compile(r"\*\*(?P<title>[^*\n]{1,200})\*\*")
# `P1.1`, `F01-T2`, `1.2`, `#3`, `T-1`, `01-02`, `1.`; `T001`; and `S3` only where a mark says that it is an id
_ID = re.compile(
    r"(?P<open>\*\*|`)?"
    r"(?P<id>[A-Z]{1,2}\d{2,4}[a-z]?|\d+(?:\.\d+)+[a-z]?|[A-Z]{1,4}\d+(?:[.-][A-Z]?\d+)+[a-z]?|#\d+"
    r"|[A-Z]{1,6}-[A-Z]?\d+|\d{1,3}-\d{1,3}|\d{1,4}(?=\.)|[A-Z]{1,4}\d+[a-z]?(?=[:\uff1a.)]|(?P=open)))"
    r"(?:-[A-Z]{2,5})?(?:\*\*|`)?[:\uff1a.)]?(?:\*\*)?(?=[ ])"
)
_LEAD = re.compile(r"\*\*(?P<lead>[^*\n]{2,200})\*\*[ ]*(?P<rest>.?)")
_DASHES = " -:\u2013\u2014"
_ENDS = frozenset("-:\u2013\u2014\uff1a")


def bold_tasks(reading: Reading, sections: Iterable[Section]) -> Iterator[TaskDraft]:
    """Yield the tasks whose titles are bold paragraphs such as `**1.1 Title**`."""
    for section in sections:
        found: list[TaskDraft] = []
        inside: list[Block] = []
        for block in section.blocks:
            match = _BOLD.match(block.text) if isinstance(block, Paragraph) else None
            heading = reading.grammar.task(undecorated(match["title"])) if match else None
            if heading is not None and heading.sure:
                if found:
                    found[-1].end = block.line
                number, title = heading.titled.number, heading.titled.title
                inside = []
                found.append(TaskDraft(number, title, block.line, section.own_end, inside))
            else:
                inside.append(block)
        yield from found


def labelled_tasks(_reading: Reading, sections: Iterable[Section]) -> Iterator[TaskDraft]:
    """Yield the items of the lists under a `Tasks` heading or label."""
    for section in sections:
        under = _is_tasks(section.text)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                label = label_of(block)
                under = _is_tasks(label) if label else under
            elif isinstance(block, List) and under:
                yield from (item_task(item) for item in block.items)


def check_tasks(reading: Reading, sections: Iterable[Section]) -> Iterator[TaskDraft]:
    """Yield the checkbox items that stand in no other item and under no word for verification."""
    phase = True
    for section in sections:
        verifying = not phase and verifies(reading, section.text)
        phase = False
        for block in section.blocks:
            if isinstance(block, Paragraph):
                label = label_of(block)
                verifying = verifies(reading, label) if label else verifying
            elif isinstance(block, List) and not verifying:
                yield from (item_task(item) for item in block.items if item.box is not None)


def all_check_tasks(_reading: Reading, sections: Iterable[Section]) -> Iterator[TaskDraft]:
    """Yield the checkbox items that stand in no other item."""
    for section in sections:
        for block in section.blocks:
            if isinstance(block, List):
                yield from (item_task(item) for item in block.items if item.box is not None)


def ordered_tasks(_reading: Reading, sections: Iterable[Section]) -> Iterator[TaskDraft]:
    """Yield the items of ordered lists right under a phase's heading and under no label."""
    for section in list(sections)[:1]:
        labelled = False
        for block in section.blocks:
            if isinstance(block, Paragraph):
                labelled = label_of(block) is not None
            elif isinstance(block, List) and block.ordered and not labelled:
                yield from (item_task(item) for item in block.items)


def item_task(item: Item) -> TaskDraft:
    """Read a list item that is a task."""
    number, title = split_id(item.text)
    title = without_status(undecorated(_lead(title))) or one_line(item.text)
    explicit = explicit_in(item.text)
    return TaskDraft(number or item.number, title, item.line, item.end, item.inside, item, explicit)


def split_id(text: str) -> tuple[str | None, str]:
    """Split an id such as `T001`, `**P1.1**`, `1.2` or `#3` off an item's text."""
    match = _ID.match(text)
    if match is None:
        return None, text
    rest = text[match.end() :]
    if text.startswith("**") and match[0].count("**") == 1:
        rest = "**" + rest.lstrip()
    return match["id"].lstrip("#"), rest.lstrip(_DASHES)


def _lead(text: str) -> str:
    """Return the bold words that open an item if a dash, colon or full stop ends them, else the whole text."""
    match = _LEAD.match(text) if text.startswith("**") else None
    if match is None or not (match["rest"] in _ENDS or match["lead"].endswith((".", ":"))):
        return text
    return match["lead"].rstrip(" .:")


def verifies(reading: Reading, text: str) -> bool:
    """Say whether a heading or label stands over checks of the work rather than over the work."""
    grammar, text = reading.grammar, undecorated(text)
    return grammar.is_verification(text) or group_in(text) is not None or grammar.verifies(text) is not None


def _is_tasks(text: str) -> bool:
    return _TASKS.fullmatch(undecorated(text).rstrip(_DASHES + "\uff1a")) is not None
