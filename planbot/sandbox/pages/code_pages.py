"""Pages of what is in git: plan files with their progress, a file beside its commits, a commit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from planbot.sandbox.gitdir import GitDir
from planbot.sandbox.pages.boxes import Progress, progress
from planbot.sandbox.pages.history import History, read_commit
from planbot.sandbox.pages.markdown import render
from planbot.sandbox.pages.visit import missing

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Response

    from planbot.sandbox.gitdir import Entry
    from planbot.sandbox.pages.visit import Visit

_MOST_FILES = 200
_LONGEST_RENDERED = 200_000  # bytes; more is shown as it is, and its boxes are not counted
_MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class FileRow:
    """Hold a file's path, and the boxes in it if it is Markdown."""

    path: str
    boxes: Progress


def home(visit: Visit) -> Response:
    """Show the repositories that the person may see; the only one is shown itself."""
    seen = visit.repositories()
    if len(seen) == 1:
        return visit.back_to(visit.pages_of(seen[0]))
    return visit.page("home.html", repositories=seen, tab="")


def code(visit: Visit) -> Response:
    """Show a repository's files, its progress and its newest commits, on the default branch unless told otherwise."""
    repository, named = visit.repository(), visit.arguments.get("place", "")
    history = History.open(repository, named)
    if history is None and named:
        raise missing("branch")
    files = [] if history is None else history.files()
    return visit.page(
        "code.html",
        repository=repository,
        tab="code",
        history=history,
        files=[] if history is None else [_row(history.git.path, entry) for entry in files[:_MOST_FILES]],
        more=max(0, len(files) - _MOST_FILES),
        commits=[] if history is None else history.commits(),
    )


def file_page(visit: Visit) -> Response:
    """Show a file beside the commits that touched it; Markdown is rendered."""
    repository = visit.repository()
    found = History.at(repository, visit.arguments["place"])
    content = None if found is None else found[0].read(found[1])
    if found is None or content is None:
        raise missing("file")
    history, path = found
    text = content.decode(errors="replace")
    is_markdown = _is_markdown(path, len(content))
    return visit.page(
        "file.html",
        repository=repository,
        tab="code",
        history=history,
        path=path,
        lines=text.splitlines(),
        is_binary=b"\0" in content,
        is_markdown=is_markdown,
        rendered=render(text) if is_markdown and visit.http.args.get("plain") != "1" else None,
        boxes=progress(text) if is_markdown else Progress(0, 0),
        commits=history.commits(path),
    )


def commit_page(visit: Visit) -> Response:
    """Show a commit and what it changed."""
    repository = visit.repository()
    found = read_commit(repository, visit.arguments["sha"])
    if found is None:
        raise missing("commit")
    return visit.page("commit.html", repository=repository, tab="code", commit=found[0], changes=found[1])


def _row(git_dir: Path, entry: Entry) -> FileRow:
    return FileRow(
        entry.path,
        _blob_progress(git_dir, entry.sha) if _is_markdown(entry.path, entry.size) else Progress(0, 0),
    )


@lru_cache(maxsize=1000)
def _blob_progress(git_dir: Path, sha: str) -> Progress:
    """Return the progress of a file in git, whose content its hash stands for."""
    return progress(GitDir(str(git_dir)).blob(sha).decode(errors="replace"))


def _is_markdown(path: str, size: int) -> bool:
    return path.lower().endswith(_MARKDOWN) and size <= _LONGEST_RENDERED
