"""Run the git program: no shell, no prompt, no hook of the clone, and no secret in anything that is shown."""

from __future__ import annotations

import base64
import logging
import os
import re
import shlex
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from planbot.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LOG = logging.getLogger(__name__)

_ENVIRONMENT = {
    "LC_ALL": "C",  # what git says is read, so it must not be translated
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what is read is what the server has
}

# Set inside a git hook, these would turn every command to the repository that the hook runs in.
_FOREIGN = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
)

_CONFIG = (
    ("core.hooksPath", os.devnull),  # hooks of the clone are for people, and would see the token
    ("core.fsmonitor", "false"),
    ("core.splitIndex", "false"),  # else a temporary index leaves a shared one in the repository
    ("i18n.commitEncoding", "utf-8"),
)

_HINTS = (
    (
        r"not a git repository|cannot change to",
        "Run planbot inside a clone, or name its folder.",
    ),
    (
        r"No such remote",
        "Plan files and journal are fetched from there: git remote add origin URL",
    ),
    (
        r"detected dubious ownership",
        "The folder is another user's. If you trust it: git config --global --add safe.directory FOLDER",
    ),
    (
        r"returned error: 30\d|unable to update url base from redirection",
        "The repository has moved. Point the remote at its new address: git remote set-url REMOTE URL",
    ),
    (
        r"Authentication failed|could not read (?:Username|Pass)|returned error: 40[13]|Permission .*denied",
        "Check that the token or key is valid and may read and write this repository's contents.",
    ),
    (
        r"Repository not found|repository '.*' not found|does not appear to be a git repository",
        "Check the remote's address, and that the token may see the repository.",
    ),
    (
        r"Could not resolve host|Failed to connect|Connection (?:refused|timed out|reset)",
        "The server cannot be reached. Check the network, then run again.",
    ),
)

_GRACE = 5.0  # seconds that git gets to remove its lock files before it is killed


@dataclass(frozen=True, slots=True)
class Credentials:
    """Hold a token and the server that it is for, as scheme, host and port of `url`."""

    token: str = field(repr=False)
    url: str

    def config_for(self, remote_url: str) -> tuple[tuple[str, str], ...]:
        """Return the git settings that send the token to this remote; none if it is on another server.

        The key names the whole address, the most specific there is, and is emptied first: otherwise a
        header that actions/checkout left behind is sent beside ours and refused as a duplicate. Redirects
        are off because git sends the header on to wherever the first answer points.
        """
        if not self.token or _server(remote_url) is None or _server(remote_url) != _server(self.url):
            return ()
        section = f"http.{_without_user(remote_url)}"
        return (
            (f"{section}.extraHeader", ""),
            (f"{section}.extraHeader", f"Authorization: Basic {self._basic}"),
            (f"{section}.followRedirects", "false"),
            ("credential.helper", ""),  # a refused token must not fall back to somebody's stored password
        )

    def hide(self, text: str) -> str:
        """Return the text with the token blotted out, plain or encoded."""
        for secret in (self.token, self._basic):
            text = text.replace(secret, "***") if self.token else text
        return text

    @property
    def _basic(self) -> str:
        return base64.b64encode(f"x-access-token:{self.token}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Output:
    """Hold what a git command gave back; `stderr` is free of secrets."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """Return standard output as text without its last newline; odd bytes become surrogates."""
        return self.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


class Git:
    """Run git commands in one directory; `timeout` is in seconds a command.

    A `bare` one is a repository itself: no other around it is taken for it, however spoilt it is.
    """

    def __init__(
        self,
        directory: Path,
        *,
        credentials: Credentials | None = None,
        timeout: float | None = None,
        bare: bool = False,
    ) -> None:
        self.directory = directory
        self._place = ("-C", str(directory), *(("--git-dir=.",) if bare else ()))
        self._credentials = credentials
        self._timeout = timeout

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        remote_url: str | None = None,
        check: bool = True,
    ) -> Output:
        """Run one command and return its output.

        The token is handed to git only with a `remote_url`, and only if it is for that server. Raises
        `GitError` when git is missing, takes longer than the time-out or, with `check`, fails.
        """
        command = ["git", *self._place, *args]
        environment = {**self._environment(remote_url), **(env or {})}
        if _LOG.isEnabledFor(logging.DEBUG):
            _LOG.debug("%s", self._shown(args))
        code, out, err = self._communicate(command, stdin, environment)
        output = Output(code, out, self._clean(err.decode("utf-8", "replace")))
        if check and code != 0:
            raise self.failure(args, output)
        return output

    def failure(self, args: tuple[str, ...], output: Output) -> GitError:
        """Return the error that tells a person about a failed command."""
        said = output.stderr.strip() or f"it ended with exit code {output.code} and no word"
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said, re.IGNORECASE)), "")
        return GitError(f"{self._shown(args)} failed in {self.directory}: {said}", hint=hint)

    def _communicate(
        self, command: list[str], stdin: bytes, environment: dict[str, str]
    ) -> tuple[int, bytes, bytes]:
        try:
            # A session of its own has no terminal to ask on, and ends as one group.
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise GitError(
                f"git cannot be started: it is not installed or not on PATH ({error.strerror})",
                hint="Install git 2.39 or newer.",
            ) from error
        with process:
            try:
                out, err = process.communicate(stdin, timeout=self._timeout)
            except subprocess.TimeoutExpired as error:
                raise GitError(
                    f"{self._shown(tuple(command[1 + len(self._place) :]))} took longer than {self._timeout:g} s",
                    hint="The server or the network may be slow. Run again.",
                ) from error
            finally:
                _end(process)
        return process.returncode, out, err

    def _environment(self, remote_url: str | None) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        environment.update(_ENVIRONMENT)
        ours: tuple[tuple[str, str], ...] = ()
        if self._credentials is not None and remote_url is not None:
            ours = self._credentials.config_for(remote_url)
        if ours:
            environment["GIT_ASKPASS"] = ""
        return _with_config(environment, (*_CONFIG, *ours))

    def _shown(self, args: tuple[str, ...]) -> str:
        return "`" + self._clean(shlex.join(("git", *args))) + "`"

    def _clean(self, text: str) -> str:
        text = re.sub(r"(https?://)[^/@\s]+@", r"\1***@", text, flags=re.IGNORECASE)
        return self._credentials.hide(text) if self._credentials is not None else text


def without_secrets(url: str) -> str:
    """Return a remote's address without the user and password that an http address may hold."""
    return _without_user(url) if _server(url) is not None else url


def _server(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an http address, None for any other."""
    ports = {"http": 80, "https": 443}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ports or not parts.hostname or "*" in parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or ports[parts.scheme]


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _with_config(environment: dict[str, str], config: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the environment with git settings added after those that it holds already."""
    given = environment.get("GIT_CONFIG_COUNT", "")
    start = int(given) if given.isdecimal() else 0
    added = {}
    for number, (key, value) in enumerate(config, start):
        added[f"GIT_CONFIG_KEY_{number}"] = key
        added[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**environment, **added, "GIT_CONFIG_COUNT": str(start + len(config))}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop a command that is still running, with the transport helpers it started."""
    for number, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(patience)
