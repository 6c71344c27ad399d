"""Answers that the server gave before: where nothing changed since, it says so, and that costs no quota.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

MOST = 1000  # answers that are kept; a page of issues is one


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer as it was read: its entity tag, and where the next page is, None where there is none."""

    tag: str
    value: Any
    following: str | None = None


class AnswerCache:
    """Keep the newest answers for as long as a process lives; not for use by several threads at once.

    The server's tags hold for one token alone: with another one, or a new one, everything is told anew.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}

    @property
    def size(self) -> int:
        """Return about how many bytes of memory the answers have."""
        return sum(self._sizes.values())

    def get(self, key: Hashable) -> Answer | None:
        """Return the answer to a request, None where none is kept."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer in the place of the one before; the one that was not asked for longest goes."""
        self._answers[key] = answer
        self._answers.move_to_end(key)
        self._sizes[key] = _size(answer)
        while len(self._answers) > self._most:
            del self._sizes[self._answers.popitem(last=False)[0]]


def _size(value: object) -> int:
    """Return the bytes of a value and of all that it holds; what is there twice counts twice."""
    inner: Iterable[object] = ()
    if is_dataclass(value):
        inner = (getattr(value, field.name) for field in fields(value))
    elif isinstance(value, tuple):
        inner = value
    return sys.getsizeof(value) + sum(map(_size, inner))
