"""How the service's settings are written: each key with its kind and what it is for."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from planbot.config_schema import (
    MISSING,
    Checked,
    Count,
    Form,
    Key,
    ListOf,
    Place,
    Section,
    Text,
    seconds_of,
)
from planbot.errors import UsageError
from planbot.repo.lease import MARGIN
from planbot.service.cron import Crontab
from planbot.tracker.target import api_address
from planbot.yaml_nodes import MappingNode, Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.config_schema import Missing
    from planbot.yaml_nodes import Node

INSTALLED = "installed"

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_WANTED = re.compile(r"[A-Za-z0-9_*?-]+/[A-Za-z0-9._*?-]+")
_MOST_PORT = 65535


def _crontab(text: str) -> str:
    Crontab(text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("such as Europe/Berlin or UTC") from None
    return text


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})\s*(KB|MB|GB|TB)", text.strip(), re.IGNORECASE)
    if found is None:
        raise ValueError("write it as 500MB or 2GB")
    return int(found[1]) * _UNITS[found[2].upper()]


def listening_address(text: str) -> tuple[str, int]:
    """Return host and port; raise `ValueError` where a text is no address that can be listened at."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) > _MOST_PORT:
        raise ValueError("write it as 127.0.0.1:8321, or [::1]:8321")
    if host != "localhost":
        ipaddress.ip_address(host)
    return host, int(port)


def _folder(text: str) -> Path:
    if "\0" in text:
        raise ValueError("no path holds such a character")
    os.fsencode(text)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("there is no such user") from None


def _server(text: str) -> str:
    try:
        return api_address(text)
    except UsageError as error:
        raise ValueError(f"{error.message}. {error.hint}") from None


def _app_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.]{1,40}", text):
        raise ValueError("it stands on the page of the App's settings")
    return text


def _wanted(text: str) -> str:
    if text != INSTALLED and not _WANTED.fullmatch(text):
        raise ValueError(f"write owner/name, a pattern such as owner/*, or {INSTALLED}")
    return text


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Hold where a secret is: in a variable of the environment or in a file; and where the settings say so."""

    env: str | None
    file: Path | None
    line: int
    column: int


class Secret:
    """Describe where a secret is; one that is written down itself is refused, and not shown."""

    def read(self, node: Node, place: Place) -> SecretSource | Missing:
        """Return where the secret is."""
        known = isinstance(node, MappingNode) and {name.text for name, _ in node.entries} <= {"env", "file"}
        if not isinstance(node, MappingNode) or not known or len(node.entries) != 1:
            text = f"`{place.name}` must say where the secret is, and hold neither it nor anything else"
            place.mistakes.append(Mistake(node.line, text, "write {env: NAME} or {file: PATH}", node.column))
            return MISSING
        found = _SOURCE.read(node, place)
        if not isinstance(found, dict) or not found:
            return MISSING
        return SecretSource(found.get("env"), found.get("file"), node.line, node.column)


def _one_of(*names: str) -> Callable[[dict[str, Any]], tuple[str, str] | None]:
    """Return a check that a mapping holds one of these keys and no two."""
    told = " or ".join(f"`{name}`" for name in names)
    return lambda given: None if len(given.keys() & set(names)) == 1 else (f"hold either {told}", "")


def _not_both(given: dict[str, Any]) -> tuple[str, str] | None:
    return ("hold `crontab` or `every`, not both", "") if {"crontab", "every"} <= given.keys() else None


def _all_of(*names: str) -> Callable[[dict[str, Any]], tuple[str, str] | None]:
    """Return a check that a mapping holds all of these keys."""
    told = " and ".join(f"`{name}`" for name in names)
    return lambda given: None if given.keys() >= set(names) else (f"hold {told}", "")


def _whole(given: dict[str, Any]) -> tuple[str, str] | None:
    """Return what a whole file lacks."""
    for name, hint in (
        ("credentials", "credentials: {token: {env: GITHUB_TOKEN}}"),
        ("repositories", "repositories: [owner/name]"),
    ):
        if not given.get(name):
            return f"hold `{name}`", f"such as `{hint}`"
    app = "app" in given["credentials"]
    if not app and any(one["name"] == INSTALLED for one in given["repositories"]):
        return f"hold an App, for `{INSTALLED}` is what an App is installed on", ""
    return None


def _some(value: int) -> tuple[str, str] | None:
    return None if value else ("be 1 or more", "")


def _short(value: int) -> tuple[str, str] | None:
    """Let no request be on its way longer than a lease allows for."""
    hint = f"a pass lets go of the tracker in time for a request that takes {MARGIN} s"
    return None if value <= MARGIN else (f"be {MARGIN} s at most", hint)


_SOURCE = Section((Key("env", Text(), "Variable."), Key("file", Form("a file", Path), "File.")))
_TIME = Form("a time", seconds_of)
_PAUSE = Form("a time", partial(seconds_of, shortest=0))
_ADDRESS = Form("an address and a port", listening_address)
_SCHEDULE = Checked(
    Section(
        (
            Key(
                "crontab",
                Form("a crontab expression", _crontab),
                "Times as in a crontab, or `@daily` and so on.",
            ),
            Key("every", _TIME, "Time from one pass to the next, where there is no `crontab`."),
            Key("zone", Form("a time zone", _zone), "Time zone of the crontab expression."),
            Key("jitter", _PAUSE, "Time over which the repositories are spread."),
        )
    ),
    _not_both,
)
_REPOSITORY = Checked(
    Section(
        (
            Key("name", Form("a repository", _wanted), "Name, pattern or `installed`."),
            Key("schedule", _SCHEDULE, "What is other than in `schedule`."),
        ),
        short="name",
    ),
    _all_of("name"),
)
_APP = Checked(
    Section(
        (
            Key("id", Form("an App's id", _app_id), "Number of the GitHub App, or its client id."),
            Key("key", Secret(), "Where its private key is, in PEM form."),
        )
    ),
    _all_of("id", "key"),
)
_CREDENTIALS = Checked(
    Section(
        (
            Key("token", Secret(), "Where a token is that may write issues, contents and pull requests."),
            Key("app", _APP, "A GitHub App, in the place of a token."),
        )
    ),
    _one_of("token", "app"),
)
_CACHE = Section(
    (
        Key("folder", Form("a folder", _folder), "Where clones are kept."),
        Key("size", Form("a size", _size), "Most that they may have; the least recently used go."),
        Key(
            "answers",
            Form("a size", _size),
            "Most memory for answers of the server; the least recently used repositories' go.",
        ),
    )
)
_WEBHOOKS = Section(
    (
        Key("listen", _ADDRESS, "Where they are taken."),
        Key("secrets", ListOf(Secret()), "What signs them: none takes no webhooks, any of several will do."),
        Key("quiet", _PAUSE, "How long a burst of them is waited for."),
    )
)
_LIMITS = Section(
    (
        Key("pass_time", _TIME, "How long one pass may write; the next one goes on from there."),
        Key("request", Checked(_TIME, _short), "How long one answer of the server is waited for."),
        Key("git", _TIME, "How long one git command may take."),
        Key("pace", Count(60), "Seconds between two writes to a tracker."),
    )
)
KEYS = Section(
    (
        Key("api_url", Form("an API address", _server), "API of the server."),
        Key("credentials", _CREDENTIALS, "As whom planbot acts."),
        Key(
            "repositories",
            ListOf(_REPOSITORY),
            "Repositories by `owner/name`, by pattern such as `owner/*`, or `installed`: all that the App is on.",
        ),
        Key("schedule", _SCHEDULE, "When passes are made, beside those that webhooks ask for."),
        Key("workers", Checked(Count(256), _some), "How many passes run at once."),
        Key("grace", _PAUSE, "Time that passes have to end when the service is stopped."),
        Key("cache", _CACHE, "Clones, from which plan files are read, and answers of the server."),
        Key("webhooks", _WEBHOOKS, "Webhooks of the server."),
        Key(
            "pages",
            Section((Key("listen", _ADDRESS, "Where they are."),)),
            "The status page and the metrics.",
        ),
        Key("limits", _LIMITS, "What keeps one repository from holding up others."),
    )
)
SCHEMA = Checked(KEYS, _whole)
