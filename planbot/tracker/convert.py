"""GitHub's JSON to records. Everything here raises `ValueError` where an answer has another shape."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from planbot.tracker.records import (
    CommentRecord,
    InstallationRecord,
    InstallationToken,
    IssueRecord,
    LabelRecord,
    MilestoneRecord,
    PullRequestRecord,
    Quota,
    RepositoryRecord,
    State,
    StateReason,
    UserRecord,
)
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")


def repository_record(data: Any) -> RepositoryRecord:
    """Return a repository; without `permissions`, writing is taken to be allowed."""
    return RepositoryRecord(
        id=_get(data, "id", int),
        full_name=_get(data, "full_name", str),
        default_branch=_get(data, "default_branch", str),
        html_url=_get(data, "html_url", str),
        private=_get(data, "private", bool),
        fork=_get(data, "fork", bool),
        archived=_maybe(data, "archived", bool, default=False),
        has_issues=_maybe(data, "has_issues", bool, default=True),
        push=_maybe(_maybe(data, "permissions", dict, default={}), "push", bool, default=True),
    )


def installation_record(data: Any) -> InstallationRecord:
    """Return an installation of a GitHub App; its account is a user, an organization or an enterprise."""
    account = _maybe(data, "account", dict, default={})
    login = _maybe(account, "login", str, default=_maybe(account, "slug", str, default=""))
    suspended = _maybe(data, "suspended_at", str, default="")
    return InstallationRecord(_get(data, "id", int), login, suspended=bool(suspended))


def installation_token(data: Any) -> InstallationToken:
    """Return a token of an installation."""
    return InstallationToken(Token(_get(data, "token", str)), epoch(_get(data, "expires_at", str)))


def quota(headers: Mapping[str, Any]) -> Quota | None:
    """Return what an answer's headers, names in lower case, tell of the quota; None where they do not.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
    """
    told = [str(headers.get(f"x-ratelimit-{name}", "")) for name in ("remaining", "limit", "reset")]
    try:
        # whole numbers, written as 4999.0 by some servers: https://github.com/PyGithub/PyGithub/pull/2697
        remaining, limit, reset = (int(float(one)) for one in told)
        return Quota(remaining, limit, datetime.fromtimestamp(reset, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def user_record(data: Any) -> UserRecord:
    """Return a user."""
    return UserRecord(_get(data, "login", str), _get(data, "id", int))


def issue_record(data: Any) -> IssueRecord:
    """Return an issue; a deleted account is `ghost`, as GitHub shows it."""
    return IssueRecord(
        number=_get(data, "number", int),
        id=_get(data, "id", int),
        title=_get(data, "title", str),
        body=_maybe(data, "body", str, default=""),
        state=_state(data),
        state_reason=_state_reason(data),
        labels=tuple(_get(label, "name", str) for label in _get(data, "labels", list)),
        milestone=_number_of(_maybe(data, "milestone", dict, default={})),
        assignees=tuple(_get(user, "login", str) for user in _maybe(data, "assignees", list, default=[])),
        author=_maybe(_maybe(data, "user", dict, default={}), "login", str, default="ghost"),
        created_at=_get(data, "created_at", str),
        updated_at=_get(data, "updated_at", str),
        html_url=_get(data, "html_url", str),
        locked=_maybe(data, "locked", bool, default=False),
        pull_request="pull_request" in data,
        closed_by=_maybe(_maybe(data, "closed_by", dict, default={}), "login", str, default="") or None,
        parent=_parent(data),
        comments=_maybe(data, "comments", int, default=0),
    )


def issue_of_node(data: Any) -> IssueRecord:
    """Return an issue as the GraphQL API tells it, which leaves out the suffix of a bot's login."""
    author = _maybe(data, "author", dict, default={"login": "ghost"})
    suffix = "[bot]" if author.get("__typename") == "Bot" else ""
    return IssueRecord(
        number=_get(data, "number", int),
        id=int(_get(data, "fullDatabaseId", str)),
        title=_get(data, "title", str),
        body=_get(data, "body", str),
        state="closed" if _get(data, "state", str) == "CLOSED" else "open",
        state_reason=None,
        labels=tuple(_get(label, "name", str) for label in _nodes(data, "labels")),
        milestone=_number_of(_maybe(data, "milestone", dict, default={})),
        assignees=tuple(_get(user, "login", str) for user in _nodes(data, "assignees")),
        author=_get(author, "login", str).removesuffix("[bot]") + suffix,
        created_at=_get(data, "createdAt", str),
        updated_at=_get(data, "updatedAt", str),
        html_url=_get(data, "url", str),
        locked=_get(data, "locked", bool),
        parent=_number_of(_maybe(data, "parent", dict, default={})),
    )


def pull_request_record(data: Any) -> PullRequestRecord:
    """Return a pull request, alone or from a list; only `merged_at` says in both whether it was merged."""
    merged = _maybe(data, "merged_at", str, default="")
    return PullRequestRecord(
        number=_get(data, "number", int),
        body=_maybe(data, "body", str, default=""),
        state=_state(data),
        head=_get(_get(data, "head", dict), "sha", str),
        base=_get(_get(data, "base", dict), "ref", str),
        html_url=_get(data, "html_url", str),
        merge=_get(data, "merge_commit_sha", str) if merged else None,
    )


def milestone_record(data: Any) -> MilestoneRecord:
    """Return a milestone; of the time it is due only the date means anything."""
    return MilestoneRecord(
        number=_get(data, "number", int),
        title=_get(data, "title", str),
        description=_maybe(data, "description", str, default=""),
        state=_state(data),
        due_on=_maybe(data, "due_on", str, default="")[:10] or None,
    )


def label_record(data: Any) -> LabelRecord:
    """Return a label."""
    return LabelRecord(
        name=_get(data, "name", str),
        color=_maybe(data, "color", str, default="ededed"),
        description=_maybe(data, "description", str, default=""),
    )


def comment_record(data: Any) -> CommentRecord:
    """Return a comment; a deleted account is `ghost`, as GitHub shows it."""
    user = _maybe(data, "user", dict, default={"login": "ghost", "id": 0})
    return CommentRecord(
        id=_get(data, "id", int),
        body=_maybe(data, "body", str, default=""),
        author=user_record(user),
        bot=_maybe(user, "type", str, default="User") != "User",
    )


def identifier(data: Any) -> int:
    """Return the id of anything."""
    return _get(data, "id", int)


def viewer(answer: Any) -> str:
    """Return the login of whoever asked the GraphQL API, which leaves out the suffix of a bot's."""
    login = _get(_get(_get(answer, "data", dict), "viewer", dict), "login", str)
    return login.removesuffix("[bot]")


def last_person(answer: Any) -> UserRecord | None:
    """Return which person made the newest of the edits that the GraphQL API tells as `oldest` and `newest`.

    In which order GitHub lists edits is not documented, so both ends are asked for and compared. Bots are no
    persons, and whoever asks is left out.
    """
    issue = _get(_get(_get(answer, "data", dict), "repository", dict), "issue", dict)
    ends = [_get(_get(issue, end, dict), "nodes", list) for end in ("oldest", "newest")]
    edits = sorted((edit for end in ends for edit in end), key=lambda edit: _get(edit, "editedAt", str))
    own = viewer(answer)
    for edit in reversed(edits):
        editor = _maybe(edit, "editor", dict, default={})
        if editor.get("__typename") == "User" and "databaseId" in editor and editor.get("login") != own:
            return UserRecord(_get(editor, "login", str), _get(editor, "databaseId", int))
    return None


def utc(time: str) -> str:
    """Return an ISO 8601 time in the form GitHub takes, `2026-01-31T12:00:00Z`; without a zone it is UTC."""
    moment = datetime.fromisoformat(time)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_time(header: str) -> str:
    """Return the time of a `Date` header in the form of GitHub's JSON, "" where it is none."""
    try:
        return utc(parsedate_to_datetime(header).isoformat())
    except ValueError:
        return ""


def epoch(time: str) -> float:
    """Return an ISO 8601 time in seconds since the epoch; without a zone it is UTC."""
    moment = datetime.fromisoformat(time)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _get(data: Any, key: str, kind: type[_T]) -> _T:
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        raise ValueError(f"the answer has no {key}")  # noqa: TRY004  # the answer is at fault, not the caller
    return value


def _maybe(data: Any, key: str, kind: type[_T], *, default: _T) -> _T:
    absent = isinstance(data, dict) and data.get(key) is None
    return default if absent else _get(data, key, kind)


def _state(data: Any) -> State:
    return "closed" if _get(data, "state", str) == "closed" else "open"


def _state_reason(data: Any) -> StateReason | None:
    reason = _maybe(data, "state_reason", str, default="")
    return cast("StateReason", reason) if reason in get_args(StateReason) else None


def _nodes(data: Any, name: str) -> list[Any]:
    return _get(_get(data, name, dict), "nodes", list)


def _number_of(thing: dict[str, Any]) -> int | None:
    return _get(thing, "number", int) if thing else None


def _parent(data: Any) -> int | None:
    # A parent may be in another repository, where its number would mean another issue.
    base = _maybe(data, "repository_url", str, default="") + "/issues/"
    number = _maybe(data, "parent_issue_url", str, default="").removeprefix(base)
    return int(number) if number.isdecimal() else None
