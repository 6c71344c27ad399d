"""The settings: YAML to one frozen, typed value; every mistake is told, each with its file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from wcmatch import glob

from planbot.config_schema import (
    GLOB_FLAGS,
    MISSING,
    Choice,
    Count,
    Flag,
    Glob,
    Key,
    ListOf,
    Place,
    Section,
    Text,
)
from planbot.errors import SettingsError
from planbot.plan.options import DIALECTS, ReadOptions, Words
from planbot.sync.options import (
    FileOptions,
    Finished,
    IssueOptions,
    LabelOptions,
    LimitOptions,
    TaskIssues,
    TitleOptions,
)
from planbot.sync.wording import LABEL_LIMIT
from planbot.yaml_nodes import Mistake, node_at, node_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _typeshed import DataclassInstance
    from yaml import Node as YamlNode

SETTINGS_FILES = (".github/planbot.yml", "planbot.yml")

DEFAULT_FILES = (
    "**/{*PLAN,*-plan,ROADMAP}.md",
    "docs/plans/**/*.md",
    "docs/superpowers/plans/*.md",
    "thoughts/**/plans/*.md",
    "specs/*/tasks.md",
    "openspec/changes/*/tasks.md",
    ".kiro/specs/*/tasks.md",
    "backlog/tasks/*.md",
)
EXCLUDED_FOLDERS = frozenset(
    ("archive", "completed", "node_modules", "vendor", "fixtures", "templates", ".github")
)

T = TypeVar("T", bound="DataclassInstance")

WriteBackMode = Literal["auto", "commit", "pull-request", "off"]


@dataclass(frozen=True, slots=True)
class WriteBackOptions:
    """Hold how ticks made in issues reach the plan files."""

    mode: WriteBackMode = "auto"
    skip_ci: bool = False


@dataclass(frozen=True, slots=True)
class PlanRule:
    """Hold which files are plan files, and what the settings say about these."""

    files: tuple[str, ...] = DEFAULT_FILES
    exclude: tuple[str, ...] = ()
    options: FileOptions = field(default_factory=FileOptions)


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold everything a settings file says, its defaults filled in."""

    plans: tuple[PlanRule, ...] = (PlanRule(),)
    branch: str | None = None
    issues: IssueOptions = field(default_factory=IssueOptions)
    titles: TitleOptions = field(default_factory=TitleOptions)
    labels: LabelOptions = field(default_factory=LabelOptions)
    milestones: bool = True
    words: Words = field(default_factory=Words)
    write_back: WriteBackOptions = field(default_factory=WriteBackOptions)
    limits: LimitOptions = field(default_factory=LimitOptions)
    forks: bool = False
    allow_public: bool = False

    def select(self, paths: Iterable[str]) -> dict[str, FileOptions]:
        """Return the plan files among these paths, each with the options of the first rule that takes it."""
        takers = [(_Taker(rule), rule.options) for rule in self.plans]
        found = {}
        for path in paths:
            options = next((options for taker, options in takers if taker.takes(path)), None)
            if options is not None:
                found[path] = options
        return found

    def names_exactly(self, path: str) -> bool:
        """Return whether a rule names this path without any wildcard."""
        return any(path.casefold() in _exact_names(rule) for rule in self.plans)

    @property
    def general(self) -> FileOptions:
        """Return what is said about every plan file, whichever rule takes it."""
        read = ReadOptions(words=self.words)
        return FileOptions(self.issues, self.titles, self.labels, self.milestones, read)


_ISSUES = Section(
    (
        Key("plan", Flag(), "Make an issue of the plan itself."),
        Key("phase", Flag(), "Make an issue of each phase."),
        Key(
            "task",
            Choice(get_args(TaskIssues)),
            "Make an issue of each task with a heading or a body of its own, of all tasks, or of none.",
        ),
        Key(
            "finished",
            Choice(get_args(Finished)),
            "Skip items that are finished before they have an issue, or import them.",
        ),
    )
)
_TITLES = Section(
    (
        Key("plan", Text(("title", "plan")), "Title of a plan's issue."),
        Key("phase", Text(("title", "number", "plan")), "Title of a phase's issue."),
        Key("task", Text(("title", "number", "plan")), "Title of a task's issue."),
        Key("milestone", Text(("title", "number", "plan")), "Title of a phase's milestone."),
    )
)
_LABELS = Section(
    (
        Key("priority", Text(("value",), nullable=True), "Label that tells a priority; null for none."),
        Key("impact", Text(("value",), nullable=True), "Label that tells an impact; null for none."),
        Key("extra", ListOf(Text(longest=LABEL_LIMIT)), "Labels that every issue gets."),
    )
)
_MILESTONES = Key("milestones", Flag(), "Make a milestone of each phase.")
_DIALECT = Key(
    "dialect", Choice(DIALECTS, nullable=True), "Grammar that the files follow; null to find it out."
)
_FILE_KEYS = (
    Key("issues", _ISSUES, "What becomes an issue."),
    Key("titles", _TITLES, "How issues and milestones are called."),
    Key("labels", _LABELS, "Which labels issues get, beside `planbot`."),
    _MILESTONES,
)
_RULE = Section(
    (
        Key("files", ListOf(Glob()), "Patterns of the files to take, in any case; `**` is any folders."),
        Key("exclude", ListOf(Glob()), "Patterns of files to leave out all the same."),
        _DIALECT,
        *_FILE_KEYS,
    ),
    short="files",
)
_FRONT_MATTER = Section((_DIALECT, *_FILE_KEYS))
_WORDS = Section(
    (
        Key("phase", ListOf(Text()), "Words that name a phase."),
        Key("task", ListOf(Text()), "Words that name a task."),
        Key("verification", ListOf(Text()), "Words that name a section of checks."),
    )
)
_WRITE_BACK = Section(
    (
        Key(
            "mode",
            Choice(get_args(WriteBackMode)),
            "Commit ticks to the branch, propose them in a pull request, or report them only; auto does what the "
            "branch's rules allow.",
        ),
        Key("skip_ci", Flag(), "Put [skip ci] into the commit messages."),
    )
)
_LIMITS = Section(
    (
        Key("closes", Count(), "Issues that one pass may close, where they are more than `share`."),
        Key("unticks", Count(), "Boxes that one pass may untick, where they are more than `share`."),
        Key("share", Count(100), "Percent of what is open or ticked that may go whatever its number."),
        Key("creates", Count(), "Issues that one pass may create."),
    )
)

SCHEMA = Section(
    (
        Key("plans", ListOf(_RULE), "Which files are plan files; the first rule that takes a file wins."),
        Key("branch", Text(nullable=True), "Branch that is kept in step; null for the default branch."),
        *_FILE_KEYS,
        Key("words", _WORDS, "Words, in any language, beside those that are known."),
        Key("write_back", _WRITE_BACK, "How ticks made in issues reach the plan files."),
        Key("limits", _LIMITS, "What a pass may do without being told to."),
        Key("forks", Flag(), "Work in a fork too."),
        Key("allow_public", Flag(), "Let a private repository's plans become a public repository's issues."),
    )
)


def load_settings(path: str, data: bytes) -> Settings:
    """Return the settings that a file holds; raise `SettingsError` with all of its mistakes."""
    mistakes: list[Mistake] = []
    root = read_yaml(data, mistakes)
    given = {} if root is None else SCHEMA.read(root, Place("", mistakes))
    if mistakes or not isinstance(given, dict):
        raise SettingsError(tuple(f"{path}:{one.line}:{one.column}: {one}" for one in sorted(mistakes)))
    return _settings(given)


def load_patterns(patterns: Iterable[str], name: str) -> tuple[str, ...]:
    """Return patterns of plan files given by hand; raise `SettingsError` for what is none, as a value of `name`."""
    mistakes: list[Mistake] = []
    node = node_of(list(patterns), mistakes)
    found = MISSING if node is None else ListOf(Glob()).read(node, Place(name, mistakes))
    if mistakes or not isinstance(found, tuple):
        raise SettingsError(tuple(str(mistake) for mistake in mistakes))
    return found


def write_back_mode(mode: str | None, name: str) -> WriteBackMode | None:
    """Return a mode given by hand as `name`, None where none was; raise `SettingsError` for one there is not."""
    modes: tuple[WriteBackMode, ...] = get_args(WriteBackMode)
    if mode is None or mode in modes:
        return next((one for one in modes if one == mode), None)
    raise SettingsError((f"`{name}` must be one of {', '.join(modes)}, not {mode!r}",))


def with_front_matter(options: FileOptions, own: YamlNode) -> tuple[FileOptions, list[Mistake]]:
    """Return options with what the mapping under `planbot:` in a file's front matter overrides, and its mistakes."""
    mistakes: list[Mistake] = []
    node = node_at(own, mistakes)
    given = MISSING if node is None else _FRONT_MATTER.read(node, Place("planbot", mistakes))
    return _file_options(options, given) if isinstance(given, dict) else options, mistakes


class _Taker:
    """Tell whether a rule takes a path; its patterns are compiled once for many paths."""

    def __init__(self, rule: PlanRule) -> None:
        self._files = _compile(rule.files)
        self._exclude = _compile(rule.exclude)
        self._exact = _exact_names(rule)

    def takes(self, path: str) -> bool:
        if not self._files.fullmatch(path) or self._exclude.fullmatch(path):
            return False
        folders = path.casefold().split("/")[:-1]
        return EXCLUDED_FOLDERS.isdisjoint(folders) or path.casefold() in self._exact


def _exact_names(rule: PlanRule) -> frozenset[str]:
    return frozenset(name.casefold() for name in rule.files if not glob.is_magic(name, flags=GLOB_FLAGS))


def _compile(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return one expression for whole paths that matches what any of these patterns does."""
    expressions, _ = glob.translate(list(patterns), flags=GLOB_FLAGS)
    return re.compile("|".join(expressions) or r"(?!)")


def _merged(base: T, given: Mapping[str, Any]) -> T:
    """Return a value with the given fields replaced, to any depth."""
    changes = {
        name: _merged(getattr(base, name), value) if isinstance(value, dict) else value
        for name, value in given.items()
    }
    return replace(base, **changes)


def _settings(given: Mapping[str, Any]) -> Settings:
    settings = _merged(Settings(), {name: value for name, value in given.items() if name != "plans"})
    rules = tuple(_rule(settings.general, rule) for rule in given.get("plans", ({},)))
    return replace(settings, plans=rules)


def _rule(base: FileOptions, given: Mapping[str, Any]) -> PlanRule:
    lists = {name: given[name] for name in ("files", "exclude") if name in given}
    return PlanRule(**lists, options=_file_options(base, given))


def _file_options(base: FileOptions, given: Mapping[str, Any]) -> FileOptions:
    overrides = {key.name: given[key.name] for key in _FILE_KEYS if key.name in given}
    reading = {_DIALECT.name: given[_DIALECT.name]} if _DIALECT.name in given else {}
    return _merged(base, {**overrides, "read": reading})
