"""What became of the ticks that a pull request proposes, and the base that follows from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeAlias

from planbot.sync.align import align
from planbot.sync.changes import Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from planbot.plan.model import Box
    from planbot.sync.agreed import Agreed, AgreedCheck, AgreedItem, Waiting
    from planbot.sync.desired import Desired, DesiredPlan
    from planbot.sync.merge import Merged, MergedBox

Verdict = Literal["stands", "landed", "declined", "withdrawn", "refused"]
Judge: TypeAlias = "Callable[[str, AgreedItem, int | None], Verdict]"

_WAITS: dict[Verdict, Waiting] = {
    "declined": "declined",
    "withdrawn": "",
    "refused": "refused",
    "landed": "landed",
}


class Boxes:
    """Tell what the plan files of one commit say of the boxes of items, found by their locators.

    A plan file that has moved since is known by its item: there has to be one of that name, and no other.
    """

    def __init__(self, plans: Iterable[DesiredPlan]) -> None:
        known = list(plans)
        self._paths = {one.plan.path for one in known}
        self._items = {(one.plan.path, item.locator): item for one in known for item in one.items}
        self._alike: defaultdict[tuple[str, str], list[Desired]] = defaultdict(list)
        for (_, locator), item in self._items.items():
            self._alike[locator, item.name].append(item)

    def value(self, path: str, item: AgreedItem, at: int | None) -> bool | None:
        """Return the value of a task's own box (`at` None) or of its `at`-th check; None where it is not there."""
        desired = self._of(path, item)
        if desired is None:
            return None
        if at is None:
            return desired.box.ticked if desired.box else None
        box = _found(desired, [(check.group, check.text) for check in item.checks]).get(at)
        return box.ticked if box else None

    def _of(self, path: str, item: AgreedItem) -> Desired | None:
        if path in self._paths:
            return self._items.get((path, item.locator))
        alike = self._alike.get((item.locator, item.name), ())
        return alike[0] if len(alike) == 1 else None

    def holds(self, path: str, item: AgreedItem, at: int | None) -> bool:
        """Say whether a box that waits has there what is proposed of it."""
        check = item.box if at is None else item.checks[at]
        return check is not None and self.value(path, item, at) is (not check.ticked)

    def ticks(self, items: Iterable[Merged], path: str) -> Iterator[Tick]:
        """Yield what has to move for these plan files to have what is proposed, and nothing that was."""
        for item in items:
            if item.matched.path == path and not item.matched.hands_off:
                yield from self._ticks(item, path)

    def _ticks(self, merged: Merged, path: str) -> Iterator[Tick]:
        base = merged.matched.base
        desired = self._items.get((path, base.locator if base else merged.matched.desired.locator))
        if desired is None:
            return
        found = _found(desired, [(box.group, box.text) for box in merged.boxes])
        pairs = [(box, found.get(at)) for at, box in enumerate(merged.boxes)]
        pairs += [(merged.own, desired.box)] if merged.own else []
        for box, theirs in pairs:
            if theirs is not None and theirs.ticked != box.value and _is_concerned(merged, box):
                yield Tick(path, box.line, box.text, box.value, "plan", theirs)


def judged(agreed: Agreed, judge: Judge) -> Agreed:
    """Return a base in which every proposed box has become what is said of it."""

    def after(path: str, item: AgreedItem, check: AgreedCheck, at: int | None) -> AgreedCheck:
        verdict = judge(path, item, at) if check.waiting == "proposed" else "stands"
        if verdict == "stands":
            return check
        return replace(check, ticked=check.ticked is not (verdict == "landed"), waiting=_WAITS[verdict])

    return _with_checks(agreed, after)


def revived(agreed: Agreed, boxes: Boxes) -> Agreed:
    """Return a base in which what was declined is proposed where a pull request holds it after all."""

    def revive(path: str, item: AgreedItem, check: AgreedCheck, at: int | None) -> AgreedCheck:
        is_held = check.waiting == "declined" and boxes.holds(path, item, at)
        return replace(check, waiting="proposed") if is_held else check

    return _with_checks(agreed, revive)


def digest(files: Mapping[str, bytes], ticks: Collection[Tick]) -> str:
    """Return what tells plan files, as they are to be, and what moves in them, from all others.

    The same files do not do: a branch that was made when the plan had one of these ticks does not bring it back.
    """
    found = sha256()
    for path, data in sorted(files.items()):
        lines = sorted(tick.line for tick in ticks if tick.path == path)
        name = path.encode("utf-8", "surrogateescape")
        found.update(f"{len(name)} {len(data)} {lines}\n".encode() + name + data)
    return found.hexdigest()


def _with_checks(
    agreed: Agreed, change: Callable[[str, AgreedItem, AgreedCheck, int | None], AgreedCheck]
) -> Agreed:
    """Return a base with every box changed; a task's own one has no place among the checks."""

    def changed(path: str, item: AgreedItem) -> AgreedItem:
        return replace(
            item,
            box=change(path, item, item.box, None) if item.box else None,
            checks=tuple(change(path, item, check, at) for at, check in enumerate(item.checks)),
        )

    plans = tuple(
        replace(plan, items=tuple(changed(plan.path, item) for item in plan.items)) for plan in agreed.plans
    )
    return replace(agreed, plans=plans)


def _found(desired: Desired, texts: list[tuple[str | None, str]]) -> dict[int, Box]:
    """Return the box of each text that a plan's item has."""
    checks = desired.content.checks
    pairs = align(texts, [(check.group, check.text) for check in checks], strict=True)
    return {old: checks[new].box for new, old in pairs.items()}


def _is_concerned(merged: Merged, box: MergedBox) -> bool:
    """Say whether a box is proposed, or was and is no more."""
    if box.value != box.plan:
        return box.waiting in ("", "proposed")
    base = merged.matched.base
    before = (
        (base.box if box is merged.own else merged.bases[box.at] if box.at is not None else None)
        if base
        else None
    )
    return before is not None and before.waiting == "proposed"
