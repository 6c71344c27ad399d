"""Close issues that no item has any more, and say so in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.tracker.marker import Managed, replace_block, split
from planbot.tracker.protocols import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.sync.applied import Applied
    from planbot.sync.changes import DuplicateChange, RetireChange
    from planbot.sync.hands import Hands
    from planbot.sync.redo import Rewrites

DUPLICATE_COMMENT = (
    "Duplicate of #{number}: planbot made two issues of one item. What was ticked here is kept there."
)
RETIRED_COMMENT = (
    "This item is no longer in its plan file, so planbot closed the issue as not planned. "
    "If the item comes back, the issue is reopened."
)


class Closer:
    """Close issues, each once; where a limit comes between the close and its comment, the comment alone is left."""

    def __init__(self, hands: Hands, rewrites: Rewrites, stamps: Mapping[str, str]) -> None:
        self._hands = hands
        self._rewrites = rewrites
        self._stamps = stamps
        self._closed: set[int] = set()

    def retire(self, change: RetireChange, outcome: Applied) -> str:
        """Close the issue of an item that left its plan; return why that is left to the next pass."""
        number = change.listed.number
        if number not in self._closed and (why := self._retire(change, outcome)):
            return why
        # after the close, so that a lost answer costs the comment and not a second one
        self._hands.writer.comment(number, RETIRED_COMMENT)
        return ""

    def close_duplicate(self, change: DuplicateChange) -> str:
        """Close an issue that has the uid of another; return why that is left to the next pass."""
        number = change.listed.number
        if number not in self._closed:
            now = self._hands.reader.issue(number)
            if now is None or now.state == "closed":
                return ""
            if now.body != change.listed.body:
                return "the issue changed meanwhile"
            self._hands.writer.update_issue(number, state="closed", state_reason="duplicate")
            self._closed.add(number)
        self._hands.writer.comment(number, DUPLICATE_COMMENT.format(number=change.twin_of))
        return ""

    def _retire(self, change: RetireChange, outcome: Applied) -> str:
        now = self._hands.reader.issue(change.listed.number)
        if now is None or now.state == "closed":
            return "it was closed meanwhile"
        managed, stamp, body = split(now.body), None, None
        if isinstance(managed, Managed):
            stamp = self._stamps[change.base.uid]
            body = replace_block(now.body, replace(managed.marker, stamp=stamp, retired=True), managed.text)
            self._rewrites.note(now, stamp, outcome.ledger)
        issue = self._hands.writer.update_issue(
            now.number, body=UNSET if body is None else body, state="closed", state_reason="not_planned"
        )
        self._closed.add(now.number)
        base = replace(
            change.base, retired=True, stamp=stamp or change.base.stamp, updated_at=issue.updated_at
        )
        outcome.ledger.put(change.path, base)
        return ""
