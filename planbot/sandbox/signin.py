"""What a request says about itself in its headers, and what GitHub demands of them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from planbot.sandbox.problems import ApiError
from planbot.sandbox.view import DOCS, VERSIONS

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from planbot.sandbox.model import User
    from planbot.sandbox.store import Store

_ACCEPTED = re.compile(r"application/(vnd\.github[\w.+-]*|json|\*)|\*/\*")
NO_AGENT = (
    "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header "
    f"({DOCS}/using-the-rest-api/getting-started-with-the-rest-api#user-agent). "
    "Check https://developer.github.com for other possible causes.\r\n"
)


def check_headers(headers: Headers) -> None:
    """Refuse a request without a user agent, one that does not take JSON, or an unknown API version.

    Raises `ApiError` 403, 415 or 400.
    https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api
    """
    if not headers.get("User-Agent"):
        raise ApiError(403, NO_AGENT)
    accept = headers.get("Accept") or "*/*"
    if not any(_ACCEPTED.match(kind.strip()) for kind in accept.split(",")):
        raise ApiError(415, f"Unsupported 'Accept' header: '{accept}'. Must accept 'application/json'.")
    if headers.get("X-GitHub-Api-Version", VERSIONS[0]) not in VERSIONS:
        raise ApiError(400, f"'{headers['X-GitHub-Api-Version']}' is not a supported version.")


def version(headers: Headers) -> str:
    """Return the API version in which the answer is written.

    https://docs.github.com/rest/about-the-rest-api/api-versions
    """
    asked = headers.get("X-GitHub-Api-Version", VERSIONS[0])
    return asked if asked in VERSIONS else VERSIONS[0]


def sign_in(store: Store, headers: Headers) -> User | None:
    """Return whose token came along; raises `ApiError` 401 for nobody's and 400 for two at once.

    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
    """
    authorization = headers.get("Authorization", "")
    if not authorization:
        return None
    if "," in authorization:
        raise ApiError(400, 'Duplicate header: "Authorization"')
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            value = ""
    user = store.user_of_token(value.strip())
    if user is None:
        raise ApiError(401, "Bad credentials")
    return user
