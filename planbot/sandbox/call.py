"""One call of an endpoint: what was asked, by whom, and the checks that many endpoints share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from planbot.sandbox.problems import ApiError, forbidden, not_found

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from planbot.sandbox.events import Outbox
    from planbot.sandbox.fields import Fields
    from planbot.sandbox.model import Issue, Milestone, Repository, Role, User
    from planbot.sandbox.services import Services
    from planbot.sandbox.store import Store
    from planbot.sandbox.view import View


@dataclass(frozen=True, slots=True)
class Call:
    """Hold a request after routing: `arguments` are the placeholders of the path."""

    path: str
    arguments: dict[str, str]
    query: MultiDict[str, str]
    fields: Fields
    outbox: Outbox
    services: Services

    @property
    def view(self) -> View:
        """Return for whom and from where the answer is written."""
        return self.outbox.view

    @property
    def store(self) -> Store:
        """Return the sandbox's state."""
        return self.view.store

    @property
    def viewer(self) -> User | None:
        """Return whose token came with the request."""
        return self.view.viewer

    @property
    def now(self) -> float:
        """Return the time of the sandbox's clock."""
        return self.store.clock.now()

    def actor(self) -> User:
        """Return who asks; raises `ApiError` 401 without a token."""
        if self.viewer is None:
            raise ApiError(401, "Requires authentication")
        return self.viewer

    def repository(self) -> Repository:
        """Return the repository of the path; raises `ApiError` 404 also where the reader may not see it."""
        repository = self.store.repository(self.arguments["owner"], self.arguments["repo"])
        if repository is None or not self.store.can(self.viewer, repository, "read"):
            raise not_found()
        return repository

    def writable(self, role: Role = "read", *, hide: bool = False) -> Repository:
        """Return the repository of the path for a change that takes this role.

        Raises `ApiError`: 401 without a token, 403 for an archived repository or too low a role
        (404 with `hide`, as GitHub answers where its description lists no 403).
        """
        repository = self.repository()
        self.actor()
        if repository.archived:
            raise forbidden("Repository was archived so is read-only.")
        if not self.store.can(self.viewer, repository, role):
            self.refuse(hide=hide)
        return repository

    def refuse(self, *, hide: bool = False) -> NoReturn:
        """Refuse for lack of rights, in the words that GitHub has for people and for bots."""
        if self.viewer is not None and self.viewer.kind == "bot":
            raise forbidden("Resource not accessible by integration")
        raise not_found() if hide else forbidden()

    def issue(self, repository: Repository) -> Issue:
        """Return the issue (or pull request) of the path; raises `ApiError` 404, 410 or 301 as it went."""
        number = self.number("number")
        if not repository.has_issues:
            raise ApiError(410, "Issues has been disabled in this repository.")
        if number in repository.deleted_issues:
            raise ApiError(410, "This issue was deleted")
        if number in repository.moved_issues:
            self._moved(repository.moved_issues[number])
        if number not in repository.issues:
            raise not_found()
        return repository.issues[number]

    def milestone(self, repository: Repository) -> Milestone:
        """Return the milestone of the path; raises `ApiError` 404."""
        number = self.number("number")
        if number not in repository.milestones:
            raise not_found()
        return repository.milestones[number]

    def number(self, name: str) -> int:
        """Return an integer of the path; raises `ApiError` 404."""
        text = self.arguments[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def _moved(self, issue_id: int) -> NoReturn:
        found = self.store.issue_by_id(issue_id)
        if found is None or not self.store.can(self.viewer, found[0], "read"):
            raise not_found()
        repository, issue = found
        raise ApiError(
            301,
            "Moved Permanently",
            headers={"Location": f"{self.view.api}/repositories/{repository.id}/issues/{issue.number}"},
        )
