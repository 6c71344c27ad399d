"""Refuse change sets that a mistake could have made: too many closes, unticks or new issues at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sync.changes import Tally

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from planbot.sync.changes import ChangeSet
    from planbot.sync.known import Known
    from planbot.sync.merge import Merged
    from planbot.sync.options import LimitOptions

ALLOWED = ("closes", "unticks", "creates")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Hold a limit that stands in the way, the plan file it is about ("" for all of them), and why in a sentence."""

    limit: str
    path: str
    text: str

    def __str__(self) -> str:
        return self.text


def refusals(changes: ChangeSet, limits: LimitOptions, allowed: Collection[str]) -> tuple[Refusal, ...]:
    """Return why the change set must not be applied, one value for each reason; `allowed` lifts limits by name.

    Counted as closes are issues of items that left their plan file, for that is what a broken file or a wrong
    glob looks like; a task ticked as done closes its issue without counting. One plan file, or all together.
    """
    found = [one for one in _over(changes, limits) if one.limit not in allowed]
    return tuple(dict.fromkeys(found))


def tallies(items: Iterable[Merged], orphans: Iterable[Known], read: Collection[str]) -> Iterator[Tally]:
    """Yield, for each plan file, what is open and ticked and what the pass would close and untick.

    `read` are the plan files that are there; another is gone.
    """
    by_path: defaultdict[str, list[Merged]] = defaultdict(list)
    gone: defaultdict[str, list[Known]] = defaultdict(list)
    for item in items:
        by_path[item.matched.path].append(item)
    for known in orphans:
        if known.may_be_closed:
            gone[known.path].append(known)
    for path in sorted({*by_path, *gone}):
        here = by_path.get(path, [])
        boxes = [box for item in here for box in item.every_box()]
        was_open = [item for item in here if item.matched.issue and item.matched.issue.state == "open"]
        yield Tally(
            path,
            open=len(was_open) + len(gone[path]),
            ticked=sum(box.plan or bool(box.issue) for box in boxes),
            closes=len(gone[path]),
            unticks=sum(not box.value and (box.plan or bool(box.issue)) and not box.waiting for box in boxes),
            deleted=path not in read,
        )


def _over(changes: ChangeSet, limits: LimitOptions) -> Iterator[Refusal]:
    for tally in changes.tallies:
        if tally.deleted and tally.closes:
            text = f"{tally.path} is gone: {_count(tally.closes, 'issue')} would be closed"
            yield Refusal("closes", tally.path, text)
        else:
            yield from _of(tally.path, tally, limits)
    if len(changes.tallies) > 1:
        yield from _of("the repository", _sum(changes.tallies), limits)
    creates = sum(
        change.action == "create" and change.kind in ("plan", "phase", "task") for change in changes.changes
    )
    if creates > limits.creates:
        yield Refusal("creates", "", f"{creates} issues would be created, more than {limits.creates}")


def _of(name: str, tally: Tally, limits: LimitOptions) -> Iterator[Refusal]:
    if tally.closes > limits.closes and tally.closes * 100 > limits.share * tally.open:
        text = f"{tally.closes} of {_count(tally.open, 'open issue')} would be closed, their items gone"
        yield Refusal("closes", tally.path, f"{name}: {text}")
    if tally.unticks > limits.unticks and tally.unticks * 100 > limits.share * tally.ticked:
        boxes = _count(tally.ticked, "ticked box", "ticked boxes")
        yield Refusal("unticks", tally.path, f"{name}: {tally.unticks} of {boxes} would be unticked")


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        "",
        open=sum(tally.open for tally in tallies),
        ticked=sum(tally.ticked for tally in tallies),
        closes=sum(tally.closes for tally in tallies),
        unticks=sum(tally.unticks for tally in tallies),
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
