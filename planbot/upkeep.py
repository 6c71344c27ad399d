"""Comments that are kept up to date: what a pull request would do when merged, and what a refused pass waits for.

A hidden mark tells each kind; what has it and is not by planbot itself is left alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from planbot.errors import GitError, TrackerError
from planbot.report.markdown import COMMENT_LIMIT, preview_markdown, refusal_markdown
from planbot.report.result import RefusedPassError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from planbot.report.result import PassResult
    from planbot.sync.limits import Refusal
    from planbot.tracker.records import CommentRecord, UserRecord

_T = TypeVar("_T")
Kind = Literal["preview", "refusal"]


class Comments(Protocol):
    """Read and write comments on issues and pull requests. Every method raises `TrackerError` when it cannot."""

    def of(self, number: int) -> tuple[CommentRecord, ...]:
        """Return the comments on an issue or a pull request, the oldest first."""

    def add(self, number: int, body: str) -> None:
        """Comment on an issue or a pull request."""

    def change(self, comment: int, body: str) -> None:
        """Change a comment's text."""

    def remove(self, comment: int) -> None:
        """Delete a comment."""


class Commented(Protocol):
    """Tell comments, and which of them are ours."""

    @property
    def comments(self) -> Comments:
        """Return where comments are read and written."""

    def is_me(self, user: UserRecord, *, bot: bool) -> bool:
        """Return whether this token acts as that user; False where the server does not tell."""

    def patiently(self, do: Callable[[], _T]) -> _T:
        """Do what reads and then writes; where a limit refuses a part of it, wait, and do all of it again."""


class Passing(Protocol):
    """Make a pass; the engine is one."""

    def sync(self) -> PassResult:
        """Run one pass."""

    def note_told(self, issues: Collection[int]) -> None:
        """Note in the journal on which issues a comment may tell that the last pass was refused."""


def run_pass(
    bot: Passing, tracker: Commented, form: Callable[[PassResult], str], warn: Callable[[str], object]
) -> PassResult:
    """Run a pass; keep up to date what the issues of plan files say of a refusal.

    `form` returns the address where a refused pass can be allowed, given its result, "" for none; `warn` hears of a
    comment that could not be made.

    Raises:
        RefusedPassError: if a limit forbids the change set; its hint names that address.
    """
    try:
        result = bot.sync()
    except RefusedPassError as refused:
        address = form(refused.result)
        if address:
            refused.hint += f"; or run the workflow with what is meant: {address}"
        with put_up_with("tell of the refusal", warn):
            bot.note_told({*refused.result.told, *refused_issues(refused.result)})
            tell_refusals(tracker, refused.result, address)
        raise
    if result.told:
        with put_up_with("take back what was said of a refusal", warn):
            for number in result.told:
                withdraw_refusal(tracker, number)
            bot.note_told(())
    return result


@contextmanager
def put_up_with(doing: str, warn: Callable[[str], object]) -> Iterator[None]:
    """Let a comment that cannot be made be no more than a warning."""
    try:
        yield
    except (TrackerError, GitError) as error:
        warn(f"could not {doing}: {error.message}")


def keep_preview(tracker: Commented, number: int, result: PassResult) -> None:
    """Say on a pull request what merging it would do; where that is nothing, only correct what was said before."""
    text = preview_markdown(result, COMMENT_LIMIT - len(_mark("preview")))
    _keep(tracker, number, "preview", text, begin=not result.in_sync)


def refused_issues(result: PassResult) -> tuple[int, ...]:
    """Return the issues on which a refused pass is told of."""
    return tuple(number for number, _ in _refused(result))


def tell_refusals(tracker: Commented, result: PassResult, form: str) -> None:
    """Say on the issues of plan files why a pass was refused, and where it can be allowed."""
    for number, refusals in _refused(result):
        text = refusal_markdown(refusals, form, COMMENT_LIMIT - len(_mark("refusal")))
        _keep(tracker, number, "refusal", text)


def withdraw_refusal(tracker: Commented, number: int) -> None:
    """Take back what was said of a refused pass on one issue."""
    _keep(tracker, number, "refusal", "")


def _refused(result: PassResult) -> Iterator[tuple[int, list[Refusal]]]:
    """Yield issues and what was refused about them; what is about all plan files stands with the rest, or once."""
    general = [one for one in result.refusals if one.path not in result.plan_issues]
    own = {one.path for one in result.refusals} & result.plan_issues.keys()
    for path in sorted(own or list(result.plan_issues)[:1]):
        yield (
            result.plan_issues[path].number,
            [*(one for one in result.refusals if one.path == path), *general],
        )


def _keep(tracker: Commented, number: int, kind: Kind, text: str, *, begin: bool = True) -> None:
    """Let the one comment of a kind say a text, "" for no comment; write nothing if it says so already."""
    tracker.patiently(partial(_kept, tracker, number, kind, text, begin=begin))


def _kept(tracker: Commented, number: int, kind: Kind, text: str, *, begin: bool) -> None:
    wanted = f"{_mark(kind)}{text}".rstrip() if text else ""
    marked = [one for one in tracker.comments.of(number) if one.body.startswith(_mark(kind).rstrip())]
    mine = [one for one in marked if tracker.is_me(one.author, bot=one.bot)]
    if not mine and any(one.bot for one in marked):
        return  # another planbot's, or ours where the server does not tell: once is enough
    for spare in mine[1:] if wanted else mine:
        tracker.comments.remove(spare.id)
    if not wanted:
        return
    if not mine and begin:
        tracker.comments.add(number, wanted)
    elif mine and mine[0].body.replace("\r\n", "\n").rstrip() != wanted:
        tracker.comments.change(mine[0].id, wanted)


def _mark(kind: Kind) -> str:
    return f"<!-- planbot:{kind} -->\n"
