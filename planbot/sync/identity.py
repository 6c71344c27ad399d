"""Find, for each item of the plan files, the item it was before: across rename, reorder, renumber and move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.sync.known import Known, known_items
from planbot.sync.locators import uid_of
from planbot.sync.matching import Matching
from planbot.sync.merge import Matched
from planbot.tracker.marker import Managed, Unreadable, split

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from planbot.sync.agreed import Agreed
    from planbot.sync.desired import Desired, DesiredPlan
    from planbot.tracker.records import IssueRecord


@dataclass(frozen=True, slots=True)
class Identified:
    """Hold the outcome: every wanted item matched or new, the known ones that nothing wants any more, all known."""

    matched: tuple[Matched, ...]
    orphans: tuple[Known, ...]
    known: tuple[Known, ...]


def identify(
    plans: Iterable[DesiredPlan],
    agreed: Agreed,
    issues: Mapping[int, IssueRecord],
    untouched: Collection[str] = (),
) -> Identified:
    """Match the items of all plan files with what is known, each at most once.

    An explicit mark decides. Else, within a plan file (also one that was renamed): number and title, in the same
    phase first; the title, if it is unique; the uid it would be given, where only a marker tells of it; the number and
    a similar title, similar checks or the same text; similarity alone; and, for an open task without a number, words of
    its title that no other of its phase had or has. Two candidates too close to call are neither matched nor closed.
    What belongs to a path of `untouched` stays there.
    """
    wanted = [(plan.plan.path, item) for plan in plans for item in plan.items if item.issue]
    known = sorted(known_items(agreed, issues), key=lambda one: one.path in untouched)
    matching = Matching(wanted, [one for one in known if one.path not in untouched]).run()
    taken = {one.base.uid for one in known}
    had = {known[have].base.issue for have in matching.found.values()}
    free = {number: issue for number, issue in issues.items() if number not in had}
    matched = []
    for at, (path, item) in enumerate(wanted):
        if at in matching.found:
            one = _known(path, item, known[matching.found[at]], agreed)
            lost = one.hands_off.partition(":")[0] in ("gone", "sealed")
            if not (lost and _own_word(item, taken)):
                matched.append(one)
                continue
        candidates = [known[have] for have in sorted(matching.unclear.get(at, ()))]
        one = _new(path, item, free, taken, candidates)
        taken.add(one.uid)
        if one.issue is not None:
            del free[one.issue.number]
        matched.append(replace(one, trusted=agreed.known))
    kept = {*matching.found.values(), *(have for haves in matching.unclear.values() for have in haves)}
    orphans = tuple(one for at, one in enumerate(known) if at not in kept)
    return Identified(tuple(matched), orphans, tuple(known))


def new_uid(path: str, locator: str, name: str, taken: Collection[str]) -> str:
    """Return a uid for a new item, the same in every pass, so that two passes at once agree on it."""
    for attempt in range(len(taken) + 1):
        uid = uid_of(path, locator, name, attempt)
        if uid not in taken:
            return uid
    raise AssertionError("more attempts than uids taken")


def _known(path: str, item: Desired, known: Known, agreed: Agreed) -> Matched:
    """Pair a wanted item with what is known of it; a body that must not be touched is not taken apart."""
    problem: str = known.body.problem if isinstance(known.body, Unreadable) else ""
    if known.issue is None and known.base.issue is not None:
        problem = f"gone: #{known.base.issue}"
    elif known.issue is not None and known.base.sealed and known.issue.is_sealed:
        problem = "sealed: "
    return Matched(
        path,
        item,
        known.base.uid,
        base=known.base if known.in_journal or known.base.retired else None,
        issue=known.issue,
        managed=known.body if isinstance(known.body, Managed) else None,
        trusted=agreed.known,
        hands_off=problem,
        twins=tuple(body for _, body in known.twins),
    )


def _own_word(item: Desired, taken: Collection[str]) -> str:
    """Return the uid that an item's author chose, "" if there is none, or an item that is known has it."""
    mark = item.explicit or ""
    return "" if mark.startswith("#") or mark in taken else mark


def _new(
    path: str,
    item: Desired,
    issues: Mapping[int, IssueRecord],
    taken: Collection[str],
    candidates: list[Known],
) -> Matched:
    """Return an item that is new: with an issue that it names, or with none; or one that cannot be decided."""
    mark = item.explicit or ""
    uid = _own_word(item, taken) or new_uid(path, item.locator, item.name, taken)
    if candidates:
        numbers = ", ".join(f"#{one.base.issue}" for one in candidates)
        return Matched(path, item, uid, hands_off=f"unclear: {numbers}")
    if not mark.startswith("#"):
        return Matched(path, item, uid)
    issue = issues.get(int(mark[1:])) if mark[1:].isdecimal() else None
    if issue is None or issue.pull_request:
        return Matched(path, item, uid, hands_off=f"absent: {mark}")
    body = split(issue.body)
    # a marker that is whole was copied there by somebody: its ticks mean nothing, and it is written over
    return Matched(
        path, item, uid, issue=issue, hands_off=body.problem if isinstance(body, Unreadable) else ""
    )
