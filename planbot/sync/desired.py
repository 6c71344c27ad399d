"""What a plan file wants on the tracker: one value for each issue and milestone, independent of what is there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from planbot.plan.model import Box
from planbot.plan.ownership import due, owners
from planbot.sync.content import Content, content
from planbot.sync.dependencies import blocked_by
from planbot.sync.locators import Locators
from planbot.sync.render import render
from planbot.sync.rows import Priorities, by_number, file_line, row_lines
from planbot.sync.wording import MILESTONE_LIMIT, TITLE_LIMIT, clean, label_name, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.plan.model import Phase, Plan, Row, Span, Task
    from planbot.sync.agreed import Kind
    from planbot.sync.inline import Place
    from planbot.sync.options import FileOptions


@dataclass(frozen=True, slots=True)
class Desired:
    """Hold what one item of a plan file wants: `parent` and `phase` are locators.

    `issue` is false for an item without an issue of its own: its text and checks are in the one above, and it
    stays here only so that its state and its children are known: `boxes` are then those that it handed up.
    `box` is a task's own box. `strangers` are owners that no issue can be assigned to; `blocked_by` are locators.
    """

    kind: Kind
    locator: str
    number: str | None
    name: str
    line: int
    title: str
    issue: bool
    parent: str | None = None
    phase: str | None = None
    labels: tuple[str, ...] = ()
    content: Content = field(default_factory=Content)
    box: Box | None = None
    boxes: tuple[Box, ...] = ()
    finished: bool = False
    explicit: str | None = None
    assignees: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DesiredMilestone:
    """Hold what a phase wants as its milestone; `phase` is the phase's locator, `due` an ISO date or None."""

    phase: str
    title: str
    description: str
    due: str | None = None


@dataclass(frozen=True, slots=True)
class DesiredPlan:
    """Hold everything one plan file wants, in file order, parents first."""

    plan: Plan
    items: tuple[Desired, ...]
    milestones: tuple[DesiredMilestone, ...]


def desire(plan: Plan, options: FileOptions, place: Place) -> DesiredPlan:
    """Return what a plan file wants under these options; `place` is where its relative links lead from."""
    return _Desire(plan, options, place).all()


@dataclass(frozen=True, slots=True)
class _Node:
    """Hold an item while its neighbours decide what is its own: `children` are the spans of issues below it."""

    item: Desired
    spans: tuple[Span, ...]
    children: tuple[Span, ...]
    boxes: tuple[tuple[Box, str | None, int], ...]
    extra: str = ""


class _Desire:
    def __init__(self, plan: Plan, options: FileOptions, place: Place) -> None:
        self.plan = plan
        self.options = options
        self.place = place
        self.locators = Locators()
        self.rows = by_number(plan.priorities)
        self.priorities = Priorities(plan)

    def all(self) -> DesiredPlan:
        nodes = list(self._nodes())
        blockers = blocked_by(self.plan, self.locators.known)
        items = [
            replace(self._finish(node), blocked_by=blockers.get(node.item.locator, ())) for node in nodes
        ]
        return DesiredPlan(self.plan, tuple(items), tuple(self._milestones(items)))

    def _nodes(self) -> Iterator[_Node]:
        plan, levels = self.plan, self.options.issues
        one_issue = plan.dialect == "backlog"
        wants_plan = levels.plan and not one_issue
        phases = [self._phase_nodes(phase, wants_plan=wants_plan) for phase in plan.phases]
        tasks = [
            self._task_node(task, None, "plan" if wants_plan else None, one_issue=one_issue)
            for task in plan.tasks
        ]
        below = [node for nodes in phases for node in nodes] + tasks
        yield self._plan_node(below, wants_plan=wants_plan)
        yield from below

    def _plan_node(self, below: list[_Node], *, wants_plan: bool) -> _Node:
        plan = self.plan
        # what a phase hands up holds that of its tasks
        handed = [
            node
            for node in below
            if not node.item.issue and (node.item.kind == "phase" or node.item.phase is None)
        ]
        boxes = [(check.box, check.group, check.line) for check in plan.checks]
        item = Desired(
            "plan",
            "plan",
            None,
            plan.title,
            plan.line,
            self._title("plan", None, plan.title),
            wants_plan,
            finished=_ticked(plan.boxes()),
            explicit=plan.explicit,
            labels=self.options.labels.extra,
        )
        inside = [span for node in below if node.item.issue for span in node.spans]
        spans = sorted([*plan.spans, *(span for node in handed for span in node.spans)])
        ours = boxes + [box for node in handed for box in node.boxes]
        return _Node(item, tuple(spans), tuple(inside), tuple(ours))

    def _phase_nodes(self, phase: Phase, *, wants_plan: bool) -> list[_Node]:
        locator = self.locators.phase(phase)
        wants = self.options.issues.phase and self.plan.dialect != "backlog"
        parent = "plan" if wants_plan else None
        above = locator if wants else parent
        boxes = [check.box for check in phase.checks]
        boxes += [box for task in phase.tasks for box in _task_boxes(task)]
        finished = _ticked(boxes)
        tasks = [
            self._task_node(task, phase, above, locator=locator, finished=finished) for task in phase.tasks
        ]
        handed = [node for node in tasks if not node.item.issue]
        item = Desired(
            "phase",
            locator,
            phase.number,
            phase.title,
            phase.line,
            self._title("phase", phase.number, phase.title),
            wants,
            parent=parent,
            phase=locator,
            labels=self._labels(self.priorities.phase(phase), self.rows.get(phase.number or "")),
            finished=finished,
            explicit=phase.explicit,
            assignees=owners(phase),
        )
        ours = [(check.box, check.group, check.line) for check in phase.checks]
        ours += [box for node in handed for box in node.boxes]
        children = tuple(span for node in tasks if node.item.issue for span in node.spans)
        return [_Node(item, phase.spans, children, tuple(ours), self._extra(phase.number, "")), *tasks]

    def _task_node(
        self,
        task: Task,
        phase: Phase | None,
        parent: str | None,
        *,
        locator: str | None = None,
        finished: bool = False,
        one_issue: bool = False,
    ) -> _Node:
        mode = self.options.issues.task
        wants = one_issue or mode == "all" or (mode == "headings" and (task.heading or task.body))
        boxes = [(check.box, check.group, check.line) for check in task.checks]
        if task.box and not wants:
            boxes.append((task.box, None, task.line))
        row = self.rows.get(task.number or "")
        text = b"".join(self.plan.source.slice(span) for span in task.spans).decode("utf-8", "replace")
        item = Desired(
            "task",
            self.locators.task(task, phase),
            task.number,
            task.title,
            task.line,
            self._title("task", task.number, task.title),
            wants,
            parent=parent,
            phase=locator,
            labels=self._labels(self.priorities.task(task, phase), row),
            box=_state(task) if wants else None,
            finished=finished or bool(task.done) or _ticked(_task_boxes(task)),
            explicit=task.explicit,
            assignees=owners(task),
        )
        return _Node(item, task.spans, (), tuple(boxes), self._extra(task.number, text))

    def _finish(self, node: _Node) -> Desired:
        if not node.item.issue:
            return replace(node.item, boxes=tuple(box for box, _, _ in node.boxes))
        untitled = node.item.kind == "plan" or self.plan.dialect == "backlog"
        keep_first = untitled or any(line == node.item.line for _, _, line in node.boxes)
        made = content(
            self.plan.source,
            node.spans,
            (*node.children, *self.plan.progress),
            node.boxes,
            self.place,
            title=None if keep_first else node.item.line,
            extra=node.extra,
        )
        return replace(node.item, content=made)

    def _title(self, kind: Kind, number: str | None, name: str) -> str:
        template: str = (
            getattr(self.options.titles, kind) if kind == "plan" or number is not None else "{title}"
        )
        text = template.format(title=clean(name), number=number, plan=clean(self.plan.title))
        return shorten(clean(text), TITLE_LIMIT) or "(untitled)"

    def _labels(self, priority: str | None, row: Row | None) -> tuple[str, ...]:
        labels, impact = self.options.labels, row.get("Impact") if row else ""
        wanted = list(labels.extra)
        wanted += [label_name(labels.priority, priority)] if labels.priority and priority else []
        wanted += [label_name(labels.impact, impact)] if labels.impact and impact else []
        return tuple(dict.fromkeys(label for label in wanted if label))

    def _extra(self, number: str | None, text: str) -> str:
        """Return the lines that the tables elsewhere in the plan add to an item's own text."""
        row = self.rows.get(number or "")
        parts = []
        if row and (lines := row_lines(row)):
            parts.append(lines)
        files = [
            entry
            for entry in self.plan.files
            if number and number in entry.numbers and entry.path not in text
        ]
        if files:
            parts.append("**Files modified**:\n\n" + "\n".join(file_line(entry) for entry in files))
        return "\n\n".join(parts)

    def _milestones(self, items: list[Desired]) -> Iterator[DesiredMilestone]:
        if not self.options.milestones:
            return
        phases = {self.locators.known(phase): phase for phase in self.plan.phases}
        for item in items:
            if item.kind == "phase":
                title = _milestone_title(self.options.titles.milestone, self.plan.title, item)
                phase = phases[item.locator]
                goal = render(clean(phase.goal or ""), self.place)
                yield DesiredMilestone(item.locator, title, goal, due(phase))


def _milestone_title(template: str, plan: str, item: Desired) -> str:
    template = template if item.number is not None else "{plan}: {title}"
    full = template.format(plan=clean(plan), number=item.number, title=clean(item.name))
    over = len(full) - MILESTONE_LIMIT
    if over > 0:
        plan = shorten(clean(plan), max(len(clean(plan)) - over, 20))
        full = template.format(plan=plan, number=item.number, title=clean(item.name))
    return shorten(full, MILESTONE_LIMIT)


def _ticked(boxes: list[Box] | tuple[Box, ...]) -> bool:
    return bool(boxes) and all(box.ticked for box in boxes)


def _state(task: Task) -> Box | None:
    """Return a task's own box; a status column or field stands in the place of one."""
    if task.box or task.status is None:
        return task.box
    return Box(bool(task.done), task.status.span.start)


def _task_boxes(task: Task) -> list[Box]:
    own = [task.box] if task.box else []
    return own + [check.box for check in task.checks]
