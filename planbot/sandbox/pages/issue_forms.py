"""What people do on the page of an issue: tick boxes, comment, close and reopen.

Everything is done by the API's own endpoints, so that rights, events, times and the edit history are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.pages.boxes import version, with_ticked
from planbot.sandbox.pages.issue_pages import issue_address, show_issue
from planbot.sandbox.problems import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from planbot.sandbox.model import Issue, Repository
    from planbot.sandbox.pages.visit import Visit

STALE = (
    "The text of this issue changed after the page was loaded, so no box was ticked. "
    "This is the text as it is now: please tick again."
)
_UNPROCESSABLE = 422
_STATES: dict[str, dict[str, str]] = {
    "completed": {"state": "closed", "state_reason": "completed"},
    "not_planned": {"state": "closed", "state_reason": "not_planned"},
    "reopen": {"state": "open"},
}


def tick_boxes(visit: Visit) -> Response:
    """Tick just the boxes that the form names.

    They are named by their place in the text that the person saw. If it is another by now, nothing is done: the
    boxes may be others, and GitHub's page refuses a stale tick as well.
    """
    repository = visit.repository()
    issue = visit.issue(repository)
    before = issue.body or ""
    if visit.http.form.get("version") != version(before):
        return show_issue(visit, repository, issue, problem=STALE, status=_UNPROCESSABLE)
    ticked = {int(place) for place in visit.http.form.getlist("box") if place.isdecimal()}
    return _do(visit, repository, issue, lambda: _edit(visit, repository, issue, with_ticked(before, ticked)))


def answer_issue(visit: Visit) -> Response:
    """Comment, if there are words, and close or reopen, if that is asked for."""
    repository = visit.repository()
    issue = visit.issue(repository)
    words, wanted = visit.http.form.get("words", ""), visit.http.form.get("do", "")

    def act() -> None:
        if words.strip() or wanted not in _STATES:
            visit.act("POST", f"{_api(repository, issue)}/comments", body=words)
        if wanted in _STATES:
            visit.act("PATCH", _api(repository, issue), **_STATES[wanted])

    return _do(visit, repository, issue, act, draft=words)


def _do(
    visit: Visit, repository: Repository, issue: Issue, act: Callable[[], None], *, draft: str = ""
) -> Response:
    """Do something and lead back to the issue; tell of it there where the API refuses."""
    try:
        act()
    except ApiError as error:
        return show_issue(visit, repository, issue, problem=_words(error), draft=draft, status=error.status)
    return visit.back_to(issue_address(visit, repository, issue))


def _edit(visit: Visit, repository: Repository, issue: Issue, body: str) -> None:
    visit.act("PATCH", _api(repository, issue), body=body)


def _api(repository: Repository, issue: Issue) -> str:
    return f"/repos/{repository.full_name}/issues/{issue.number}"


def _words(error: ApiError) -> str:
    """Return a refusal as a sentence."""
    missing = [str(e.get("field")) for e in error.errors if e.get("code") == "missing_field"]
    if missing:
        return "There is nothing in the comment yet: write something first."
    return " ".join([error.message, *(str(e["message"]) for e in error.errors if "message" in e)])
