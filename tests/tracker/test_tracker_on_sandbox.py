from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from planbot.errors import (
    LostAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    TrackerError,
)
from planbot.sandbox import Sandbox
from planbot.tracker.github_tracker import GitHubTracker
from planbot.tracker.marker import (
    Managed,
    Marker,
    replace_block,
    split,
    split_milestone,
    wrap,
    wrap_milestone,
)
from planbot.tracker.records import LabelRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.manual_time import ManualTime

REPOSITORY = "octo/plans"
MARKER = Marker("docs/-->PLAN.md", "task:1.2", "u1", "0123456789abcdef", "01", "s1")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.create_repository(REPOSITORY)
        yield running


@pytest.fixture
def log_in(sandbox: Sandbox, time: ManualTime) -> Iterator[Callable[..., GitHubTracker]]:
    opened: list[GitHubTracker] = []

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        sandbox.clock.advance(seconds)

    def connect(token: str, **settings: Any) -> GitHubTracker:
        tracker = GitHubTracker.connect(
            sandbox.url, token, REPOSITORY, sleep=sleep, clock=sandbox.clock.now, **settings
        )
        opened.append(tracker)
        return tracker

    yield connect
    for tracker in opened:
        tracker.close()


@pytest.fixture
def bot(sandbox: Sandbox, log_in: Callable[..., GitHubTracker]) -> GitHubTracker:
    return log_in(sandbox.add_user("planner", "write"))


def sent(sandbox: Sandbox) -> list[str]:
    return [request.method for request in sandbox.requests]


def test_a_plan_is_written_and_read_back(bot: GitHubTracker) -> None:
    bot.create_label(LabelRecord("planbot", "0e8a16", "Managed by planbot"))
    bot.create_label(LabelRecord("planbot", "ffffff"))
    milestone = bot.create_milestone("Phase 1", wrap_milestone(MARKER, "Goal"))
    parent = bot.create_issue("Phase 1", "", labels=("planbot",), milestone=milestone.number)
    child = bot.create_issue("1.1 Task", wrap(MARKER, "- [ ] one\n- [x] two"), labels=("planbot",))
    assert bot.add_sub_issue(parent.number, child)
    assert bot.add_sub_issue(parent.number, child)
    bot.update_issue(child.number, state="closed", state_reason="completed")
    bot.update_milestone(milestone.number, state="closed")
    bot.comment(child.number, "Done.")

    assert [(label.name, label.color) for label in bot.labels() if label.name == "planbot"] == [
        ("planbot", "0e8a16")
    ]
    assert [(issue.number, issue.state) for issue in bot.issues("planbot")] == [
        (parent.number, "open"),
        (child.number, "closed"),
    ]
    found = bot.issue(child.number)
    assert found is not None
    assert (found.state_reason, found.author) == ("completed", "planner")
    assert split(found.body) == split(wrap(MARKER, "- [ ] one\n- [x] two"))
    assert [one.state for one in bot.milestones()] == ["closed"]
    described = split_milestone(bot.milestones()[0].description)
    assert isinstance(described, Managed)
    assert described.marker == MARKER


def test_requests_are_counted_as_the_server_counts_them(sandbox: Sandbox, bot: GitHubTracker) -> None:
    issue = bot.create_issue("one", "")
    bot.update_issue(issue.number, body="new")
    bot.issues("planbot")
    bot.issue(99)
    methods = sent(sandbox)
    assert bot.reads == methods.count("GET")
    assert bot.writes == methods.count("POST") + methods.count("PATCH")


def test_more_than_a_page_of_issues_is_read_whole(bot: GitHubTracker) -> None:
    bot.create_label(LabelRecord("planbot"))
    for number in range(103):
        bot.create_issue(f"Task {number}", "", labels=("planbot",))
    assert [issue.number for issue in bot.issues("planbot")] == list(range(1, 104))


def test_an_issue_whose_answer_was_lost_is_there_once(sandbox: Sandbox, bot: GitHubTracker) -> None:
    bot.create_label(LabelRecord("planbot"))
    sandbox.faults.drop(method="POST", path="*/issues", when="after")
    with pytest.raises(LostAnswerError):
        bot.create_issue("Task", "", labels=("planbot",))
    assert [issue.title for issue in bot.issues("planbot")] == ["Task"]
    assert bot.writes == 2


def test_a_body_edited_in_the_browser_keeps_its_marker(bot: GitHubTracker) -> None:
    issue = bot.create_issue("Task", f"Before.\n\n{wrap(MARKER, 'text')}\n")
    bot.update_issue(issue.number, body=f"{issue.body}\nAfter.".replace("\n", "\r\n"))
    edited = bot.issue(issue.number)
    assert edited is not None
    found = split(edited.body)
    assert isinstance(found, Managed)
    assert (found.marker, found.text) == (MARKER, "text")
    again = bot.update_issue(issue.number, body=replace_block(edited.body, MARKER, "new"))
    assert again.body == f"Before.\r\n\r\n{wrap(MARKER, 'new')}\r\n\r\nAfter."


def test_a_renamed_repository_is_found_and_written_under_its_new_name(
    sandbox: Sandbox, bot: GitHubTracker
) -> None:
    bot.create_label(LabelRecord("planbot"))
    closed = bot.create_issue("Task", "", labels=("planbot",))
    bot.update_issue(closed.number, state="closed")
    sandbox.rename_repository(REPOSITORY, "octo/roadmaps")
    with pytest.raises(TrackerError, match="redirects"):
        bot.issues("planbot")
    with pytest.raises(TrackerError, match="redirects"):
        bot.create_issue("Task", "")
    assert bot.repository().full_name == "octo/roadmaps"
    assert [issue.state for issue in bot.issues("planbot")] == ["closed"]


def test_a_deleted_and_a_transferred_issue_are_gone(sandbox: Sandbox, bot: GitHubTracker) -> None:
    sandbox.create_repository("octo/other")
    deleted, moved = bot.create_issue("one", ""), bot.create_issue("two", "")
    sandbox.delete_issue(REPOSITORY, deleted.number)
    sandbox.transfer_issue(REPOSITORY, moved.number, "octo/other")
    assert bot.issue(deleted.number) is None
    assert bot.issue(moved.number) is None


def test_without_write_access_labels_are_dropped_and_the_record_tells(
    sandbox: Sandbox, bot: GitHubTracker, log_in: Callable[..., GitHubTracker]
) -> None:
    bot.create_label(LabelRecord("planbot"))
    reader = log_in(sandbox.add_user("reader", "read"))
    assert not reader.repository().push
    assert reader.create_issue("Task", "", labels=("planbot",)).labels == ()
    others = bot.create_issue("Task", "")
    with pytest.raises(PermissionDeniedError, match=f"#{others.number}"):
        reader.update_issue(others.number, title="Mine")
    with pytest.raises(NotFoundError) as caught:
        reader.create_milestone("Phase 1", "")
    assert "issues: write" in caught.value.hint


def test_a_private_repository_is_not_found_by_a_stranger(
    sandbox: Sandbox, log_in: Callable[..., GitHubTracker]
) -> None:
    with sandbox.edit(REPOSITORY) as repository:
        repository.private = True
    with pytest.raises(NotFoundError, match=REPOSITORY):
        log_in(sandbox.add_user("stranger", "none")).repository()


def test_issues_that_are_switched_off_are_told(sandbox: Sandbox, bot: GitHubTracker) -> None:
    with sandbox.edit(REPOSITORY) as repository:
        repository.has_issues = False
    assert not bot.repository().has_issues
    with pytest.raises(TrackerError, match="disabled"):
        bot.create_issue("Task", "")


def test_a_secondary_limit_is_waited_out(sandbox: Sandbox, bot: GitHubTracker, time: ManualTime) -> None:
    sandbox.limits.creations_per_minute = 2
    made = [bot.patiently(partial(bot.create_issue, title, "")).title for title in "abcde"]
    assert made == list("abcde")
    assert [seconds for seconds in time.slept if seconds > 1] == [60.0, 60.0]
    assert bot.writes == 5 + 2


def test_a_used_up_hour_is_told_with_how_long(sandbox: Sandbox, bot: GitHubTracker, time: ManualTime) -> None:
    sandbox.clock.hold()
    sandbox.limits.requests_per_hour = 1
    bot.repository()
    with pytest.raises(RateLimitedError) as caught:
        bot.issues("planbot")
    assert caught.value.seconds is not None
    assert 3590 < caught.value.seconds <= 3602
    assert time.slept == []
