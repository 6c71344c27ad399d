"""What PyGithub and the network raise, said for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from github import GithubException
from requests import RequestException
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError

from planbot.errors import (
    AuthenticationError,
    LostAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    TrackerError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# PyGithub asserts that URLs stay on its server, raises RuntimeError for odd redirects and ValueError for
# bad JSON; planbot's own conversion raises ValueError for answers of another shape.
FAILURES = (GithubException, RequestException, HTTPError, AssertionError, RuntimeError, ValueError)

_ACCEPTED = "x-accepted-github-permissions"


class InvalidError(RefusedError):
    """Say that the tracker takes a request for invalid (422); `codes` are its reasons (`already_exists`)."""

    def __init__(self, message: str, codes: frozenset[str]) -> None:
        super().__init__(message)
        self.codes = codes


def tracker_error(error: Exception, doing: str, *, writing: bool) -> TrackerError:
    """Return the error that says what failed while `doing` ("create an issue in o/r")."""
    if isinstance(error, GithubException):
        return _refusal(error, doing, writing=writing)
    if isinstance(error, RequestException | HTTPError):
        return _broken(error, doing, writing=writing)
    if writing and isinstance(error, ValueError):
        return _lost(doing, "the answer made no sense")
    return TrackerError(f"could not {doing}: {type(error).__name__}: {error}")


def _refusal(error: GithubException, doing: str, *, writing: bool) -> TrackerError:
    said = _said(error)
    kind, hint = TrackerError, ""
    match error.status:
        case HTTPStatus.UNAUTHORIZED:
            kind, hint = AuthenticationError, "The token is wrong, expired or revoked."
        case HTTPStatus.FORBIDDEN:
            kind, hint = PermissionDeniedError, _needed(error.headers or {}, writing=writing)
        case HTTPStatus.NOT_FOUND:
            # GitHub hides what a token may not touch:
            # https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
            needed = _needed(error.headers or {}, writing=writing)
            kind, hint = NotFoundError, f"It is not there, or the token has no access to it. {needed}"
        case HTTPStatus.GONE if "disabled" in said:
            hint = "Switch issues on in the repository's settings."
        case HTTPStatus.GONE:
            kind, hint = NotFoundError, "It was deleted."
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            codes = frozenset(str(one.get("code")) for one in _listed(error))
            return InvalidError(f"could not {doing}: {said}", codes)
        case status if writing and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _lost(doing, said)
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            kind = UnreachableError
    return kind(f"could not {doing}: {said}", hint=hint)


def _needed(headers: Mapping[str, str], *, writing: bool) -> str:
    if "x-github-sso" in headers:
        return "Authorise the token for the organisation's single sign-on."
    # https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    needed = headers.get(_ACCEPTED) or ("issues=write" if writing else "issues=read, metadata=read")
    return f"The token needs the permission {needed.replace('=', ': ')}."


def _said(error: GithubException) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    message = str(data.get("message") or _phrase(error.status))
    details = "; ".join(_detail(one) for one in _listed(error))
    return f"{message} ({error.status}{': ' + details if details else ''})"


def _detail(listed: dict[str, Any]) -> str:
    if listed.get("message"):
        return str(listed["message"])
    return " ".join(str(listed[key]) for key in ("resource", "field", "code") if listed.get(key))


def _listed(error: GithubException) -> Iterator[dict[str, Any]]:
    errors = error.data.get("errors") if isinstance(error.data, dict) else None
    for one in errors if isinstance(errors, list) else ():
        yield one if isinstance(one, dict) else {"message": one}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown answer"


def _broken(error: RequestException | HTTPError, doing: str, *, writing: bool) -> TrackerError:
    cause = error.args[0] if error.args else error
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    never_sent = isinstance(reason, ConnectTimeoutError)
    if writing and not never_sent:
        return _lost(doing, str(reason))
    return UnreachableError(
        f"could not {doing}: {reason}",
        hint="Is the tracker's address right, and can it be reached from here?",
    )


def _lost(doing: str, why: str) -> LostAnswerError:
    return LostAnswerError(
        f"could not learn whether it worked to {doing}: {why}",
        hint="It is not sent again: the next pass looks for what it did.",
    )
