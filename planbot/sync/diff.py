"""Compare merged items with what the tracker has, and list the changes in the order of writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sync.body import boxes_of, compose, emptied, set_boxes
from planbot.sync.changes import Action, Change, IssueChange, LabelChange, LinkChange, about
from planbot.sync.locators import without_ordinal
from planbot.sync.options import MANAGED_LABEL
from planbot.sync.owners import assignees
from planbot.sync.state import wanted_state
from planbot.tracker.marker import plain_newlines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planbot.sync.inline import Place
    from planbot.sync.merge import Merged


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Hold what an item's change depends on beside itself.

    `parent` and `phase` are uids of an issue above and of a milestone that are there or wanted. `numbers` are the
    issue numbers by uid, `milestones` the milestone numbers by uid. `sub_issues` is whether the server has them.
    """

    place: Place
    numbers: Mapping[str, int]
    milestones: Mapping[str, int]
    parent: str | None = None
    phase: str | None = None
    complete: bool = False
    sub_issues: bool = True

    @property
    def parent_number(self) -> int | None:
        """Return the number that the text must name, or None where links do that or it is not known yet."""
        return None if self.sub_issues or self.parent is None else self.numbers.get(self.parent)


def issue_changes(merged: Merged, around: Neighbours) -> Iterator[Change]:
    """Yield what one item wants: its issue made or changed, and its link upward."""
    matched = merged.matched
    if matched.issue is None:
        yield _creation(merged, around)
    elif change := _update(merged, around):
        yield change
    if _wants_link(merged, around):
        yield LinkChange(
            action="link",
            **about(matched),
            fields=("parent",),
            uid=matched.uid,
            parent=around.parent or "",
            listed=matched.issue.parent if matched.issue else None,
        )


def label_changes(wanted: set[str], there: set[str]) -> tuple[LabelChange, ...]:
    """Return the labels to be made, by name; GitHub compares label names without case."""
    known = {name.casefold() for name in there}
    return tuple(
        LabelChange(action="create", kind="label", path="", locator="", title=name)
        for name in sorted(wanted)
        if name.casefold() not in known
    )


def wanted_text(merged: Merged, around: Neighbours) -> str:
    """Return the text that the managed block should have, boxes included."""
    text = set_boxes(merged.matched.desired.content.text, merged.ticks)
    return compose(text, around.place, around.parent_number)


def _creation(merged: Merged, around: Neighbours) -> IssueChange:
    matched = merged.matched
    state, reason = wanted_state(merged, complete=around.complete)
    return IssueChange(
        action="create",
        **about(matched),
        merged=merged,
        new_title=matched.desired.title,
        labels=(MANAGED_LABEL, *matched.desired.labels),
        assignees=matched.desired.assignees,
        milestone=around.phase or "",
        parent=around.parent,
        state=state,
        reason=reason,
        body=True,
    )


def _update(merged: Merged, around: Neighbours) -> IssueChange | None:
    matched, issue = merged.matched, merged.matched.issue
    if issue is None or matched.hands_off:
        return None
    title, labels, milestone = _title(merged), _labels(merged), _milestone(merged, around)
    owners = assignees(merged)
    state, reason = wanted_state(merged, complete=around.complete)
    text_fields = _text_fields(merged, around)
    fields = [
        name
        for name, value in (
            ("title", title),
            ("labels", labels),
            ("assignees", owners),
            ("milestone", milestone),
            ("state", state),
        )
        if value is not None
    ] + text_fields
    if not fields:
        return None
    action: Action = "update" if state is None else "close" if state == "closed" else "reopen"
    return IssueChange(
        action=action,
        **about(matched),
        fields=tuple(fields),
        merged=merged,
        new_title=title,
        labels=labels,
        assignees=owners,
        milestone=milestone,
        parent=around.parent,
        state=state,
        reason=reason,
        body=bool(text_fields),
    )


def _title(merged: Merged) -> str | None:
    """Return the title to write: the plan's, if it changed and no person changed the issue's."""
    base, issue, want = merged.matched.base, merged.matched.issue, merged.matched.desired.title
    if base is None or issue is None or want in (base.title, issue.title):
        return None
    return want if issue.title == base.title else None


def _labels(merged: Merged) -> tuple[str, ...] | None:
    """Return the whole list of labels to write: planbot's own three ways, everyone else's kept.

    GitHub compares the names of labels without case, and tells them as they were first written.
    """
    base, issue = merged.matched.base, merged.matched.issue
    if issue is None:
        return None
    wanted = merged.matched.desired.labels
    want = {label.casefold() for label in wanted}
    had = {label.casefold() for label in base.labels} if base is not None else want
    labels = [label for label in issue.labels if label.casefold() not in had - want]
    there = {label.casefold() for label in labels}
    new = [label for label in wanted if label.casefold() not in had]
    labels += [label for label in (*new, MANAGED_LABEL) if label.casefold() not in there]
    return tuple(labels) if tuple(labels) != issue.labels else None


def _milestone(merged: Merged, around: Neighbours) -> str | None:
    """Return the uid of the milestone to set, "" for none, or None to leave it; a person's re-filing stays."""
    base, issue = merged.matched.base, merged.matched.issue
    if base is None or issue is None or around.phase == base.milestone:
        return None
    before = around.milestones.get(base.milestone or "")
    after = around.milestones.get(around.phase or "")
    if issue.milestone != before or (issue.milestone == after and around.phase in (None, *around.milestones)):
        return None
    return around.phase or ""


def _text_fields(merged: Merged, around: Neighbours) -> list[str]:
    managed = merged.matched.managed
    if managed is None:
        return ["body"]
    now, want = plain_newlines(managed.text), wanted_text(merged, around)
    marker, desired = managed.marker, merged.matched.desired
    fields = []
    changed = now != want
    if (changed and emptied(now) != emptied(want)) or (
        around.parent_number is None and _parent_to_come(around)
    ):
        fields.append("body")
    if changed and [box.ticked for box in boxes_of(now)] != [box.ticked for box in boxes_of(want)]:
        fields.append("ticks")
    moved = (marker.plan, without_ordinal(marker.locator)) != (
        merged.matched.path,
        without_ordinal(desired.locator),
    )
    if moved or marker.uid != merged.matched.uid or marker.retired:
        fields.append("marker")
    return fields


def _parent_to_come(around: Neighbours) -> bool:
    return not around.sub_issues and around.parent is not None


def _wants_link(merged: Merged, around: Neighbours) -> bool:
    """Say whether the issue must be put under its parent; a person's re-filing stays."""
    matched = merged.matched
    if not around.sub_issues or around.parent is None or matched.hands_off:
        return False
    base, issue = matched.base, matched.issue
    if issue is None or base is None:
        return issue is None or issue.parent is None
    if base.parent == around.parent:
        return False
    return issue.parent is None or issue.parent == around.numbers.get(base.parent or "")
