"""What a request says about itself in its headers, and what GitHub demands of them."""

from __future__ import annotations

import base64
import binascii
import re
import time
from typing import TYPE_CHECKING

from planbot.sandbox.problems import ApiError
from planbot.sandbox.view import DOCS, VERSIONS

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from planbot.sandbox.model import App, User
    from planbot.sandbox.store import Store

_ACCEPTED = re.compile(r"application/(vnd\.github[\w.+-]*|json|\*)|\*/\*")
_DOTS = 2
_LONGEST = 600 + 60  # seconds that a signature may be good for, and what clocks may differ
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
    if _is_signed(headers):
        return None
    user = store.user_of_token(value.strip())
    if user is None:
        raise ApiError(401, "Bad credentials")
    return user


def app_of(store: Store, headers: Headers) -> App | None:
    """Return the GitHub App that a request is signed by, None for one with no such signature.

    Raises `ApiError` 401 for a signature that is none of an App's.
    https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
    """
    if not _is_signed(headers):
        return None
    import jwt  # noqa: PLC0415  heavy, and most requests have no such signature

    signed = headers["Authorization"].partition(" ")[2].strip()
    try:
        issuer = str(jwt.decode(signed, options={"verify_signature": False}).get("iss"))
        app = store.state.apps.get(int(issuer)) if issuer.isdecimal() else None
        if app is None:
            raise ApiError(401, "Integration not found")
        claims = jwt.decode(signed, app.public_key, algorithms=["RS256"], options={"require": ["exp", "iat"]})
    except jwt.PyJWTError:
        raise ApiError(401, "A JSON web token could not be decoded") from None
    if claims["exp"] - time.time() > _LONGEST:
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
    return app


def _is_signed(headers: Headers) -> bool:
    """Tell whether a request carries a JSON web token: three parts, the first of them JSON."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    return scheme.lower() in ("bearer", "token") and value.startswith("eyJ") and value.count(".") == _DOTS
