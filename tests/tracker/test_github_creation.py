"""Several issues made in one request, each under its parent; and that a server cannot do that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tracker.github_json import issue_json
from tracker.scripted_server import DROP, Answer, ScriptedServer

from planbot.errors import LostAnswerError, RateLimitedError, RefusedError, TrackerError
from planbot.sandbox import Sandbox
from planbot.tracker.github_tracker import GitHubTracker
from planbot.tracker.records import IssueDraft, IssueRecord, LabelRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.manual_time import ManualTime

DRAFTS = [IssueDraft("one", "1"), IssueDraft("two", "2")]
NODE = {
    "id": "I_1",
    "fullDatabaseId": "1",
    "number": 1,
    "title": "one",
    "body": "1",
    "state": "OPEN",
    "locked": False,
    "url": "u",
    "author": None,
    "milestone": None,
    "parent": None,
    "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
    "labels": {"nodes": []},
    "assignees": {"nodes": []},
}
IDS = Answer(data={"data": {"repository": {"id": "R_1"}}})


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.create_repository("octo/plans")
        yield running


@pytest.fixture
def bot(sandbox: Sandbox) -> Iterator[GitHubTracker]:
    token = sandbox.add_user("planner", "write")
    with GitHubTracker.connect(sandbox.url, token, "octo/plans", seconds_between_writes=0) as tracker:
        yield tracker


def sent(sandbox: Sandbox) -> list[str]:
    return [f"{request.method} {request.path}" for request in sandbox.requests]


def numbers(found: Sequence[IssueRecord | TrackerError]) -> list[int]:
    assert all(isinstance(one, IssueRecord) for one in found), found
    return [one.number for one in found if isinstance(one, IssueRecord)]


def test_issues_are_made_under_their_parent_in_one_request(sandbox: Sandbox, bot: GitHubTracker) -> None:
    sandbox.add_user("dana", "write")
    bot.create_label(LabelRecord("planbot"))
    stone = bot.create_milestone("Phase 1", "").number
    parent = bot.create_issue("Phase 1", "").number
    drafts = [IssueDraft(f"Task {n}", f"- [ ] {n}", ("planbot",), stone, ("dana",), parent) for n in range(3)]
    sandbox.clear_requests()
    assert bot.prepare_issues(drafts)
    found = bot.create_issues(drafts)
    assert sent(sandbox) == ["POST /graphql", "POST /graphql"]  # what has which id, then all of them
    assert numbers(found) == [parent + 1, parent + 2, parent + 3]
    for issue, draft in zip(found, drafts, strict=True):
        assert isinstance(issue, IssueRecord)
        assert issue == bot.issue(issue.number)
        assert (issue.title, issue.body, issue.labels) == (draft.title, draft.body, draft.labels)
        assert (issue.milestone, issue.assignees, issue.parent) == (stone, ("dana",), parent)
    sandbox.clear_requests()
    assert bot.prepare_issues(drafts)
    bot.create_issues(drafts)
    assert sent(sandbox) == ["POST /graphql"]  # ids stay as they are


def test_a_bot_is_told_with_its_suffix(sandbox: Sandbox) -> None:
    token = sandbox.add_user("planbot[bot]", "write", "bot")
    with GitHubTracker.connect(sandbox.url, token, "octo/plans", seconds_between_writes=0) as tracker:
        assert tracker.prepare_issues(DRAFTS)
        made = tracker.create_issues(DRAFTS)[0]
        assert isinstance(made, IssueRecord)
        assert made == tracker.issue(made.number)


def test_what_failed_in_the_request_is_a_lost_answer_and_stops_no_other(bot: GitHubTracker) -> None:
    full = bot.create_issue("full", "")
    for n in range(100):
        assert bot.add_sub_issue(full.number, bot.create_issue(f"child {n}", ""))
    drafts = [IssueDraft("over", "", parent=full.number), IssueDraft("fine", "")]
    assert bot.prepare_issues(drafts)
    over, fine = bot.create_issues(drafts)
    assert isinstance(over, LostAnswerError)  # whether it was made cannot be told
    assert "more than 100 sub-issues" in over.message
    assert isinstance(fine, IssueRecord)


def test_where_something_named_is_not_there_issues_are_not_made_together(bot: GitHubTracker) -> None:
    assert not bot.prepare_issues([IssueDraft("a", "", ("unknown",)), IssueDraft("b", "")])
    assert bot.prepare_issues(DRAFTS)


def test_a_server_whose_schema_is_older_refuses_and_is_not_asked_again(
    sandbox: Sandbox, bot: GitHubTracker
) -> None:
    sandbox.faults.old_schema = True
    parent = bot.create_issue("Phase 1", "").number
    drafts = [IssueDraft("a", "", parent=parent), IssueDraft("b", "", parent=parent)]
    assert bot.prepare_issues(drafts)
    with pytest.raises(RefusedError, match="cannot make several issues at once"):
        bot.create_issues(drafts)
    assert len(bot.issues(None)) == 1
    sandbox.clear_requests()
    assert not bot.prepare_issues(drafts)
    assert sent(sandbox) == []


def test_what_is_made_by_itself_need_not_be_asked_for_its_id(sandbox: Sandbox, bot: GitHubTracker) -> None:
    assert bot.prepare_issues(DRAFTS)
    bot.create_label(LabelRecord("planbot"))
    stone = bot.create_milestone("Phase 1", "").number
    draft = IssueDraft("a", "", ("planbot",), stone, (), bot.create_issue("Phase 1", "").number)
    sandbox.clear_requests()
    assert bot.prepare_issues([draft])
    (made,) = bot.create_issues([draft])
    assert isinstance(made, IssueRecord)
    assert bot.prepare_issues([IssueDraft("b", "", parent=made.number)])
    assert sent(sandbox) == ["POST /graphql"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(data={"errors": [{"message": "no", "extensions": {"code": "argumentNotAccepted"}}]}),
        Answer(
            data={"errors": [{"message": "Variable $d0 …", "extensions": {"problems": [{"path": ["x"]}]}}]}
        ),
        Answer(404, {"message": "Not Found"}),
    ],
)
def test_a_server_that_cannot_is_asked_once(
    tracker: GitHubTracker, server: ScriptedServer, answer: Answer
) -> None:
    server.on("POST /graphql", IDS, answer)
    assert tracker.prepare_issues(DRAFTS)
    with pytest.raises(RefusedError):
        tracker.create_issues(DRAFTS)
    assert not tracker.prepare_issues(DRAFTS)
    assert sum(asked.path.endswith("graphql") for asked in server.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        DROP,
        Answer(502, {"message": "Bad Gateway"}),
        Answer(
            data={"data": None, "errors": [{"message": "Something went wrong while executing your query"}]}
        ),
        Answer(data={"errors": [{"message": "Something went wrong while executing your query"}]}),
        Answer(data={"data": None, "errors": [{"type": "RATE_LIMITED", "message": "too quickly"}]}),
        Answer(data={"data": None, "errors": [{"extensions": {"code": "undefinedField"}}]}),
        Answer(data=[]),
    ],
)
def test_a_lost_answer_is_lost_for_all_and_nothing_is_sent_again(
    tracker: GitHubTracker, server: ScriptedServer, answer: Answer
) -> None:
    server.on("POST /graphql", IDS, answer)
    assert tracker.prepare_issues(DRAFTS)
    with pytest.raises(LostAnswerError):
        tracker.create_issues(DRAFTS)
    assert len(server.asked) == 2


@pytest.mark.parametrize("errors", [None, "odd", [{"path": None}], [{"path": []}], ["odd"]])
def test_an_issue_that_cannot_be_read_is_lost_and_no_other(
    tracker: GitHubTracker, server: ScriptedServer, errors: object
) -> None:
    made = {"d0": {"issue": {"number": "?"}}, "d1": {"issue": NODE}}
    server.on("POST /graphql", IDS, Answer(data={"data": made, "errors": errors}))
    assert tracker.prepare_issues(DRAFTS)
    lost, found, *_ = tracker.create_issues(DRAFTS)
    assert isinstance(lost, LostAnswerError)
    assert isinstance(found, IssueRecord)


def test_what_a_limit_stops_half_way_is_not_sent_again(
    tracker: GitHubTracker, server: ScriptedServer
) -> None:
    limited = {"type": "RATE_LIMITED", "path": ["d1"], "message": "was submitted too quickly"}
    data = {"d0": {"issue": NODE}, "d1": None}
    server.on("POST /graphql", IDS, Answer(data={"data": data, "errors": [limited]}))
    assert tracker.prepare_issues(DRAFTS)
    first, second = tracker.create_issues(DRAFTS)
    assert isinstance(first, IssueRecord)
    assert isinstance(second, LostAnswerError)
    assert "was submitted too quickly" in second.message


def test_a_limit_is_told_with_the_time_to_wait(
    tracker: GitHubTracker, server: ScriptedServer, time: ManualTime
) -> None:
    limited = Answer(
        data={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
        headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.clock()) + 90)},
    )
    server.on("POST /graphql", IDS, limited)
    assert tracker.prepare_issues(DRAFTS)
    with pytest.raises(RateLimitedError) as told:
        tracker.create_issues(DRAFTS)
    assert told.value.seconds == 91


def test_a_request_that_writes_much_is_followed_by_as_long_a_pause(
    tracker: GitHubTracker, server: ScriptedServer, time: ManualTime
) -> None:
    server.on("POST /graphql", IDS, DROP)
    server.on("POST /repos/o/r/issues", Answer(201, issue_json()))
    assert tracker.prepare_issues(DRAFTS)
    with pytest.raises(LostAnswerError):
        tracker.create_issues(DRAFTS)
    tracker.create_issue("three", "")
    assert time.slept == [2.0]
