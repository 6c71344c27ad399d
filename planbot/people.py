"""Who is behind what a pass found: the people who ticked, and planbot itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from planbot.repo.objects import PLANBOT
from planbot.tracker.marker import stamp_of

if TYPE_CHECKING:
    from planbot.sync.changes import ChangeSet
    from planbot.sync.merge import Merged
    from planbot.tracker.event import Event
    from planbot.tracker.protocols import TrackerReader
    from planbot.tracker.records import UserRecord

_STATES = ("closed", "reopened")


class Myself(Protocol):
    """Tell whom planbot acts as."""

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        """Return whether it acts as that user; False where that is not known."""


def own_event(event: Event | None, me: Myself) -> str:
    """Return why there is nothing to do for an event that planbot itself caused, "" for any other.

    Where the token is a person's, what that person does by hand is no event of planbot's.
    """
    if event is None or event.name not in ("issues", "pull_request", "push") or event.sender is None:
        return ""
    if not (event.bot or _written_by_us(event)) or not me.is_me(event.sender, bot=event.bot):
        return ""
    return f"{event.sender.login} is planbot itself, and what it does starts no pass: nothing to do"


def _written_by_us(event: Event) -> bool:
    """Return whether an event shows a write of planbot's: a commit of its, or a body with a fresh stamp."""
    stamp = stamp_of(event.body)
    return event.committer == PLANBOT.email or bool(
        event.old_body and stamp != stamp_of(event.old_body) and stamp
    )


def tickers(changes: ChangeSet, tracker: TrackerReader, event: Event | None) -> dict[int, UserRecord]:
    """Return who made the ticks that go to plan files, by the number of the issue they were made in.

    The event that started the pass tells it of its own issue, else the tracker does, where it can. Bots are left
    out, and planbot itself.
    """
    people = {}
    for one in changes.items:
        issue = one.matched.issue
        boxes = {tick.box for tick in changes.proposed if issue and tick.issue == issue.number}
        if issue is not None and boxes:
            by_state = one.own is not None and boxes == {one.own.box}
            person = _sender(one, event, by_state=by_state) or _told(one, tracker, by_state=by_state)
            if person is not None:
                people[issue.number] = person
    return people


def _sender(one: Merged, event: Event | None, *, by_state: bool) -> UserRecord | None:
    """Return who caused the event if that is what ticked: an edit for checks, a close or reopen for a task."""
    issue = one.matched.issue
    if event is None or event.name != "issues" or issue is None or event.issue != issue.number:
        return None
    return event.person if (event.action in _STATES) == by_state else None


def _told(one: Merged, tracker: TrackerReader, *, by_state: bool) -> UserRecord | None:
    """Return who edited an issue's text last, or who closed it, as the tracker tells it."""
    issue = one.matched.issue
    if issue is None:
        return None
    if not by_state:
        return tracker.ticker(issue.number)
    login = issue.closed_by if issue.state == "closed" else None
    if login is None or login.endswith("[bot]"):
        return None
    person = tracker.user(login)
    return None if person is None or tracker.is_me(person, bot=False) else person
