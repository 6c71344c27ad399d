"""What a plan's parts depend on, as `**Depends on**: 1.1, Phase 2` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.plan.references import references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.plan.model import Phase, Plan, Task

_FIELDS = frozenset({"depends on", "depends", "blocked by"})


@dataclass(frozen=True, slots=True)
class Dependency:
    """Hold one dependency: who has it, the number it names, its line from 1, the part that it names."""

    dependent: Phase | Task
    number: str
    line: int
    known: Phase | Task | None


@dataclass(frozen=True, slots=True)
class Circle:
    """Hold the numbers of parts that depend on each other, and the dependency that closes the circle."""

    numbers: tuple[str, ...]
    closing: Dependency


def dependencies(plan: Plan) -> Iterator[Dependency]:
    """Yield every dependency that a plan's phases and tasks state."""
    if not any(field.name.casefold() in _FIELDS for part in plan.parts() for field in part.fields):
        return
    phases = {phase.number.casefold(): phase for phase in plan.phases if phase.number}
    tasks = {task.number.casefold(): task for task in plan.all_tasks() if task.number}
    for part in plan.parts():
        for field in part.fields:
            if field.name.casefold() not in _FIELDS:
                continue
            for reference in references(field.text):
                number = reference.number.casefold()
                found = phases.get(number) if reference.kind == "phase" else tasks.get(number)
                known = found or (None if reference.kind else phases.get(number))
                yield Dependency(part, reference.number, field.line, known)


def circles(found: Iterable[Dependency]) -> Iterator[Circle]:
    """Yield the circles that dependencies run in, each once."""
    edges: dict[int, list[Dependency]] = {}
    for dependency in found:
        if dependency.known is not None:
            edges.setdefault(id(dependency.dependent), []).append(dependency)
    done: set[int] = set()
    for start in edges:
        yield from _circles_from(start, edges, done)


def _circles_from(start: int, edges: dict[int, list[Dependency]], done: set[int]) -> Iterator[Circle]:
    """Walk the dependencies depth first; one that leads back onto the path closes a circle."""
    path: list[Dependency] = []
    places = {start: 0}
    stack = [iter(edges[start])] if start not in done else []
    while stack:
        dependency = next(stack[-1], None)
        if dependency is None:
            stack.pop()
            if path:
                left = id(path.pop().known)
                done.add(left)
                del places[left]
            continue
        target = id(dependency.known)
        if target in places:
            loop = [*path[places[target] :], dependency]
            yield Circle(tuple(one.dependent.number or one.dependent.title for one in loop), dependency)
        elif target not in done:
            path.append(dependency)
            places[target] = len(path)
            stack.append(iter(edges.get(target, ())))
    done.add(start)
