"""What happens to issues, whoever asks for it: edits, closing, reopening, and what follows from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from planbot.sandbox.model import BodyEdit
from planbot.sandbox.reports import report

if TYPE_CHECKING:
    from planbot.sandbox.events import Outbox
    from planbot.sandbox.model import Issue, Repository

_TASK = re.compile(
    r"^(?P<item>[ \t>]*(?:[-+*]|\d+[.)])[ \t]+)\[ \](?P<rest>[ \t]+#(?P<number>\d+)\b)", re.MULTILINE
)

_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
    r"(?:(?P<name>[\w.-]+/[\w.-]+)?\#|GH-|https?://[^/\s]+/(?P<path>[\w.-]+/[\w.-]+)/issues/)(?P<number>\d+)\b",
    re.IGNORECASE,
)


def edit_texts(
    outbox: Outbox, repository: Repository, issue: Issue, *, title: str | None = None, body: str | None = None
) -> None:
    """Change an issue's title, body or both; None leaves a text alone, and so does the same text again."""
    changes: dict[str, Any] = {}
    if title is not None and title != issue.title:
        changes["title"] = {"from": issue.title}
        issue.title = title
    if body is not None and body != (issue.body or ""):
        changes["body"] = {"from": issue.body or ""}
        if (
            not issue.edits
        ):  # the history of a body begins with its first change, and with what was there before
            issue.edits.append(BodyEdit(issue.author, issue.created_at, issue.body or ""))
        issue.body = body or None
        issue.edits.append(BodyEdit(outbox.sender.login, outbox.now, body))
    if changes:
        issue.updated_at = outbox.now
        report(outbox, "edited", repository, issue, changes=changes)


def close_issue(outbox: Outbox, repository: Repository, issue: Issue, reason: str | None) -> None:
    """Close an issue or a pull request for a reason; one that is closed may only change its reason."""
    if issue.state == "closed":
        if issue.pull is None and reason is not None and reason != issue.state_reason:
            issue.state_reason, issue.updated_at = reason, outbox.now
        return
    issue.state, issue.closed_at, issue.closed_by = "closed", outbox.now, outbox.sender.login
    issue.state_reason = (reason or "completed") if issue.pull is None else None
    issue.updated_at = outbox.now
    report(outbox, "closed", repository, issue)
    _tick_references(outbox, repository, issue.number)


def reopen_issue(outbox: Outbox, repository: Repository, issue: Issue) -> None:
    """Open a closed issue or pull request again."""
    if issue.state == "open":
        return
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.state_reason = "reopened" if issue.pull is None else None
    issue.updated_at = outbox.now
    report(outbox, "reopened", repository, issue)


def close_mentioned(outbox: Outbox, repository: Repository, text: str) -> None:
    """Close the open issues that a commit message or a merged pull request says it closes, by number or address.

    https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
    """
    for found in _CLOSING.finditer(text):
        name = (found["name"] or found["path"] or repository.full_name).casefold()
        issue = (
            repository.issues.get(int(found["number"])) if name == repository.full_name.casefold() else None
        )
        if issue is not None and issue.pull is None and issue.state == "open":
            close_issue(outbox, repository, issue, "completed")


def _tick_references(outbox: Outbox, repository: Repository, number: int) -> None:
    """Tick every `- [ ] #N` in the repository's issues when #N closes.

    https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/about-tasklists
    """

    def tick(match: re.Match[str]) -> str:
        named = int(match["number"]) == number
        return f"{match['item']}[x]{match['rest']}" if named else match[0]

    for issue in repository.issues.values():
        if issue.body is not None and f"#{number}" in issue.body:
            edit_texts(outbox, repository, issue, body=_TASK.sub(tick, issue.body))
