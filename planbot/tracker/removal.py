"""Take labels and milestones away, and see first who uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from planbot.errors import NotFoundError
from planbot.tracker import convert

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.gateway import Gateway


class GitHubRemoval:
    """Delete a repository's labels and milestones; `path` makes an API path within it. What is gone is no failure."""

    def __init__(self, gateway: Gateway, path: Callable[[str], str]) -> None:
        self._gateway = gateway
        self._path = path

    def with_label(self, name: str) -> frozenset[int]:
        """Return the numbers of all issues and pull requests that have a label."""
        return self._numbers({"labels": name}, f"list what has the label {name}")

    def in_milestone(self, number: int) -> frozenset[int]:
        """Return the numbers of all issues and pull requests that are in a milestone."""
        return self._numbers({"milestone": str(number)}, f"list what is in milestone {number}")

    def delete_label(self, name: str) -> None:
        """Delete a label, from every issue too: https://docs.github.com/rest/issues/labels#delete-a-label."""
        self._delete(f"labels/{quote(name, safe='')}", f"delete the label {name}")

    def delete_milestone(self, number: int) -> None:
        """Delete a milestone; its issues stay: https://docs.github.com/rest/issues/milestones#delete-a-milestone."""
        self._delete(f"milestones/{number}", f"delete milestone {number}")

    def _numbers(self, query: dict[str, str], doing: str) -> frozenset[int]:
        listed = self._gateway.pages(
            self._path("issues"), convert.issue_record, doing=doing, query={"state": "all", **query}
        )
        return frozenset(issue.number for issue in listed)

    def _delete(self, path: str, doing: str) -> None:
        try:
            self._gateway.send("DELETE", self._path(path), {}, lambda _: None, doing=doing)
        except NotFoundError:
            return
