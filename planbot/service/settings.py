"""The service's settings: which repositories are kept, with which credentials, when, and what else a process needs.

How a repository is synced stands in that repository.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planbot.config_schema import MISSING, Place
from planbot.errors import SettingsError, UsageError
from planbot.service.settings_schema import INSTALLED, SCHEMA
from planbot.tracker.target import DEFAULT_API_URL, Token, web_address
from planbot.yaml_nodes import MappingNode, Mistake, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planbot.service.settings_schema import SecretSource

MOST_WITH_AN_APP = 3000  # seconds of a pass; a token lives for 3600
DEFAULT_CACHE = Path("~/.cache/planbot")


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """Hold when passes are made: by a crontab expression in a time zone, else so many seconds apart.

    Each repository's times are later by a part of `jitter` seconds that is its own.
    """

    crontab: str | None = None
    every: int = 900
    zone: str = "UTC"
    jitter: int = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold which repositories are kept: one by `owner/name`, those of a pattern, or all that an App is installed on."""

    name: str
    schedule: ScheduleOptions

    @property
    def is_name(self) -> bool:
        """Return whether this is the name of one repository."""
        return self.name != INSTALLED and not {*"*?"} & {*self.name}


@dataclass(frozen=True, slots=True)
class AppKey:
    """Hold what a GitHub App signs with; nothing shows the key."""

    id: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """Hold where clones are kept, how many bytes they may have together, and how many answers may have in memory."""

    folder: Path = DEFAULT_CACHE
    size: int = 2_000_000_000
    answers: int = 200_000_000


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """Hold where webhooks are taken, what signs them, and how long a burst of them is waited for, in seconds."""

    listen: tuple[str, int] = ("127.0.0.1", 8321)
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    quiet: int = 5


@dataclass(frozen=True, slots=True)
class PagesOptions:
    """Hold where the status page and the metrics are."""

    listen: tuple[str, int] = ("127.0.0.1", 8322)


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """Hold what keeps one pass from holding up others; all in seconds.

    `pass_time` is how long one may write, `request` and `git` how long one answer and one git command are waited for,
    `pace` the time between two writes.
    """

    pass_time: int = 1200
    request: int = 15
    git: int = 300
    pace: int = 1

    @property
    def longest(self) -> int:
        """Return how long a pass may take with the git commands before and after it, in seconds."""
        return self.pass_time + 2 * self.git


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Hold everything that a settings file of the service says; there is either a token or an App."""

    repositories: tuple[Wanted, ...]
    token: Token | None
    app: AppKey | None
    api_url: str = DEFAULT_API_URL
    workers: int = 4
    grace: int = 30
    cache: CacheOptions = CacheOptions()
    webhooks: WebhookOptions = WebhookOptions()
    pages: PagesOptions = PagesOptions()
    limits: LimitOptions = LimitOptions()

    @property
    def html_url(self) -> str:
        """Return the root of the server's web pages."""
        return web_address(self.api_url)


def load_service_settings(path: Path, environ: Mapping[str, str]) -> ServiceSettings:
    """Return the settings that a file holds; secrets are read from where it says they are.

    Raises:
        SettingsError: with every mistake, each with line and column.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError((f"{path}: the settings cannot be read: {error.strerror}",)) from error
    mistakes: list[Mistake] = []
    node = read_yaml(data, mistakes)
    if node is None and not mistakes:
        node = MappingNode((), 1)
    given = MISSING if node is None else SCHEMA.read(node, Place("", mistakes))
    settings = _settings(given, _Secrets(path.parent, environ, mistakes)) if isinstance(given, dict) else None
    if settings is not None and settings.app is not None and settings.limits.longest > MOST_WITH_AN_APP:
        text = f"with an App, `limits.pass_time` and twice `limits.git` must be {MOST_WITH_AN_APP} s at most together"
        mistakes.append(Mistake(1, text, "an App's token ends after an hour, and must outlast a pass", 1))
    if mistakes or settings is None:
        told = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column, mistake.text))
        raise SettingsError(tuple(f"{path}:{one.line}:{one.column}: {one}" for one in told))
    return settings


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Read secrets from where they are; relative paths start at the settings file's folder."""

    folder: Path
    environ: Mapping[str, str]
    mistakes: list[Mistake]

    def read(self, source: SecretSource) -> str:
        """Return a secret, "" once it is noted that there is none."""
        where = str(source.file) if source.env is None else f"${source.env}"
        try:
            found = self._found(source).strip()
        except (
            OSError,
            ValueError,
            RuntimeError,
        ) as error:  # the latter for names that no file or user can have
            self._refuse(source, f"the secret cannot be read from {where}: {_why(error)}")
            return ""
        if not found:
            self._refuse(source, f"there is no secret in {where}")
        return found

    def _found(self, source: SecretSource) -> str:
        if source.env is not None:
            return self.environ.get(source.env, "")
        return (self.folder / str(source.file)).expanduser().read_text("utf-8")

    def token(self, source: SecretSource) -> Token | None:
        """Return a secret as a token."""
        found = self.read(source)
        try:
            return Token(found) if found else None
        except UsageError:
            self._refuse(source, "the secret holds characters that no token has")
            return None

    def _refuse(self, source: SecretSource, text: str) -> None:
        self.mistakes.append(Mistake(source.line, text, column=source.column))


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "it is no text" if isinstance(error, UnicodeError) else str(error)


def _settings(given: Mapping[str, Any], secrets: _Secrets) -> ServiceSettings:
    """Return settings from what was given right, so that every secret is looked for whatever else is wrong."""
    schedule = _schedule(ScheduleOptions(), given.get("schedule", {}))
    token, app = (given.get("credentials", {}).get(name) for name in ("token", "app"))
    cache = replace(CacheOptions(), **given.get("cache", {}))
    webhooks = dict(given.get("webhooks", {}))
    webhooks["secrets"] = tuple(
        secrets.read(one).encode("utf-8", "surrogateescape") for one in webhooks.get("secrets", ())
    )
    return ServiceSettings(
        repositories=tuple(
            Wanted(one["name"], _schedule(schedule, one.get("schedule", {})))
            for one in given.get("repositories", ())
            if "name" in one
        ),
        token=None if token is None else secrets.token(token),
        app=AppKey(app["id"], secrets.read(app["key"])) if app and app.keys() == {"id", "key"} else None,
        cache=replace(cache, folder=secrets.folder / cache.folder.expanduser()),
        webhooks=replace(WebhookOptions(), **webhooks),
        pages=replace(PagesOptions(), **given.get("pages", {})),
        limits=replace(LimitOptions(), **given.get("limits", {})),
        **{name: given[name] for name in ("api_url", "workers", "grace") if name in given},
    )


def _schedule(base: ScheduleOptions, given: Mapping[str, Any]) -> ScheduleOptions:
    """Return a schedule with what is given in the place of its own; an interval ends a crontab expression."""
    return replace(base, **({"crontab": None, **given} if "every" in given else given))
