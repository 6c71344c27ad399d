from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest
from repo.git_server import GitServer
from repo.git_world import World, run, write_hook

from planbot.errors import GitError, PlanbotError
from planbot.repo.git import Credentials, Git, without_secrets
from planbot.repo.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "ghs_0123456789abcdefTOKEN"
ENCODED = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
OURS = [f"Basic {ENCODED}"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


@pytest.fixture
def server(world: World) -> Iterator[GitServer]:
    with GitServer(world.folder) as server:
        run(world.clone, "remote", "set-url", "origin", f"{server.url}/origin.git")
        yield server


def open_with_token(world: World, server: GitServer) -> Repository:
    return world.repository(credentials=Credentials(TOKEN, server.url))


def test_output_comes_back_with_its_exit_code(world: World) -> None:
    output = Git(world.clone).run("rev-parse", "HEAD")
    assert (output.code, output.text, output.stderr) == (0, world.head, "")


def test_a_failure_names_the_command_the_folder_and_what_git_said(world: World) -> None:
    with pytest.raises(GitError, match=r"`git show 'no such'` failed in .*clone: fatal: ambiguous argument"):
        Git(world.clone).run("show", "no such")


def test_an_unchecked_failure_comes_back(world: World) -> None:
    assert Git(world.clone).run("config", "--get", "no.such", check=False).code == 1


def test_missing_git_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(world.folder / "empty"))
    with pytest.raises(GitError, match="not installed or not on PATH"):
        Git(world.clone).run("version")


@pytest.mark.parametrize("name", ["outside", "not there"])
def test_a_folder_outside_any_repository_is_told(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(world.folder))
    (world.folder / "outside").mkdir()
    with pytest.raises(PlanbotError) as caught:
        Repository.open(world.folder / name)
    assert "inside a clone" in caught.value.hint


def test_a_folder_of_another_user_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match="dubious ownership") as caught:
        Repository.open(world.clone)
    assert "safe.directory" in caught.value.hint


def test_a_command_over_its_time_is_ended_with_everything_it_started(world: World) -> None:
    fifo = world.folder / "alive"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    sleeper = f"alias.sleeper=!exec 9>'{fifo}'; echo up >&9; sleep 600; true"
    with pytest.raises(GitError, match=r"`git .*` took longer than 1 s"):
        Git(world.clone, timeout=1).run("-c", sleeper, "sleeper")
    os.set_blocking(reader, True)
    assert os.read(reader, 9) == b"up\n"
    assert os.read(reader, 9) == b""  # the end comes only once no process holds it open
    os.close(reader)


def test_the_repository_of_a_surrounding_hook_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(world.origin))
    monkeypatch.setenv("GIT_INDEX_FILE", str(world.folder / "index"))
    assert Git(world.clone).run("rev-parse", "--show-toplevel").text == str(world.clone)


def test_git_settings_of_the_environment_stay_in_force(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "planbot.test")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "kept")
    assert Git(world.clone).run("config", "planbot.test").text == "kept"


def test_hooks_of_the_clone_do_not_run(world: World) -> None:
    trace = world.folder / "hook ran"
    for name in ("reference-transaction", "pre-push", "post-checkout"):
        write_hook(world.clone / ".git" / "hooks" / name, f"touch '{trace}'")
    world.repository().fetch("main")
    assert not trace.exists()
    run(world.clone, "update-ref", "refs/x", "HEAD")
    assert trace.exists()  # the hooks do work


@pytest.mark.parametrize("user", ["alice:hunter2", "hunter2"])
def test_passwords_in_addresses_are_not_shown(world: World, user: str) -> None:
    with pytest.raises(GitError) as caught:
        Git(world.clone).run("fetch", f"http://{user}@127.0.0.1:1/x.git")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://alice:secret@github.com/o/r.git", "https://github.com/o/r.git"),
        ("https://github.com/o/r", "https://github.com/o/r"),
        ("git@github.com:o/r.git", "git@github.com:o/r.git"),
        ("ssh://git@github.com:22/o/r", "ssh://git@github.com:22/o/r"),
        ("/srv/git/r.git", "/srv/git/r.git"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    ("remote", "sent"),
    [
        ("https://github.com/o/r.git", True),
        ("https://github.com:443/o/r.git", True),
        ("https://GitHub.com/o/r.git", True),
        ("https://alice@github.com/o/r.git", True),
        ("https://github.com.evil.example/o/r.git", False),
        ("https://evil.example/github.com/o/r.git", False),
        ("https://github.com@evil.example/o/r.git", False),
        ("https://github.com:8443/o/r.git", False),
        ("http://github.com/o/r.git", False),
        ("https://*/o/r.git", False),
        ("https://github.com:port/o/r.git", False),
        ("ssh://git@github.com/o/r.git", False),
        ("git@github.com:o/r.git", False),
        ("/github.com/o/r.git", False),
        ("", False),
    ],
)
def test_the_token_is_for_one_server_alone(remote: str, sent: bool) -> None:  # noqa: FBT001  # a column
    config = Credentials(TOKEN, "https://github.com").config_for(remote)
    assert any(ENCODED in value for _, value in config) == sent


def test_credentials_do_not_show_their_token() -> None:
    assert TOKEN not in repr(Credentials(TOKEN, "https://github.com"))


def test_the_token_arrives_once_with_every_request(world: World, server: GitServer) -> None:
    assert open_with_token(world, server).fetch("main").head == world.head
    assert server.headers
    assert all(headers == OURS for headers in server.headers)


@pytest.mark.parametrize("place", ["/", "/origin.git"])
def test_the_token_takes_the_place_of_a_header_that_checkout_left(
    world: World, server: GitServer, place: str
) -> None:
    run(world.clone, "config", f"http.{server.url}{place}.extraheader", "AUTHORIZATION: basic b2xkOm9sZA==")
    open_with_token(world, server).fetch("main")
    assert all(headers == OURS for headers in server.headers)


def test_another_server_gets_no_token(world: World, server: GitServer) -> None:
    world.repository(credentials=Credentials(TOKEN, "https://github.com")).fetch("main")
    assert server.headers
    assert not any(server.headers)


def test_a_redirect_does_not_take_the_token_along(world: World, server: GitServer) -> None:
    with GitServer(world.folder) as other:
        server.redirect = other.url
        with pytest.raises(GitError) as caught:
            open_with_token(world, server).fetch("main")
    assert "git remote set-url" in caught.value.hint
    assert other.seen == []


def test_a_refused_token_asks_nobody_for_another(
    world: World, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = world.folder / "asked"
    write_hook(world.folder / "ask", f"touch '{asked}'; echo alice")
    monkeypatch.setenv("GIT_ASKPASS", str(world.folder / "ask"))
    run(world.clone, "config", "credential.helper", f"!touch '{asked}'; true")
    server.status = 401
    with pytest.raises(GitError) as caught:
        open_with_token(world, server).fetch("main")
    assert "token" in caught.value.hint
    assert not asked.exists()


def test_no_error_holds_the_token_even_when_git_is_told_to_show_it(
    world: World, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    server.status = 403
    with pytest.raises(GitError) as caught:
        open_with_token(world, server).fetch("main")
    assert "Authorization: Basic ***" in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert ENCODED not in str(caught.value)


def test_only_commands_that_go_to_the_remote_are_given_the_token(world: World, server: GitServer) -> None:
    git = Git(world.clone, credentials=Credentials(TOKEN, server.url))
    show = ("-c", "alias.show-env=!env", "show-env")
    assert ENCODED not in git.run(*show).text
    assert ENCODED in git.run(*show, remote_url=f"{server.url}/origin.git").text
