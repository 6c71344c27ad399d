"""Token, clock, repository, issues: what the tracker says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from planbot.report.examination import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.tracker.inspection import Inspector, TokenRecord
    from planbot.tracker.records import RepositoryRecord

CLOCKS_APART = 30  # seconds; a lease, which machines compare by their own clocks, runs 90
_SCOPED = frozenset({"classic", "oauth"})
_KINDS = {
    "classic": "a classic token",
    "fine-grained": "a fine-grained token",
    "installation": "a token of a workflow or an App",
    "oauth": "a token of an OAuth app",
    "app user": "a token of an App for a user",
    "unknown": "a token of a kind that planbot does not know",
}


def token(inspector: Inspector, now: float) -> Iterator[Finding]:
    """Say what the token is and may do by its scopes, and whether this clock and the server's agree."""
    known = inspector.token()
    whose = f" of @{known.login}" if known.login else ""
    scopes = f", scopes: {', '.join(known.scopes) or 'none'}" if known.scopes is not None else ""
    found = f"{_KINDS[known.kind]}{whose}{scopes if known.kind in _SCOPED else ''}"
    if _lacks_scope(known):
        advice = "give it the scope repo (public_repo is enough for a public repository)"
        yield Finding("token", "broken", found, advice)
    else:
        yield Finding("token", "ok", found)
    yield _clock(known.clock, now)


def repository(record: RepositoryRecord) -> Iterator[Finding]:
    """Say whether planbot works in this repository at all."""
    kind = "private" if record.private else "public"
    found = f"{record.full_name}, {kind}, default branch {record.default_branch}"
    if record.archived:
        yield Finding("repository", "to do", f"{found}, archived", "unarchive it: planbot does nothing here")
    elif record.fork:
        advice = "if planbot is meant to work here: `forks: true` in the settings"
        yield Finding("repository", "to do", f"{found}, a fork", advice)
    else:
        yield Finding("repository", "ok", found)


def issues(inspector: Inspector, record: RepositoryRecord) -> Iterator[Finding]:
    """Say whether issues are switched on, and whether the token may write them."""
    if not record.has_issues:
        advice = "switch them on under Settings -> General -> Features"
        yield Finding("issues", "broken", "switched off", advice)
        return
    yield Finding("issues", "ok", "switched on")
    if inspector.may_write_issues():
        yield Finding("issues: write", "ok", "the token may write issues, labels and milestones")
        return
    advice = "give it `issues: write`, and its account the role Write"
    yield Finding("issues: write", "broken", "the token may not write labels", advice)


def _lacks_scope(known: TokenRecord) -> bool:
    return (
        known.kind in _SCOPED and known.scopes is not None and not {"repo", "public_repo"} & {*known.scopes}
    )


def _clock(server: float | None, now: float) -> Finding:
    if server is None:
        return Finding("clock", "unknown", "the server does not tell its time")
    apart = abs(now - server)
    if apart <= CLOCKS_APART:
        return Finding("clock", "ok", "as the server's")
    way = "ahead of" if now > server else "behind"
    found = f"{timedelta(seconds=round(apart))} {way} the server's"
    return Finding(
        "clock", "to do", found, "set it: passes on several machines keep out of each other's way by it"
    )
