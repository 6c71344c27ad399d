"""What taking planbot out of a repository removes: its marks in issues, and what it made and nobody else uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from planbot.sync.agreed import AgreedPlan
from planbot.sync.apply import label_to_make
from planbot.sync.body import boxes_of
from planbot.sync.options import MANAGED_LABEL
from planbot.tracker.marker import Managed, Unreadable, split, split_milestone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from planbot.sync.agreed import Agreed, AgreedItem
    from planbot.sync.known import Known
    from planbot.tracker.records import IssueRecord, LabelRecord, MilestoneRecord

StepAction = Literal["strip", "close", "delete"]
StepKind = Literal["issue", "milestone", "label", "branch", "journal"]


@dataclass(frozen=True, slots=True)
class Step:
    """Hold one thing to remove: `name` is a title, a label or a ref, `number` that of an issue or a milestone.

    `strip` takes planbot's marks off and leaves the rest, `close` closes an issue as not planned as well.
    """

    action: StepAction
    kind: StepKind
    name: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Uses:
    """Hold which issues and pull requests have a label, by its name, and which are in a milestone, by its number."""

    labels: Mapping[str, frozenset[int]]
    milestones: Mapping[int, frozenset[int]]


def stripped(body: str) -> str:
    """Return a body or a description without planbot's comments; what people read stays as it is."""
    match split(body):
        case Managed(before=before, text=text, after=after):
            return before + text + after
    return body


def stripped_milestone(description: str) -> str:
    """Return a milestone's description without planbot's comment."""
    match split_milestone(description):
        case Managed(text=text, after=after):
            return text + after
    return description


def without_managed_label(labels: Iterable[str]) -> tuple[str, ...]:
    """Return labels without the one that every managed issue has."""
    return tuple(label for label in labels if label.casefold() != MANAGED_LABEL)


def made_labels(labels: Iterable[LabelRecord], agreed: Agreed) -> tuple[str, ...]:
    """Return the labels that planbot made: it set them, and they look as it makes them."""
    ours = {MANAGED_LABEL} | {name.casefold() for _, item in agreed.entries() for name in item.labels}
    return tuple(
        label.name
        for label in labels
        if label.name.casefold() in ours and _look(label) == _look(label_to_make(label.name))
    )


def made_milestones(milestones: Iterable[MilestoneRecord]) -> tuple[MilestoneRecord, ...]:
    """Return the milestones that planbot made: it never marks another's."""
    return tuple(one for one in milestones if isinstance(split_milestone(one.description), Managed))


def managed_issues(known: Iterable[Known]) -> dict[int, IssueRecord]:
    """Return every issue that is planbot's, twins too, by number."""
    found = {}
    for one in known:
        issues = [one.issue] if one.issue is not None else []
        for issue in (*issues, *(twin for twin, _ in one.twins)):
            found[issue.number] = issue
    return dict(sorted(found.items()))


def steps(
    issues: Mapping[int, IssueRecord],
    milestones: Iterable[MilestoneRecord],
    uses: Uses,
    known: Iterable[int],
    *,
    close: bool,
) -> Iterator[Step]:
    """Yield what is to be removed from the tracker, issues first; `known` are all numbers that were ever planbot's."""
    for issue in issues.values():
        if isinstance(split(issue.body), Managed):
            closing = close and issue.state == "open"
            yield Step("close" if closing else "strip", "issue", issue.title, issue.number)
        elif without_managed_label(issue.labels) != issue.labels:
            yield Step("strip", "issue", issue.title, issue.number)
    ours = {*issues, *known}
    for one in milestones:
        alone = uses.milestones.get(one.number, frozenset()) <= ours
        yield Step("delete" if alone else "strip", "milestone", one.title, one.number)
    for name, numbers in uses.labels.items():
        if numbers <= ours:
            yield Step("delete", "label", name)


def unreadable(issues: Mapping[int, IssueRecord]) -> tuple[int, ...]:
    """Return the issues whose marks must be taken off by hand: they are damaged, or a newer planbot's."""
    return tuple(number for number, issue in issues.items() if isinstance(split(issue.body), Unreadable))


def left_behind(known: Iterable[Known]) -> str:
    """Tell how many boxes in issues differ from what was last agreed, "" for none: the plan has not heard of these."""
    match sum(_differing(one) for one in known):
        case 0:
            return ""
        case 1:
            return "1 box ticked or unticked in an issue is not so in the plan"
        case count:
            return f"{count} boxes ticked or unticked in issues are not so in the plan"


def with_all(agreed: Agreed, known: Iterable[Known]) -> Agreed:
    """Return the base with every item in it that only a marker tells of: markers go first, the journal last."""
    plans: dict[str, list[AgreedItem]] = {plan.path: list(plan.items) for plan in agreed.plans}
    for one in known:
        if not one.in_journal:
            plans.setdefault(one.path, []).append(one.base)
    milestones = {plan.path: plan.milestones for plan in agreed.plans}
    return replace(
        agreed,
        plans=tuple(
            AgreedPlan(path, tuple(items), milestones.get(path, ())) for path, items in sorted(plans.items())
        ),
        known=True,
        listed=None,
    )


def _look(label: LabelRecord) -> tuple[str, str]:
    return label.color.casefold(), label.description


def _differing(one: Known) -> int:
    if not isinstance(one.body, Managed) or not one.in_journal:
        return 0
    boxes = boxes_of(one.body.text)
    if len(boxes) != len(one.base.checks):
        return 0
    return sum(box.ticked != check.ticked for box, check in zip(boxes, one.base.checks, strict=True))
