"""How far a plan and its parts are, as one value that every output is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from planbot.plan.dependencies import dependencies
from planbot.plan.model import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planbot.plan.model import Box, Plan, Task
    from planbot.sync.merge import Merged
    from planbot.tracker.records import IssueRecord

Kind = Literal["plan", "phase", "task"]
State = Literal["done", "blocked", "open"]
Issues: TypeAlias = "Mapping[tuple[Kind, int], IssueRecord]"  # by kind and line of the part that it is of


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold how far one part of a plan is.

    `done` of `total` count boxes, and tasks without a box whose state is known from elsewhere. `blockers` name what
    it waits for; `parts` are the parts of a plan or a phase.
    """

    kind: Kind
    number: str | None
    title: str
    line: int
    state: State
    done: int
    total: int
    owner: str = ""
    blockers: tuple[str, ...] = ()
    issue: IssueRecord | None = None
    parts: tuple[Standing, ...] = ()
    path: str = ""

    @property
    def name(self) -> str:
        """Return the number and the title."""
        number = f"Phase {self.number}:" if self.kind == "phase" and self.number else self.number
        return " ".join(part for part in (number, *self.title.split()) if part)

    @property
    def people(self) -> tuple[str, ...]:
        """Return who has it: those the plan names, else those the issue is assigned to."""
        if self.owner:
            return (self.owner,)
        return tuple(f"@{login}" for login in self.issue.assignees) if self.issue else ()

    def all(self) -> Iterator[Standing]:
        """Yield this and every part of it, in file order."""
        yield self
        for part in self.parts:
            yield from part.all()

    @property
    def blocked(self) -> tuple[Standing, ...]:
        """Return the parts that wait for others by themselves, and not for their phase's sake."""
        return tuple(part for part in self.all() if part.state == "blocked" and part.blockers)

    @property
    def next(self) -> tuple[Standing, ...]:
        """Return the parts that can be worked on now: the open tasks of the first phase that has any, or itself."""
        for part in self.parts:
            if part.state != "open":
                continue
            if part.kind == "task":
                return tuple(one for one in self.parts if one.kind == "task" and one.state == "open")
            return tuple(task for task in part.parts if task.state == "open") or (part,)
        return (self,) if self.state == "open" and not self.parts else ()


def standing(plan: Plan, issues: Issues | None = None) -> Standing:
    """Return how far a plan is; with `issues`, a closed one means that its part is done."""
    return _Measure(plan, issues or {}).plan_standing()


def issues_of(path: str, items: Iterable[Merged]) -> dict[tuple[Kind, int], IssueRecord]:
    """Return the issues that the parts of one plan file have."""
    return {
        (one.matched.desired.kind, one.matched.desired.line): one.matched.issue
        for one in items
        if one.matched.path == path and one.matched.issue is not None
    }


class _Measure:
    """Measure one plan: first what is done, then what that leaves blocked."""

    def __init__(self, plan: Plan, issues: Issues) -> None:
        self._plan = plan
        self._issues = issues
        self._counts = {id(task): self._count(task) for task in plan.all_tasks()}
        self._totals = {id(phase): self._sum(phase) for phase in plan.phases}
        self._finished = {id(phase): self._is_phase_done(phase) for phase in plan.phases}
        self._finished |= {id(task): self._is_task_done(task) for task in plan.all_tasks()}
        for phase in plan.phases:  # a task without a state of its own is done with its phase
            self._finished |= {
                id(task): self._finished[id(phase)] for task in phase.tasks if not self._counts[id(task)][1]
            }
        self._waits = self._blockers()

    def plan_standing(self) -> Standing:
        plan = self._plan
        parts = (
            *(self._phase(phase) for phase in plan.phases),
            *(self._task(task, blocked=False) for task in plan.tasks),
        )
        own = _ticked([check.box for check in plan.checks])
        done = own[0] + sum(part.done for part in parts)
        total = own[1] + sum(part.total for part in parts)
        issue = self._issues.get(("plan", plan.line))
        finished = done == total and total > 0 and all(part.state == "done" for part in parts)
        state: State = "done" if finished else "open"
        return Standing(
            "plan", None, plan.title, plan.line, state, done, total, "", (), issue, parts, plan.path
        )

    def _phase(self, phase: Phase) -> Standing:
        blockers = self._waits.get(id(phase), ())
        state = self._state(phase, blocked=bool(blockers))
        tasks = tuple(self._task(task, blocked=state == "blocked") for task in phase.tasks)
        return self._made("phase", phase, state, self._totals[id(phase)], tasks)

    def _task(self, task: Task, *, blocked: bool) -> Standing:
        state = self._state(task, blocked=blocked or bool(self._waits.get(id(task))))
        return self._made("task", task, state, self._counts[id(task)], ())

    def _made(
        self,
        kind: Kind,
        part: Phase | Task,
        state: State,
        count: tuple[int, int],
        parts: tuple[Standing, ...],
    ) -> Standing:
        return Standing(
            kind,
            part.number,
            part.title,
            part.line,
            state,
            *count,
            owner=" ".join(part.field("Owner").split()),
            blockers=self._waits.get(id(part), ()) if state == "blocked" else (),
            issue=self._issues.get((kind, part.line)),
            parts=parts,
            path=self._plan.path,
        )

    def _state(self, part: Phase | Task, *, blocked: bool) -> State:
        if self._finished[id(part)]:
            return "done"
        return "blocked" if blocked else "open"

    def _count(self, task: Task) -> tuple[int, int]:
        """Return how many steps of a task are done, and how many there are; none where nobody can tell."""
        boxes = ([task.box] if task.box else []) + [check.box for check in task.checks]
        if boxes:
            return _ticked(boxes)
        issue = self._issues.get(("task", task.line))
        if task.done is None and issue is None:
            return 0, 0
        return int(bool(task.done) or (issue is not None and issue.state == "closed")), 1

    def _sum(self, phase: Phase) -> tuple[int, int]:
        own = _ticked([check.box for check in phase.checks])
        counts = [own, *(self._counts[id(task)] for task in phase.tasks)]
        return sum(done for done, _ in counts), sum(total for _, total in counts)

    def _is_task_done(self, task: Task) -> bool:
        issue = self._issues.get(("task", task.line))
        if issue is not None and issue.state == "closed":
            return True
        if task.box is not None:
            return task.box.ticked
        done, total = self._counts[id(task)]
        return bool(task.done) or (total > 0 and done == total)

    def _is_phase_done(self, phase: Phase) -> bool:
        issue = self._issues.get(("phase", phase.line))
        done, total = self._totals[id(phase)]
        return (issue is not None and issue.state == "closed") or (total > 0 and done == total)

    def _blockers(self) -> dict[int, tuple[str, ...]]:
        """Return the names of what each part waits for."""
        found: dict[int, dict[str, None]] = {}
        for one in dependencies(self._plan):
            if one.known is None or one.known is one.dependent or self._finished[id(one.known)]:
                continue
            word = "Phase " if isinstance(one.known, Phase) else ""
            found.setdefault(id(one.dependent), {})[f"{word}{one.known.number}"] = None
        return {part: tuple(names) for part, names in found.items()}


def _ticked(boxes: list[Box]) -> tuple[int, int]:
    return sum(box.ticked for box in boxes), len(boxes)
