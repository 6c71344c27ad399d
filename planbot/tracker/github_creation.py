"""Issues made on GitHub: one by one, or several in one request, each under its parent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from planbot.errors import NotFoundError, RefusedError, TrackerError
from planbot.tracker import convert
from planbot.tracker.creation import REPOSITORY, ids_of, ids_of_made, ids_query, made, mutation, nodes_of
from planbot.tracker.github_relations import GitHubRelations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planbot.tracker.creation import Node
    from planbot.tracker.gateway import Gateway
    from planbot.tracker.records import IssueDraft, IssueRecord

_T = TypeVar("_T")


class GitHubCreation(GitHubRelations):
    """Make a repository's issues, at once where the server can: older ones cannot."""

    _has_mutation = True

    def __init__(self, gateway: Gateway, repository: str, *, trust_permissions: bool = True) -> None:
        super().__init__(gateway, repository, trust_permissions=trust_permissions)
        self._ids: dict[Node, str] = {}

    def create_issue(
        self,
        title: str,
        body: str,
        *,
        labels: tuple[str, ...] = (),
        milestone: int | None = None,
        assignees: tuple[str, ...] = (),
    ) -> IssueRecord:
        """Make an issue and return it as the server has it.

        Without push access GitHub drops labels and milestone in silence: compare the record.
        """
        payload: dict[str, Any] = {"title": title, "body": body}
        if labels:
            payload["labels"] = labels
        if milestone is not None:
            payload["milestone"] = milestone
        if assignees:
            payload["assignees"] = assignees
        parse = self._noting("issue", "number", convert.issue_record)
        return self._write("POST", "issues", payload, parse, f"create the issue “{title}”")

    def prepare_issues(self, drafts: Sequence[IssueDraft]) -> bool:
        """Return whether the server may make issues in one request; look up what that needs, where it is not known.

        That a server cannot is learnt from its refusal, once: its schema is not asked for beforehand.
        """
        wanted = (REPOSITORY, *nodes_of(drafts))
        if self._has_mutation and (missing := [node for node in wanted if node not in self._ids]):
            self._look_up_ids([node for node in missing if node != REPOSITORY])
        return self._has_mutation and all(node in self._ids for node in wanted)

    def create_issues(self, drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        """Make issues in one request, for which they were prepared; return what became of each, in their order.

        Raises:
            RefusedError: if the server cannot, or will not; nothing was done.
        """
        query, variables = mutation(drafts, self._ids)
        doing = self._doing(f"create {len(drafts)} issues")
        try:
            answer = self._gateway.mutate(
                query, variables, lambda data: (made(data, drafts), data), doing=doing, writes=len(drafts)
            )
        except (RefusedError, NotFoundError) as error:
            self._has_mutation = False
            raise RefusedError(error.message) from error
        found, data = answer
        # what was named may be there no more, or anew
        failed = any(isinstance(one, TrackerError) for one in found)
        self._ids = {} if failed else self._ids | ids_of_made(data)
        return found

    def _noting(self, kind: str, name: str, parse: Callable[[Any], _T]) -> Callable[[Any], _T]:
        """Return a parser that keeps the id of what the REST API tells was made, and so need not be asked for it."""

        def noted(data: Any) -> _T:
            record = parse(data)
            if node := data.get("node_id"):
                self._ids[kind, data[name]] = node
            return record

        return noted

    def _look_up_ids(self, nodes: Sequence[Node]) -> None:
        """Learn ids, so far as the server tells them."""
        with suppress(TrackerError):
            self._path()
            owner, _, name = self._name.partition("/")
            query, variables = ids_query(nodes)
            variables |= {"owner": owner, "name": name}
            doing = self._doing("look up ids")
            self._ids |= self._gateway.query(
                query, variables, lambda answer: ids_of(answer, nodes), doing=doing
            )
