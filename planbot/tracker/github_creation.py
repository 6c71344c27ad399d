"""Issues made on GitHub: one by one, or several in one request, each under its parent."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from planbot.errors import AuthenticationError, NotFoundError, RateLimitedError, TrackerError
from planbot.tracker import convert
from planbot.tracker.creation import REPOSITORY, NotTakenError, ids_of, ids_query, made, mutation, nodes_of
from planbot.tracker.github_relations import GitHubRelations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planbot.tracker.creation import Node
    from planbot.tracker.records import IssueDraft, IssueRecord


class GitHubCreation(GitHubRelations):
    """Make a repository's issues, at once where the server can: older ones cannot."""

    _has_mutation = True
    _known_ids: Mapping[Node, str] = MappingProxyType({})

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
        return self._write("POST", "issues", payload, convert.issue_record, f"create the issue “{title}”")

    def create_issues(self, drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        """Make issues in one request where the server can, and return what became of each, in their order."""
        worth_it = len(drafts) > 1 or any(draft.parent for draft in drafts)
        if self._has_mutation and worth_it and (ids := self._ids(drafts)) is not None:
            query, variables = mutation(drafts, ids)
            doing = self._doing(f"create {len(drafts)} issues")
            try:
                return self._gateway.mutate(
                    query, variables, lambda answer: made(answer, drafts), doing=doing, writes=len(drafts)
                )
            except (NotTakenError, NotFoundError):
                self._has_mutation = False
            except TrackerError as error:
                return [error] * len(drafts)
        return self._one_by_one(drafts)

    def _one_by_one(self, drafts: Sequence[IssueDraft]) -> list[IssueRecord | TrackerError]:
        found: list[IssueRecord | TrackerError] = []
        for draft in drafts:
            try:
                issue = self.create_issue(
                    draft.title,
                    draft.body,
                    labels=draft.labels,
                    milestone=draft.milestone,
                    assignees=draft.assignees,
                )
                found.append(issue)
            except (AuthenticationError, RateLimitedError) as error:
                return [*found, *([error] * (len(drafts) - len(found)))]
            except TrackerError as error:
                found.append(error)
        return found

    def _ids(self, drafts: Sequence[IssueDraft]) -> Mapping[Node, str] | None:
        """Return the ids of all that drafts name, or None where the server does not tell."""
        wanted = nodes_of(drafts)
        missing = tuple(node for node in wanted if node not in self._known_ids)
        if missing or not self._known_ids:
            self._path()
            owner, _, name = self._name.partition("/")
            query, variables = ids_query(missing)
            variables |= {"owner": owner, "name": name}
            try:
                found = self._gateway.query(
                    query, variables, lambda answer: ids_of(answer, missing), doing=self._doing("look up ids")
                )
                self._known_ids = {**self._known_ids, **found}
            except TrackerError:
                return None
        return self._known_ids if all(node in self._known_ids for node in (REPOSITORY, *wanted)) else None
