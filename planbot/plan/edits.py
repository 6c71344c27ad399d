"""Edits of a plan file: splices of declared spans, proven by reading the result again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from planbot.errors import EditError
from planbot.plan.facts import Moves, facts
from planbot.plan.model import Span
from planbot.plan.progress import progress_text
from planbot.plan.reader import read_plan
from planbot.plan.source import ENCODING, ERRORS
from planbot.plan.status import status_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.plan.facts import Fact
    from planbot.plan.model import Box, Plan, Task

_MARKS = {b" ": False, b"x": True, b"X": True}
_ADVICE = "the file stays as it is; run `planbot check` on it, and edit it by hand"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of one span; `old` is what must stand there."""

    span: Span
    old: bytes
    new: bytes


def tick_edit(box: Box, ticked: bool) -> Edit:  # noqa: FBT001 - the value a box shall have, not a switch
    """Make the edit that ticks a box or empties it."""
    return Edit(Span(box.offset, box.offset + 1), _mark(box.ticked), _mark(ticked))


def status_edit(plan: Plan, task: Task, done: bool) -> Edit:  # noqa: FBT001 - as above
    """Make the edit that writes a task's status as done or open, in the words the file itself uses.

    Raises:
        EditError: the plan has no place for the task's status.
    """
    if task.status is None:
        raise EditError(
            f"{plan.path}:{task.line}: task {task.number or task.title} has no status", hint=_ADVICE
        )
    used = [one.status.text for one in plan.all_tasks() if one.status]
    span = task.status.span
    return Edit(span, plan.source.slice(span), status_text(done, used).encode(ENCODING, ERRORS))


def progress_edit(plan: Plan, span: Span) -> Edit:
    """Make the edit that writes the plan's progress into one of its progress blocks."""
    return Edit(span, plan.source.slice(span), progress_text(plan, span))


def apply_edits(plan: Plan, edits: Iterable[Edit]) -> bytes:
    """Return the plan file's bytes with these edits made, proven to change nothing else.

    Raises:
        EditError: an edit names no box, status or progress block of the plan, finds other bytes there than
            it expects, overlaps another, or would change how anything else in the file is read.
    """
    ordered = sorted(edits, key=lambda edit: edit.span)
    data = plan.source.data
    if not ordered:
        return data
    _check(plan, ordered)
    pieces, place = [], 0
    for edit in ordered:
        pieces += [data[place : edit.span.start], edit.new]
        place = edit.span.end
    pieces.append(data[place:])
    written = b"".join(pieces)
    _prove(plan, ordered, written)
    return written


def _mark(ticked: bool) -> bytes:  # noqa: FBT001 - as above
    return b"x" if ticked else b" "


def _check(plan: Plan, edits: list[Edit]) -> None:
    boxes = {box.offset for box in plan.boxes()}
    spans = {task.status.span for task in plan.all_tasks() if task.status} | set(plan.progress)
    place = 0
    for edit in edits:
        found = plan.source.slice(edit.span)
        is_box = edit.span.start in boxes and edit.span.end == edit.span.start + 1
        if edit.span.start < place:
            raise _refusal(plan, edit, "two edits overlap")
        if not is_box and edit.span not in spans:
            raise _refusal(plan, edit, "no box, status or progress block stands here")
        if is_box and edit.new not in _MARKS:
            raise _refusal(plan, edit, f"a box cannot hold {edit.new!r}")
        if found != edit.old and not (is_box and found.lower() == edit.old.lower()):
            raise _refusal(plan, edit, f"{found!r} stands where {edit.old!r} was expected")
        place = edit.span.end


def _prove(plan: Plan, edits: list[Edit], written: bytes) -> None:
    again = read_plan(plan.path, written, plan.options)
    moves = Moves((edit.span, len(edit.new)) for edit in edits)
    open_spans = frozenset(moves.span(edit.span) for edit in edits)
    ticks = {edit.span.start: _MARKS[edit.new] for edit in edits if edit.new in _MARKS}
    before = facts(plan, moves=moves, ticks=ticks, masked=open_spans)
    after = facts(again, masked=open_spans)
    for old, new in zip_longest(before, after):
        if old != new:
            raise _refusal(plan, edits[0], f"the file would then be read otherwise ({_told(old or new)})")


def _told(fact: Fact | None) -> str:
    return " ".join(str(part) for part in fact[:3]) if fact else ""


def _refusal(plan: Plan, edit: Edit, reason: str) -> EditError:
    line, column = plan.source.position(edit.span.start)
    return EditError(f"{plan.path}:{line}:{column}: edit refused: {reason}", hint=_ADVICE)
