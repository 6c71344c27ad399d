"""The service's settings: what they say, and every mistake with its place."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.config_schema import Checked, ListOf, Section
from planbot.errors import SettingsError
from planbot.service.settings import ScheduleOptions, ServiceSettings, Wanted, load_service_settings
from planbot.service.settings_schema import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "service.md"
EXAMPLE = Path(__file__).resolve().parent.parent.parent / "config" / "service.yml"
TOKEN = "ghp_0123456789"
ENVIRON = {"TOKEN": TOKEN, "GITHUB_TOKEN": TOKEN, "SECRET": "s3cret", "EMPTY": " ", "ODD": "a b"}
LEAST = "credentials: {token: {env: TOKEN}}\nrepositories: [octo/plans]\n"


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], ServiceSettings]:
    def load_text(text: str) -> ServiceSettings:
        path = tmp_path / "service.yml"
        path.write_text(text)
        return load_service_settings(path, ENVIRON)

    return load_text


def test_a_secret_of_any_bytes_is_taken_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "service.yml"
    path.write_text(LEAST + "webhooks: {secrets: [{env: ODD}]}")
    settings = load_service_settings(path, ENVIRON | {"ODD": os.fsdecode(b"\xff\x80")})
    assert settings.webhooks.secrets == (b"\xff\x80",)


def test_a_name_that_no_variable_can_have_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "service.yml"
    path.write_text('credentials: {token: {env: "\\ud800"}}\nrepositories: [a/b]\n')
    with pytest.raises(SettingsError, match="1:22: the secret cannot be read from"):
        load_service_settings(path, os.environ)


@pytest.fixture
def mistakes(load: Callable[[str], ServiceSettings], tmp_path: Path) -> Callable[[str], list[str]]:
    def mistakes_of(text: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            load(text)
        return [mistake.removeprefix(f"{tmp_path}/service.yml:") for mistake in caught.value.mistakes]

    return mistakes_of


def test_the_least_is_a_credential_and_a_repository(load: Callable[[str], ServiceSettings]) -> None:
    settings = load(LEAST)
    assert settings.token is not None
    assert settings.token.reveal() == TOKEN
    assert settings.repositories == (Wanted("octo/plans", ScheduleOptions()),)
    assert (settings.api_url, settings.html_url) == ("https://api.github.com", "https://github.com")
    assert TOKEN not in repr(settings)


def test_everything_can_be_said(load: Callable[[str], ServiceSettings], tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("KEY\n")
    (tmp_path / "old").write_text("0lder\n")
    settings = load(
        "api_url: https://ghe.example.com/api/v3\n"
        "credentials: {app: {id: 7, key: {file: key.pem}}}\n"
        "repositories:\n"
        "  - installed\n"
        "  - octo/*\n"
        "  - {name: octo/site, schedule: {every: 2h}}\n"
        "schedule: {crontab: '@daily', zone: Europe/Berlin, jitter: 0s}\n"
        "workers: 9\n"
        "grace: 1m\n"
        "cache: {folder: clones, size: 500 MB}\n"
        "webhooks: {listen: '[::1]:1', secrets: [{env: SECRET}, {file: old}], quiet: 0s}\n"
        "pages: {listen: localhost:0}\n"
        "limits: {pass_time: 5m, request: 2s, git: 10s, pace: 0}\n"
    )
    assert settings.html_url == "https://ghe.example.com"
    assert settings.app is not None
    assert (settings.app.id, settings.app.key, settings.token) == ("7", "KEY", None)
    daily = ScheduleOptions("@daily", 900, "Europe/Berlin", 0)
    hours = ScheduleOptions(None, 7200, "Europe/Berlin", 0)
    assert [one.schedule for one in settings.repositories] == [daily, daily, hours]
    assert settings.webhooks.secrets == (b"s3cret", b"0lder")
    assert (settings.webhooks.listen, settings.pages.listen) == (("::1", 1), ("localhost", 0))
    assert (settings.cache.folder, settings.cache.size) == (tmp_path / "clones", 500_000_000)
    assert (settings.workers, settings.grace, settings.webhooks.quiet) == (9, 60, 0)
    limits = settings.limits
    assert (limits.pass_time, limits.request, limits.git, limits.pace) == (300, 2, 10, 0)
    for secret in ("KEY", "s3cret", "0lder"):
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: the file must hold `credentials`"),
        ("- x\n", "1:1: the file must be a mapping"),
        ("credentials: {token: {env: TOKEN}}\n", "1:1: the file must hold `repositories`"),
        (LEAST + "repo: x\n", "3:1: unknown key `repo`"),
        (LEAST + "workers: 0\n", "3:10: `workers` must be 1 or more"),
        (LEAST + "grace: soon\n", "3:8: `grace` must be a time, not `soon`"),
        (LEAST + "cache: {size: 2}\n", "3:15: `cache.size` must be a size, not `2` — write it as"),
        (LEAST + "api_url: http://github.example.com\n", "3:10: `api_url` must be an API address"),
        (LEAST + "pages: {listen: 8322}\n", "3:17: `pages.listen` must be an address and a port"),
        (LEAST + "pages: {listen: 'here:80'}\n", "3:17: `pages.listen` must be an address and a port"),
        (LEAST + "pages: {listen: '[::1]:70000'}\n", "3:17: `pages.listen` must be an address and a port"),
        (
            LEAST + "schedule:\n  crontab: 61 * * * *\n",
            "4:12: `schedule.crontab` must be a crontab expression",
        ),
        (LEAST + "schedule: {zone: Nowhere/Land}\n", "3:18: `schedule.zone` must be a time zone"),
        (LEAST + "schedule: {zone: ../../etc/passwd}\n", "3:18: `schedule.zone` must be a time zone"),
        (
            LEAST + "schedule: {every: 1h, crontab: '@daily'}\n",
            "3:11: `schedule` must hold `crontab` or `every`",
        ),
        (
            "repositories: [octo]\ncredentials: {token: {env: TOKEN}}\n",
            "1:16: `repositories[1].name` must be",
        ),
        (
            "repositories: [{}]\ncredentials: {token: {env: TOKEN}}\n",
            "1:16: `repositories[1]` must hold `name`",
        ),
        ("repositories: installed\ncredentials: {token: {env: TOKEN}}\n", "1:1: the file must hold an App"),
        ("repositories: [a/b]\ncredentials: {}\n", "2:14: `credentials` must hold either `token` or `app`"),
        (
            "repositories: [a/b]\ncredentials: {app: {id: 1}}\n",
            "2:20: `credentials.app` must hold `id` and `key`",
        ),
        ("repositories: [a/b]\ncredentials: {token: {env: NONE}}\n", "2:22: there is no secret in $NONE"),
        ("repositories: [a/b]\ncredentials: {token: {env: EMPTY}}\n", "2:22: there is no secret in $EMPTY"),
        ("repositories: [a/b]\ncredentials: {token: {env: ODD}}\n", "2:22: the secret holds characters"),
        (
            "repositories: [a/b]\ncredentials: {token: {file: none}}\n",
            "2:22: the secret cannot be read from none",
        ),
        (LEAST + "cache: {folder: ~nosuchuser/x}\n", "3:17: `cache.folder` must be a folder"),
        (LEAST + 'cache: {folder: "a\\0b"}\n', "3:17: `cache.folder` must be a folder"),
        (LEAST + 'cache: {folder: "\\ud800"}\n', "3:17: `cache.folder` must be a folder"),
        (
            LEAST + 'webhooks: {secrets: [{file: "a\\0b"}]}\n',
            "3:22: the secret cannot be read from a\0b: embedded null byte",
        ),
        (
            LEAST + "webhooks: {secrets: [{file: ~nosuchuser/x}]}\n",
            "3:22: the secret cannot be read from ~nosuchuser/x",
        ),
        (LEAST + 'webhooks: {secrets: [{env: "\\ud800"}]}\n', "3:22: there is no secret in"),
        (
            "repositories: [a/b]\ncredentials: {app: {id: 1, key: {env: SECRET}}}\nlimits: {pass_time: 41m}\n",
            "1:1: with an App, `limits.pass_time` and twice `limits.git` must be 3000 s at most together",
        ),
        (LEAST + "limits: {request: 21s}\n", "3:19: `limits.request` must be 20 s at most"),
        ("a: [\n", "2:1: the file cannot be read as YAML"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, told: str, mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes(text)[0].startswith(told), mistakes(text)


def test_all_mistakes_are_told_in_their_order(mistakes: Callable[[str], list[str]]) -> None:
    found = mistakes(
        "workers: x\ngrace: y\nwhat: z\ncredentials: {token: {env: NONE}}\nrepositories: [a, b/c, d]\n"
    )
    places = [tuple(map(int, one.split(":")[:2])) for one in found]
    assert places == sorted(places)
    assert {line for line, _ in places} >= {1, 2, 3, 5}


@pytest.mark.parametrize(
    "written",
    [TOKEN, f"{{{TOKEN}: x}}", f"[{TOKEN}]", f"{{env: TOKEN, file: {TOKEN}}}", f"{{value: {TOKEN}}}"],
)
def test_a_secret_that_is_written_down_is_refused_and_not_repeated(
    written: str, mistakes: Callable[[str], list[str]]
) -> None:
    (told,) = mistakes(f"credentials: {{token: {written}}}\nrepositories: [octo/plans]\n")
    assert told.startswith("1:22: `credentials.token` must say where the secret is")
    assert TOKEN not in told


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yml: the settings cannot be read: No such file"):
        load_service_settings(tmp_path / "none.yml", {})


def uncommented() -> str:
    """Return the example with every setting switched on, a token alone as the credential."""
    lines = EXAMPLE.read_text().splitlines()
    kept = [
        line for line in lines if not line.startswith("##") and "app:" not in line and "installed" not in line
    ]
    return "\n".join(re.sub("^#", "", line) for line in kept) + "\n"


def test_the_example_holds_the_defaults(load: Callable[[str], ServiceSettings]) -> None:
    plain, full = load(EXAMPLE.read_text()), load(uncommented())
    assert [one.name for one in plain.repositories] == ["octo/plans"]
    assert [one.name for one in full.repositories] == ["octo/plans", "octo/*", "octo/website"]
    default = load("credentials: {token: {env: TOKEN}}\nrepositories: [octo/plans]\n")
    assert plain == default
    assert full.repositories[0] == default.repositories[0]
    assert [getattr(full, name) for name in ("cache", "webhooks", "pages", "limits", "workers", "grace")] == [
        getattr(default, name) for name in ("cache", "webhooks", "pages", "limits", "workers", "grace")
    ]


def keys(section: Section, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name of every setting and what it is for."""
    for key in section.keys:
        kind: object = key.kind
        while isinstance(kind, Checked | ListOf):
            kind = kind.kind if isinstance(kind, Checked) else kind.item
        yield f"{prefix}{key.name}", key.doc
        if isinstance(kind, Section):
            yield from keys(kind, f"{prefix}{key.name}.")


def test_the_guide_has_every_setting_with_its_default(load: Callable[[str], ServiceSettings]) -> None:
    table = GUIDE.read_text().partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    rows = [tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in table.splitlines()[2:]]
    assert [(name.strip("`"), doc) for name, _, doc in rows] == list(keys(KEYS))
    told = {name.strip("`"): default.strip("`") for name, default, _ in rows if default.startswith("`")}
    text = LEAST
    for section in {name.partition(".")[0] for name in told}:
        own = {
            name.rpartition(".")[2]: value for name, value in told.items() if name.startswith(f"{section}.")
        }
        text += f"{section}: {told.get(section) or json.dumps(own)}\n".replace('"[]"', "[]").replace(
            '"1"', "1"
        )
    assert load(text) == load(LEAST)


@given(st.binary(max_size=200))
def test_any_bytes_give_settings_or_mistakes(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "service.yml")
        file.write_bytes(data)
        told: tuple[str, ...] = ()
        try:
            load_service_settings(file, ENVIRON)
        except SettingsError as error:
            told = error.mistakes
    assert all(re.match(r".+:\d+:\d+: ", one) for one in told)
