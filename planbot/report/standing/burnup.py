"""A burn-up chart: how many boxes a plan had and how many of them were ticked, over time, as inline SVG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 30
_LINES = 4  # horizontal lines, the base line not counted


@dataclass(frozen=True, slots=True)
class Point:
    """Hold what a plan had at a time in epoch seconds."""

    when: int
    done: int
    total: int


def burnup(points: Sequence[Point], until: int) -> str:
    """Return the chart of these points, oldest first; the last one holds `until` a time in epoch seconds.

    Texts of a plan are not in it. The figures it is drawn from belong beside it, for those who cannot see it.
    """
    chart = _Chart(points, max(until, points[-1].when))
    last = points[-1]
    label = f"Burn-up: {last.done} of {last.total} done on {day(chart.end)}"
    return "\n".join(
        (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" class="burnup" aria-label="{label}">',
            *chart.grid(),
            f'<path class="total" d="{chart.steps(lambda point: point.total)}"/>',
            f'<path class="area" d="{chart.area()}"/>',
            f'<path class="done" d="{chart.steps(lambda point: point.done)}"/>',
            "</svg>",
        )
    )


def day(when: int) -> str:
    """Return the day of a time in epoch seconds, in UTC."""
    return datetime.fromtimestamp(when, UTC).date().isoformat()


class _Chart:
    def __init__(self, points: Sequence[Point], end: int) -> None:
        self.points = points
        self.start, self.end = points[0].when, end
        self.top = max(1, *(point.total for point in points))

    def x(self, when: int) -> float:
        share = (when - self.start) / (self.end - self.start) if self.end > self.start else 0
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, count: float) -> float:
        return round(HEIGHT - _BOTTOM - count / self.top * (HEIGHT - _TOP - _BOTTOM), 1)

    def steps(self, value: Callable[[Point], int]) -> str:
        """Draw a staircase: a count holds until the next version of the plan."""
        first, *rest = self.points
        drawn = [f"M{self.x(first.when)} {self.y(value(first))}"]
        drawn += [f"H{self.x(point.when)}V{self.y(value(point))}" for point in rest]
        return "".join((*drawn, f"H{self.x(self.end)}"))

    def area(self) -> str:
        return f"{self.steps(lambda point: point.done)}V{self.y(0)}H{self.x(self.start)}Z"

    def grid(self) -> list[str]:
        right, bottom = WIDTH - _RIGHT, HEIGHT - 10
        counts = sorted({round(self.top * step / _LINES) for step in range(_LINES + 1)})
        lines = [
            f'<path class="grid" d="M{_LEFT} {self.y(count)}H{right}"/>'
            f'<text x="{_LEFT - 6}" y="{self.y(count) + 4}" text-anchor="end">{count}</text>'
            for count in counts
        ]
        ends = f'<text x="{_LEFT}" y="{bottom}">{day(self.start)}</text>'
        if day(self.end) != day(self.start):
            ends += f'<text x="{right}" y="{bottom}" text-anchor="end">{day(self.end)}</text>'
        return [*lines, ends]
