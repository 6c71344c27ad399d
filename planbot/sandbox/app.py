"""One request from its first byte to its answer: faults, sign-in, limits, routing, record."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from planbot.sandbox.admin import answer_admin, is_admin
from planbot.sandbox.answers import api_headers, entity_tag, git_refusal, refusal, to_response
from planbot.sandbox.call import Call
from planbot.sandbox.events import Outbox
from planbot.sandbox.fields import Fields
from planbot.sandbox.graphql_query import creations
from planbot.sandbox.pages.addresses import is_page
from planbot.sandbox.problems import ApiError, ConnectionDropped, not_found
from planbot.sandbox.record import Request, observers
from planbot.sandbox.routes import ENDPOINTS
from planbot.sandbox.routing import Answer, Router
from planbot.sandbox.signin import app_of, check_headers, sign_in, version
from planbot.sandbox.smart_http import answer_git, is_git, is_push
from planbot.sandbox.view import View

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as HttpRequest
    from werkzeug.wrappers import Response

    from planbot.sandbox.faults import Fault
    from planbot.sandbox.model import User
    from planbot.sandbox.pages.site import Site
    from planbot.sandbox.services import Services

_GHES_PREFIX = "/api/v3"
_BY_ID = re.compile(r"/repositories/(\d+)(/.*)?", re.DOTALL)
_BY_NAME = re.compile(r"/repos/([^/]+)/([^/]+)(/.*)?", re.DOTALL)
_FREE = "/rate_limit"
_GRAPHQL = "/graphql"
_GHES_GRAPHQL = "/api/graphql"


@dataclass(frozen=True, slots=True)
class Target:
    """Hold what a request is for: the prefix of the API's addresses, and the path as routed."""

    prefix: str
    path: str
    is_git: bool


class Application:
    """Answer HTTP requests as GitHub does."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.requests: list[Request] = []
        self.person: str | None = None
        self._router = _router()

    def respond(self, http: HttpRequest) -> Response:
        """Answer a request and record both. Raises `ConnectionDropped` where a fault cuts the connection."""
        if is_admin(http.path):
            return to_response(answer_admin(http, self.services, self.requests))
        if is_page(http):
            return self._show(http)
        with self.services.limits.under_way():
            return self._respond(http)

    @cached_property
    def _site(self) -> Site:
        """Return the pages; their libraries are not loaded before somebody looks."""
        from planbot.sandbox.pages.site import Site  # noqa: PLC0415  jinja2 and nh3 take a tenth of a second

        return Site(self.services, self.requests, self._router)

    def _show(self, http: HttpRequest) -> Response:
        """Answer with a page, and record what somebody did there."""
        response = self._site.respond(http, self.person)
        if http.method == "POST":
            form = {name: values for name, values in http.form.lists() if name != "token"}
            self._keep(
                Request(
                    http.method,
                    http.path,
                    "",
                    response.status_code,
                    self.person,
                    form,
                    base_url=f"http://{http.host}",
                    kind="page",
                    at=self.services.clock.now(),
                )
            )
        return response

    def _respond(self, http: HttpRequest) -> Response:
        target = self._target(http)
        known_as = f"{_GRAPHQL}/createIssue" if _creations(http, target) else target.path
        fault = self.services.faults.take(http.method, known_as)
        user: User | None = None
        try:
            if fault is not None and fault.when == "before":
                fault.strike(self.services.faults.stopped)
            user, answer = (self._answer_git if target.is_git else self._answer_api)(http, target)
            if fault is not None and fault.when == "after":
                fault.strike(self.services.faults.stopped)
        except ConnectionDropped:
            self._record(http, target, user, Answer(0), fault)
            raise
        except ApiError as error:
            answer = refusal(error)
        response = to_response(answer)
        self._record(http, target, user, replace(answer, headers=dict(response.headers)), fault)
        return response

    def _target(self, http: HttpRequest) -> Target:
        """Tell what a request is for, by the present name of a repository that is asked for by id."""
        prefix, path = "", http.path
        if path == _GHES_GRAPHQL:
            return Target(_GHES_PREFIX, _GRAPHQL, is_git=False)
        if path == _GHES_PREFIX or path.startswith(f"{_GHES_PREFIX}/"):
            prefix, path = _GHES_PREFIX, path.removeprefix(_GHES_PREFIX) or "/"
        by_id = _BY_ID.fullmatch(path)
        if by_id is not None:
            with self.services.store.lock:
                repository = self.services.store.state.repositories.get(int(by_id[1]))
            path = path if repository is None else f"/repos/{repository.full_name}{by_id[2] or ''}"
        return Target(prefix, path, is_git(path))

    def _answer_api(self, http: HttpRequest, target: Target) -> tuple[User | None, Answer]:
        services, user = self.services, None
        headers: dict[str, str] = {}
        try:
            check_headers(http.headers)
            with services.store.lock:
                user = sign_in(services.store, http.headers)
                headers = self._count(http, target, user)
                answer = self._call(http, target, user)
        except ApiError as error:
            answer = refusal(error)
        request_id = f"5A4D:{len(self.requests):08X}"
        common = headers | api_headers(http, user, request_id, services.clock.now())
        return user, self._conditional(http, user, replace(answer, headers=common | answer.headers))

    def _answer_git(self, http: HttpRequest, target: Target) -> tuple[User | None, Answer]:
        user = None
        try:
            with self.services.store.lock:
                user = sign_in(self.services.store, http.headers)
            outbox = Outbox(self._view(http, target, user))
            answer = answer_git(http, outbox)
            if is_push(http.path):
                self.services.finish(outbox)
        except ApiError as error:
            answer = git_refusal(error)
        return user, answer

    def _count(self, http: HttpRequest, target: Target, user: User | None) -> dict[str, str]:
        who, limits = user.login if user else "", self.services.limits
        if target.path == _FREE:
            return limits.headers(who)
        if target.path == _GRAPHQL:
            creates = _creations(http, target)
            return limits.count(who, "POST" if creates else "GET", "graphql", creates)
        return limits.count(who, http.method, creates=int(http.method == "POST"))

    def _call(self, http: HttpRequest, target: Target, user: User | None) -> Answer:
        """Let the endpoint answer; what happened is delivered only if it did not refuse."""
        view = self._view(http, target, user)
        self._check_moved(http, target, view)
        method = "GET" if http.method == "HEAD" else http.method
        endpoint, arguments = self._router.match(method, target.path)
        outbox = Outbox(view)
        try:
            fields = Fields.parse(http.get_data())
            answer = endpoint.handler(Call(target.path, arguments, http.args, fields, outbox, self.services))
        except ApiError as error:
            return refusal(error, endpoint.docs)
        if method != "GET" and (target.path != _GRAPHQL or outbox.events):
            self.services.finish(outbox)
        return answer

    def _check_moved(self, http: HttpRequest, target: Target, view: View) -> None:
        """Send on who asks for a repository by a former name: readers for good (301), writers for now (307).

        https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        """
        match, store = _BY_NAME.fullmatch(target.path), self.services.store
        if match is None or store.repository(match[1], match[2]) is not None:
            return
        moved = store.state.moved.get(f"{match[1]}/{match[2]}".lower())
        if moved is None or not store.can(view.viewer, store.state.repositories[moved], "read"):
            raise not_found()
        query = f"?{http.query_string.decode()}" if http.query_string else ""
        location = {"Location": f"{view.api}/repositories/{moved}{match[3] or ''}{query}"}
        if http.method in ("GET", "HEAD"):
            raise ApiError(301, "Moved Permanently", headers=location)
        raise ApiError(307, "Temporary Redirect", headers=location)

    def _conditional(self, http: HttpRequest, user: User | None, answer: Answer) -> Answer:
        """Tag an answer, and leave it out where the client has it already."""
        if http.method not in ("GET", "HEAD") or answer.status != 200:  # noqa: PLR2004  OK
            return answer
        tag = entity_tag(answer, http.headers.get("Authorization", ""))
        headers = answer.headers | {"ETag": tag}
        if tag not in http.headers.get("If-None-Match", ""):
            return replace(answer, headers=headers)
        headers |= self.services.limits.give_back(user.login if user else "")
        return Answer(304, None, headers)

    def _view(self, http: HttpRequest, target: Target, user: User | None) -> View:
        web = f"http://{http.host}"
        app = app_of(self.services.store, http.headers)
        return View(self.services.store, web, web + target.prefix, user, version(http.headers), app)

    def _record(
        self, http: HttpRequest, target: Target, user: User | None, answer: Answer, fault: Fault | None
    ) -> None:
        request = Request(
            http.method,
            target.path,
            http.query_string.decode(),
            answer.status,
            user.login if user else None,
            None if target.is_git else _json(http.get_data()),
            answer.body,
            answer.headers,
            base_url=f"http://{http.host}",
            version=version(http.headers),
            kind="git" if target.is_git else "api",
            fault=fault is not None and (fault.drop or fault.status is not None),
            at=self.services.clock.now(),
        )
        self._keep(request)

    def _keep(self, request: Request) -> None:
        self.requests.append(request)
        for observer in observers:
            observer(request)
        self.services.store.news.requested()


@cache
def _router() -> Router:
    """Return the router, which takes longer to build than all else that a sandbox starts with."""
    return Router(ENDPOINTS)


def _creations(http: HttpRequest, target: Target) -> int:
    """Return how many issues a request to the GraphQL API is to make, 0 for any other."""
    return creations(_json(http.get_data())) if target.path == _GRAPHQL else 0


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
