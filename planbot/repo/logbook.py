"""The journal as a pass uses it: read the base, append an entry, move other refs along with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.errors import GitError, JournalError
from planbot.repo.journal import Journal, plan_file_name
from planbot.repo.push import RefUpdate
from planbot.repo.repository import JOURNAL_REF
from planbot.sync.agreed import Agreed
from planbot.sync.codec import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.repo.push import PushKind
    from planbot.repo.repository import Repository


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold the outcome of appending: how the push went, the entry's commit, the words of the remote."""

    kind: PushKind
    commit: str
    words: str

    @property
    def done(self) -> bool:
        """Return whether the entry is on the remote."""
        return self.kind == "done"

    def require(self) -> Entry:
        """Return this entry.

        Raises:
            JournalError: if the journal may not be written at all.
        """
        if self.kind in ("refused", "denied"):
            raise JournalError(
                f"the journal cannot be pushed to {JOURNAL_REF}: {self.words}",
                hint="give the token permission to write contents (`contents: write` in a workflow)",
            )
        return self


class Logbook:
    """Read and append the journal of one repository; `clock` tells epoch seconds."""

    def __init__(self, repository: Repository, clock: Callable[[], float]) -> None:
        self._repository = repository
        self._journal = Journal(repository)
        self._clock = clock

    def read(self, commit: str | None, repository_id: int) -> Agreed:
        """Return the base that an entry holds; nothing is known without one, or from another repository's."""
        unknown = Agreed(repository=repository_id, known=False)
        if commit is None:
            return unknown
        agreed = decode(self._journal.load(commit))
        if agreed.repository not in (0, repository_id):
            return unknown
        return replace(agreed, repository=repository_id)

    def note_told(self, branch: str, repository_id: int, issues: tuple[int, ...]) -> None:
        """Note on which issues a comment may tell of a refused pass; beside a branch, for a fetch needs one.

        Raises:
            GitError: if another pass is at work, or the journal moved meanwhile.
            JournalError: if the journal may not be written at all.
        """
        head = self._repository.fetch(branch).journal
        agreed = self.read(head, repository_id)
        if agreed.told == issues or not agreed.known:
            return
        if agreed.lease is not None and agreed.lease.until > self._clock():
            raise GitError("another pass is at work", hint="run planbot again when it has ended")
        text = "Note where a refused pass is told of" if issues else "Note that no refused pass is told of"
        if not self.append(head, replace(agreed, told=issues), text).require().done:
            raise GitError("the journal moved meanwhile", hint="run planbot again")

    def append(self, parent: str | None, agreed: Agreed, message: str, *updates: RefUpdate) -> Entry:
        """Push an entry on top of `parent`, and other refs with it, all or nothing."""
        files = encode(agreed, plan_file_name)
        commit = self._journal.entry(parent, files, message, int(self._clock()))
        result = self._repository.push([*updates, RefUpdate(JOURNAL_REF, parent, commit)])
        return Entry(result.kind, commit, result.words)
