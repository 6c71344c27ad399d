"""Read what `git push --porcelain --atomic` says into one verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planbot.repo.git import Output

PushKind = Literal["done", "raced", "refused", "denied", "unknown"]


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """Hold one ref to move: from `old` (None: it must not exist) to `new` (None: delete it).

    Only with `rewind` may a ref move to a commit that does not descend from `old`.
    """

    ref: str
    old: str | None
    new: str | None
    rewind: bool = False


@dataclass(frozen=True, slots=True)
class PushResult:
    """Hold the verdict on a push, which refs were at fault, and the words of the remote.

    `done`: all refs moved. In every other case but `unknown` none did. `raced`: somebody was faster, start
    over. `refused`: a rule or a hook of the server forbids it. `denied`: these credentials may not write.
    `unknown`: the answer was lost, or the server failed; it may have worked.
    """

    kind: PushKind
    at_fault: tuple[str, ...] = ()
    words: str = ""


# Where several refs failed for different reasons, the first kind here is the verdict: after a race nothing
# else that was said is worth acting on.
_REASONS: tuple[tuple[PushKind, tuple[str, ...]], ...] = (
    (
        "raced",
        (
            "fetch first",
            "non-fast-forward",
            "stale info",
            "cannot lock ref",
            "remote ref updated since",
            "already exists",
            "but expected",
            "incorrect old value",
        ),
    ),
    ("denied", ("permission", "refusing to allow")),
    (
        "unknown",
        (
            "unpack",
            "internal error",
            "internal server error",
            "failed to report status",
            "missing necessary objects",
            "failed to update ref",
        ),
    ),
    ("refused", ("",)),
)
_ATOMIC = re.compile(r"atomic (?:transaction|push) fail", re.IGNORECASE)
_DENIED = re.compile(
    r"returned error: 40[13]|Permission to .* denied|Permission denied|Authentication failed|read-only"
    r"|Write access to repository not granted|could not read (?:Username|Password)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\bGH0\d\d\b|hook declined|rule violations", re.IGNORECASE)
_MOVED = frozenset(" *+-")


def read_push(updates: Sequence[RefUpdate], output: Output) -> PushResult:
    """Return the verdict on a push from its exit code, the line of each ref, and what was said beside."""
    lines = _ref_lines(output.text)
    words = _words(output.stderr)
    if output.code == 0 and all(lines.get(update.ref, ("", ""))[0] in _MOVED for update in updates):
        return PushResult("done")
    # Up to date means that another push made this very commit: only one of two may think it won.
    twins = tuple(ref for ref, (flag, _) in lines.items() if flag == "=")
    if output.code == 0 and twins:
        return PushResult("raced", twins, words)
    reasons = {
        ref: reason for ref, (flag, reason) in lines.items() if flag == "!" and not _ATOMIC.search(reason)
    }
    return _by_reason(reasons, words) or PushResult(_by_words(output.stderr), (), words)


def settle(updates: Sequence[RefUpdate], result: PushResult, remote: Mapping[str, str]) -> PushResult:
    """Return what the refs that the remote has now tell about a push of unknown outcome."""
    now = {update.ref: remote.get(update.ref) for update in updates}
    if all(now[update.ref] == update.new for update in updates):
        return PushResult("done")
    moved = tuple(update.ref for update in updates if now[update.ref] not in (update.old, update.new))
    return PushResult("raced", moved, result.words) if moved else result


def _ref_lines(porcelain: str) -> dict[str, tuple[str, str]]:
    """Return flag and summary by remote ref, of lines such as `!<TAB>from:to<TAB>[rejected] (stale info)`."""
    found = {}
    for line in porcelain.split("\n"):
        flag, tab, rest = line.partition("\t")
        names, tab, summary = rest.partition("\t") if tab else ("", "", "")
        if tab and len(flag) == 1:
            found[names.rpartition(":")[2]] = (flag, summary)
    return found


def _by_reason(reasons: Mapping[str, str], words: str) -> PushResult | None:
    for kind, phrases in _REASONS:
        at_fault = tuple(ref for ref, reason in reasons.items() if _says(reason, phrases))
        if at_fault:
            return PushResult(kind, at_fault, words or "; ".join(reasons[ref] for ref in at_fault))
    return None


def _by_words(stderr: str) -> PushKind:
    if _REFUSED.search(stderr):
        return "refused"
    if _DENIED.search(stderr):
        return "denied"
    return "raced" if _says(stderr, dict(_REASONS)["raced"]) else "unknown"


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in text.casefold() for phrase in phrases)


def _words(stderr: str) -> str:
    """Return the lines that the remote said, or, where it said none, what git itself said."""
    lines = [line.rstrip() for line in stderr.split("\n") if line.strip()]
    said = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    return "\n".join(line for line in said if line) or "\n".join(lines)
