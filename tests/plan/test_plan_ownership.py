"""Owners and days: what counts as a login, and what as a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from planbot.plan.ownership import MOST_OWNERS, due, owners, unreadable_dates
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from planbot.plan.model import Phase

PHASE = "# Plan\n\n## Phase 1: A\n\n{}\n\n- [ ] a\n"


def phase(text: str) -> Phase:
    return read_plan("x-plan.md", PHASE.format(text).encode()).phases[0]


@pytest.mark.parametrize(
    ("text", "logins"),
    [
        ("**Owner**: @alice", ("alice",)),
        ("**Owners:** @alice, @Bob-2 and @alice", ("alice", "Bob-2")),
        ("Assignee: @alice (or @ALICE)", ("alice",)),
        ("- **Owner**: @alice", ("alice",)),
        ("**Owner**: Alice", ()),
        ("**Owner**: alice@example.org, @octo/team, `@code`, @-dash, @double--dash", ()),
        ("**Reviewer**: @alice", ()),
        (
            "**Owner**: " + " ".join(f"@u{at}" for at in range(30)),
            tuple(f"u{at}" for at in range(MOST_OWNERS)),
        ),
    ],
)
def test_owners_are_logins_with_an_at_sign(text: str, logins: tuple[str, ...]) -> None:
    assert owners(phase(text)) == logins


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("**Due**: 2026-12-01", "2026-12-01"),
        ("**Due date:** on 2028-02-29, at the latest", "2028-02-29"),
        ("Due: 2026-12-01T09:00", "2026-12-01"),
        ("**Due**: 2026-02-30", None),
        ("**Due**: 2026-13-01", None),
        ("**Due**: 0000-01-01", None),
        ("**Due**: 12026-01-01", None),
        ("**Due**: soon", None),
    ],
)
def test_a_day_is_one_of_the_calendar(text: str, day: str | None) -> None:
    part = phase(text)
    assert due(part) == day
    assert [field.line for field in unreadable_dates(part)] == ([] if day else [5])


def test_a_part_without_the_fields_has_neither() -> None:
    part = phase("**Goal**: @alice by 2026-12-01")
    assert owners(part) == ()
    assert due(part) is None
