"""The pull requests of a tracker in memory, over the branches of a real repository."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.errors import RefusedError
from planbot.tracker.protocols import UNSET, Unset
from planbot.tracker.records import PullRequestRecord, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class MemoryPulls:
    """Keep pull requests as GitHub does, as far as a pass can tell.

    Two branches have one open pull request at most. While it is open its head is that of its branch, and it is closed
    with the branch. `tip` tells the commit of a branch, `numbers` are those of issues too.
    """

    def __init__(self, tip: Callable[[str], str | None], numbers: Iterator[int]) -> None:
        self._tip = tip
        self._numbers = numbers
        self._kept: dict[int, tuple[str, PullRequestRecord]] = {}

    def pull_request(self, number: int) -> PullRequestRecord | None:
        self._follow()
        return self._kept[number][1] if number in self._kept else None

    def pull_requests(self, head: str, base: str) -> tuple[PullRequestRecord, ...]:
        self._follow()
        found = [pull for branch, pull in self._kept.values() if (branch, pull.base) == (head, base)]
        return tuple(reversed(found))

    def create_pull_request(self, title: str, body: str, *, head: str, base: str) -> PullRequestRecord:
        commit = self._tip(head)
        if not title.strip() or commit is None or commit == self._tip(base):
            raise RefusedError(f"Validation Failed: no commits between {base} and {head}")
        if any(pull.state == "open" for pull in self.pull_requests(head, base)):
            raise RefusedError(f"Validation Failed: a pull request already exists for {head}")
        number = next(self._numbers)
        url = f"https://github.test/octo/plans/pull/{number}"
        return self._keep(head, PullRequestRecord(number, body, "open", commit, base, url))

    def update_pull_request(
        self, number: int, *, body: str | Unset = UNSET, state: State | Unset = UNSET
    ) -> PullRequestRecord:
        self._follow()
        branch, pull = self._kept[number]
        if not isinstance(body, Unset):
            pull = replace(pull, body=body)
        if not isinstance(state, Unset) and state != pull.state:
            if state == "open" and (pull.merge is not None or self._tip(branch) != pull.head):
                raise RefusedError("Validation Failed: the branch was merged, moved or deleted")
            pull = replace(pull, state=state)
        return self._keep(branch, pull)

    def merged(self, number: int, commit: str) -> None:
        """Note that a pull request was merged by a commit."""
        branch, pull = self._kept[number]
        self._keep(branch, replace(pull, state="closed", merge=commit))

    def _follow(self) -> None:
        for branch, pull in list(self._kept.values()):
            if pull.state == "open" and (commit := self._tip(branch)) != pull.head:
                gone = replace(pull, state="closed") if commit is None else replace(pull, head=commit)
                self._keep(branch, gone)

    def _keep(self, branch: str, pull: PullRequestRecord) -> PullRequestRecord:
        self._kept[pull.number] = branch, pull
        return pull
