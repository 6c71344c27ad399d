"""The values a plan file is read into. All offsets are bytes of the file, a byte order mark included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from planbot.plan.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planbot.plan.source import Source

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Name a half-open range of bytes."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Box:
    """Hold a checkbox: its state, and the offset of the byte between its brackets."""

    ticked: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Hold one finding: a stable code, a place (line and column from 1), what is wrong, what to do."""

    code: str
    severity: Severity
    line: int
    column: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Hold a checkbox item that is not a task; `depth` counts the checks around it."""

    text: str
    box: Box
    line: int
    group: str | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """Hold a labelled part such as **Goal** or **Files to modify**: Markdown text, and where it stands."""

    name: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold a table cell that may be edited: trimmed text, and the span of exactly that text."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one table row by column name, names as written."""

    cells: Mapping[str, Cell]
    line: int

    def get(self, *names: str) -> str:
        """Return the text of the first of these columns, without regard to case; "" if none is there."""
        wanted = [name.casefold() for name in names]
        found = {name.casefold(): cell.text for name, cell in self.cells.items()}
        return next((found[name] for name in wanted if name in found), "")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Hold a line of Files Modified: a path, and the numbers of the tasks or phases it names."""

    path: str
    numbers: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Task:
    """Hold a task: `spans` are its whole lines, heading or list marker included.

    `box` is set where the task itself is a checkbox item; `heading` is true where the task has a heading
    of its own (or a bold title paragraph), false where it is a list item. `status` is a cell or scalar
    that holds the task's state where the plan has one.
    """

    number: str | None
    title: str
    line: int
    spans: tuple[Span, ...]
    box: Box | None = None
    heading: bool = True
    body: bool = True
    checks: tuple[Check, ...] = ()
    fields: tuple[Field, ...] = ()
    status: Cell | None = None
    done: bool | None = None
    explicit: str | None = None

    def field(self, *names: str) -> str:
        """Return the text of the first field of one of these names, without regard to case."""
        return _field(self.fields, names)


@dataclass(frozen=True, slots=True)
class Phase:
    """Hold a phase: `spans` are its defining section, then its mirrors and verification, tasks included."""

    number: str | None
    title: str
    line: int
    spans: tuple[Span, ...]
    priority: str | None = None
    checks: tuple[Check, ...] = ()
    tasks: tuple[Task, ...] = ()
    fields: tuple[Field, ...] = ()
    explicit: str | None = None

    def field(self, *names: str) -> str:
        """Return the text of the first field of one of these names, without regard to case."""
        return _field(self.fields, names)

    @property
    def goal(self) -> str | None:
        """Return the phase's goal, or None."""
        return self.field("Goal") or None


@dataclass(frozen=True, slots=True)
class Section:
    """Hold a section of the plan itself: `name` is its normal name (`context`, `gaps`, …) or "" if free."""

    name: str
    title: str
    line: int
    span: Span


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold a plan file as read; `spans` is the plan's own text: what belongs to no phase and no task."""

    path: str
    dialect: str
    title: str
    line: int
    source: Source = field(repr=False, compare=False)
    spans: tuple[Span, ...] = ()
    sections: tuple[Section, ...] = ()
    phases: tuple[Phase, ...] = ()
    tasks: tuple[Task, ...] = ()
    checks: tuple[Check, ...] = ()
    solid: tuple[Row, ...] = ()
    gaps: tuple[Row, ...] = ()
    priorities: tuple[Row, ...] = ()
    decisions: tuple[Row, ...] = ()
    files: tuple[FileEntry, ...] = ()
    progress: tuple[Span, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    explicit: str | None = None
    options: ReadOptions = field(default_factory=ReadOptions, repr=False)

    @property
    def readable(self) -> bool:
        """Return whether the file could be read as a plan: nothing is wrong with it, and there is something in it."""
        broken = any(finding.severity == "error" for finding in self.diagnostics)
        return not broken and bool(self.phases or self.tasks or self.checks)

    @property
    def off(self) -> bool:
        """Say whether the file's front matter tells planbot to leave it alone."""
        return self.settings.get("off") is True

    def all_tasks(self) -> Iterator[Task]:
        """Yield every task in file order of its phase, those outside any phase last."""
        for phase in self.phases:
            yield from phase.tasks
        yield from self.tasks

    def parts(self) -> Iterator[Phase | Task]:
        """Yield every phase, then every task."""
        yield from self.phases
        yield from self.all_tasks()

    def all_checks(self) -> Iterator[Check]:
        """Yield every check: the plan's, the phases', the tasks'."""
        yield from self.checks
        for phase in self.phases:
            yield from phase.checks
        for task in self.all_tasks():
            yield from task.checks

    def boxes(self) -> tuple[Box, ...]:
        """Return every box of the file once, in file order."""
        found = [check.box for check in self.all_checks()]
        found += [task.box for task in self.all_tasks() if task.box is not None]
        return tuple(sorted(found, key=lambda box: box.offset))


def _field(fields: tuple[Field, ...], names: tuple[str, ...]) -> str:
    wanted = {name.casefold() for name in names}
    return next((one.text for one in fields if one.name.casefold() in wanted), "")
