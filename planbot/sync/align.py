"""Find each check of one list in another, by text and order inside its group, then by place."""

from __future__ import annotations

from collections import defaultdict
from difflib import SequenceMatcher
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from planbot.sync.words import alike, key, telling, words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator, Sequence

Line = tuple[str | None, str]  # group, text
_Sight = tuple[str | None, str, str]  # group, text, key of the text

_REWORDED = 0.3  # two checks that stand in the same place and share so much of their words are one, reworded
_SPELT_ALIKE = 0.6  # share of letters in order: "tests" and "testing"
_LONGEST = 100  # letters that are compared so
_AHEAD = 12  # so many lines are looked at for the one that was reworded, where others came or went beside it


def align(
    old: Sequence[Line], new: Sequence[Line], apart: Collection[str] = (), *, strict: bool = False
) -> dict[int, int]:
    """Return new index → old index for every line of `new` that is found in `old`; none is used twice.

    Equal lines are told apart by their neighbours, then taken in order. A line is looked for by its very text,
    then by the key of its text in its group, then in any group. What is left between two found neighbours is
    matched by place: all of it where the counts agree, else what shares words; never a line whose `sight_key` is in
    `apart`, for it is known to have come from elsewhere, or gone there. Where it is `strict`, lines of one place that
    share no telling word are two: a tick on the one says nothing of the other.
    """
    found: dict[int, int] = {}
    left, right = _seen(old), _seen(new)
    for sight in (_with_neighbours, _itself, _by_key, _by_key_alone):
        _match(left, right, sight, found)
    olds = [at for at, (_, _, name) in enumerate(left) if name not in apart]
    news = [at for at, (_, _, name) in enumerate(right) if name not in apart]
    place = {at: here for here, at in enumerate(olds)}
    among = {here: place[found[at]] for here, at in enumerate(news) if at in found}
    _match_places([old[at] for at in olds], [new[at] for at in news], among, strict=strict)
    return found | {news[new_at]: olds[old_at] for new_at, old_at in among.items()}


def sight_key(text: str) -> str:
    """Return by what a line's text is known where its very letters do not count."""
    return key(text) or text


def _seen(lines: Sequence[Line]) -> list[_Sight]:
    return [(group, text, sight_key(text)) for group, text in lines]


def _with_neighbours(lines: list[_Sight], at: int) -> Hashable:
    return tuple(lines[max(at - 1, 0) : at + 2]), at == 0


def _itself(lines: list[_Sight], at: int) -> Hashable:
    return lines[at]


def _by_key(lines: list[_Sight], at: int) -> Hashable:
    group, _, text_key = lines[at]
    return key(group or ""), text_key


def _by_key_alone(lines: list[_Sight], at: int) -> Hashable:
    return lines[at][2]


def _match(
    old: list[_Sight],
    new: list[_Sight],
    sight: Callable[[list[_Sight], int], Hashable],
    found: dict[int, int],
) -> None:
    used = set(found.values())
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at in reversed([at for at in range(len(old)) if at not in used]):
        places[sight(old, at)].append(at)
    for at in range(len(new)):
        if at not in found and (olds := places.get(sight(new, at))):
            found[at] = olds.pop()


def _match_places(old: Sequence[Line], new: Sequence[Line], found: dict[int, int], *, strict: bool) -> None:
    """Pair what stands beside the same found neighbour: all if the counts agree, else the similar."""
    used = set(found.values())
    for first, last in list(_gaps(len(new), found)):
        start = found[first - 1] + 1 if first else 0
        end = found[last] if last < len(new) else len(old)
        # the lines up to the next one that is taken, so that no line is looked at again and again
        free = list(takewhile(lambda at: at not in used, range(start, len(old))))
        free = free or list(takewhile(lambda at: at not in used, reversed(range(end))))[::-1]
        if len(free) == last - first:
            pairs = zip(range(first, last), free, strict=True)
            found.update((at, was) for at, was in pairs if not strict or _may_be_one(old[was][1], new[at][1]))
        elif free:
            _match_reworded(old, new, range(first, last), free, found)
        used.update(found[at] for at in range(first, last) if at in found)


def _may_be_one(old: str, new: str) -> bool:
    """Say whether a line in the place of another may be that one, in other words: with none of them, it is another."""
    before, after = words(old), words(new)
    if telling(before) & telling(after) or not (before and after):
        return True
    first, second = (key(text)[:_LONGEST] for text in (old, new))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _SPELT_ALIKE


def _match_reworded(
    old: Sequence[Line], new: Sequence[Line], news: range, olds: list[int], found: dict[int, int]
) -> None:
    """Pair each new line, in order, with the next old one that shares enough words with it."""
    bags = [words(old[at][1]) for at in olds]
    start = 0
    for at in news:
        bag = words(new[at][1])
        ahead = islice(range(start, len(olds)), _AHEAD)
        match = next((here for here in ahead if alike(bags[here], bag) >= _REWORDED), None)
        if match is not None:
            found[at] = olds[match]
            start = match + 1


def _gaps(count: int, found: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of new lines that are not found."""
    first = None
    for at in range(count + 1):
        if at < count and at not in found:
            first = at if first is None else first
        elif first is not None:
            yield first, at
            first = None
