"""What events ask for: every example that GitHub gives, and what each depends on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.payloads import examples

from planbot.repo.objects import PLANBOT
from planbot.service.meaning import REFRESHING, Meaning, meaning_of
from planbot.tracker.event import ISSUE_ACTIONS, Event, PullRequestEvent, read_event
from planbot.tracker.marker import Marker, wrap
from planbot.tracker.records import Account, UserRecord

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = Account("")
BOT = Account("planbot", installation=True)
MARKED = wrap(Marker("PLAN.md", "task:1.1", "u1", "d", "1", "s2"), "- [x] a box")
OLDER = wrap(Marker("PLAN.md", "task:1.1", "u1", "d", "0", "s1"), "- [ ] a box")
ADA, PLANBOT_BOT = UserRecord("ada", 1), UserRecord("planbot[bot]", 2)

TICK = Event("issues", "edited", ADA, issue=3, body=MARKED, old_body=MARKED, repository="o/r")
PUSH = Event("push", sender=ADA, repository="o/r", default_branch="main", ref="refs/heads/main")
PULL = PullRequestEvent(5, "a", "main", fork=False, branch="planbot/progress")
MERGE = Event("pull_request", "closed", ADA, pull_request=PULL)


def wish(event: Event, me: Account = NOBODY, branch: str = "main") -> str:
    return meaning_of(event, me, branch).wish


@pytest.mark.parametrize("event", [TICK, PUSH, MERGE])
def test_what_people_do_to_plans_asks_for_a_pass(event: Event) -> None:
    for me in (NOBODY, BOT):
        assert meaning_of(event, me, "main") == Meaning("pass")


def test_issues_that_planbot_does_not_manage_ask_for_nothing() -> None:
    strange = replace(TICK, body="a bug", old_body="a bug?")
    assert wish(strange) == "nothing"
    assert wish(replace(strange, labels=frozenset(("planbot", "bug")))) == "pass"
    assert wish(replace(strange, old_body=MARKED)) == "pass"  # somebody took the mark out
    assert wish(replace(strange, body=MARKED[:40])) == "pass"  # or broke it


@pytest.mark.parametrize("action", ["opened", "assigned", "labeled", "milestoned", "pinned", ""])
def test_what_plan_files_do_not_tell_of_asks_for_nothing(action: str) -> None:
    assert wish(replace(TICK, action=action)) == "nothing"


def test_the_workflow_asks_for_the_same_events_of_issues() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/planbot.yml").read_bytes())
    assert tuple(workflow[True]["issues"]["types"]) == ISSUE_ACTIONS  # YAML reads `on` as True


@pytest.mark.parametrize(
    ("ref", "branch", "wanted"),
    [
        ("refs/heads/main", "main", "pass"),
        ("refs/heads/main", "plans", "pass"),  # the settings stand there
        ("refs/heads/plans", "plans", "pass"),
        ("refs/heads/topic", "plans", "nothing"),
        ("refs/heads/topic", "", "pass"),  # which branch it is has to be found out
        ("refs/tags/main", "main", "nothing"),
        ("refs/planbot/journal", "", "nothing"),
        ("", "main", "nothing"),
    ],
)
def test_a_push_counts_on_the_branches_that_matter(ref: str, branch: str, wanted: str) -> None:
    assert wish(replace(PUSH, ref=ref), branch=branch) == wanted
    assert wish(replace(PUSH, ref=ref, deleted=True), branch=branch) == "nothing"


def test_of_pull_requests_planbot_s_own_counts_when_people_end_it_or_open_it_again() -> None:
    assert wish(replace(MERGE, action="reopened")) == "pass"
    assert wish(replace(MERGE, action="synchronize")) == "nothing"
    for other in (None, replace(PULL, fork=True), replace(PULL, branch="topic")):
        assert wish(replace(MERGE, pull_request=other)) == "nothing"


@pytest.mark.parametrize(
    "event",
    [
        replace(PUSH, sender=PLANBOT_BOT, bot=True),
        replace(TICK, sender=PLANBOT_BOT, bot=True, old_body=OLDER),
        replace(TICK, sender=PLANBOT_BOT, bot=True, action="closed"),
    ],
)
def test_what_planbot_does_itself_asks_for_nothing_once_it_is_known_who_it_is(event: Event) -> None:
    assert wish(event, BOT) == "nothing"
    assert wish(event, NOBODY) == "pass"
    assert wish(event, Account("another")) == "pass"


def test_with_a_person_s_token_what_the_person_does_by_hand_counts() -> None:
    ada = Account("ada")
    assert wish(TICK, ada) == "pass"
    assert wish(replace(TICK, old_body=OLDER), ada) == "nothing"  # a fresh stamp: planbot wrote it
    assert wish(PUSH, ada) == "pass"
    assert wish(replace(PUSH, committer=PLANBOT.email), ada) == "nothing"


@pytest.mark.parametrize("name", REFRESHING)
def test_what_changes_the_repositories_has_them_listed_anew(name: str) -> None:
    payloads: list[dict[str, Any]] = examples().get(name, [])
    assert payloads or name == "installation_target"
    for payload in (*payloads, {}):
        assert wish(read_event(name, payload), BOT) == "refresh"


def test_everything_else_asks_for_nothing() -> None:
    kept = ("issues", "push", "pull_request", *REFRESHING)
    others = [(name, one) for name, payloads in examples().items() if name not in kept for one in payloads]
    assert len(others) > 100
    assert {wish(read_event(name, payload), BOT) for name, payload in others} == {"nothing"}
