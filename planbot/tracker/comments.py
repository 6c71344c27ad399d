"""Comments on GitHub's issues and pull requests.

https://docs.github.com/rest/issues/comments
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.tracker import convert

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.tracker.gateway import Gateway
    from planbot.tracker.records import CommentRecord


class GitHubComments:
    """Read and write comments of one repository; `path` makes an API path within it."""

    def __init__(self, gateway: Gateway, path: Callable[[str], str]) -> None:
        self._gateway = gateway
        self._path = path

    def of(self, number: int) -> tuple[CommentRecord, ...]:
        """Return the comments on an issue or a pull request, the oldest first."""
        path, doing = self._path(f"issues/{number}/comments"), f"read the comments on #{number}"
        return tuple(self._gateway.pages(path, convert.comment_record, doing=doing, query={}))

    def add(self, number: int, body: str) -> None:
        """Comment on an issue or a pull request."""
        path, doing = self._path(f"issues/{number}/comments"), f"comment on #{number}"
        self._gateway.send("POST", path, {"body": body}, convert.identifier, doing=doing)

    def change(self, comment: int, body: str) -> None:
        """Change a comment's text; `comment` is its id."""
        path = self._path(f"issues/comments/{comment}")
        self._gateway.send("PATCH", path, {"body": body}, convert.identifier, doing="change a comment")

    def remove(self, comment: int) -> None:
        """Delete a comment; `comment` is its id."""
        path = self._path(f"issues/comments/{comment}")
        self._gateway.send("DELETE", path, {}, lambda _: None, doing="delete a comment")
