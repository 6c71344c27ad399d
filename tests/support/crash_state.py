"""What a pass leaves behind, without all that may differ from run to run: numbers, times, stamps, commit ids."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from support.world import NAME, git

from planbot.repo.repository import JOURNAL_REF
from planbot.sync.apply import label_to_make
from planbot.sync.codec import decode
from planbot.tracker.marker import Managed, split, split_milestone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.world import World

    from planbot.sync.agreed import AgreedItem
    from planbot.tracker.records import IssueRecord, LabelRecord, MilestoneRecord


@dataclass(frozen=True, slots=True)
class Copies:
    """Count issues beyond the first of one uid: those open, and all that were ever made."""

    open: int
    made: int


def copies(world: World) -> Copies:
    """Count the issues that there are too many of."""
    by_uid: defaultdict[str, list[IssueRecord]] = defaultdict(list)
    for issue in world.person.issues(None):
        body = split(issue.body)
        if isinstance(body, Managed):
            by_uid[body.marker.uid].append(issue)
    states = [Counter(issue.state for issue in issues) for issues in by_uid.values()]
    return Copies(
        sum(max(state["open"] - 1, 0) for state in states), sum(state.total() - 1 for state in states)
    )


def of_people(world: World) -> tuple[IssueRecord | MilestoneRecord | LabelRecord, ...]:
    """Return what is not planbot's: issues, each with the time when somebody last touched it, milestones, labels."""
    issues = (one for one in world.person.issues(None) if split(one.body) is None)
    milestones = (one for one in world.person.milestones() if split_milestone(one.description) is None)
    # one that planbot could not make comes from the server, in its own colour, with the first issue that has it
    labels = (one for one in world.person.labels() if not one.name.startswith(("priority: ", "impact: ")))
    ours = label_to_make("").color
    return (*issues, *milestones, *(label for label in labels if label.color != ours))


def left_behind(world: World) -> dict[str, Any]:
    """Return both sides and the journal as values that are equal wherever nothing but names of things differs."""
    issues = world.person.issues(None)
    milestones = world.person.milestones()
    titles = {issue.number: issue.title for issue in issues}
    stones = {stone.number: stone.title for stone in milestones}
    return {
        "plan": world.plan().decode(),
        "commits": git(world.origin, "log", "--format=%s", "main").splitlines(),
        "labels": sorted(label.name for label in world.person.labels()),
        "milestones": sorted((_milestone(stone) for stone in milestones), key=str),
        "issues": sorted((_issue(issue, titles, stones) for issue in issues), key=str),
        "comments": sorted(_comments(world, issues)),
        "blocked": sorted(_blocked(world, issues, titles)),
        "journal": _journal(world, titles),
    }


def _issue(issue: IssueRecord, titles: dict[int, str], stones: dict[int, str]) -> dict[str, Any]:
    body = split(issue.body)
    text: Any = issue.body
    if isinstance(body, Managed):
        text = (body.marker.plan, body.marker.locator, body.marker.uid, body.before, body.text, body.after)
    return {
        "title": issue.title,
        "author": issue.author,
        "state": (issue.state, issue.state_reason, issue.closed_by),
        "labels": sorted(issue.labels),
        "milestone": stones.get(issue.milestone or 0),
        "parent": titles.get(issue.parent or 0),
        "assignees": sorted(issue.assignees),
        "text": text,
    }


def _comments(world: World, issues: Iterable[IssueRecord]) -> Iterator[tuple[str, str, str]]:
    """Yield the comments on each issue: its title, who wrote it, and what people read of it."""
    for issue in issues:
        for comment in world.person.comments.of(issue.number) if issue.comments else ():
            yield issue.title, comment.author.login, comment.body.partition("<!--")[0]


def _blocked(
    world: World, issues: Iterable[IssueRecord], titles: dict[int, str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the title of each issue, and those of the issues that block it."""
    by_id = {issue.id: titles[issue.number] for issue in issues}
    with world.sandbox.edit(NAME) as repository:
        for number, title in titles.items():
            yield title, sorted(by_id[one] for one in repository.issues[number].blocked_by)


def _milestone(stone: MilestoneRecord) -> dict[str, Any]:
    body = split_milestone(stone.description)
    text: Any = stone.description
    if isinstance(body, Managed):
        text = (body.marker.plan, body.marker.locator, body.marker.uid, body.text, body.after)
    return {"title": stone.title, "state": stone.state, "text": text, "due": stone.due_on}


def _journal(world: World, titles: dict[int, str]) -> dict[str, Any]:
    if not git(world.origin, "for-each-ref", JOURNAL_REF):
        return {}
    listed = git(world.origin, "ls-tree", "-r", "--name-only", JOURNAL_REF).splitlines()
    files = {path: git(world.origin, "cat-file", "blob", f"{JOURNAL_REF}:{path}").encode() for path in listed}
    agreed = decode(files)
    held = agreed.lease is not None and agreed.lease.until > world.sandbox.clock.now()
    items = [_entry(path, item, titles) for path, item in agreed.entries()]
    stones = [
        (plan.path, asdict(replace(stone, number=0))) for plan in agreed.plans for stone in plan.milestones
    ]
    return {
        "held": held,
        "items": sorted(items, key=str),
        "milestones": sorted(stones, key=str),
        "to look at": len(agreed.rewrites),
        "to say": len(agreed.farewells),
    }


def _entry(path: str, item: AgreedItem, titles: dict[int, str]) -> dict[str, Any]:
    names = {"path": path, "issue": titles.get(item.issue or 0), "begun": bool(item.begun)}
    return asdict(item) | names | {"stamp": "", "updated_at": ""}
