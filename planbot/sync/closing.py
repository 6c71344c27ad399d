"""Close issues that no item has any more, and say so in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.errors import (
    LostAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    StoppedError,
    TrackerError,
)
from planbot.sync.farewells import comment_of, mark_of
from planbot.sync.taken import is_edited
from planbot.tracker.marker import Managed, replace_block, split
from planbot.tracker.protocols import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.sync.applied import Applied
    from planbot.sync.changes import DuplicateChange, FarewellChange, RetireChange
    from planbot.sync.hands import Hands
    from planbot.sync.ledger import Ledger
    from planbot.sync.redo import Rewrites

_NEVER = (NotFoundError, PermissionDeniedError, RefusedError)  # asking again would change nothing


class Closer:
    """Close issues, each once; where a limit comes between the close and its comment, the comment alone is left."""

    def __init__(self, hands: Hands, rewrites: Rewrites, stamps: Mapping[str, str]) -> None:
        self._hands = hands
        self._rewrites = rewrites
        self._stamps = stamps
        self._tried: set[int] = set()
        self._closed: set[int] = set()

    def retire(self, change: RetireChange, outcome: Applied) -> str:
        """Close the issue of an item that left its plan; return why that is left to the next pass."""
        number = change.listed.number
        if number not in self._closed and (why := self._retire(change, outcome)):
            return why
        self._say_why(number, outcome.ledger)
        return ""

    def close_duplicate(self, change: DuplicateChange, outcome: Applied) -> str:
        """Close an issue that has the uid of another; return why that is left to the next pass."""
        number = change.listed.number
        if number not in self._closed:
            now = self._hands.reader.issue(number)
            if now is None or now.state == "closed":
                return ""
            if now.body != change.listed.body:
                return "the issue changed meanwhile"
            self._begin(number, outcome.ledger)
            self._hands.writer.update_issue(number, state="closed", state_reason="duplicate")
            self._closed.add(number)
        self._say_why(number, outcome.ledger)
        return ""

    def make_up(self, change: FarewellChange, ledger: Ledger) -> None:
        """Say why an issue was closed that an earlier pass closed, unless it is open again, or that is said."""
        now, farewell = self._hands.reader.issue(change.number), ledger.farewells[change.number]
        said = self._hands.reader.comments_on(change.number) if now and now.state == "closed" else ()
        if not now or now.state == "open" or any(mark_of(farewell) in one.body for one in said):
            del ledger.farewells[change.number]
        else:
            self._say_why(change.number, ledger)

    def settle(self, ledger: Ledger) -> None:
        """Let go of the comments that were announced for closes which surely did not happen."""
        earlier = {one.issue for one in ledger.base.farewells}
        for number in ledger.farewells.keys() - earlier - self._tried:
            del ledger.farewells[number]

    def _begin(self, number: int, ledger: Ledger) -> None:
        """Note that a close is tried, and its comment not yet."""
        self._tried.add(number)
        ledger.farewells[number] = replace(ledger.farewells[number], at=0)

    def _say_why(self, number: int, ledger: Ledger) -> None:
        """Make the comment that is owed; after the close, so that none is made for a close that is not."""
        farewell = replace(ledger.farewells[number], at=self._hands.watch.now())
        ledger.farewells[number] = farewell
        try:
            self._hands.writer.comment(number, comment_of(farewell))
        except LostAnswerError:
            raise
        except _NEVER:
            del ledger.farewells[number]
            raise
        except (TrackerError, StoppedError):
            ledger.farewells[number] = replace(farewell, at=0)  # it was surely not made: nothing to wait for
            raise
        del ledger.farewells[number]

    def _retire(self, change: RetireChange, outcome: Applied) -> str:
        now = self._hands.reader.issue(change.listed.number)
        if now is None or now.state == "closed":
            return "it was closed meanwhile"
        if is_edited(change.listed, now):
            return "the issue changed meanwhile"
        managed, stamp, body = split(now.body), None, None
        if isinstance(managed, Managed):
            stamp = self._stamps[change.base.uid]
            body = replace_block(now.body, replace(managed.marker, stamp=stamp, retired=True), managed.text)
            self._rewrites.note(now, stamp, outcome.ledger)
        self._begin(now.number, outcome.ledger)
        issue = self._hands.writer.update_issue(
            now.number, body=UNSET if body is None else body, state="closed", state_reason="not_planned"
        )
        self._closed.add(now.number)
        known = outcome.ledger.item(change.base.uid) or change.base
        base = replace(
            known,
            retired=True,
            closed_by=issue.closed_by or "",
            stamp=stamp or known.stamp,
            updated_at=issue.updated_at,
        )
        outcome.ledger.put(change.path, base)
        outcome.written[issue.number] = issue
        return ""
