"""The clone and its remote: whether the branch can be fetched and the journal pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import GitError
from planbot.repo.journal import Journal
from planbot.repo.push import RefUpdate
from planbot.report.examination import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.repo.repository import Repository

_SCRATCH = "refs/planbot/doctor"
_RIGHTS = "give the token `contents: write`, and its account the role Write"


def git(repository: Repository, branch: str) -> Finding:
    """Say whether the branch can be fetched from the remote."""
    try:
        name = branch or repository.default_branch()
        fetched = repository.fetch(name)
    except GitError as error:
        return Finding("git", "broken", error.message, error.hint)
    if fetched.head is None:
        advice = "push it, or set `branch:` in the settings"
        return Finding("git", "broken", f"the branch {name} is not on the remote", advice)
    journal = "there is a journal" if fetched.journal else "no pass has been here yet"
    return Finding("git", "ok", f"{name} can be fetched from {repository.origin_url}; {journal}")


def journal(repository: Repository, word: str, when: int) -> Iterator[Finding]:
    """Say whether refs such as the journal can be pushed: one that nobody reads is, and is taken away again."""
    ref = f"{_SCRATCH}-{word}"
    commit = Journal(repository).entry(None, {}, "Try whether the journal can be pushed", when)
    result = repository.push([RefUpdate(ref, None, commit)])
    if result.kind == "unknown":
        found = f"whether it can be pushed cannot be told: {' '.join(result.words.split())}"
        yield Finding("journal", "unknown", found, "see that the remote can be reached, then run again")
        return
    if result.kind != "done":
        found = f"a ref under refs/planbot/ cannot be pushed: {' '.join(result.words.split())}"
        yield Finding("journal", "broken", found, _RIGHTS)
        return
    gone = repository.push([RefUpdate(ref, commit, None)])
    if gone.kind != "done":
        found = f"{ref} could be pushed, and not be taken away again: {' '.join(gone.words.split())}"
        yield Finding("journal", "to do", found, f"git push origin :{ref}")
        return
    yield Finding("journal", "ok", "refs under refs/planbot/ can be pushed and deleted")
