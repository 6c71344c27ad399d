"""What the server answered before, kept for each repository: what has not changed since costs no quota."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from planbot.tracker.answers import AnswerCache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.tracker.target import Token


@dataclass(slots=True, eq=False)
class _Kept:
    """Hold one repository's answers, the token they were told to, and their bytes when they were last given back."""

    token: Token
    cache: AnswerCache = field(default_factory=AnswerCache)
    size: int = 0
    lent: bool = False


class KeptAnswers:
    """Keep answers in memory, of `most` bytes together at most; the least recently used repository's go first.

    What a pass adds counts once it has ended. May be used by several threads at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @property
    def size(self) -> int:
        """Return how many bytes all answers have together."""
        with self._lock:
            return sum(kept.size for kept in self._kept.values())

    @contextmanager
    def lend(self, repository: str, token: Token) -> Iterator[AnswerCache]:
        """Lend the answers about a repository (`owner/name`) to the one pass that is made over it.

        With another token than before there are none: what an App's next token may see is told to it anew. Nor are
        there any while they are lent to another pass.
        """
        kept = self._take(repository, token)
        try:
            yield kept.cache
        finally:
            self._give_back(repository, kept)

    def forget(self, repository: str) -> None:
        """Forget the answers about a repository, those that a pass is about to give back as well."""
        with self._lock:
            self._kept.pop(repository, None)

    def _take(self, repository: str, token: Token) -> _Kept:
        with self._lock:
            kept = self._kept.get(repository)
            if kept is None or kept.lent or kept.token != token:
                kept = self._kept[repository] = _Kept(token)
            kept.lent = True
            self._kept.move_to_end(repository)
            return kept

    def _give_back(self, repository: str, kept: _Kept) -> None:
        """Take answers back, unless they were forgotten; those that are too large alone push out no others."""
        with self._lock:
            if self._kept.get(repository) is not kept:
                return
            kept.lent, kept.size = False, kept.cache.size
            self._kept.move_to_end(repository, last=kept.size <= self._most)
            size = sum(one.size for one in self._kept.values())
            while size > self._most:
                size -= self._kept.popitem(last=False)[1].size
