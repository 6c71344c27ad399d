from __future__ import annotations

import traceback

import pytest

from planbot.errors import UsageError
from planbot.tracker.target import Target, Token, resolve

ENVIRON = {"GITHUB_TOKEN": "ghp_do_not_tell"}
GITHUB = "https://github.com/o/r.git"


def test_arguments_win_over_the_environment() -> None:
    environ = ENVIRON | {"GITHUB_API_URL": "https://ghes.test/api/v3", "GITHUB_REPOSITORY": "env/env"}
    assert resolve("https://api.github.com/", "o/r", environ, None) == Target(
        "https://api.github.com", "o/r", Token("ghp_do_not_tell"), "https://github.com"
    )


def test_the_environment_wins_over_the_origin() -> None:
    environ = ENVIRON | {"GITHUB_API_URL": "https://ghes.test/api/v3", "GITHUB_REPOSITORY": "env/env"}
    target = resolve(None, None, environ, GITHUB)
    assert (target.api_url, target.repository) == ("https://ghes.test/api/v3", "env/env")
    assert target.html_url == "https://ghes.test"


def test_without_anything_said_it_is_github_and_the_origin() -> None:
    target = resolve(None, None, ENVIRON, GITHUB)
    assert (target.api_url, target.repository) == ("https://api.github.com", "o/r")


def test_an_empty_variable_says_nothing() -> None:
    environ = {"GITHUB_TOKEN": "", "GH_TOKEN": " t ", "GITHUB_API_URL": "", "GITHUB_REPOSITORY": ""}
    assert resolve(None, None, environ, GITHUB) == Target(
        "https://api.github.com", "o/r", Token("t"), "https://github.com"
    )


def test_github_token_wins_over_gh_token() -> None:
    assert resolve(None, "o/r", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, None).token.reveal() == "a"


@pytest.mark.parametrize(
    ("api_url", "html_url"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://ghes.test/api/v3/", "https://ghes.test"),
        ("https://api.ghes.test:8443/api/v3", "https://api.ghes.test:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_the_web_pages_are_found_from_the_api(api_url: str, html_url: str) -> None:
    assert resolve(api_url, "o/r", ENVIRON, None).html_url == html_url


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/o/r.git",
        "https://github.com/o/r",
        "https://github.com/o/r/",
        "https://www.github.com/o/r",
        "https://x-access-token:ghp_secret@github.com/o/r.git",
        "https://GitHub.com/o/r.git",
        "git@github.com:o/r.git",
        "github.com:o/r",
        "git@github.com:/o/r.git",
        "ssh://git@github.com/o/r.git",
        "ssh://git@ssh.github.com:443/o/r.git",
        "git://github.com/o/r.git",
    ],
)
def test_the_repository_is_guessed_from_the_origin(origin: str) -> None:
    assert resolve(None, None, ENVIRON, origin).repository == "o/r"


@pytest.mark.parametrize(
    ("origin", "repository"),
    [
        ("git@ghes.test:team/app.js.git", "team/app.js"),
        ("https://ghes.test:8443/team/dot.git.git", "team/dot.git"),
        ("ssh://git@ghes.test:122/octo_corp/r", "octo_corp/r"),
    ],
)
def test_an_origin_on_an_enterprise_server_is_understood(origin: str, repository: str) -> None:
    assert resolve("https://ghes.test/api/v3", None, ENVIRON, origin).repository == repository


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "/srv/git/r.git",
        "../r.git",
        "file:///srv/o/r.git",
        "https://github.com/only",
        "https://github.com/a/b/c",
        "https://[broken/o/r",
        "C:\\work\\r",
    ],
)
def test_an_origin_that_tells_no_repository_is_no_reason_to_guess(origin: str | None) -> None:
    with pytest.raises(UsageError, match="no repository was named"):
        resolve(None, None, ENVIRON, origin)


@pytest.mark.parametrize("origin", ["https://gitlab.com/o/r.git", "git@work-alias:o/r.git"])
def test_an_origin_on_another_server_is_not_taken_for_ours(origin: str) -> None:
    with pytest.raises(UsageError, match=r"not on github\.com") as caught:
        resolve(None, None, ENVIRON, origin)
    assert "GITHUB_API_URL" in caught.value.hint


@pytest.mark.parametrize(
    "repo",
    ["r", "o/", "/r", "o/r/x", "o r/x", "https://github.com/o/r", "o/..", "o/.", "-o/r", "o/r\n", "o/rä"],
)
def test_a_repository_is_owner_and_name(repo: str) -> None:
    with pytest.raises(UsageError, match="no repository") as caught:
        resolve(None, repo, ENVIRON, GITHUB)
    assert "owner/name" in caught.value.hint


@pytest.mark.parametrize(
    ("api_url", "message"),
    [
        ("api.github.com", "no API address"),
        ("ftp://api.github.com", "no API address"),
        ("https://", "no API address"),
        ("https://api.github.com?x=1", "no API address"),
        ("https://ghes.test:port/api/v3", "no API address"),
        ("https://[::1/api", "no API address"),
        ("https://me:pass@ghes.test/api/v3", "no user or password"),
        ("https://github.com", "web address"),
        ("http://api.github.com", "unencrypted"),
        ("http://93.184.216.34", "unencrypted"),
    ],
)
def test_an_api_address_that_cannot_be_one_is_refused(api_url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        resolve(api_url, "o/r", ENVIRON, None)
    assert "pass@" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("environ", [{}, {"GITHUB_TOKEN": ""}, {"GITHUB_TOKEN": " \n"}])
def test_a_missing_token_says_which_variable_to_set(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no token") as caught:
        resolve(None, "o/r", environ, None)
    assert "GITHUB_TOKEN" in caught.value.hint


def test_a_token_shows_itself_only_when_asked() -> None:
    target = resolve(None, "o/r", ENVIRON, None)
    assert target.token.reveal() == "ghp_do_not_tell"
    assert "ghp_do_not_tell" not in f"{target!r} {target} {target.token!r} {target.token}"


def test_a_secret_in_the_origin_is_not_repeated() -> None:
    secret = "ghp_secret"
    origin = f"https://x:{secret}@github.com/only"
    with pytest.raises(UsageError) as caught:
        resolve(None, None, ENVIRON, origin)
    assert secret not in "".join(traceback.format_exception(caught.value))
