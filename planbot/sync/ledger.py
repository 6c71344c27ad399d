"""A base while it is being written: the one mutable form of `Agreed`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sync.agreed import Agreed, AgreedItem, AgreedMilestone, AgreedPlan

if TYPE_CHECKING:
    from planbot.sync.agreed import AgreedMove, Lease


class Ledger:
    """Change a base item by item; `agreed` freezes it."""

    def __init__(self, base: Agreed) -> None:
        self.base = base
        self.sub_issues = base.sub_issues
        self.dependencies = base.dependencies
        self.refused = base.refused
        self.rewrites = {one.stamp: one for one in base.rewrites}
        self.farewells = {one.issue: one for one in base.farewells}
        self._items: defaultdict[str, dict[str, AgreedItem]] = defaultdict(dict)
        self._stones: defaultdict[str, dict[str, AgreedMilestone]] = defaultdict(dict)
        self._paths: dict[str, str] = {}
        self._moving: set[str] = set()
        for plan in base.plans:
            self._stones[plan.path] = {stone.uid: stone for stone in plan.milestones}
            for item in plan.items:
                self.put(plan.path, item)

    def item(self, uid: str) -> AgreedItem | None:
        """Return the item of this uid, or None."""
        path = self._paths.get(uid)
        return None if path is None else self._items[path][uid]

    def put(self, path: str, item: AgreedItem) -> None:
        """Put an item in the place of the one with its uid, wherever that was, or add it."""
        before = self._paths.get(item.uid, path)
        if before != path:
            del self._items[before][item.uid]
        self._paths[item.uid] = path
        self._items[path][item.uid] = item
        (self._moving.add if item.moved else self._moving.discard)(item.uid)

    def drop(self, uid: str) -> None:
        """Take an item out."""
        path = self._paths.pop(uid, None)
        if path is not None:
            del self._items[path][uid]
            self._moving.discard(uid)

    def forget(self, uid: str) -> None:
        """Take an item out, or put back what the base has of it."""
        self.drop(uid)
        for plan in self.base.plans:
            for item in plan.items:
                if item.uid == uid:
                    self.put(plan.path, item)

    def link(self, uid: str, parent: str) -> None:
        """Note that an item's issue is now under its parent's."""
        path = self._paths[uid]
        self._items[path][uid] = replace(self._items[path][uid], parent=parent, refused_by=None)

    def refuse(self, uid: str, parent: str) -> None:
        """Note that an item's parent takes no further sub-issue."""
        path = self._paths[uid]
        self._items[path][uid] = replace(self._items[path][uid], refused_by=parent)

    def block(self, uid: str, blocker: str, *, blocked: bool) -> None:
        """Note that an item's issue is now blocked by another's, or no longer is."""
        path = self._paths[uid]
        item = self._items[path][uid]
        others = tuple(other for other in item.blocked_by if other != blocker)
        self._items[path][uid] = replace(item, blocked_by=(*others, blocker) if blocked else others)

    def wrote(self, uid: str) -> None:
        """Note that an item's issue has what moved to it, and shows no more what moved away."""
        for other in tuple(self._moving):
            path = self._paths[other]
            item = self._items[path][other]
            moved = [move.arrived() if move.to == uid else move for move in item.moved]
            moved = [replace(move, shown=move.shown and other != uid) for move in moved]
            self.put(path, replace(item, moved=tuple(moved)))

    def item_of(self, issue: int) -> AgreedItem | None:
        """Return the item that has this issue, or None."""
        return next(
            (one for items in self._items.values() for one in items.values() if one.issue == issue), None
        )

    def _tidy(self, item: AgreedItem) -> AgreedItem:
        """Return an item without the moves that nothing can come of any more."""
        if not item.moved or any(one.issue == item.issue for one in self.rewrites.values()):
            return item
        return replace(item, moved=tuple(move for move in item.moved if move.shown or move.pending))

    def stray(self, uid: str, move: AgreedMove) -> None:
        """Note a tick on a check that moved away from an item before it was seen."""
        path = self._paths[uid]
        item = self._items[path][uid]
        others = tuple(one for one in item.moved if one.check.text != move.check.text)
        self.put(path, replace(item, moved=(*others, move)))

    def milestone(self, uid: str) -> AgreedMilestone | None:
        """Return the milestone of this uid, or None."""
        return next((stones[uid] for stones in self._stones.values() if uid in stones), None)

    def put_milestone(self, path: str, stone: AgreedMilestone) -> None:
        """Put a milestone in the place of the one with its uid, wherever that was, or add it."""
        for other, stones in self._stones.items():
            if other != path:
                stones.pop(stone.uid, None)
        self._stones[path][stone.uid] = stone

    def agreed(self, lease: Lease | None = None) -> Agreed:
        """Return the base as it stands now, plan files in the order of their paths, empty ones left out.

        What was listed is not in it: whoever knows that this base tells all of that may add it.
        """
        plans = [
            AgreedPlan(
                path, tuple(map(self._tidy, self._items[path].values())), tuple(self._stones[path].values())
            )
            for path in sorted({*self._items, *self._stones})
        ]
        return replace(
            self.base,
            plans=tuple(plan for plan in plans if plan.items or plan.milestones),
            sub_issues=self.sub_issues,
            dependencies=self.dependencies,
            refused=self.refused,
            rewrites=tuple(self.rewrites.values()),
            farewells=tuple(self.farewells.values()),
            lease=lease,
            known=True,
            listed=None,
        )
