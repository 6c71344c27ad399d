"""What a dialect finds in an outline: phases and tasks as ranges of lines, before boxes are handed out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.plan.blocks import Block, Item
    from planbot.plan.frontmatter import FrontMatter
    from planbot.plan.headings import Grammar
    from planbot.plan.model import Cell, Diagnostic, Field
    from planbot.plan.options import Words
    from planbot.plan.outline import Outline, Section

DEFINING, MIRROR, VERIFYING = range(3)


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what a dialect reads from."""

    path: str
    outline: Outline
    grammar: Grammar
    matter: FrontMatter
    words: Words


@dataclass(frozen=True, slots=True)
class Region:
    """Hold a range of lines, counted from 0; `kind` orders the regions of a phase."""

    line: int
    end: int
    kind: int = DEFINING


@dataclass(slots=True, eq=False)
class TaskDraft:
    """Hold a task while it is read: lines `line` to `end`, its own blocks, its list item where it is one.

    `mirrors` are the sections elsewhere that come under its number again.
    """

    number: str | None
    title: str
    line: int
    end: int
    blocks: Sequence[Block] = ()
    item: Item | None = None
    explicit: str | None = None
    fields: tuple[Field, ...] = ()
    status: Cell | None = None
    mirrors: list[Region] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PhaseDraft:
    """Hold a phase while it is read: its regions, the defining one first, and the sections that are its own."""

    number: str | None
    title: str
    line: int
    regions: list[Region]
    sections: list[Section] = field(default_factory=list)
    priority: str | None = None
    tasks: list[TaskDraft] = field(default_factory=list)
    explicit: str | None = None


@dataclass(slots=True)
class Draft:
    """Hold what a dialect found: phases with their tasks, tasks outside any phase, remarks."""

    phases: list[PhaseDraft] = field(default_factory=list)
    tasks: list[TaskDraft] = field(default_factory=list)
    title: str | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def all_tasks(self) -> list[TaskDraft]:
        """Return every task, those outside any phase last."""
        return [task for phase in self.phases for task in phase.tasks] + self.tasks
