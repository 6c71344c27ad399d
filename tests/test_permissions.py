"""Every request and every git operation needs a permission; the workflow's jobs have those, and none they need not.

What only GitHub itself can show: that it asks for these and no others, that GITHUB_TOKEN of a run for a fork reads
alone, that events made with it start no run, and how runs wait for each other.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from support.plans import SMALL
from support.world import PLAN, World

from planbot.repo.git import Git
from planbot.sandbox.graphql_query import creations
from planbot.upkeep import keep_preview, refused_issues, tell_refusals, withdraw_refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.report.result import PassResult
    from planbot.sandbox.record import Request

Needs = frozenset[
    tuple[str, str]
]  # permissions with their levels, any of which will do; none for what all may do

ROOT = Path(__file__).resolve().parent.parent
LEVELS = ("none", "read", "write")


def need(*permissions: str) -> Needs:
    pairs = (permission.split(": ") for permission in permissions)
    return frozenset((name, level) for name, level in pairs)


READ, WRITE = need("issues: read"), need("issues: write")
COMMENT = need("issues: write", "pull-requests: write")

# https://docs.github.com/rest/authentication/permissions-required-for-github-apps
ENDPOINTS = {
    r"GET /repos/[^/]+/[^/]+": need(),
    r"GET /repos/.+/assignees/[^/]+": need(),
    r"GET /users/[^/]+": need(),
    r"POST /graphql": READ,  # who edited an issue, what has which id
    r"POST /graphql/createIssue": WRITE,
    r"GET /repos/.+/(issues|labels|milestones)": READ,
    r"GET /repos/.+/milestones/\d+": READ,
    r"GET /repos/.+/issues/\d+(/sub_issues|/dependencies/blocked_by)?": READ,
    r"POST /repos/.+/(issues|labels|milestones)": WRITE,
    r"PATCH /repos/.+/(issues|milestones)/\d+": WRITE,
    r"POST /repos/.+/issues/\d+/sub_issues": WRITE,
    r"POST /repos/.+/issues/\d+/dependencies/blocked_by": WRITE,
    r"GET /repos/.+/issues/\d+/comments": need("issues: read", "pull-requests: read"),
    r"POST /repos/.+/issues/\d+/comments": COMMENT,
    r"PATCH /repos/.+/issues/comments/\d+": COMMENT,
    r"DELETE /repos/.+/issues/comments/\d+": COMMENT,
    r"GET /repos/.+/pulls(/\d+)?": need("pull-requests: read"),
    r"POST /repos/.+/pulls": need("pull-requests: write"),
    r"PATCH /repos/.+/pulls/\d+": need("pull-requests: write"),
}
GIT = {"fetch": need("contents: read"), "ls-remote": need("contents: read"), "push": need("contents: write")}


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the git commands that are run from now on."""
    seen: set[str] = set()
    run = Git.run

    def watched(self: Git, *args: str, **more: object) -> object:
        seen.add(args[0])
        return run(self, *args, **more)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(Git, "run", watched)
    return seen


def permissions(job: str) -> dict[str, str]:
    workflow = yaml.safe_load((ROOT / ".github/workflows/planbot.yml").read_bytes())
    found: dict[str, str] = workflow["jobs"][job]["permissions"]
    return found


def asked_for(request: Request) -> str:
    """Return what a request asks for, as in the table."""
    return f"{request.method} {request.path.partition('?')[0]}{'/createIssue' if creations(request.body) else ''}"


def needs(world: World, since: int, operations: Iterable[str]) -> set[Needs]:
    """Return what was needed for the requests since a moment and for git; fail for one that is not in the table."""
    found = {GIT[operation] for operation in operations if operation in GIT}
    for request in world.sandbox.requests[since:]:
        asked = asked_for(request)
        known = [value for pattern, value in ENDPOINTS.items() if re.fullmatch(pattern, asked)]
        assert len(known) == 1, f"which permission does {asked} need?"
        found |= set(known)
    return found - {need()}


def satisfied(given: dict[str, str], wanted: Iterable[Needs]) -> bool:
    return all(
        any(LEVELS.index(given.get(name, "none")) >= LEVELS.index(level) for name, level in one)
        for one in wanted
    )


def lowered(given: dict[str, str]) -> Iterable[dict[str, str]]:
    for name, level in given.items():
        yield given | {name: LEVELS[LEVELS.index(level) - 1]}


def everything(world: World) -> None:
    """Do whatever a pass can do: make, change, link, depend, tick, close, comment, ask who; pull requests."""
    depends = SMALL.replace("Nothing to add.", "**Depends on**: 1.1\n**Owner**: @maya\n**Due**: 2031-01-31")
    world.commit({PLAN: depends})
    world.sync()
    world.set_box("Phase 1", "the page opens")
    world.edit("Store keys", "Keep keys")
    world.edit("**Goal**: One", "**Goal**: Just one")
    world.sync()
    world.sandbox.faults.old_schema = True  # what makes issues and puts them under their parents one by one
    world.edit("### Phase 2", "#### 1.9 Be told\n\nSoon.\n\n### Phase 2")
    world.sync()
    world.commit({PLAN: None})
    wanted: PassResult = world.diff()
    with world.tracker(world.bot_token) as bot:
        tell_refusals(bot, wanted, "https://example.org/1")
        tell_refusals(bot, wanted, "https://example.org/2")
        for told in refused_issues(wanted):
            withdraw_refusal(bot, told)
        number = bot.pulls.create_pull_request("Tick", "", head="progress", base="main").number
        bot.pulls.pull_request(number)
        bot.pulls.pull_requests("progress", "main")
        bot.pulls.update_pull_request(number, body="Ticks")
    world.sync("closes")


def test_a_pass_needs_what_its_job_is_given_and_nothing_more(world: World, operations: set[str]) -> None:
    world.commit({PLAN: SMALL})
    world.branch("progress")
    since = len(world.sandbox.requests)
    everything(world)
    wanted = needs(world, since, operations)
    given = permissions("sync")
    assert satisfied(given, wanted)
    assert [less for less in lowered(given) if satisfied(less, wanted)] == []
    assert operations >= {"fetch", "push"}


def test_a_preview_needs_what_its_job_is_given_and_nothing_more(world: World, operations: set[str]) -> None:
    world.commit({PLAN: SMALL})
    world.sync()
    world.branch("change")
    with world.tracker(world.person_token) as person:
        number = person.pulls.create_pull_request("Change", "", head="change", base="main").number
    world.edit("Store keys", "Keep keys")
    operations.clear()
    since = len(world.sandbox.requests)
    with world.tracker(world.bot_token) as bot:
        result = world.engine(bot).diff()
        for path in ("one", "two"):
            keep_preview(bot, number, result.__class__(path, changes=result.changes, dry_run=True))
    wanted = needs(world, since, operations)
    given = permissions("preview")
    assert "push" not in operations
    assert satisfied(given, wanted)
    assert [less for less in lowered(given) if satisfied(less, wanted)] == []


def test_every_row_of_the_table_is_needed(world: World) -> None:
    world.commit({PLAN: SMALL})
    world.branch("progress")
    everything(world)
    world.person.user("maya")
    world.person.issue(1)
    asked = set(map(asked_for, world.sandbox.requests))
    unused = [row for row in ENDPOINTS if not any(re.fullmatch(row, one) for one in asked)]
    assert unused == []
