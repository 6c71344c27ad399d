"""What the settings say about one plan file's issues and about a pass; each default is stated here, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from planbot.plan.options import ReadOptions

MANAGED_LABEL = "planbot"

TaskIssues = Literal["headings", "all", "none"]
Finished = Literal["skip", "import"]


@dataclass(frozen=True, slots=True)
class IssueOptions:
    """Hold which parts of a plan file become issues, and whether finished ones do."""

    plan: bool = True
    phase: bool = True
    task: TaskIssues = "headings"
    finished: Finished = "skip"


@dataclass(frozen=True, slots=True)
class TitleOptions:
    """Hold format strings for titles; `{title}`, `{number}` and `{plan}` (the plan's title) are filled in."""

    plan: str = "{title}"
    phase: str = "Phase {number}: {title}"
    task: str = "{number} {title}"
    milestone: str = "{plan}: Phase {number} \N{EN DASH} {title}"


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """Hold format strings for labels (`{value}` is filled in, None makes none) and labels for every issue."""

    priority: str | None = "priority: {value}"
    impact: str | None = "impact: {value}"
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """Hold what one pass may do unasked.

    Closes and unticks are refused above both their number and `share` percent, creates above their number.
    """

    closes: int = 3
    unticks: int = 3
    share: int = 30
    creates: int = 100


@dataclass(frozen=True, slots=True)
class FileOptions:
    """Hold everything the settings say about one plan file."""

    issues: IssueOptions = field(default_factory=IssueOptions)
    titles: TitleOptions = field(default_factory=TitleOptions)
    labels: LabelOptions = field(default_factory=LabelOptions)
    milestones: bool = True
    read: ReadOptions = field(default_factory=ReadOptions)
