"""Settings and plan files from one source: which files are plan files, and how each is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.config import SETTINGS_FILES, PlanRule, Settings, load_settings, with_front_matter
from planbot.plan.diagnostics import FRONT_MATTER, SETTINGS_TWICE
from planbot.plan.frontmatter import front_matter
from planbot.plan.model import Diagnostic
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planbot.config import WriteBackMode
    from planbot.plan.model import Plan
    from planbot.repo.sources import Source
    from planbot.sync.options import FileOptions

Finding = tuple[str, Diagnostic]  # the path it is about, and what is found there

_PLACEHOLDER = re.compile(r"\[[^\[\]]+\]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Hold the settings and the plan files of one source.

    `read` are all plan files as read, `plans` those of them that can be synced. `unreadable` are plan files whose
    items must be left alone; `findings` are all diagnostics by path, `there` is every path of the source. `templates`
    are files left out because their title is still a placeholder, `off` those that say so themselves.
    """

    settings: Settings
    read: tuple[Plan, ...]
    plans: tuple[tuple[Plan, FileOptions], ...]
    unreadable: frozenset[str]
    findings: tuple[Finding, ...]
    there: frozenset[str]
    templates: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    def about(self, path: str) -> list[Diagnostic]:
        """Return the diagnostics of one file."""
        return [finding for about, finding in self.findings if about == path]


@dataclass(frozen=True, slots=True)
class Given:
    """Hold what was given by hand: a settings file's name and bytes, and what goes before any settings.

    `plans` are patterns of plan files, `write_back` is how ticks reach them.
    """

    file: tuple[str, bytes] | None = None
    plans: tuple[str, ...] = ()
    write_back: WriteBackMode | None = None

    def before(self, settings: Settings) -> Settings:
        """Return settings with what was given in the place of theirs."""
        if self.plans:
            settings = replace(settings, plans=(PlanRule(files=self.plans, options=settings.general),))
        if self.write_back:
            settings = replace(settings, write_back=replace(settings.write_back, mode=self.write_back))
        return settings


_NOTHING = Given()


def settings_of(source: Source, given: tuple[str, bytes] | None) -> Settings:
    """Return the settings: from a file given by hand (its name and bytes), else from where they are looked for.

    Raises:
        SettingsError: with every mistake in them.
    """
    return _settings(source, given)[0]


def _settings(source: Source, given: tuple[str, bytes] | None) -> tuple[Settings, Iterator[Finding]]:
    """Return the settings, and what is to be said about files with some that do not count."""
    found = [given] if given else list(source.read(SETTINGS_FILES).items())
    found.sort(key=lambda one: one[0] != SETTINGS_FILES[0])
    settings = load_settings(*found[0]) if found else Settings()
    return settings, ((path, _ignored(path, found[0][0])) for path, _ in found[1:])


def _ignored(path: str, counting: str) -> Diagnostic:
    message = f"{path} is ignored, because {counting} counts"
    return SETTINGS_TWICE.at(1, 1, message, "put all settings into one of them, and delete the other")


def load(source: Source, given: Given = _NOTHING, only: Iterable[str] = ()) -> Loaded:
    """Read settings and plan files; `only` names files to read whatever globs and front matter say.

    Raises:
        SettingsError: with every mistake in the settings.
    """
    settings, ignored = _settings(source, given.file)
    settings = given.before(settings)
    named = tuple(only)
    there = frozenset(source.paths())
    chosen = _named(settings, named) if named else settings.select(sorted(there))
    everything: list[Plan] = []
    plans: list[tuple[Plan, FileOptions]] = []
    unreadable: set[str] = set()
    findings: list[Finding] = list(ignored)
    templates: list[str] = []
    off: list[str] = []
    for path, data in source.read(chosen).items():
        plan, options = _read(path, data, chosen[path])
        if not named and options is None:
            off.append(path)
            continue
        if not named and _is_template(plan) and not settings.names_exactly(path):
            templates.append(path)
            continue
        everything.append(plan)
        findings += [(path, finding) for finding in plan.diagnostics if options is not None]
        if options is not None and plan.readable:
            plans.append((plan, options))
        elif options is not None:
            unreadable.add(path)
    return Loaded(
        settings,
        tuple(everything),
        tuple(plans),
        frozenset(unreadable),
        tuple(findings),
        there,
        tuple(templates),
        tuple(off),
    )


def _named(settings: Settings, paths: tuple[str, ...]) -> dict[str, FileOptions]:
    """Return options for files named by hand: those of their rule, else the general ones."""
    return dict.fromkeys(paths, settings.general) | settings.select(paths)


def _read(path: str, data: bytes, options: FileOptions) -> tuple[Plan, FileOptions | None]:
    """Read one plan file with the options that it sets itself; none where it says `planbot: off`."""
    plan = read_plan(path, data, options.read)
    own = front_matter(plan.source).own if plan.settings else None
    if plan.off or own is None:
        return plan, None if plan.off else options
    changed, mistakes = with_front_matter(options, own)
    if mistakes:
        told = (FRONT_MATTER.at(one.line + 1, one.column, one.text, one.hint) for one in sorted(mistakes))
        return replace(plan, diagnostics=(*told, *plan.diagnostics)), options
    return (plan if changed.read == options.read else read_plan(path, data, changed.read)), changed


def _is_template(plan: Plan) -> bool:
    """Return whether a plan's title is still a bracketed placeholder."""
    return _PLACEHOLDER.match(plan.title) is not None
