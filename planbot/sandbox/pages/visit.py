"""One visit of a page: who asks for what, and what pages have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from planbot.sandbox.call import Call
from planbot.sandbox.events import Outbox
from planbot.sandbox.fields import Fields
from planbot.sandbox.pages.guard import RefusedError
from planbot.sandbox.pages.rendering import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.wrappers import Request as HttpRequest

    from planbot.sandbox.model import Issue, Milestone, Repository, User
    from planbot.sandbox.record import Request
    from planbot.sandbox.routing import Router
    from planbot.sandbox.services import Services
    from planbot.sandbox.store import Store
    from planbot.sandbox.view import View

MISSING = 404


@dataclass(frozen=True, slots=True)
class Visit:
    """Hold a request for a page after routing: `arguments` are the placeholders of the path."""

    http: HttpRequest
    arguments: Mapping[str, Any]
    services: Services
    requests: Sequence[Request]
    router: Router
    view: View
    token: str

    @property
    def store(self) -> Store:
        """Return the sandbox's state."""
        return self.services.store

    @property
    def person(self) -> User | None:
        """Return as whom the pages act, if they act as anybody."""
        return self.view.viewer

    def repository(self) -> Repository:
        """Return the repository of the path; raises `RefusedError` 404 also where the person may not see it."""
        repository = self.store.repository(self.arguments["owner"], self.arguments["repo"])
        if repository is None or not self.store.can(self.person, repository, "read"):
            raise missing("repository")
        return repository

    def repositories(self) -> list[Repository]:
        """Return the repositories that the person may see."""
        known = self.store.state.repositories.values()
        return [repository for repository in known if self.store.can(self.person, repository, "read")]

    def only_repository(self) -> dict[str, Any]:
        """Return the repository whose pages a page of no repository should lead back to, if there is but one."""
        found = self.repositories()
        return {"repository": found[0]} if len(found) == 1 else {}

    def issue(self, repository: Repository) -> Issue:
        """Return the issue (or pull request) of the path; raises `RefusedError` 404."""
        issue = repository.issues.get(self.arguments["number"])
        if issue is None:
            raise missing("issue")
        return issue

    def milestone(self, repository: Repository) -> Milestone:
        """Return the milestone of the path; raises `RefusedError` 404."""
        milestone = repository.milestones.get(self.arguments["number"])
        if milestone is None:
            raise missing("milestone")
        return milestone

    def act(self, method: str, path: str, **values: object) -> None:
        """Do what an endpoint of the API does, as the person; raises `ApiError` where it refuses."""
        endpoint, arguments = self.router.match(method, path)
        outbox = Outbox(self.view)
        endpoint.handler(Call(path, arguments, MultiDict(), Fields(values), outbox, self.services))
        self.services.finish(outbox)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Return a page; every template knows the visit, the time and what happened so far."""
        seen = self.store.news.now
        known = {
            "visit": self,
            "now": self.store.clock.now(),
            "seen": f"{seen.changes}.{seen.requests}",
        }
        html = environment().get_template(template).render(known | values)
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    @staticmethod
    def pages_of(repository: Repository) -> str:
        """Return where the pages of a repository begin."""
        return f"/{quote(repository.full_name)}"

    @staticmethod
    def pull_count(repository: Repository) -> int:
        """Return how many pull requests there are, closed ones as well."""
        return sum(issue.pull is not None for issue in repository.issues.values())

    @staticmethod
    def open_count(repository: Repository, *, pulls: bool) -> int:
        """Return how many issues, or pull requests, are open."""
        issues = repository.issues.values()
        return sum(issue.state == "open" and (issue.pull is not None) == pulls for issue in issues)

    @staticmethod
    def milestone_count(repository: Repository) -> int:
        """Return how many milestones are open."""
        return sum(milestone.state == "open" for milestone in repository.milestones.values())

    @staticmethod
    def back_to(address: str) -> Response:
        """Lead the browser on to a page after its form was taken."""
        return redirect(address, 303)


def missing(what: str) -> RefusedError:
    """Say that there is no such thing here."""
    return RefusedError(
        404, f"There is no such {what}", "It may have been deleted, moved or never been there."
    )
