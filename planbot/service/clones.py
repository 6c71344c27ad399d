"""Bare partial clones, one for each repository: history and folders at once, files when they are read.

Reading plan files from them costs no request to the API.
"""

from __future__ import annotations

import fcntl
import logging
import re
import shutil
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from planbot.errors import GitError
from planbot.repo.git import Credentials, Git
from planbot.repo.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planbot.tracker.target import Token

_LOG = logging.getLogger(__name__)

_SETTINGS = {
    "remote.origin.promisor": "true",
    "remote.origin.partialCloneFilter": "blob:none",
    "maintenance.auto": "false",  # a fetch would leave it running in the background
    "gc.autoDetach": "false",
}
# what git says of a clone that a process left half done when it was killed, or a disk spoilt
_SPOILT = re.compile(
    r"could not lock|\.lock'|corrupt|bad object|is empty|loose object|bad config"
    r"|not a git repository|not in a git directory"
)


class Clones:
    """Keep clones in a folder, of `size` bytes together at most; the least recently used goes, none that is in use.

    Several processes may share the folder. `timeout` is in seconds a git command; `web` is the root of the server's
    pages, below which its repositories are.
    """

    def __init__(self, folder: Path, size: int, web: str, *, timeout: float) -> None:
        self._folder = folder
        self._most = size
        self._web = web
        self._timeout = timeout
        self._lock = threading.Lock()
        self._sizes: dict[Path, int] | None = None

    @contextmanager
    def lend(self, name: str, token: Token) -> Iterator[Repository]:
        """Lend the clone of a repository (`owner/name`), made if need be; the token is for this server's git alone.

        A clone that git says is spoilt is given up afterwards, and made anew the next time.

        Raises:
            GitError: if it cannot be made.
        """
        clone = self._path(name)
        credentials = Credentials(token.reveal(), self._web)
        git = Git(clone, credentials=credentials, timeout=self._timeout, bare=True)
        with self._in_use(clone):
            try:
                self._prepare(clone, f"{self._web}/{name}.git", git)
                yield Repository(git, bare=True)
                git.run("gc", "--auto", "--quiet", check=False)
            except GitError as error:
                if _SPOILT.search(error.message):
                    _LOG.warning("the clone of %s is spoilt and will be made anew", name)
                    shutil.rmtree(clone, ignore_errors=True)
                raise
        self._make_room(clone)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name.casefold()}.git"

    def _prepare(self, clone: Path, url: str, git: Git) -> None:
        """Make the clone if it is not there, and let it point to where the repository is now."""
        if not (clone / "HEAD").exists():
            making = clone.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            fresh = Git(making, timeout=self._timeout, bare=True)
            fresh.run("init", "--quiet", "--bare", "--template=")
            for key, value in _SETTINGS.items():
                fresh.run("config", key, value)
            shutil.rmtree(clone, ignore_errors=True)
            making.rename(clone)
        if git.run("config", "--get", "remote.origin.url", check=False).text != url:
            git.run("config", "remote.origin.url", url)
        (clone / "HEAD").touch()  # when it was used last

    @contextmanager
    def _in_use(self, clone: Path) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is private stays so
        clone.parent.mkdir(exist_ok=True)
        with _lock_file(clone).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    def _make_room(self, used: Path) -> None:
        """Remove clones until they fit, the one that was used longest ago first."""
        with self._lock:
            if self._sizes is None:
                self._sizes = {clone: _size(clone) for clone in self._folder.glob("*/*.git")}
            self._sizes[used] = _size(used)
            for clone in sorted(self._sizes, key=_last_use):
                if sum(self._sizes.values()) <= self._most:
                    return
                if _removed(clone):
                    del self._sizes[clone]


def _lock_file(clone: Path) -> Path:
    return clone.with_suffix(".lock")


def _removed(clone: Path) -> bool:
    """Remove a clone unless it is in use; return whether it is gone."""
    with _lock_file(clone).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(clone, ignore_errors=True)
        return not clone.exists()


def _last_use(clone: Path) -> float:
    try:
        return (clone / "HEAD").stat().st_mtime
    except OSError:
        return 0.0


def _size(clone: Path) -> int:
    """Return the bytes of a clone's files; those that go meanwhile have none."""
    total = 0
    for path in clone.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total
