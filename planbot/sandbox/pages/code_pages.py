"""Pages of what is in git: plan files with their progress, a file beside its commits, a commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planbot.sandbox.pages.boxes import Progress, progress
from planbot.sandbox.pages.history import History, read_commit
from planbot.sandbox.pages.markdown import render
from planbot.sandbox.pages.visit import missing

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

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
    """Show a repository's files, its progress and its newest commits."""
    repository = visit.repository()
    history = History.open(repository)
    files = [] if history is None else history.files()
    return visit.page(
        "code.html",
        repository=repository,
        tab="code",
        history=history,
        files=[] if history is None else [_row(history, path) for path in files[:_MOST_FILES]],
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
    text = content.decode("utf-8", "replace")
    is_markdown = _is_markdown(path, content)
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
        boxes=_progress(path, content),
        commits=history.commits(path),
    )


def commit_page(visit: Visit) -> Response:
    """Show a commit and what it changed."""
    repository = visit.repository()
    found = read_commit(repository, visit.arguments["sha"])
    if found is None:
        raise missing("commit")
    return visit.page("commit.html", repository=repository, tab="code", commit=found[0], changes=found[1])


def _row(history: History, path: str) -> FileRow:
    content = history.read(path) if path.lower().endswith(_MARKDOWN) else None
    return FileRow(path, _progress(path, content or b""))


def _progress(path: str, content: bytes) -> Progress:
    return progress(content.decode("utf-8", "replace")) if _is_markdown(path, content) else Progress(0, 0)


def _is_markdown(path: str, content: bytes) -> bool:
    return path.lower().endswith(_MARKDOWN) and len(content) <= _LONGEST_RENDERED
