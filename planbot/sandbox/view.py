"""For whom and from where an answer is written: base URLs, API version, reader."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planbot.sandbox.model import App, Issue, Repository, User
    from planbot.sandbox.store import Store

DOCS = "https://docs.github.com/rest"
VERSIONS = ("2022-11-28", "2026-03-10")


@dataclass(frozen=True, slots=True)
class View:
    """Know what every resource needs to be written: `api` is `web` or, on GHES paths, `web/api/v3`.

    `viewer` is whose token came along, `app` the GitHub App that signed for itself instead.
    """

    store: Store
    web: str
    api: str
    viewer: User | None
    version: str = VERSIONS[0]
    app: App | None = None

    def without(self, resource: dict[str, Any], *names: str) -> dict[str, Any]:
        """Return a resource without what the newest API version no longer has.

        https://docs.github.com/rest/about-the-rest-api/breaking-changes
        """
        if self.version == VERSIONS[0]:
            return resource
        return {name: value for name, value in resource.items() if name not in names}

    def repository_url(self, repository: Repository) -> str:
        """Return a repository's address in the API."""
        return f"{self.api}/repos/{repository.full_name}"

    def repository_page(self, repository: Repository) -> str:
        """Return a repository's page."""
        return f"{self.web}/{repository.full_name}"

    def issue_url(self, repository: Repository, issue: Issue) -> str:
        """Return an issue's address in the API; a pull request has one too."""
        return f"{self.repository_url(repository)}/issues/{issue.number}"

    def issue_page(self, repository: Repository, issue: Issue) -> str:
        """Return the page of an issue or a pull request."""
        kind = "issues" if issue.pull is None else "pull"
        return f"{self.repository_page(repository)}/{kind}/{issue.number}"


def node_id(prefix: str, *ids: int | str) -> str:
    """Return a global id in the form of GitHub's, such as `I_kwDOAB…`.

    https://docs.github.com/graphql/guides/using-global-node-ids
    """
    packed = "/".join(map(str, ids)).encode()
    return f"{prefix}_{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"
