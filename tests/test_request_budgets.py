"""What a pass may ask of the server, request by request: whatever is not in its budget fails the test."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from support.world import PLAN, World

from planbot.cli.comments import run_pass
from planbot.engine import Options
from planbot.errors import LimitError
from planbot.repo.git import Git
from planbot.sandbox.graphql_query import creations
from planbot.sync.batch import TOGETHER
from planbot.tracker.answers import AnswerCache
from planbot.tracker.event import Event
from planbot.tracker.records import UserRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sandbox.record import Request


PAGE = 100
HOUR = 3600
RECENT = {"GET /": 1, "GET /issues?since": 1, "GET /milestones": 1}  # whatever the number of issues
SIZES = [pytest.param((2, 2), id="7 issues"), pytest.param((10, 24), id="251 issues")]


@dataclass(frozen=True)
class Spent:
    """Hold what a pass sent, by method and kind of path, and how often it pushed."""

    requests: Counter[str]
    pushes: int


class Account:
    """Run passes as the commands do, and count what they send."""

    def __init__(self, world: World, phases: int, tasks: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.phases = phases
        self.tasks = tasks
        self.issues = 1 + phases * (1 + tasks)
        self.reads = {"GET /": 1, "GET /issues": -(-self.issues // PAGE), "GET /milestones": 1}
        self._pushes = 0
        run = Git.run

        def counted(git: Git, *args: str, **more: object) -> object:
            self._pushes += args[0] == "push"
            return run(git, *args, **more)  # type: ignore[arg-type] # handed on as they came

        monkeypatch.setattr(Git, "run", counted)
        world.commit({PLAN: "\n".join(_plan(phases, tasks))})

    def spend(self, *allow: str, event: Event | None = None, cache: AnswerCache | None = None) -> Spent:
        """Run a pass that must not fail, and return what it sent."""
        before, pushes = len(self.world.sandbox.requests), self._pushes
        with self.world.tracker(self.world.bot_token, cache) as bot:
            options = Options(allow=frozenset(allow), event=event)
            assert run_pass(self.world.engine(bot, options=options), bot, self.world.repository()).complete
            counted = bot.reads, bot.writes
        sent = Counter(_kind(one) for one in self.world.sandbox.requests[before:])
        writes = sum(
            count for kind, count in sent.items() if not kind.startswith("GET") and kind != "POST /graphql"
        )
        assert counted == (sent.total() - writes, writes)
        return Spent(sent, self._pushes - pushes)


def _plan(phases: int, tasks: int) -> Iterator[str]:
    yield "# Big: Implementation Plan\n"
    for phase in range(1, phases + 1):
        yield f"### Phase {phase}: Part {phase}\n\n**Goal**: All of part {phase}.\n"
        for task in range(1, tasks + 1):
            yield f"#### {phase}.{task} Build {phase} of {task}\n\nText of {phase}.{task}.\n"
    yield "## Verification\n"
    for phase in range(1, phases + 1):
        yield f"### Phase {phase} Verification\n\n**Automated**:"
        yield f"- [ ] the tests of {phase} pass\n- [ ] the linter of {phase} is quiet\n- [ ] {phase} is read\n"


def _kind(sent: Request) -> str:
    path = re.sub(r"[0-9]+", "N", sent.path.removeprefix("/repos/octo/plans")) or "/"
    path += "/createIssue" if creations(sent.body) else ""
    return f"{sent.method} {path}" + ("?since" if "since=" in sent.query else "")


def edited(world: World, start: str) -> Event:
    """Return the event of an edit by a person."""
    return Event("issues", "edited", UserRecord("maya", 2), issue=world.issue(start).number)


@pytest.fixture
def account(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Account:
    phases, tasks = request.param
    return Account(world, phases, tasks, monkeypatch)


@pytest.mark.parametrize("account", SIZES, indirect=True)
def test_each_pass_keeps_to_its_budget(account: Account) -> None:
    world = account.world
    first = account.spend("creates")
    # one list of labels, because there are some to make; nothing is written again that was just made
    assert first.requests == {
        "GET /": 1,
        "GET /issues": 1,
        "GET /milestones": 1,
        "GET /labels": 1,
        "POST /labels": 1,
        "POST /milestones": account.phases,
        "POST /issues": 1,  # the plan's, which has no parent
        "POST /graphql": 1,  # the repository's id: those of what is made are told when it is
        "POST /graphql/createIssue": 1 + account.phases * -(-account.tasks // TOGETHER),
    }
    quiet = account.spend()
    assert quiet == Spent(Counter(account.reads), 0)

    world.sandbox.clock.advance(HOUR)
    world.set_box("Phase 1: Part 1", "the tests of 1 pass")
    ticked = account.spend()
    # GitHub is asked who ticked, to name them in the commit
    assert ticked == Spent(Counter(account.reads | {"POST /graphql": 1}), 1)

    world.set_box("Phase 1: Part 1", "the linter of 1 is quiet")
    event = edited(world, "Phase 1: Part 1")
    assert account.spend(event=event) == Spent(Counter(RECENT), 1)  # the event says who ticked
    assert account.spend(event=event) == Spent(Counter(RECENT), 0)

    world.edit("#### 1.1 Build 1 of 1", "#### 1.1 Build 1 of 1 anew")
    renamed = account.spend()
    # what is to be written is read again just before; an entry announces the write, another ends it
    assert renamed == Spent(Counter(account.reads | {"GET /issues/N": 1, "PATCH /issues/N": 1}), 2)
    assert account.spend() == quiet


@pytest.mark.parametrize("account", SIZES, indirect=True)
def test_where_the_server_makes_issues_one_by_one_each_costs_two_writes(account: Account) -> None:
    account.world.sandbox.faults.old_schema = True
    assert account.spend("creates").requests == {
        "GET /": 1,
        "GET /issues": 1,
        "GET /milestones": 1,
        "GET /labels": 1,
        "POST /labels": 1,
        "POST /milestones": account.phases,
        "POST /graphql": 1,  # it is asked once, and refuses
        "POST /graphql/createIssue": 1,
        "POST /issues": account.issues,
        "POST /issues/N/sub_issues": account.issues - 1,
    }
    assert account.spend() == Spent(Counter(account.reads), 0)


@pytest.mark.parametrize("account", SIZES[1:], indirect=True)
def test_a_first_sync_costs_at_most_1_1_writes_a_task(account: Account) -> None:
    account.spend("creates")
    sent = [one for one in account.world.sandbox.requests if one.login == "planbot"]
    writes = [one for one in sent if one.method != "GET" and (one.path != "/graphql" or creations(one.body))]
    written = sum(creations(one.body) or 1 for one in writes)
    tasks = account.phases * account.tasks
    print(f"{tasks} tasks: {len(writes)} requests that write, {written} writes")
    assert len(writes) <= written <= 1.1 * tasks


@pytest.mark.parametrize("account", SIZES[:1], indirect=True)
def test_what_people_say_in_comments_costs_nothing(account: Account) -> None:
    account.spend()
    for issue in account.world.issues().values():
        account.world.person.comment(issue.number, "Well done.")
    assert account.spend() == Spent(Counter(account.reads), 0)


@pytest.mark.parametrize("account", SIZES[:1], indirect=True)
def test_comments_are_read_only_where_a_refused_pass_was_told_of(account: Account) -> None:
    world = account.world
    account.spend()
    plan = world.plan()
    world.commit({PLAN: None})
    with pytest.raises(LimitError):
        account.spend()
    world.commit({PLAN: plan})
    withdrawn = account.spend()
    assert withdrawn.requests == account.reads | {
        "GET /issues/N/comments": 1,
        "POST /graphql": 1,  # whose comments are ours
        "DELETE /issues/comments/N": 1,
    }
    assert account.spend() == Spent(Counter(account.reads), 0)


@pytest.mark.parametrize("account", SIZES[:1], indirect=True)
def test_a_refusal_that_was_noted_and_not_told_is_looked_for_once(account: Account) -> None:
    world = account.world
    account.spend()
    plan = world.plan()
    world.commit({PLAN: None})
    world.sandbox.faults.fail(500, method="POST", path="/repos/*/comments")
    with pytest.raises(LimitError):
        account.spend()
    world.commit({PLAN: plan})
    assert account.spend().requests["GET /issues/N/comments"] == 1
    assert account.spend() == Spent(Counter(account.reads), 0)


@pytest.mark.parametrize("account", SIZES, indirect=True)
def test_a_quiet_repository_costs_no_quota_where_a_process_stays(account: Account) -> None:
    cache, limits = AnswerCache(), account.world.sandbox.limits
    account.spend("creates", cache=cache)
    account.spend(cache=cache)
    before = limits.overview("planbot")["resources"]
    sent = len(account.world.sandbox.requests)
    assert account.spend(cache=cache) == Spent(Counter(account.reads), 0)
    assert {one.status for one in account.world.sandbox.requests[sent:]} == {304}
    assert limits.overview("planbot")["resources"] == before
