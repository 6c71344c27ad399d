"""A real PostgreSQL for tests: Debian's, or another one that is installed, with a cluster of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import pytest
from support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "planbot"
PASSWORD = "a-word-that-nobody-may-see"  # looked for wherever something is shown
_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
timezone = 'UTC'
"""
Way = Literal["fast", "immediate"]  # connections are ended; as a crash ends them


class Postgres:
    """Run a server of its own; it listens at one address of the loopback for as long as it lives."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        # it refuses to run as root, as which CI and containers run
        self._user = "postgres" if os.geteuid() == 0 else None
        self._count = 0
        self.port = free_port()
        self._initialise()

    def _initialise(self) -> None:
        if self._user is not None:
            shutil.chown(self._folder, self._user, self._user)
        data, password = self._folder / "data", self._folder / "password"
        password.write_text(PASSWORD)
        access = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}")
        password.chmod(0o644)
        self._run("initdb", "--no-sync", "--encoding=UTF8", f"--username={USER}", *access, str(data))
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(port=self.port, folder=self._folder))

    def database(self) -> str:
        """Make an empty database and return its address, with the password in it."""
        self._count += 1
        name = f"planbot_{self._count}"
        self.tell("postgres", f"CREATE DATABASE {name}")
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def tell(self, database: str, sql: str) -> str:
        """Run statements in a database, by its name or address, and return the rows: `|` between values."""
        name = database.rpartition("/")[2]
        asked = (f"--host={self._folder}", f"--port={self.port}", f"--username={USER}", f"--command={sql}")
        return self._run("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", *asked, name)

    def start(self) -> None:
        """Start; return when connections are taken."""
        self._control("start", "--log", str(self._folder / "log"))

    def stop(self, way: Way = "fast") -> None:
        """Stop, whoever is connected; return when it is gone."""
        self._control("stop", "--mode", way)

    def restart(self, way: Way = "fast") -> None:
        """Stop and start."""
        self.stop(way)
        self.start()

    @property
    def running(self) -> bool:
        """Return whether it was started and not stopped."""
        return (self._folder / "data" / "postmaster.pid").exists()

    @property
    def processes(self) -> list[int]:
        """Return the server's first process, and those that it has started since and that still run."""
        first = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def _control(self, action: str, *options: str) -> None:
        self._run("pg_ctl", action, "--wait", "--silent", "--pgdata", str(self._folder / "data"), *options)

    def _run(self, program: str, *arguments: str) -> str:
        output = self._folder / "output"  # no pipe: the server would hold it open
        with output.open("w+") as told:
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd=self._folder,
                user=self._user,
                group=self._user,
                extra_groups=() if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                check=False,
            )
            told.seek(0)
            text = told.read()
        assert done.returncode == 0, f"{program}: {text}"
        return text.rstrip("\n")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server; without one installed, skip (in CI: fail)."""
    programs = _programs()
    if programs is None:
        _skip("no PostgreSQL is installed: apt-get install postgresql")
    # not below pytest's own folder, into which only who runs the tests may look; and a socket's path is short
    with tempfile.TemporaryDirectory(prefix="planbot-postgres-", dir="/tmp") as folder:
        server = Postgres(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            if server.running:
                server.stop("immediate")


def _programs() -> Path | None:
    """Return the folder of the newest server's programs; Debian keeps them off PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).parent if found else None


def _skip(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)
