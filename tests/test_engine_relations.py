"""Owners, days and dependencies over HTTP: what the sandbox keeps as GitHub does."""

from __future__ import annotations

from typing import Any, Literal

import pytest
import requests
from support.world import NAME, PLAN, World

from planbot.sync.reconcile import LAG

ISSUES = f"/repos/{NAME}/issues"
TEXT = """\
# Move: Implementation Plan

## Remediation Plan

### Phase 1: Build

**Goal**: A house.
**Due**: 2026-12-01

#### 1.1 Walls

**Owner**: @maya, @nobody

They stand.

#### 1.2 Roof

**Depends on**: 1.1

It is dry.

### Phase 2: Live

**Depends on**: Phase 1

#### 2.1 Move in

**Depends on**: 1.2, 1.1

Nobody is outside.
"""
BLOCKED = {"1.2": {"1.1"}, "Phase": {"Phase"}, "2.1": {"1.1", "1.2"}}


@pytest.fixture
def synced(world: World) -> World:
    world.commit({PLAN: TEXT})
    world.sync()
    return world


def ask(world: World, path: str) -> Any:
    answer = requests.get(
        f"{world.sandbox.url}/repos/{NAME}/{path}",
        headers={"Authorization": f"Bearer {world.person_token}", "Accept": "application/vnd.github+json"},
        timeout=60,
    )
    answer.raise_for_status()
    return answer.json()


def blocked(world: World) -> dict[str, set[str]]:
    """Return what blocks what, by the first words of the titles."""
    found = {
        title.partition(" ")[0]: {
            one["title"].partition(" ")[0]
            for one in ask(world, f"issues/{issue.number}/dependencies/blocked_by")
        }
        for title, issue in sorted(world.issues().items())
    }
    return {title: titles for title, titles in found.items() if titles}


def test_dependencies_owners_and_days_reach_the_tracker(synced: World) -> None:
    assert blocked(synced) == BLOCKED
    assert synced.issue("1.1").assignees == ("maya",)
    first, second = ask(synced, "milestones")
    assert (first["due_on"][:10], second["due_on"]) == ("2026-12-01", None)
    synced.quiet()


def test_an_owner_who_is_a_stranger_stands_in_the_text_and_is_reported(world: World) -> None:
    world.commit({PLAN: TEXT})
    result = world.sync()
    assert [(path, found.code, found.line) for path, found in result.findings] == [(PLAN, "PB206", 10)]
    assert "@nobody" in result.findings[0][1].message
    assert "nobody" in world.issue("1.1").body
    world.sandbox.clear_requests()
    world.quiet()
    assert not [one for one in world.sandbox.requests if "/assignees/" in one.path], "asked for once"


def test_what_the_plan_drops_is_dropped(synced: World) -> None:
    text = TEXT.replace("**Depends on**: 1.2, 1.1", "**Depends on**: 1.2").replace(
        "**Due**: 2026-12-01\n", ""
    )
    synced.commit({PLAN: text.replace("**Owner**: @maya, @nobody", "**Owner**: @nobody")})
    synced.sync()
    assert blocked(synced) == BLOCKED | {"2.1": {"1.2"}}
    assert synced.issue("1.1").assignees == ()
    assert [stone["due_on"] for stone in ask(synced, "milestones")] == [None, None]
    synced.quiet()


def test_a_blocker_that_leaves_the_plan_blocks_no_more(synced: World) -> None:
    start, end = TEXT.index("#### 1.1"), TEXT.index("#### 1.2")
    synced.commit(
        {PLAN: (TEXT[:start] + TEXT[end:]).replace("**Depends on**: 1.1\n\n", "").replace(", 1.1", "")}
    )
    synced.sync()
    assert blocked(synced) == {"Phase": {"Phase"}, "2.1": {"1.2"}}
    synced.quiet()


def test_a_server_without_dependencies_says_so_once(world: World) -> None:
    world.sandbox.faults.fail(404, path="/repos/*/issues/*/dependencies/*", times=None)
    world.commit({PLAN: TEXT})
    result = world.sync()
    assert "this server has no dependencies between issues: they stand in the text alone" in result.notices
    assert sum("/dependencies/" in one.path for one in world.sandbox.requests) == len(("POST", "GET"))
    world.quiet()


def test_a_circle_that_the_server_refuses_is_told_and_nothing_else_is_held_up(synced: World) -> None:
    walls, moved = synced.issue("1.1"), synced.issue("2.1")
    # the plan drops it, so that planbot would make it anew when it is back
    synced.commit({PLAN: TEXT.replace(", 1.1", "")})
    synced.sync()
    synced.person.set_blocked_by(walls.number, moved, blocked=True)
    synced.commit({PLAN: TEXT})
    result = synced.sync()
    assert any("cycle" in notice and "stands in its text alone" in notice for notice in result.notices)
    synced.quiet()


@pytest.mark.parametrize("when", ["before", "after"])
def test_dependencies_of_issues_that_lists_do_not_show_yet_are_made_with_them(
    world: World, when: Literal["before", "after"]
) -> None:
    world.commit({PLAN: TEXT})
    world.sandbox.faults.drop(method="POST", path=ISSUES, when=when, times=4)
    world.sandbox.faults.lag_lists(3600)
    world.sync()
    assert not world.sync().complete
    world.sandbox.faults.clear()
    world.skip_time(LAG)
    world.sync()
    assert blocked(world) == BLOCKED
    world.quiet()
