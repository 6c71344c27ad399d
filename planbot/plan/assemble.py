"""From what a dialect found to a `Plan`: spans, and the boxes handed out by the place where they stand."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from planbot.plan.checks import boxed_items
from planbot.plan.fields import fields_of
from planbot.plan.ground import STRUCTURE, Ground, Owner, merged
from planbot.plan.markers import explicit_of
from planbot.plan.model import Check, Phase, Plan, Task
from planbot.plan.outline import one_line
from planbot.plan.own import own_parts, structure_of
from planbot.plan.progress import progress_spans
from planbot.plan.status import is_done, status_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planbot.plan.draft import Draft, PhaseDraft, Reading, TaskDraft
    from planbot.plan.model import Field, Span
    from planbot.plan.options import ReadOptions


class Assembly:
    """Build a plan from what a dialect found."""

    def __init__(self, reading: Reading, draft: Draft) -> None:
        self._reading = reading
        self._source = reading.outline.source
        self._draft = draft
        self._ground = _ground(reading, draft)
        self._checks: dict[object, list[Check]] = defaultdict(list)
        self._ranges: dict[object, list[tuple[int, int, int]]] = defaultdict(list)
        self._own = own_parts(reading, self._ground)
        self._statuses = status_cells(self._own.priorities, draft.all_tasks())
        self._share_boxes()
        self._share_lines()

    def plan(self, dialect: str, settings: Mapping[str, Any], options: ReadOptions) -> Plan:
        """Return the plan, its own parts included."""
        title = self._reading.outline.title
        own = self._own
        return Plan(
            path=self._reading.path,
            dialect=dialect,
            title=self._draft.title or "",
            line=title.line + 1 if title else 1,
            source=self._source,
            spans=self._spans(None),
            sections=own.sections,
            phases=tuple(map(self._phase, self._draft.phases)),
            tasks=tuple(map(self._task, self._draft.tasks)),
            checks=tuple(self._checks[None]),
            solid=own.solid,
            gaps=own.gaps,
            priorities=own.priorities,
            decisions=own.decisions,
            files=own.files,
            progress=progress_spans(self._reading.outline),
            settings=settings,
            diagnostics=tuple(self._draft.diagnostics),
            explicit=explicit_of(title) if title else None,
            options=options,
        )

    def _phase(self, phase: PhaseDraft) -> Phase:
        return Phase(
            number=phase.number,
            title=phase.title,
            line=phase.line + 1,
            spans=self._spans(phase),
            priority=phase.priority,
            checks=tuple(self._checks[phase]),
            tasks=tuple(map(self._task, phase.tasks)),
            fields=self._phase_fields(phase),
            explicit=phase.explicit,
        )

    def _task(self, task: TaskDraft) -> Task:
        item = task.item
        box = item.box if item else None
        status = task.status or (self._statuses.get(task) if box is None else None)
        return Task(
            number=task.number,
            title=task.title,
            line=task.line + 1,
            spans=self._spans(task),
            box=box,
            heading=item is None,
            body=item is None or bool(task.blocks),
            checks=tuple(self._checks.get(task, ())),
            fields=task.fields + fields_of(self._source, task.blocks),
            status=status,
            done=box.ticked if box else is_done(status.text) if status else None,
            explicit=task.explicit,
        )

    def _phase_fields(self, phase: PhaseDraft) -> tuple[Field, ...]:
        if not phase.sections:
            return ()
        section = phase.sections[0]
        blocks = [block for block in section.blocks if self._ground.owner(block.line).task is None]
        return fields_of(self._source, blocks)

    def _share_boxes(self) -> None:
        tasks = self._draft.all_tasks()
        own = {task.item.box.offset for task in tasks if task.item is not None and task.item.box is not None}
        ordered = sorted(own)
        for section in self._reading.outline.sections:
            first, last = self._source.starts[section.line], self._source.starts[section.own_end]
            if bisect_left(ordered, last) - bisect_left(ordered, first) == section.boxes:
                continue
            for boxed in boxed_items(section):
                if boxed.box.offset not in own:
                    line = self._source.line_of(boxed.box.offset, boxed.item.line)
                    owner = self._ground.owner(line)
                    depth = sum(offset not in own for offset in boxed.around) if boxed.around else 0
                    check = Check(one_line(boxed.item.text), boxed.box, line + 1, boxed.group, depth)
                    self._checks[owner.task or owner.phase].append(check)

    def _share_lines(self) -> None:
        for owner, line, end in self._ground.runs():
            if owner.task is not None:
                self._ranges[owner.task].append((owner.kind, line, end))
            if owner.phase is not None:
                self._ranges[owner.phase].append((owner.kind, line, end))
            if owner.task is None and owner.phase is None and not owner.structure:
                self._ranges[None].append((owner.kind, line, end))

    def _spans(self, owner: PhaseDraft | TaskDraft | None) -> tuple[Span, ...]:
        ranges = self._ranges[owner]
        if len(ranges) > 1:
            ranges.sort()
        return merged(self._source, ranges)


def _ground(reading: Reading, draft: Draft) -> Ground:
    outline = reading.outline
    ground = Ground(len(outline.source.lines))
    claims: list[tuple[int, int, Owner]] = []
    for phase in draft.phases:
        claims += ((one.line, one.end, Owner(phase, kind=one.kind)) for one in phase.regions)
        claims += (claim for task in phase.tasks for claim in _claims(reading, task, phase))
    claims += (claim for task in draft.tasks for claim in _claims(reading, task, None))
    # what stands inside another comes later, and takes its lines from it
    for line, end, owner in sorted(claims, key=lambda claim: (claim[0], -claim[1])):
        if owner.task is not None:
            owner.kind = max(owner.kind, ground.owner(line).kind)
        ground.claim(line, end, owner)
    for line, end in structure_of(reading, ground):
        ground.claim(line, end, STRUCTURE)
    return ground


def _claims(reading: Reading, task: TaskDraft, phase: PhaseDraft | None) -> Iterator[tuple[int, int, Owner]]:
    yield task.line, _end(reading, task), Owner(phase, task)
    for mirror in task.mirrors:
        yield mirror.line, mirror.end, Owner(phase, task, mirror.kind)


def _end(reading: Reading, task: TaskDraft) -> int:
    end = task.end
    if task.item is not None:
        lines = reading.outline.source.lines
        while end > task.line + 1 and not lines[end - 1].strip():
            end -= 1
    return end
