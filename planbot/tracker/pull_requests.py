"""Pull requests on GitHub: those few calls that one progress pull request takes.

https://docs.github.com/rest/pulls/pulls
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import NotFoundError, PermissionDeniedError
from planbot.tracker import convert
from planbot.tracker.protocols import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.gateway import Gateway
    from planbot.tracker.records import PullRequestRecord, State

_SETTING = (
    "Under Settings → Actions → General → Workflow permissions (of the repository, or of its organization), tick "
    "“Allow GitHub Actions to create and approve pull requests”."
)
_PERMISSION = "Give the token the permission `pull-requests: write`."


class GitHubPullRequests:
    """Read and write one repository's pull requests; `path` makes an API path within it."""

    def __init__(self, gateway: Gateway, path: Callable[[str], str]) -> None:
        self._gateway = gateway
        self._path = path

    def pull_request(self, number: int) -> PullRequestRecord | None:
        """Return one pull request as it is now, or None if it is gone."""
        doing = f"read the pull request #{number}"
        try:
            return self._gateway.get(self._path(f"pulls/{number}"), convert.pull_request_record, doing=doing)
        except NotFoundError:
            return None

    def pull_requests(self, head: str, base: str) -> tuple[PullRequestRecord, ...]:
        """Return the pull requests from one branch of the repository into another, in any state, newest first."""
        owner = self._path("").split("/")[2]
        query = {
            "state": "all",
            "head": f"{owner}:{head}",
            "base": base,
            "sort": "created",
            "direction": "desc",
        }
        doing = f"list the pull requests from {head}"
        return tuple(
            self._gateway.pages(self._path("pulls"), convert.pull_request_record, doing=doing, query=query)
        )

    def create_pull_request(self, title: str, body: str, *, head: str, base: str) -> PullRequestRecord:
        """Open a pull request; GitHub refuses a second one between the same branches."""
        payload = {"title": title, "body": body, "head": head, "base": base}
        doing = f"open a pull request from {head}"
        try:
            return self._gateway.send(
                "POST", self._path("pulls"), payload, convert.pull_request_record, doing=doing
            )
        except (PermissionDeniedError, NotFoundError) as error:
            # https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/enabling-features-for-your-repository/managing-github-actions-settings-for-a-repository
            forbidden = "not permitted to create" in error.message
            raise PermissionDeniedError(error.message, hint=_SETTING if forbidden else _PERMISSION) from error

    def update_pull_request(
        self, number: int, *, body: str | Unset = UNSET, state: State | Unset = UNSET
    ) -> PullRequestRecord:
        """Change the given fields of a pull request in one request."""
        given = {"body": body, "state": state}
        payload = {name: value for name, value in given.items() if not isinstance(value, Unset)}
        doing = f"change the pull request #{number}"
        path = self._path(f"pulls/{number}")
        return self._gateway.send("PATCH", path, payload, convert.pull_request_record, doing=doing)
