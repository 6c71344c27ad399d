"""Which repositories are kept: those that settings name, those of their patterns, all that an App is installed on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

from planbot.service.settings_schema import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from planbot.service.credentials import Credentials
    from planbot.service.settings import ScheduleOptions, Wanted


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold one repository that is kept, by its name as the server writes it, and its schedule."""

    name: str
    schedule: ScheduleOptions


class Roster:
    """Know which repositories are kept.

    Names that no listing tells of are kept as they are written, so that something is said of one that is not there.
    Before the first listing those are kept for which there are credentials without one.
    """

    def __init__(self, wanted: Sequence[Wanted], credentials: Credentials) -> None:
        self._wanted = tuple(wanted)
        self._credentials = credentials
        self._kept: tuple[Kept, ...] = ()
        self._listed = False
        if not credentials.lists:
            self._take(())

    def refresh(self) -> tuple[Kept, ...]:
        """List the repositories anew, where settings need that, and return those that are kept.

        Raises:
            TrackerError: if they cannot be listed; those that were kept stay.
        """
        listed: Collection[str] = ()
        if self._credentials.lists or any(not one.is_name for one in self._wanted):
            found = self._credentials.repositories()
            listed = [one.full_name for one in found if not one.archived]
        self._listed = True
        return self._take(listed)

    def kept(self) -> tuple[Kept, ...]:
        """Return the repositories that are kept."""
        return self._kept

    @property
    def partial(self) -> bool:
        """Return whether the last listing lacked something."""
        return self._credentials.partial

    @property
    def whole(self) -> bool:
        """Return whether there was a listing, and the last one lacked nothing."""
        return self._listed and not self.partial

    def _take(self, listed: Collection[str]) -> tuple[Kept, ...]:
        written = {name.casefold(): name for name in listed}
        kept: dict[str, Kept] = {}
        # a repository's own line goes before the patterns that take it too
        for one in sorted(self._wanted, key=lambda wanted: not wanted.is_name):
            names = [one.name.casefold()] if one.is_name else _matching(one.name, written)
            for name in names:
                kept.setdefault(
                    name, Kept(written.get(name, one.name if one.is_name else name), one.schedule)
                )
        self._kept = tuple(kept.values())
        return self._kept


def _matching(pattern: str, names: Collection[str]) -> list[str]:
    """Return the names, in lower case, that a pattern takes; `*` goes no further than a slash."""
    if pattern == INSTALLED:
        return list(names)
    owner, _, name = pattern.casefold().partition("/")
    parts = re.compile(translate(owner)), re.compile(translate(name))
    return [one for one in names if all(map(_matches, parts, one.split("/")))]


def _matches(part: re.Pattern[str], text: str) -> bool:
    return part.fullmatch(text) is not None
