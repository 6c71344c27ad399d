"""Answers as HTTP: refusals as JSON or plain text, headers, entity tags."""

from __future__ import annotations

import hashlib
import json
from email.utils import formatdate
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from planbot.sandbox.routing import Answer
from planbot.sandbox.signin import NO_AGENT, version
from planbot.sandbox.view import DOCS

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as HttpRequest

    from planbot.sandbox.model import User
    from planbot.sandbox.problems import ApiError

_JSON = "application/json; charset=utf-8"
_VARY = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"


def refusal(error: ApiError, docs: str = "") -> Answer:
    """Write a refusal the way the API does, with the endpoint's page in the documentation."""
    if error.message == NO_AGENT:
        return Answer(error.status, error.message, {"Content-Type": "text/html"})
    body: dict[str, object] = {"message": error.message}
    if error.errors:
        body["errors"] = list(error.errors)
    if "Location" in error.headers:
        body["url"] = error.headers["Location"]
    body |= {"documentation_url": error.docs or docs or DOCS, "status": str(error.status)}
    return Answer(error.status, body, error.headers)


def git_refusal(error: ApiError) -> Answer:
    """Write a refusal the way git's protocol has it: text, which git shows after `remote:`."""
    return Answer(error.status, f"{error.message}\n", {"Content-Type": "text/plain", **error.headers})


def to_response(answer: Answer) -> Response:
    """Write an answer's body and headers."""
    body, content_type = _encode(answer)
    headers = {"Content-Type": content_type, **answer.headers}
    response = Response(body, status=answer.status, headers=headers)
    if answer.status in (204, 304):
        del response.headers["Content-Type"]
        response.headers.pop("Content-Length", None)
    return response


def api_headers(http: HttpRequest, user: User | None, request_id: str, now: float) -> dict[str, str]:
    """Return the headers that every answer of the API has, at a time in epoch seconds."""
    headers = {
        "Date": formatdate(now, usegmt=True),
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Api-Version-Selected": version(http.headers),
        "X-GitHub-Request-Id": request_id,
        "Cache-Control": f"{'private' if user else 'public'}, max-age=60, s-maxage=60",
        "Vary": _VARY,
    }
    if user is not None and user.kind == "user":
        headers |= {"X-OAuth-Scopes": "repo", "X-Accepted-OAuth-Scopes": "repo"}
    return headers


def entity_tag(answer: Answer, authorization: str) -> str:
    """Return the weak tag of an answer; it belongs to one token.

    https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """
    key = authorization.encode() + b"\n" + _encode(answer)[0]
    return f'W/"{hashlib.sha256(key).hexdigest()}"'


def _encode(answer: Answer) -> tuple[bytes, str]:
    if answer.body is None:
        return b"", _JSON
    if isinstance(answer.body, bytes):
        return answer.body, "application/octet-stream"
    if isinstance(answer.body, str):
        return answer.body.encode(), "text/plain"
    return json.dumps(answer.body, ensure_ascii=False).encode(), _JSON
