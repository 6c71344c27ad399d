"""Match wanted items with known ones, by one key after another; each of both is used once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sync.locators import uid_of
from planbot.sync.words import FILLING, alike, key, words
from planbot.tracker.marker import Managed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from planbot.sync.agreed import AgreedCheck, Kind
    from planbot.sync.content import DesiredCheck
    from planbot.sync.desired import Desired
    from planbot.sync.known import Known

    Sight = Callable[
        [str, str | None, str | None, str], Hashable
    ]  # path, uid of the parent, number, key of the name

SIMILAR = 0.5  # share of words above which two titles (or lists of checks) may be one, reworded
CLOSE = 0.1  # two candidates whose shares differ by less are too close to call
RENAMED = 0.5  # share of items above which a new plan file is taken for one that is gone
_COMMON = 50  # a word that so many known items of a file have tells nothing
_TELLING = (
    4  # so many words that the checks of one known item alone have tell which it is, whatever its title
)
_TEXT = 6  # words that a text must have to tell anything
_SAME_TEXT = 0.8  # share of them that must stand in the issue's
_REWRITTEN = 3  # so many words that tell one title of a phase from all others tell which it was before
_KEPT = 1 / 3  # share of the shorter title's words that must still be there then
_LONG = 4  # letters: shorter words tell nothing, nor do those that fill


class Matching:
    """Hold the state of one matching: `found` maps wanted to known items, `unclear` wanted ones to their candidates.

    `compared` counts the pairs whose words were compared.
    """

    def __init__(self, wanted: Sequence[tuple[str, Desired]], known: Sequence[Known]) -> None:
        self.wanted = wanted
        self.known = known
        self.found: dict[int, int] = {}
        self.unclear: dict[int, set[int]] = {}
        self._used: set[int] = set()
        self._uids = {(path, item.locator): at for at, (path, item) in enumerate(wanted)}
        self._before = _renames(wanted, known)
        self._olds = [_Words.of(one.base.name, one.base.checks) for one in known]
        self._news = [_Words.of(item.name, item.content.checks) for _, item in wanted]
        self.compared = 0

    def run(self) -> Matching:
        """Match plans first, then phases, then tasks, for a task is known by its phase too."""
        live = [at for at, one in enumerate(self.known) if not one.base.retired]
        # an item that is back is known by its exact title only
        retired = [at for at, one in enumerate(self.known) if one.base.retired and one.issue is not None]
        self._explicit([*live, *retired])
        for kind in ("plan", "phase", "task"):
            for candidates in (live, retired):
                self._exactly(kind, candidates)
            self._by_uid(kind, live)
            self._by_number(kind, live)
            self._alike(kind, live)
        self._by_telling_words(live)
        return self

    def _exactly(self, kind: Kind, candidates: list[int]) -> None:
        if kind == "plan":
            self._by(kind, candidates, lambda path, *_: path)
        self._by(kind, candidates, lambda path, parent, number, name: parent and (path, parent, number, name))
        self._by(kind, candidates, lambda path, parent, _, name: parent and (path, parent, name))
        self._by(kind, candidates, lambda path, _, number, name: (path, number, name))
        self._by(kind, candidates, lambda path, _, __, name: (path, name), unique=True)
        self._by(kind, candidates, lambda _, __, ___, name: name, unique=True)

    def _wants(self, kind: Kind) -> list[int]:
        return [
            at
            for at, (_, item) in enumerate(self.wanted)
            if item.kind == kind and at not in self.found and at not in self.unclear
        ]

    def _take(self, want: int, have: int) -> None:
        self.found[want] = have
        self._used.add(have)

    def _explicit(self, candidates: list[int]) -> None:
        marks = {f"#{self.known[at].base.issue}": at for at in candidates}
        marks |= {self.known[at].base.uid: at for at in candidates}
        for at, (_, item) in enumerate(self.wanted):
            have = marks.get(item.explicit or "")
            if have is not None and have not in self._used:
                self._take(at, have)

    def _by(self, kind: Kind, candidates: list[int], sight: Sight, *, unique: bool = False) -> None:
        """Match items that look the same; equals are paired in order, or not at all if they must be `unique`."""
        left: defaultdict[Hashable, list[int]] = defaultdict(list)
        right: defaultdict[Hashable, list[int]] = defaultdict(list)
        for at in candidates:
            base = self.known[at].base
            if at not in self._used and base.kind == kind:
                parent = base.milestone or base.parent
                left[sight(self.known[at].path, parent, base.number, key(base.name))].append(at)
        for at in self._wants(kind):
            path, item = self.wanted[at]
            right[sight(self._path(path), self._parent(at), item.number, key(item.name))].append(at)
        left.pop(None, None)
        for seen, wants in right.items():
            haves = left.get(seen, [])
            if not unique or len(wants) == len(haves) == 1:
                for want, have in zip(wants, haves, strict=False):
                    self._take(want, have)

    def _path(self, path: str) -> str:
        return self._before.get(path, path)

    def _parent(self, want: int) -> str | None:
        """Return the uid of the phase (or plan) that a wanted item stands in, if that is a known one."""
        path, item = self.wanted[want]
        above = item.phase if item.phase not in (None, item.locator) else item.parent
        parent = self._uids.get((path, above or ""))
        have = self.found.get(parent) if parent is not None else None
        return None if have is None else self.known[have].base.uid

    def _by_uid(self, kind: Kind, candidates: list[int]) -> None:
        """Match items with what only a marker tells of, whose title may be a person's: a uid tells the first one."""
        marked = {
            self.known[at].base.uid: at
            for at in candidates
            if not self.known[at].in_journal and at not in self._used and self.known[at].base.kind == kind
        }
        for at in self._wants(kind) if marked else ():
            path, item = self.wanted[at]
            have = marked.get(uid_of(self._path(path), item.locator, item.name))
            if have is not None:
                self._take(at, have)

    def _by_number(self, kind: Kind, candidates: list[int]) -> None:
        """Match items of one number whose titles, checks or texts are alike."""
        haves: defaultdict[Hashable, list[int]] = defaultdict(list)
        for at in candidates:
            base = self.known[at].base
            if at not in self._used and base.kind == kind and base.number is not None:
                haves[self.known[at].path, base.number].append(at)
        for at in self._wants(kind):
            path, item = self.wanted[at]
            same = [have for have in haves.get((self._path(path), item.number), []) if have not in self._used]
            if len(same) == 1 and (
                max(self._shares(at, same[0])) >= SIMILAR or self._has_its_text(at, same[0])
            ):
                self._take(at, same[0])

    def _has_its_text(self, want: int, have: int) -> bool:
        """Say whether an item's text is that of a known one's issue, whatever its title."""
        body, new = self.known[have].body, words(self.wanted[want][1].content.text)
        old = words(body.text) if isinstance(body, Managed) else frozenset()
        return len(new) >= _TEXT and len(new & old) >= _SAME_TEXT * len(new)

    def _alike(self, kind: Kind, candidates: list[int]) -> None:
        """Match what is left by titles and checks together, the best pair first; leave what is too close to call."""
        pairs = self._pairs(kind, candidates)
        of_want: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
        of_have: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
        for pair in pairs:
            of_want[pair[1]].append(pair)
            of_have[pair[2]].append(pair)
        for pair in sorted(pairs, key=lambda one: (-one[0], one[1], one[2])):
            score, want, have = pair
            if want in self.found or want in self.unclear or have in self._used:
                continue
            rivals = [
                other
                for other in (*of_want[want], *of_have[have])
                if other != pair and other[0] > score - CLOSE and self._open(other)
            ]
            if rivals:
                for _, one, other in (pair, *rivals):
                    self.unclear.setdefault(one, set()).add(other)
            else:
                self._take(want, have)

    def _by_telling_words(self, candidates: list[int]) -> None:
        """Match tasks without a number that are open, and whose titles were written anew in the same phase.

        Done work is often told otherwise than it was planned. Words that one title of the phase had before, and one has
        now, tell which two belong together, where there are enough of them and they lead to no other.
        """
        free = set(self._wants("task"))
        left = set(candidates).difference(self._used, *self.unclear.values())
        had: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        has: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for at, one in enumerate(self.known if free and left else ()):
            if one.base.kind == "task" and not one.base.retired:
                for word in self._olds[at].title:
                    had[one.base.milestone or one.base.parent or "", word].append(at)
        for at, (_, item) in enumerate(self.wanted if had else ()):
            if item.kind == "task":
                for word in self._news[at].title:
                    has[self._parent(at) or "", word].append(at)
        told = Counter(
            (has[spot][0], had[spot][0])
            for spot in had
            if spot[0] and _is_telling(spot[1]) and len(had[spot]) == len(has.get(spot, ())) == 1
        )
        pairs = [pair for pair, count in told.items() if count >= _REWRITTEN and self._is_rewritten(*pair)]
        wants, haves = Counter(want for want, _ in pairs), Counter(have for _, have in pairs)
        for want, have in pairs:
            if want in free and have in left and wants[want] == haves[have] == 1:
                self._take(want, have)

    def _is_rewritten(self, want: int, have: int) -> bool:
        """Say whether a task without a number may be one that is open, in other words."""
        item, one = self.wanted[want][1], self.known[have]
        if item.number or item.explicit or one.base.number or one.issue is None or one.issue.state != "open":
            return False
        new, old = self._news[want].title, self._olds[have].title
        return len(new & old) >= _KEPT * min(len(new), len(old))

    def _open(self, pair: tuple[float, int, int]) -> bool:
        return pair[1] not in self.found and pair[2] not in self._used

    def _pairs(self, kind: Kind, candidates: list[int]) -> list[tuple[float, int, int]]:
        """Return the pairs that share telling words of their titles or checks and are alike, with how much."""
        titles: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        checks: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for at, one in enumerate(self.known):
            if one.base.kind == kind and not one.base.retired:
                for word in self._olds[at].checks:
                    checks[one.path, word].append(at)
        for at in candidates:
            if at not in self._used and self.known[at].base.kind == kind:
                for word in self._olds[at].title:
                    titles[self.known[at].path, word].append(at)
        pairs = []
        for at in self._wants(kind):
            path, item = self.wanted[at]
            if item.explicit:
                continue  # its author decides, and likeness does not
            file = self._path(path)
            by_title = (titles.get((file, word), []) for word in self._news[at].title)
            seen = {have for haves in by_title if len(haves) <= _COMMON for have in haves}
            by_check = (checks.get((file, word), []) for word in self._news[at].checks)
            alone = Counter(haves[0] for haves in by_check if len(haves) == 1)
            seen |= {have for have, count in alone.items() if count >= _TELLING and have not in self._used}
            pairs += [
                (score, at, have)
                for have in sorted(seen)
                if (score := sum(shares := self._shares(at, have)) / len(shares)) >= SIMILAR
            ]
        return pairs

    def _shares(self, want: int, have: int) -> tuple[float, ...]:
        """Return how alike the titles of two items are, from 0 to 1, and their checks where both have some."""
        self.compared += 1
        old, new = self._olds[have], self._news[want]
        by_title = alike(new.title, old.title)
        return (by_title, alike(old.checks, new.checks)) if old.checks and new.checks else (by_title,)


@dataclass(frozen=True, slots=True)
class _Words:
    """Hold the words of an item's title and of its checks."""

    title: frozenset[str]
    checks: frozenset[str]

    @classmethod
    def of(cls, name: str, checks: Iterable[AgreedCheck | DesiredCheck]) -> _Words:
        """Return those of a title and of checks."""
        return cls(words(name), words(" ".join(check.text for check in checks)))


def _is_telling(word: str) -> bool:
    return len(word) >= _LONG and word not in FILLING


def _renames(wanted: Sequence[tuple[str, Desired]], known: Sequence[Known]) -> dict[str, str]:
    """Return, for plan files that nothing is known of, the gone file that they most likely were, each used once."""
    here = {path for path, _ in wanted}
    gone: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in known:
        if one.path not in here and not one.base.retired:
            gone[one.path].add((one.base.kind, key(one.base.name)))
    paths = {one.path for one in known}
    fresh: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for path, item in wanted:
        if gone and path not in paths:
            fresh[path].add((item.kind, key(item.name)))
    scores = [
        (len(items & old) / min(len(items), len(old)), _file(path) == _file(before), path, before)
        for path, items in fresh.items()
        for before, old in gone.items()
    ]
    renames: dict[str, str] = {}
    for score, _, path, before in sorted(scores, key=lambda one: (-one[0], not one[1], one[2], one[3])):
        if score >= RENAMED and path not in renames and before not in renames.values():
            renames[path] = before
    return renames


def _file(path: str) -> str:
    return path.rpartition("/")[2]
