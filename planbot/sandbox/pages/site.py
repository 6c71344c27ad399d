"""The pages' addresses, and the way from a request to its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from planbot.sandbox.pages import (
    assets,
    code_pages,
    issue_forms,
    issue_pages,
    live,
    milestone_pages,
    request_log,
)
from planbot.sandbox.pages.addresses import OWN
from planbot.sandbox.pages.guard import HEADERS, Guard, RefusedError
from planbot.sandbox.pages.labels import label_styles
from planbot.sandbox.pages.visit import MISSING, Visit, missing
from planbot.sandbox.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from werkzeug.wrappers import Request as HttpRequest
    from werkzeug.wrappers import Response

    from planbot.sandbox.record import Request
    from planbot.sandbox.routing import Router
    from planbot.sandbox.services import Services

    Page = Callable[[Visit], Response]

_REPOSITORY = "/<owner>/<repo>"
_ISSUE = f"{_REPOSITORY}/<any(issues, pull):kind>/<int:number>"
_PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", code_pages.home),
    ("GET", f"/{OWN}/static/<name>", assets.asset),
    ("GET", f"/{OWN}/labels/<owner>/<repo>.css", label_styles),
    ("GET", f"/{OWN}/events", live.events),
    ("GET", f"/{OWN}/requests", request_log.request_log),
    ("GET", _REPOSITORY, code_pages.code),
    ("GET", f"{_REPOSITORY}/tree/<path:place>", code_pages.code),
    ("GET", f"{_REPOSITORY}/blob/<path:place>", code_pages.file_page),
    ("GET", f"{_REPOSITORY}/commit/<sha>", code_pages.commit_page),
    ("GET", f"{_REPOSITORY}/issues", issue_pages.issue_list),
    ("GET", f"{_REPOSITORY}/pulls", issue_pages.pull_list),
    ("GET", _ISSUE, issue_pages.issue_page),
    ("POST", f"{_ISSUE}/boxes", issue_forms.tick_boxes),
    ("POST", f"{_ISSUE}/answer", issue_forms.answer_issue),
    ("GET", f"{_REPOSITORY}/milestones", milestone_pages.milestone_list),
    ("GET", f"{_REPOSITORY}/milestone/<int:number>", milestone_pages.milestone_page),
)


class Site:
    """Answer the requests for pages, as one person or as nobody."""

    def __init__(self, services: Services, requests: Sequence[Request], router: Router) -> None:
        self._services, self._requests, self._router = services, requests, router
        self._guard = Guard()
        rules = [Rule(path, methods=[method], endpoint=page) for method, path, page in _PAGES]
        self._urls = Map(rules, strict_slashes=False).bind("sandbox")

    def respond(self, http: HttpRequest, login: str | None) -> Response:
        """Return a page or what it is made with, acting as the user with this login."""
        visit = self._visit(http, login, {})
        try:
            self._guard.check_host(http)
            page, arguments = self._match(http)
            if http.method == "POST":
                self._guard.check_form(http)
            with self._services.store.lock:
                response = page(self._visit(http, login, arguments))
        except RefusedError as error:
            response = self._refusal(visit, error)
        response.headers.extend(HEADERS)
        return response

    @staticmethod
    def _refusal(visit: Visit, error: RefusedError) -> Response:
        known = visit.only_repository() if error.status == MISSING else {}
        return visit.page("refusal.html", **known, status=error.status, error=error, tab="")

    def _match(self, http: HttpRequest) -> tuple[Page, dict[str, Any]]:
        try:
            page, arguments = self._urls.match(http.path, method=http.method)
        except HTTPException as error:
            _refuse(error)
        return page, dict(arguments)

    def _visit(self, http: HttpRequest, login: str | None, arguments: dict[str, Any]) -> Visit:
        web, store = f"http://{http.host}", self._services.store
        view = View(store, web, web, None if login is None else store.user(login))
        return Visit(http, arguments, self._services, self._requests, self._router, view, self._guard.token)


def _refuse(error: HTTPException) -> NoReturn:
    if isinstance(error, MethodNotAllowed):
        raise RefusedError(
            405, "This page takes no such request", "Go back, and load the page again."
        ) from None
    raise missing("page") from None
