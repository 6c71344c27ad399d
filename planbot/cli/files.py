"""Plan files named on the command line, read from the disk as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planbot.errors import UsageError
from planbot.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planbot.loading import Given, Loaded


class DiskSource:
    """Read files by the names that were given, and settings, all relative to one folder."""

    def __init__(self, names: Iterable[str], folder: Path) -> None:
        self._names = tuple(names)
        self._folder = folder

    def paths(self) -> Iterable[str]:
        """Return the names that were given."""
        return self._names

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of files by name; settings that are not there are left out.

        Raises:
            UsageError: if a named file cannot be read.
        """
        wanted = (path for path in paths if path in self._names or (self._folder / path).is_file())
        return {path: self._bytes(path) for path in wanted}

    def _bytes(self, path: str) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def load_files(files: Iterable[Path], settings: Given, folder: Path = Path()) -> Loaded:
    """Read plan files named by hand, with the settings that lie in the folder or those given."""
    names = [path.as_posix() for path in files]
    return load(DiskSource(names, folder), settings, names)
