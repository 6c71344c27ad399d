"""How issues hang together on GitHub: sub-issues, and which issue blocks which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import NotFoundError
from planbot.tracker import convert
from planbot.tracker.failures import InvalidError
from planbot.tracker.github_repository import GitHubRepository

if TYPE_CHECKING:
    from planbot.tracker.records import IssueRecord


class GitHubRelations(GitHubRepository):
    """Relate a repository's issues to each other, as far as the server can: older ones cannot."""

    _has_sub_issues = True
    _has_dependencies = True

    def add_sub_issue(self, parent: int, child: IssueRecord) -> bool:
        """Put an issue under a parent, moving it there if it has another.

        Returns False where the server has no sub-issues, which is asked only once. See
        https://docs.github.com/en/rest/issues/sub-issues
        """
        if not self._has_sub_issues:
            return False
        children = f"issues/{parent}/sub_issues"
        payload = {"sub_issue_id": child.id, "replace_parent": True}
        doing = f"put issue #{child.number} under #{parent}"
        try:
            self._write("POST", children, payload, convert.identifier, doing)
        except InvalidError:
            if child.id not in self._listed(children):
                raise
        except NotFoundError:
            if self._is_there(children) or self.issue(parent) is None:
                raise
            self._has_sub_issues = False
        return self._has_sub_issues

    def set_blocked_by(self, number: int, blocker: IssueRecord, *, blocked: bool) -> bool:
        """Let an issue be blocked by another, or no longer; what is so already is left as it is.

        Returns False where the server has no dependencies between issues, which is asked only once. See
        https://docs.github.com/en/rest/issues/issue-dependencies
        """
        if not self._has_dependencies:
            return False
        blockers = f"issues/{number}/dependencies/blocked_by"
        try:
            if blocked:
                doing = f"let issue #{number} be blocked by #{blocker.number}"
                self._write("POST", blockers, {"issue_id": blocker.id}, convert.identifier, doing)
            else:
                doing = f"let issue #{number} be blocked by #{blocker.number} no longer"
                self._write("DELETE", f"{blockers}/{blocker.id}", {}, convert.identifier, doing)
        except InvalidError:
            if (blocker.id in self._listed(blockers)) is not blocked:
                raise
        except NotFoundError:
            if not self._is_there(blockers):
                if self.issue(number) is None:
                    raise
                self._has_dependencies = False
            elif blocked:
                raise
        return self._has_dependencies

    def _listed(self, path: str) -> set[int]:
        doing = self._doing(f"list {path}")
        return set(self._gateway.pages(self._path(path), convert.identifier, doing=doing, query={}))

    def _is_there(self, path: str) -> bool:
        try:
            self._listed(path)
        except NotFoundError:
            return False
        return True
