"""Packages of the npm registry that tests need, fetched once and kept in `tests/.npm`."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = Path(__file__).parent.parent / ".npm"


class MissingError(Exception):
    """Say why a package cannot be had."""


def member(package: str, version: str, path: str) -> Path:
    """Return one file of a package; only that file is kept, as some packages unpack to hundreds of megabytes.

    Raises `MissingError`.
    """
    folder = CACHE / f"{package.replace('/', '-').removeprefix('@')}-{version}"
    kept = folder / Path(path).name
    with _locked(folder):
        if not kept.exists():
            done = _npm("pack", f"{package}@{version}", "--pack-destination", str(folder), "--silent")
            archive = folder / done.strip().splitlines()[-1]
            with tarfile.open(archive) as files:
                extracted = files.extractfile(f"package/{path}")
                if extracted is None:
                    raise MissingError(f"{package} has no {path}")
                partial = kept.with_suffix(".partial")
                partial.write_bytes(extracted.read())
            partial.replace(kept)
            archive.unlink()
    return kept


def installed(package: str, version: str) -> Path:
    """Return a folder in whose `node_modules` a package and what it needs are installed.

    Raises `MissingError`.
    """
    folder = CACHE / f"{package.replace('/', '-').removeprefix('@')}-{version}"
    done = folder / "installed"
    with _locked(folder):
        if not done.exists():
            _npm(
                "install",
                "--prefix",
                str(folder),
                "--no-audit",
                "--no-fund",
                "--silent",
                f"{package}@{version}",
            )
            done.touch()
    return folder


def skip_without(reason: MissingError) -> NoReturn:
    """Skip the running test for want of a package; fail it instead in CI, where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(str(reason))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _npm(*arguments: str) -> str:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("npm is not installed")
    done = subprocess.run([npm, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"npm {arguments[0]} failed: {done.stderr.strip()[-200:]}")
    return done.stdout
