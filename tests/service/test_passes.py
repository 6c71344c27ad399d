"""Passes of the service, again and again: what has not changed since is not told again, and costs no quota."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.plans import SMALL
from support.world import NAME, PLAN, World, git

from planbot.service.answers import KeptAnswers
from planbot.service.clones import Clones
from planbot.service.credentials import AppTokens, OneToken
from planbot.service.model import Reason
from planbot.service.passes import Passes
from planbot.service.settings import LimitOptions, ServiceSettings
from planbot.tracker.github_account import GitHubApp
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.service.credentials import Credentials

OTHER = "octo/other"
SCHEDULE = (Reason("schedule"),)
PLENTY = 10**8
PASS = 1200.0
QUIET = [304, 304, 304]  # the repository, its issues, its milestones
ANEW = [200, 200, 200]


class Rounds:
    """Make passes one by one, and tell what each was answered and what of the quota it used."""

    def __init__(self, world: World, credentials: Credentials, user: str, most: int = PLENTY) -> None:
        self._sandbox = world.sandbox
        self._user = user
        settings = ServiceSettings(
            (), None, None, api_url=world.sandbox.url, limits=LimitOptions(pace=0, request=5)
        )
        clones = Clones(world.folder / "cache", PLENTY, world.sandbox.url, timeout=60)
        self.answers = KeptAnswers(most)
        self._passes = Passes(settings, credentials, clones, self.answers, threading.Event())

    def run(self, repository: str = NAME) -> tuple[list[int], int]:
        """Make a pass; return the status of each answer, and how many requests counted against the quota."""
        sent, used = len(self._sandbox.requests), self._used()
        outcome = self._passes.run(repository, SCHEDULE)
        assert outcome.error is None, outcome.error
        told = [one.status for one in self._sandbox.requests[sent:] if one.kind == "api"]
        return told, self._used() - used

    def settle(self, *repositories: str) -> None:
        """Make the first pass over each, and one that sees what that has made."""
        for repository in repositories * 2:
            self.run(repository)

    def _used(self) -> int:
        resources: dict[str, Any] = self._sandbox.limits.overview(self._user)["resources"]
        return int(sum(one["used"] for one in resources.values()))


@pytest.fixture
def planned(world: World) -> World:
    """Have two repositories, each with a plan file."""
    world.commit({PLAN: SMALL})
    git(world.folder, "clone", "--quiet", "--bare", str(world.origin), "other.git")
    world.sandbox.create_repository(OTHER, git_dir=world.folder / "other.git")
    return world


@pytest.fixture
def rounds(planned: World) -> Callable[[int], Rounds]:
    token = OneToken(planned.sandbox.url, Token(planned.bot_token), timeout=60)
    return lambda most: Rounds(planned, token, "planbot", most)


def test_quiet_repositories_cost_no_quota_and_what_changed_is_seen(
    planned: World, rounds: Callable[[int], Rounds]
) -> None:
    made = rounds(PLENTY)
    made.settle(NAME, OTHER)
    for repository in (NAME, OTHER, NAME, OTHER):
        assert made.run(repository) == (QUIET, 0)
    planned.set_box("Phase 1", "the page opens")
    told, used = made.run()
    assert sorted(told) == [200, 200, 304, 304], "the issues, and who edited one"
    assert used == 2
    assert b"[x] the page opens" in planned.plan()
    assert made.run(OTHER) == (QUIET, 0)


def test_another_token_of_an_app_is_told_everything_itself(planned: World) -> None:
    number, key = planned.sandbox.add_app("planner")
    planned.sandbox.install_app(number, "octo")
    late = 0.0
    tokens = AppTokens(
        GitHubApp(planned.sandbox.url, number, key, timeout=60),
        planned.sandbox.url,
        needed=PASS,
        timeout=60,
        clock=lambda: time.time() + late,
    )
    tokens.repositories()
    made = Rounds(planned, tokens, "planner[bot]")
    made.settle(NAME)
    assert made.run() == (QUIET, 0)
    late = 3600 - PASS + 60
    tokens.token(NAME)
    late = 0
    assert made.run() == (ANEW, 3)
    assert made.run() == (QUIET, 0)


def test_the_least_recently_used_repository_is_forgotten_where_they_take_too_much(
    rounds: Callable[[int], Rounds],
) -> None:
    one = rounds(PLENTY)
    one.settle(NAME)
    made = rounds(one.answers.size * 3 // 2)  # more than one has, and less than two
    made.settle(OTHER, NAME)
    assert made.run(NAME) == (QUIET, 0)
    assert made.run(OTHER) == (ANEW, 3)
    assert made.run(OTHER) == (QUIET, 0)
    assert made.run(NAME) == (ANEW, 3)


def test_without_room_nothing_is_kept(rounds: Callable[[int], Rounds]) -> None:
    made = rounds(0)
    made.settle(NAME)
    assert made.run() == (ANEW, 3)
    assert made.answers.size == 0


def test_a_repository_that_is_no_longer_kept_is_forgotten(rounds: Callable[[int], Rounds]) -> None:
    made = rounds(PLENTY)
    made.settle(NAME)
    made.answers.forget(NAME)
    assert made.answers.size == 0
    assert made.run() == (ANEW, 3)
