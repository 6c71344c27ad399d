"""Issues that are made several at once, each under its parent, where the server can: which may go together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from planbot.errors import NotFoundError, PermissionDeniedError, RateLimitedError, RefusedError, TrackerError
from planbot.sync.changes import Change, IssueChange, LinkChange
from planbot.tracker.records import IssueRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planbot.sync.hands import Hands
    from planbot.sync.ledger import Ledger
    from planbot.tracker.records import IssueDraft

TOGETHER = (
    5  # issues in a request: each is written in its turn, and GitHub cuts a GraphQL request off after 10 s
)
# https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/adding-sub-issues
SUB_ISSUES = 100
# these say that the request as a whole was turned away
_NOTHING_DONE = (NotFoundError, PermissionDeniedError, RefusedError)


class Batch:
    """Make the issues of neighbouring changes in one request, and hold the answers until it is their turn.

    An issue goes along only if its parent's is there, and only the first time: one that an earlier pass began to make
    is looked for, and then made by itself. After anything went wrong all others are made one by one, so that each is
    refused with words of its own.
    """

    def __init__(
        self,
        hands: Hands,
        changes: Sequence[Change],
        ledger: Ledger,
        draft: Callable[[IssueChange], IssueDraft],
    ) -> None:
        self._hands = hands
        self._changes = changes
        self._places = {id(change): place for place, change in enumerate(changes)}
        self._ledger = ledger
        self._draft = draft
        self._answers: dict[str, IssueRecord | TrackerError] = {}
        self._below: Counter[str | None] = Counter(
            item.parent for _, item in ledger.base.entries() if item.parent
        )
        self._over = False

    def has_answer(self, change: Change) -> bool:
        """Return whether a change was sent with an earlier one, so that its answer is to be taken in whatever comes."""
        match change:
            case IssueChange(action="create", merged=merged):
                return merged.matched.uid in self._answers
            case LinkChange(uid=uid, parent=parent):
                made = self._answers.get(uid)
                above = made.parent if isinstance(made, IssueRecord) else None
                return above is not None and above == self._hands.numbers.get(parent)
            case _:
                return False

    def make(self, change: IssueChange) -> IssueRecord | None:
        """Return the issue of a change, made with what may go along; None where it is to be made by itself.

        Raises:
            TrackerError: if it was not made, or that is not known.
            StoppedError: if nothing more may be written.
        """
        uid = change.merged.matched.uid
        if uid not in self._answers:
            self._send(self._together(change))
        answer = self._answers.get(uid)
        if isinstance(answer, TrackerError):
            raise answer
        return answer

    def _together(self, first: IssueChange) -> list[IssueChange]:
        """Return a change and those after it that may go along, none where a request of its own does as well."""
        found: list[IssueChange] = []
        for change in self._changes[self._places[id(first)] :]:
            if isinstance(change, LinkChange):
                continue  # what is made under its parent needs none
            if len(found) == TOGETHER or not isinstance(change, IssueChange) or not self._may(change, found):
                break
            found.append(change)
        return found if len(found) > 1 or any(change.parent for change in found) else []

    def _may(self, change: IssueChange, others: Sequence[IssueChange]) -> bool:
        """Return whether a change may go along with others."""
        if self._over or not self._ledger.sub_issues:
            return False
        if change.action != "create" or change.merged.matched.base is not None:
            return False
        below = self._below[change.parent] + sum(other.parent == change.parent for other in others)
        return change.parent is None or (change.parent in self._hands.numbers and below < SUB_ISSUES)

    def _send(self, changes: Sequence[IssueChange]) -> None:
        drafts = [self._draft(change) for change in changes]
        if not drafts:
            return
        if not self._hands.reader.prepare_issues(drafts):
            self._over = True
            return
        answers: Sequence[IssueRecord | TrackerError]
        try:
            answers = self._hands.writer.create_issues(drafts)
        except RateLimitedError:
            raise
        except _NOTHING_DONE:
            answers = ()
        except TrackerError as error:
            answers = [error] * len(drafts)
        self._answers |= {
            change.merged.matched.uid: answer for change, answer in zip(changes, answers, strict=False)
        }
        self._below.update(change.parent for change in changes)
        self._over = sum(isinstance(answer, IssueRecord) for answer in answers) < len(drafts)
